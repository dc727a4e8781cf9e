"""Net daily change of the Russian force under a ceasefire, by recruitment and share sent home."""

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from detente.analysis import manpower
from detente.analysis.sensitivity import Values
from detente.report.plots import labels
from detente.report.plots.numbers import EVENTS, Numbers, from_fact, given, proportion
from detente.report.plots.page import Panel, Sheet, nice, widest
from detente.report.plots.picture import Picture
from detente.report.plots.style import INK, OBSERVED, VERMILION, Size
from detente.report.plots.timeline import foot
from detente.runs.run import Run
from detente.shared import formatting

SHARE, HOME = "attrition.peace_enlistment", "attrition.demobilisation"
MOST_SHARE, MOST_HOME = 1.5, 0.06
SHARES, HOMES = np.linspace(0.0, MOST_SHARE, 31), np.linspace(0.0, MOST_HOME, 7)
"""Grid of the lines along one axis; rows of the data along the other."""
HOME_TICKS, SHARE_TICKS = (0.0, 0.02, 0.04, 0.06), (0.0, 0.5, 1.0, 1.5)
LOSSES, GAINS = ("#FBEFE3", "#F3DCC4", "#E9C39C", "#DDA873"), ("#E6F0F8", "#C0DAED", "#93C1DF", "#63A5CF")
"""Shades between the lines, from the zero line outwards."""
SETTINGS = ((0.5, 0.03, "D"), (1.0, 0.01, "s"))
"""Recruits relative to war, share sent home a month, mark: two settings with opposite signs."""
CLOUD = 120
"""Simulations shown as dots."""
MOST_LINES = 8
HIGH = 3.4
"""Height of the room for the plot on a free page, inches."""


def additions(run: Run, draws: Values, size: Size) -> Picture | None:
    """The surface at the stated facts with its lines, simulated values and two settings.

    None for a run without the block.
    """
    if not manpower.stated(run.config):
        return None
    values, gains = manpower.central(run.config), manpower.daily_additions(draws)
    numbers = Numbers()
    sheet = Sheet(size, _title(gains, numbers), _subtitle(run, values, numbers), foot(run), body=HIGH)
    names = [f"{formatting.amount(100.0 * tick)}%" for tick in HOME_TICKS]
    levels = _levels(values)
    beyond = widest([_signed(level) for level in levels], size.text) + 0.5 * size.pitch
    left = sheet.left + widest(names, size.text) + 0.6 * size.text / 72.0
    sheet.text(sheet.left, sheet.top - 0.7 * size.pitch, "Sent home a month, share of the force", bold=True)
    box = (left, sheet.bottom + 3.0 * size.pitch, sheet.right - beyond, sheet.top - 2.9 * size.pitch)
    sheet.text(box[2], sheet.bottom + 0.9 * size.pitch, "Recruits, relative to war", bold=True, ha="right")
    panel = sheet.panel(box, (0.0, MOST_SHARE), (0.0, MOST_HOME))
    panel.axes.set_yticks(HOME_TICKS, names)
    panel.axes.set_xticks(SHARE_TICKS, ["none", "half", "as in war", "1.5"])
    panel.axes.tick_params(axis="x", pad=0.75 * size.text)
    clutter = labels.Clutter()
    _surface(panel, values, levels, clutter)
    middle = _draws(panel, draws, clutter)
    for share, home, mark in SETTINGS:
        value = float(manpower.daily_additions(values, share, home))
        _mark(panel, share, home, mark, f"{_signed(value)} a day", clutter)
    if middle[0] <= MOST_SHARE and middle[1] <= MOST_HOME:
        _mark(panel, *middle, "o", "median", clutter, hollow=True)
    _regions(panel, values, clutter)
    return Picture("additions", "war", sheet, _alt(values, gains), _data(values, draws, gains), tuple(numbers.readings))


def _levels(values: dict[str, float]) -> list[float]:
    """Round numbers of persons a day between the corners of the surface; zero is one of them."""
    low, high = manpower.daily_additions(values, 0.0, MOST_HOME), manpower.daily_additions(values, MOST_SHARE, 0.0)
    return nice(float(min(low, 0.0)), float(max(high, 0.0)), MOST_LINES)


