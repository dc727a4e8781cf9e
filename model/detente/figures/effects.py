"""What more Russian gas does to TTF: the model's closed form over the run's own elasticities, beside what others have published."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from detente.energy import ttf_effect
from detente.figures import labels, phrases
from detente.figures.picture import Picture
from detente.figures.published import Effect, effects
from detente.figures.sheet import Panel, Sheet, nice, widest
from detente.figures.style import BLUE, GREEN, GRID, INK, MUTED, OBSERVED, RULE, VERMILION, Size
from detente.figures.timeline import foot
from detente.influence import drawn_values
from detente.results import Run

VOLUMES = (15.0, 25.0, 40.0, 57.0)
"""Bcm a year: the transit of 2024, halves and wholes of what could be restarted, the most that the Ukraine route could carry."""
MARKETS = {"tight": ("gas.elasticity_tight", "today's tight market", BLUE, "o"), "glut": ("gas.elasticity_glut", "after the LNG wave", GREEN, "s")}
SIZE = "gas.world_lng"
KINDS = {"estimate": (VERMILION, "D", "diamonds: published estimates"), "market": (INK, "^", "triangle: what the price did")}
ROW, HEAD, AXIS = 1.3, 1.6, 1.8
"""Heights of a row, of a heading and of the value axis in lines of text."""
NAMES = (0.42, 0.27)
"""Share of the page's width that names have at most: on paper, on a slide."""
NO_FIGURE = "no figure"


@dataclass(frozen=True)
class Mark:
    """One line of the figure: name, what it says at the right, and a point with its range in per cent (NaN: none)."""

    name: str
    said: str
    value: float
    low: float
    high: float
    colour: str
    shape: str


def gas_effect(run: Run, table: pd.DataFrame, size: Size) -> Picture:
    """Median and 90% range of the effect by volume and market, then the published claims with their authors; on a slide side by side.

    ``table``: ``effect_table`` of the run.
    """
    claims = effects(run.config.as_of)
    model = [(f"Model, {name}", [_mark(table, market, volume) for volume in VOLUMES]) for market, (_, name, *_) in MARKETS.items()]
    published = [("Published, on their own assumptions", [_claim(claim) for claim in claims])] if claims else []
    columns = [model, published] if size.height and claims else [model + published]
    placed = [[(heading, [(_wrapped(mark, size), mark) for mark in marks]) for heading, marks in groups] for groups in columns]
    tall = max(sum(HEAD * size.pitch + sum(_height(name, size) for name, _ in marks) for _, marks in groups) for groups in placed)
    base = f"{'Published: as named, in full in the data. ' if claims else ''}{foot(run)}"
    sheet = Sheet(size, _title(table), _subtitle(claims), base, body=tall + AXIS * size.pitch)
    squeeze = min(1.0, (sheet.top - sheet.bottom - AXIS * size.pitch) / tall)
    low = 1.06 * min(mark.low for groups in columns for _, marks in groups for mark in marks if not np.isnan(mark.low))
    beside = [_beside(groups, size) for groups in placed]
    gap = 2.0 * size.pitch
    plot = (sheet.right - sheet.left - gap * (len(placed) - 1) - sum(map(sum, beside))) / len(placed)
    left = sheet.left
    for groups, (names, said) in zip(placed, beside, strict=True):
        right = left + names + plot + said
        _column(sheet, groups, (left, sheet.bottom, right, sheet.top), (left + names, right - said), low, squeeze)
        left = right + gap
    words = _in_words(table) + "".join(f" {claim.who} {claim.year}: {claim.claim}." for claim in claims)
    return Picture("gas-effect", "relief", sheet, f"Effect of more Russian gas on TTF. {words}", _data(table, claims))


def effect_table(run: Run) -> pd.DataFrame:
    """Change of TTF in per cent over the drawn elasticities of the run: market, volume (bcm a year), q05, q50, q95."""
    values = drawn_values(run.config)
    rows = []
    for market, (key, *_) in MARKETS.items():
        # The effect falls with elasticity times market size: quantiles of that product give those of the effect exactly.
        weight = np.quantile(values[key] * values[SIZE], [0.05, 0.5, 0.95])
        for volume in VOLUMES:
            rows.append((market, volume, *(100.0 * ttf_effect(volume, 1.0, volume=float(w)) for w in weight)))
    return pd.DataFrame(rows, columns=["market", "volume", "q05", "q50", "q95"])


def _mark(table: pd.DataFrame, market: str, volume: float) -> Mark:
    row = table[(table["market"] == market) & (table["volume"] == volume)].iloc[0]
    _, _, colour, shape = MARKETS[market]
    said = _percent(row["q50"])
    if _percent(row["q05"]) != _percent(row["q95"]):
        said += f" ({phrases.span(row['q05'], row['q95'])})"
    return Mark(f"+{phrases.amount(volume)} bcm a year", said, row["q50"], row["q05"], row["q95"], colour, shape)


def _claim(claim: Effect) -> Mark:
    colour, shape, _ = KINDS[claim.kind]
    value = np.nan if claim.effect is None else claim.effect
    said = NO_FIGURE if claim.effect is None else _percent(claim.effect)
    return Mark(f"{claim.who} {claim.year}: {claim.about}", said, value, value, value, colour, shape)


def _percent(value: float) -> str:
    return f"{phrases.amount(value)}%"


Groups = list[tuple[str, list[tuple[str, Mark]]]]
"""Headings with their marks, each with its name broken into lines."""


