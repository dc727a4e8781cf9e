"""Probability that each sanctioning country has eased a measure, by route to its first easing: one panel each."""

import datetime as dt
import math

import numpy as np
import pandas as pd

from detente.config.vocabulary import Sender
from detente.report.plots import labels
from detente.report.plots.numbers import EVENTS, Numbers, proportion
from detente.report.plots.page import Entry, Panel, Sheet, widest
from detente.report.plots.picture import Picture
from detente.report.plots.style import BLUE, GREEN, MUTED, ORANGE, PURPLE, Size
from detente.report.plots.timeline import Timeline, foot, timeline
from detente.runs.run import Run
from detente.shared import formatting

ROUTES = {
    1: ("deal", "a stage of the roadmap is reached", BLUE),
    2: ("price", "a general licence is triggered by high oil prices", ORANGE),
    3: ("initiative", "relief without a deal", GREEN),
    4: ("lapse", "a renewal fails", PURPLE),
}
"""Code of the kernels: name, meaning, colour."""
CEILINGS = (0.02, 0.04, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
WITH_ARTICLE = ("US", "EU", "UK")
COUNTRIES = {str(sender): sender.label for sender in Sender}
"""Sanctioning countries in the order of the figures."""


def incidence(run: Run, size: Size) -> Picture:
    """Cumulative probability of a country's first easing, stacked by route."""
    line, numbers = timeline(run), Numbers()
    shares = {sender: by_route(run, sender, line) for sender in COUNTRIES}
    totals = {sender: float(share[:, -1].sum()) for sender, share in shares.items()}
    subtitle = (
        "Share of simulations in which a country has licensed, suspended or lifted at least one measure, by "
        "route to its "
        "first easing. "
        "The UK and Canada follow the EU, Japan the US."
    )
    columns = 1 if size.narrow else 3 if size.height else 2
    rows = math.ceil(len(shares) / columns)
    used = [route for route in ROUTES if any(share[route - 1, -1] > 0 for share in shares.values())]
    column = (size.width - 2.0 * size.margin) / columns
    key = [
        labels.wrap(f"{ROUTES[route][0]}: {ROUTES[route][1]}", column - 1.3 * size.pitch, size.text) for route in used
    ]
    under = (
        sum(labels.height(text, size.text) + 0.25 * size.pitch for text in key) + 2.0 * size.pitch
        if columns == 1 and used
        else 0.0
    )
    title = _title(totals, line, len(_valid(run)), numbers)
    sheet = Sheet(size, title, subtitle, foot(run), body=rows * 1.5 + under)
    largest = max(totals.values())
    top = next((ceiling for ceiling in CEILINGS if ceiling >= largest - 1e-9 and largest > 0.0), 1.0)
    ticks = [0.0, top / 2.0, top]
    names = [f"{formatting.plain(100.0 * tick)}%" for tick in ticks]
    high = (sheet.top - sheet.bottom - under) / rows
    axis = widest(names, size.text) + 0.6 * size.text / 72.0
    room = widest([text for share in shares.values() for text in _named(share).values()], size.text) + 0.9 * size.pitch
    plot = (sheet.right - sheet.left - axis) / columns - room - (0.6 * size.pitch if columns > 1 else 0.0)
    for number, (sender, share) in enumerate(shares.items()):
        across = number % columns
        left = sheet.left + axis + across * (sheet.right - sheet.left - axis) / columns
        top_edge = sheet.top - high * (number // columns)
        sheet.text(
            left - (0.0 if across else axis),
            top_edge - size.pitch,
            f"{COUNTRIES[sender]} {formatting.percent(totals[sender])}",
            bold=True,
            va="baseline",
        )
        panel = sheet.panel(
            (left, top_edge - high + 2.1 * size.pitch, left + plot, top_edge - 1.9 * size.pitch),
            (line.start, line.end),
            (0.0, top),
        )
        panel.value_ticks(ticks, names if across == 0 else [""] * len(names))
        panel.date_ticks(run.config.as_of, dt.date.fromordinal(int(line.end)))
        _areas(panel, line, share, room)
    if used:
        left = (
            sheet.left
            + (0.0 if columns == 1 else axis)
            + (len(shares) % columns) * (sheet.right - sheet.left - axis) / columns
        )
        _key(sheet, used, key, left, sheet.top - high * (len(shares) // columns))
    return Picture("incidence", "road", sheet, _alt(totals, shares, line), _data(run, shares), tuple(numbers.readings))


def by_route(run: Run, sender: str, line: Timeline) -> np.ndarray:
    """(4, steps) share of valid paths with an easing by the end of each step, by the route of the first easing."""
    events = _valid(run)
    when = events[f"sanctions.first_{sender}_relief"].to_numpy(float)
    route = events[f"sanctions.first_{sender}_relief_route"].to_numpy(float, na_value=0.0)
    ends = np.arange(1, line.calendar.steps + 1) * line.calendar.months_per_step + 1e-6 * line.calendar.horizon
    return np.array(
        [np.searchsorted(np.sort(when[(route == code) & ~np.isnan(when)]), ends, side="right") for code in ROUTES]
    ) / max(len(events), 1)


def _valid(run: Run) -> pd.DataFrame:
    """Events of the paths that did not fail."""
    events = run.events()
    return events[events["failed_at_step"] == 0]


def _named(share: np.ndarray) -> dict[int, str]:
    """Names of the routes that occur, with their shares at the end."""
    return {
        code: f"{ROUTES[code][0]} {formatting.percent(float(share[code - 1, -1]))}"
        for code in ROUTES
        if share[code - 1, -1] > 0.0
    }


def _areas(panel: Panel, line: Timeline, share: np.ndarray, room: float) -> None:
    """The stacked areas of one country, each joined to its name at the right."""
    size = panel.sheet.size
    x = np.concatenate([[line.start], line.edges[1:]])
    base = np.zeros(x.size)
    entries = []
    for code, text in _named(share).items():
        above = base + np.concatenate([[0.0], share[code - 1]])
        panel.axes.fill_between(
            x, base, above, facecolor=ROUTES[code][2], edgecolor="white", linewidth=0.4 * size.line, zorder=2
        )
        entries.append(Entry(0.5 * float(base[-1] + above[-1]), text, ROUTES[code][2]))
        base = above
    left = panel.box[2] + 0.9 * size.pitch
    panel.beside(entries, left, room, low=panel.box[1] - 0.5 * size.pitch, high=panel.box[3] + 0.5 * size.pitch)


def _key(sheet: Sheet, used: list[int], texts: list[str], left: float, top: float) -> None:
    """The routes in words, in the free cell or under the panels."""
    size = sheet.size
    sheet.text(left, top - size.pitch, "Routes to relief", bold=True, va="baseline")
    y = top - 1.9 * size.pitch
    for route, text in zip(used, texts, strict=True):
        sheet.line([left, left + 0.7 * size.pitch], [y, y], color=ROUTES[route][2], linewidth=0.75 * size.text)
        sheet.text(left + size.pitch, y + 0.5 * size.pitch, text, va="top", colour=MUTED)
        y -= labels.height(text, size.text) + 0.25 * size.pitch


def _called(sender: str) -> str:
    return f"the {sender}" if sender in WITH_ARTICLE else COUNTRIES[sender]


def _title(totals: dict[str, float], line: Timeline, paths: int, numbers: Numbers) -> str:
    """The two countries most likely to ease."""
    first, second = sorted(totals, key=lambda sender: -totals[sender])[:2]
    if totals[first] == 0.0:
        return f"No country eases a measure by {line.last_month}"
    chances = [
        numbers.percent(proportion(totals[sender], paths, EVENTS, f"sanctions.first_{sender}_relief by the end"))
        for sender in (first, second)
    ]
    return (
        f"Probability that {_called(first)} has eased sanctions by {line.last_month}: {chances[0]}; "
        f"{_called(second)}: {chances[1]}"
    )


def _alt(totals: dict[str, float], shares: dict[str, np.ndarray], line: Timeline) -> str:
    parts = []
    for sender, total in totals.items():
        routes = _named(shares[sender]).values()
        parts.append(f"{COUNTRIES[sender]} {formatting.percent(total)}" + (f" ({', '.join(routes)})" if routes else ""))
    return (
        f"Cumulative probability that each country has eased a measure, by route. By {line.last_month}: "
        f"{'; '.join(parts)}."
    )


def _data(run: Run, shares: dict[str, np.ndarray]) -> pd.DataFrame:
    times = timeline(run).calendar.starts()
    frames = [
        pd.DataFrame(
            {
                "series": sender,
                "route": ROUTES[code][0],
                "time": times,
                "statistic": "mean",
                "value": share[code - 1],
                "unit": "1",
            }
        )
        for sender, share in shares.items()
        for code in ROUTES
    ]
    return pd.concat(frames, ignore_index=True)