def _surface(panel: Panel, values: dict[str, float], levels: list[float], clutter: labels.Clutter) -> None:
    """Shades between lines of equal change, each line with its value where it leaves the plot."""
    size = panel.sheet.size
    curves = [
        np.full(SHARES.size, MOST_HOME),
        *(np.clip(manpower.home_share(values, SHARES, level), 0.0, MOST_HOME) for level in levels),
        np.zeros(SHARES.size),
    ]
    zero = levels.index(0.0) + 1 if 0.0 in levels else 0
    for number, (upper, lower) in enumerate(pairwise(curves)):
        away = number - zero if number >= zero else zero - 1 - number
        shades = GAINS if number >= zero else LOSSES
        panel.axes.fill_between(
            SHARES, lower, upper, color=shades[min(away, len(shades) - 1)], linewidth=0.0, zorder=0.5
        )
    tops: list[tuple[float, float, float]] = []
    sides: list[tuple[float, float, float]] = []
    for level in levels:
        exact = manpower.home_share(values, SHARES, level)
        inside = (exact >= 0.0) & (exact <= MOST_HOME)
        if not inside.any():
            continue
        fine = np.linspace(0.0, MOST_SHARE, 601)
        curve = manpower.home_share(values, fine, level)
        held = (curve >= 0.0) & (curve <= MOST_HOME)
        x, y = fine[held][[0, *range(30, held.sum() - 1, 30), -1]], curve[held][[0, *range(30, held.sum() - 1, 30), -1]]
        dash = "solid" if level >= 0.0 else (0, (4, 2))
        panel.axes.plot(
            x,
            y,
            color=INK if level == 0.0 else OBSERVED,
            linewidth=(1.6 if level == 0.0 else 0.6) * size.line,
            linestyle=dash,
            zorder=2,
        )
        clutter.add_line(panel.x(x), panel.y(y))
        (sides if x[-1] >= MOST_SHARE - 1e-9 else tops).append((level, float(panel.x(x[-1])), float(panel.y(y[-1]))))
    _name_lines(panel, tops, sides)


def _name_lines(panel: Panel, tops: list[tuple[float, float, float]], sides: list[tuple[float, float, float]]) -> None:
    """Values of the lines over the plot and at its right, spread out where they would touch."""
    size = panel.sheet.size
    wide = [labels.width(_signed(level), size.text, bold=level == 0.0) + 0.6 * size.text / 72.0 for level, *_ in tops]
    places = labels.spread([x for _, x, _ in tops], wide, panel.box[0], panel.sheet.right)
    for (level, *_), x in zip(tops, places, strict=True):
        panel.sheet.text(
            float(x), panel.box[3] + 0.25 * size.pitch, _signed(level), bold=level == 0.0, ha="center", va="bottom"
        )
    heights = labels.spread(
        [y for *_, y in sides], [1.1 * size.pitch] * len(sides), panel.box[1] - 0.5 * size.pitch, panel.box[3]
    )
    for (level, *_), y in zip(sides, heights, strict=True):
        panel.sheet.text(panel.box[2] + 0.35 * size.pitch, float(y), _signed(level), bold=level == 0.0)


def _draws(panel: Panel, draws: Values, clutter: labels.Clutter) -> tuple[float, float]:
    """The first simulations as dots; returns the medians of all."""
    size = panel.sheet.size
    shares, homes = draws[SHARE], draws[HOME]
    x, y = shares[:CLOUD], homes[:CLOUD]
    held = (x <= MOST_SHARE) & (y <= MOST_HOME)
    look: dict[str, Any] = {
        "linestyle": "none",
        "marker": "o",
        "markersize": 1.5 * size.line,
        "color": "#4D4D4D",
        "markeredgewidth": 0.0,
    }
    panel.axes.plot(x[held], y[held], zorder=3, **look)
    clutter.dots.append(np.column_stack([panel.x(x[held]), panel.y(y[held])]))
    return float(np.median(shares)), float(np.median(homes))


def _mark(
    panel: Panel, share: float, home: float, mark: str, text: str, clutter: labels.Clutter, *, hollow: bool = False
) -> None:
    """A mark with its words beside it, joined to it by a line where they stand away.

    Those of a ``hollow`` one above, of others below it.
    """
    size = panel.sheet.size
    face, edge = ("white", INK) if hollow else (VERMILION, "white")
    look: dict[str, Any] = {
        "marker": mark,
        "markersize": 0.75 * size.text,
        "markerfacecolor": face,
        "markeredgecolor": edge,
        "markeredgewidth": 0.6 * size.line,
    }
    panel.axes.plot([share], [home], linestyle="none", zorder=6 if hollow else 7, clip_on=False, **look)
    x, y = float(panel.x(share)), float(panel.y(home))
    clutter.add_area((x - 0.06, y - 0.06, x + 0.06, y + 0.06))
    wide, tall = labels.width(text, size.text, bold=not hollow), labels.height(text, size.text)
    candidates = []
    for off in np.arange(0.12, 0.45 * size.width, 0.08):
        for rise in np.arange(0.0, 0.25 * size.width, 0.06) * (1.0 if hollow else -1.0):
            for left in (x + off, x - off - wide):
                if (
                    panel.box[0] + 0.03 <= left <= panel.box[2] - wide - 0.03
                    and panel.box[1] + 0.03 <= y + rise - 0.5 * tall <= panel.box[3] - tall - 0.03
                ):
                    candidates.append((off + 1.5 * abs(rise), left, y + rise - 0.5 * tall))
    fits = [(left, bottom) for _, left, bottom in sorted(candidates)]
    place = clutter.place((wide, tall), fits)
    if place is None:
        return
    near = place[0] - 0.03 if place[0] > x else place[0] + wide + 0.03
    if np.hypot(near - x, place[1] + 0.5 * tall - y) > 0.12 + 0.02 * size.width:
        panel.sheet.line([x, near], [y, place[1] + 0.5 * tall], color=INK, linewidth=0.6 * size.line, zorder=5)
    panel.sheet.text(place[0], place[1], text, va="bottom", bold=not hollow)