def _subtitle(claims: list[Effect]) -> str:
    text = "Change of the price at TTF when more Russian gas comes to Europe and all else stays, per cent. Model: median and 90% range over the "
    text += "elasticities of this run"
    shapes = [KINDS[kind][2] for kind in KINDS if any(claim.kind == kind for claim in claims)]
    return text + "".join(f"; {shape}" for shape in shapes) + "."


def _wrapped(mark: Mark, size: Size) -> str:
    """The name in lines: over the whole width on a narrow page, where it stands above its line; else in a part of it."""
    room = size.width - 2.0 * size.margin
    return labels.wrap(mark.name, room if size.narrow else NAMES[size.height is not None] * room, size.text)


def _beside(groups: Groups, size: Size) -> tuple[float, float]:
    """Width of the names at the left of a column's plot and of the figures at its right, each with some air."""
    marks = [pair for _, pairs in groups for pair in pairs]
    names = 0.2 * size.pitch if size.narrow else widest([name for name, _ in marks], size.text) + 0.8 * size.pitch
    return names, widest([mark.said for _, mark in marks], size.text) + 0.8 * size.pitch


def _height(name: str, size: Size) -> float:
    own = 1.15 * size.pitch if size.narrow else 0.0
    return labels.height(name, size.text) + own + (ROW - 1.0) * size.pitch


def _column(sheet: Sheet, groups: Groups, box: labels.Box, plot: tuple[float, float], low: float, squeeze: float) -> None:
    """Headings and rows over one value axis that begins at ``low`` per cent; ``plot``: its ends on the page; ``squeeze``: factor on all heights."""
    size = sheet.size
    panel = sheet.panel((plot[0], box[1] + AXIS * size.pitch, plot[1], box[3]), (low, -0.02 * low), (0.0, 1.0))
    panel.axes.patch.set_visible(False)
    ticks = next(ticks for most in (5, 4, 3, 2) if _fits(panel, ticks := nice(low, 0.0, most)) or most == 2)
    panel.axes.set_xticks(ticks, [_percent(tick) for tick in ticks])
    y = box[3]
    for heading, marks in groups:
        sheet.text(box[0], y - 0.3 * size.pitch * squeeze, heading, bold=True, va="top")
        y -= HEAD * size.pitch * squeeze
        for name, mark in marks:
            tall = labels.height(name, size.text)
            middle = y - tall - 0.55 * size.pitch if size.narrow else y - 0.5 * tall
            for tick in ticks:
                reach = 0.5 * size.pitch if size.narrow else 0.5 * _height(name, size) * squeeze
                colour = RULE if tick == 0.0 else GRID
                sheet.line(panel.x([tick, tick]), [middle - reach, middle + reach], color=colour, linewidth=0.6 * size.line, zorder=0)
            sheet.text(box[0], y, name, va="top", colour=INK if size.narrow else MUTED)
            sheet.text(box[2], middle, mark.said, ha="right", colour=OBSERVED if mark.said == NO_FIGURE else INK)
            _point(panel, mark, middle)
            y -= _height(name, size) * squeeze


def _fits(panel: Panel, ticks: list[float]) -> bool:
    """Whether the names of the ticks stand apart."""
    points = panel.sheet.size.text
    return all(float(panel.x(b) - panel.x(a)) > labels.width(_percent(a), points) + 0.5 * points / 72.0 for a, b in pairwise(ticks))


def _point(panel: Panel, mark: Mark, height: float) -> None:
    """A mark at a height of the page, with its range."""
    if np.isnan(mark.value):
        return
    sheet, size = panel.sheet, panel.sheet.size
    if mark.low < mark.high:
        sheet.line(panel.x([mark.low, mark.high]), [height, height], color=mark.colour, linewidth=1.6 * size.line)
    look = {"marker": mark.shape, "markersize": 0.62 * size.text, "markerfacecolor": mark.colour, "markeredgecolor": "white", "linestyle": "none"}
    sheet.line([float(panel.x(mark.value))], [height], **look)


def _title(table: pd.DataFrame) -> str:
    middle = table[table["volume"] == 40.0].set_index("market")["q50"]
    tight, glut = (phrases.amount(abs(middle[market])) for market in MARKETS)
    if tight == glut:
        return f"40 bcm a year more Russian gas makes TTF {tight}% cheaper, today and after the LNG wave"
    return f"40 bcm a year more Russian gas makes TTF {tight}% cheaper in today's tight market, {glut}% after the LNG wave"


def _in_words(table: pd.DataFrame) -> str:
    parts = []
    for market, (_, name, *_) in MARKETS.items():
        rows = table[table["market"] == market]
        parts.append(f"Model, {name}: " + ", ".join(f"{_percent(row.q50)} for {phrases.amount(row.volume)} bcm a year" for row in rows.itertuples()))
    return f"{'; '.join(parts)}."


def _data(table: pd.DataFrame, claims: list[Effect]) -> pd.DataFrame:
    """Tidy: series, volume, statistic, value, unit, claim, source, confidence."""
    model = table.melt(["market", "volume"], var_name="statistic", value_name="value").rename(columns={"market": "series"})
    model["series"] = "model, " + model["series"]
    rows = [
        {
            "series": f"{claim.who} {claim.year}",
            "volume": claim.volume,
            "statistic": "published" if claim.kind == "estimate" else "observed",
            "value": claim.effect,
            "time": claim.published,
            "claim": claim.claim,
            "source": claim.source,
            "confidence": claim.confidence,
        }
        for claim in claims
    ]
    data = pd.concat([part for part in (model, pd.DataFrame(rows)) if len(part)], ignore_index=True)
    columns = ["series", "volume", "time", "statistic", "value", "unit", "claim", "source", "confidence"]
    return data.assign(unit="%").reindex(columns=columns)