def _regions(panel: Panel, values: dict[str, float], clutter: labels.Clutter) -> None:
    """The meaning of either side of the zero line, in its corner."""
    size = panel.sheet.size
    (left, bottom, right, top), air = panel.box, 0.08
    for text, grows in (("the force shrinks", False), ("the force grows", True)):
        wide, tall = labels.width(text, size.text), labels.height(text, size.text)
        x, y = np.arange(left + air, right - wide - air, 0.1), np.arange(bottom + air, top - tall - air, 0.1)
        x, y = (x[::-1], y) if grows else (x, y[::-1])
        # The change rises with recruits and falls with the share sent home: one corner decides for the whole text.
        shares = (x + (0.0 if grows else wide) - left) / (right - left) * MOST_SHARE
        homes = (y + (tall if grows else 0.0) - bottom) / (top - bottom) * MOST_HOME
        inside = (manpower.daily_additions(values, shares[:, None], homes[None, :]) > 0.0) == grows
        panel.inside(
            clutter, text, [(float(x[i]), float(y[j])) for i, j in np.argwhere(inside)], colour=INK, strict=True
        )


def _signed(value: float) -> str:
    return formatting.amount(value, signed=True)


def _title(gains: np.ndarray, numbers: Numbers) -> str:
    grows = proportion(float((gains > 0.0).mean()), gains.size, EVENTS, "simulations with a positive net daily change")
    return f"After a ceasefire Russia’s army grows in {numbers.percent(grows)} of simulations"


def _subtitle(run: Run, values: dict[str, float], numbers: Numbers) -> str:
    wounded = manpower.returning(values) * 1000.0 / manpower.DAYS_PER_MONTH
    recruits, force = (
        numbers.amount(from_fact(run.config, f"attrition.{name}")) for name in ("enlistment_ru", "force_ru")
    )
    half, all_ = (numbers.amount(given(100.0 * home, "share sent home a month")) for _, home, _ in SETTINGS)
    back = given(round(wounded, -2 if wounded >= 150.0 else -1), "recovered wounded a day")
    return (
        "Net change of the Russian force in a month of ceasefire (Roche’s “daily additions”), persons a day, at "
        f"{recruits} thousand recruits a month in war and a force of {force} thousand. Dots: simulations. "
        "Diamond: half "
        f"the recruits, {half}% sent home a month; square: as many as in war, {all_}%. Recovered wounded add some "
        f"{numbers.amount(back)} a day at first."
    )


def _alt(values: dict[str, float], gains: np.ndarray) -> str:
    low, middle, high = (_signed(value) for value in np.quantile(gains, [0.05, 0.5, 0.95]))
    said = [
        f"{_signed(float(manpower.daily_additions(values, share, home)))} persons a day "
        f"({_signed_month(values, share, home)} thousand a month) with {formatting.amount(share, 1)} times the "
        "recruits of war and "
        f"{formatting.amount(100.0 * home)}% sent home a month"
        for share, home, _ in SETTINGS
    ]
    return (
        f"Surface of the net change of the Russian force under a ceasefire. {'; '.join(said)}. Over the "
        f"simulations: median {middle} a day, 90% range "
        f"{low} to {high}, above zero in {formatting.percent(float((gains > 0.0).mean()))}."
    )


def _signed_month(values: dict[str, float], share: float, home: float) -> str:
    return formatting.amount(float(manpower.a_month(manpower.daily_additions(values, share, home))), 1, signed=True)


def _data(values: dict[str, float], draws: Values, gains: np.ndarray) -> pd.DataFrame:
    """Tidy: series, recruits (relative to war), sent home (share a month), statistic, value, unit."""
    columns = ["series", "recruits", "sent_home", "statistic", "value"]
    rows = [
        ("surface", share, home, "at stated facts", float(manpower.daily_additions(values, share, home)))
        for home in HOMES
        for share in SHARES[::5]
    ]
    rows += [
        ("setting", share, home, "at stated facts", float(manpower.daily_additions(values, share, home)))
        for share, home, _ in SETTINGS
    ]
    rows += [
        ("zero line", share, home, "at stated facts", 0.0)
        for share, home in zip(SHARES, manpower.home_share(values, SHARES, 0.0), strict=True)
    ]
    rows += [
        ("draw", *row)
        for row in zip(draws[SHARE][:CLOUD], draws[HOME][:CLOUD], ["draw"] * CLOUD, gains[:CLOUD], strict=False)
    ]
    rows += [
        ("draws", np.nan, np.nan, name, float(np.quantile(gains, q)))
        for name, q in (("q05", 0.05), ("q50", 0.5), ("q95", 0.95))
    ]
    table = pd.DataFrame(rows, columns=columns).assign(unit="persons/day")
    share = pd.DataFrame(
        [("draws", np.nan, np.nan, "p_above_0", float((gains > 0.0).mean()), "1")], columns=[*columns, "unit"]
    )
    return pd.concat([table, share], ignore_index=True)
