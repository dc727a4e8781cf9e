"""Welfare effects of a tariff by country as bars, in money and as a share of GDP."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd

from detente.report.plots import labels
from detente.report.plots.numbers import Numbers, given
from detente.report.plots.page import Panel, Sheet, digits, nice, widest
from detente.report.plots.picture import Drawn, Picture, save
from detente.report.plots.style import BLUE, GRID, INK, OBSERVED, SIZES, VERMILION, Size, drawing
from detente.shared import formatting
from detente.trade.what_if import WhatIf

MOST = 16
"""Most countries shown: those with the largest changes of welfare in money."""
ROW = 1.45
"""Height of a bar's row in lines of text."""
LOWER = 0.35
"""Distance of a text's base line from its middle, in font sizes."""
OVER, UNDER = 1.6, 1.4
"""Room over and under a panel in lines of text."""
COLOURS = {"imposes": BLUE, "target": VERMILION, "other": OBSERVED}
MEANING = {"imposes": "imposes the tariff", "target": "is its target", "other": "third country"}
TABLE = "tariff.csv"
FEW = 3
"""Most targets named in the title."""
PANELS = (("welfare_bn_usd", "USD bn a year"), ("welfare_pct_of_gdp", "% of GDP"))
WITH_ARTICLE = ("United States", "European Union", "United Kingdom", "Gulf exporters", "Rest of the world")


def write(answer: WhatIf, note: str, folder: Path, size: str = "a4") -> Drawn:
    """Draw the figure into a folder as ``tariff.png`` and ``tariff.svg``, with its table as ``tariff.csv``.

    DataError if that fails.
    """
    with drawing("tariff"):
        return save(tariff(answer, note, SIZES[size]), folder, "tariff")


def tariff(answer: WhatIf, note: str, size: Size) -> Picture:
    """Two panels of bars, a row a country, from the largest loss to the largest gain in money.

    ``note``: data and method, for the foot.
    """
    rows, numbers = answer.rows(), Numbers()
    shown = _shown(rows)
    of = (
        f"the {len(shown)} with the largest changes of {len(rows)}" if len(shown) < len(rows) else f"{len(rows)} in all"
    )
    subtitle = (
        "Change of welfare (consumption less the cost of work) once trade, wages and prices have adjusted, by "
        "country or "
        f"region, {of}."
    )
    across = 1 if size.narrow else len(PANELS)
    down = len(PANELS) // across
    sheet = Sheet(
        size,
        _title(answer, rows, numbers),
        subtitle,
        note,
        body=(down * (len(shown) * ROW + OVER + UNDER) + 2.0) * size.pitch,
    )
    top = key(sheet, {MEANING[role]: COLOURS[role] for role in COLOURS if role in set(shown["role"])})
    names = shown["name"].tolist()
    left = sheet.left + widest(names, size.text) + 1.0 * size.pitch
    gap = 1.2 * size.pitch
    wide = (sheet.right - left - gap * (across - 1)) / across
    high = (top - sheet.bottom) / down
    for number, (column, unit) in enumerate(PANELS):
        start = left + number % across * (wide + gap)
        upper = top - number // across * high
        box = (start, upper - high + UNDER * size.pitch, start + wide, upper - OVER * size.pitch)
        bars(sheet, shown, column, unit, box)
        if number % across == 0:
            pitch = (box[3] - box[1]) / len(shown)
            for row, name in enumerate(names):
                sheet.text(
                    left - 0.7 * size.pitch,
                    box[3] - (row + 0.5) * pitch - LOWER * size.text / 72.0,
                    name,
                    ha="right",
                    va="baseline",
                )
    return Picture("tariff", "relief", sheet, _alt(answer, rows), rows, tuple(numbers.readings))


def _shown(rows: pd.DataFrame) -> pd.DataFrame:
    if len(rows) <= MOST:
        return rows
    first = ("imposes", "target") if (rows["role"] == "target").sum() <= MOST // 2 else ("imposes",)
    weight = rows["welfare_bn_usd"].abs() + rows["role"].isin(first) * 1e9
    return rows.loc[weight.nlargest(MOST).index.sort_values()]


def bars(sheet: Sheet, rows: pd.DataFrame, column: str, unit: str, box: labels.Box) -> None:
    """One panel: bars from zero, each with its value beyond its end.

    If the rows hold ``{column}_low`` and ``{column}_high``, with its range as a line and its value in a column at the
    right.
    """
    size = sheet.size
    values = rows[column].to_numpy(float)
    ranged = f"{column}_low" in rows
    lows, highs = (rows[f"{column}_{end}"].to_numpy(float) if ranged else values for end in ("low", "high"))
    places = 1 if abs(values).max() >= 1.0 else 2 if abs(values).max() >= 0.1 else 3
    texts = [formatting.amount(value, places, signed=True) for value in values]
    wide = widest(texts, size.text) + 0.8 * size.pitch
    column_at = box[2]
    box = (box[0], box[1], box[2] - wide, box[3]) if ranged else box
    room = 0.03 if ranged else wide / (box[2] - box[0])
    low, high = min(float(values.min()), float(lows.min()), 0.0), max(float(values.max()), float(highs.max()), 0.0)
    span = max(high - low, 1e-9) / max(1.0 - room * ((low < 0.0) + (high > 0.0)), 0.2)
    limits = (low - room * span * (low < 0.0), high + room * span * (high > 0.0))
    panel = sheet.panel(box, limits, (float(len(values)), 0.0))
    middle = 0.5 * (box[0] + box[2])
    sheet.text(box[0], box[3] + 0.5 * size.pitch, unit, bold=True, va="baseline")
    for number, (value, text, role) in enumerate(zip(values, texts, rows["role"], strict=True)):
        panel.axes.barh(number + 0.5, value, height=0.66, color=COLOURS[role], linewidth=0.0, zorder=3)
        if ranged:
            panel.axes.plot(
                [lows[number], highs[number]], [number + 0.5] * 2, color=INK, linewidth=0.8 * size.line, zorder=5
            )
        away = 0.3 * size.pitch * (-1.0 if value < 0.0 else 1.0)
        base = float(panel.y(number + 0.5)) - LOWER * size.text / 72.0
        at, side = (
            (column_at, "right") if ranged else (float(panel.x(value)) + away, "right" if value < 0.0 else "left")
        )
        sheet.text(at, base, text, ha=side, va="baseline")
    ticks = next(ticks for most in (4, 3, 2, 1) if _apart(panel, ticks := nice(*limits, most)) or most == 1)
    named = [(tick, formatting.amount(tick, digits(ticks), signed=True)) for tick in ticks]
    inside = [
        (tick, name)
        for tick, name in named
        if abs(float(panel.x(tick)) - middle) + 0.5 * labels.width(name, size.text) <= 0.5 * (box[2] - box[0])
    ]
    panel.axes.set_xticks([tick for tick, _ in inside], [name for _, name in inside])
    panel.axes.grid(axis="x", color=GRID, linewidth=0.5 * size.line)
    panel.axes.axvline(0.0, color=INK, linewidth=0.6 * size.line, zorder=4)


def _apart(panel: Panel, ticks: list[float]) -> bool:
    """Whether the tick labels stand apart."""
    points = panel.sheet.size.text
    names = [formatting.amount(tick, digits(ticks), signed=True) for tick in ticks]
    halves = [0.5 * labels.width(name, points) for name in names]
    places = [float(panel.x(tick)) for tick in ticks]
    return all(b - a > u + v + 0.4 * points / 72.0 for (a, u), (b, v) in pairwise(zip(places, halves, strict=True)))


def key(sheet: Sheet, colours: dict[str, str]) -> float:
    """Key of the colours, in a line under the subtitle; returns the height of its lower end."""
    size, x, y = sheet.size, sheet.left, sheet.top - 0.6 * sheet.size.pitch
    for text, colour in colours.items():
        if x > sheet.left and x + size.pitch + labels.width(text, size.text) > sheet.right:
            x, y = sheet.left, y - 1.2 * size.pitch
        sheet.line([x, x + 0.7 * size.pitch], [y, y], color=colour, linewidth=0.75 * size.text)
        sheet.text(x + 0.95 * size.pitch, y - LOWER * size.text / 72.0, text, va="baseline")
        x += 2.0 * size.pitch + labels.width(text, size.text)
    return y - 0.5 * size.pitch


def _title(answer: WhatIf, rows: pd.DataFrame, numbers: Numbers) -> str:
    """Welfare effects on the imposing country and on its targets."""
    by, targets = rows[rows["role"] == "imposes"].iloc[0], rows[rows["role"] == "target"]
    kind = "tariff" if answer.retaliation == "none" else "tariff with retaliation"
    rate = numbers.amount(given(100.0 * answer.rate, "rate of the tariff, %", TABLE), 0.1 if answer.rate < 0.1 else 1.0)
    parts = [(_article(by["name"]), float(by["welfare_bn_usd"]))]
    if len(targets) <= FEW:
        parts += [(_article(row.name), row.welfare_bn_usd) for row in _tuples(targets)]
    else:
        parts += [("them together", float(targets["welfare_bn_usd"].sum()))]
    words: list[str] = []
    for number, (who, value) in enumerate(parts):
        verb = "costs" if value < 0.0 else "gains"
        size = _size(who, value, numbers)
        repeated = number > 0 and verb == ("costs" if parts[number - 1][1] < 0.0 else "gains")
        if repeated:
            words.append(f"{who} {size}bn")
        else:
            words.append(f"{verb} {who} USD\u00a0{size}bn{'' if number else ' a year'}")
    return f"A {rate}% {kind} on {_targets(targets)} {formatting.join(words)}"


def _size(who: str, value: float, numbers: Numbers) -> str:
    resolution = 1.0 if abs(value) >= 10.0 else 0.1 if abs(value) >= 0.1 else 0.001
    return numbers.amount(given(value, f"welfare_bn_usd, {who}", TABLE), resolution)


def _tuples(rows: pd.DataFrame) -> list[Any]:
    return list(rows.itertuples(index=False))


def _targets(targets: pd.DataFrame) -> str:
    if len(targets) <= FEW:
        return formatting.join([_article(name) for name in targets["name"]])
    return f"{len(targets)} targets"


def _article(name: str) -> str:
    return (
        f"the {name[:1].lower() + name[1:] if name == 'Rest of the world' else name}" if name in WITH_ARTICLE else name
    )


def _alt(answer: WhatIf, rows: pd.DataFrame) -> str:
    parts = [
        f"{row.name} {formatting.amount(row.welfare_bn_usd, 1, signed=True)} bn "
        f"({formatting.amount(row.welfare_pct_of_gdp, 2, signed=True)}% of GDP)"
        for row in _tuples(_shown(rows))
    ]
    return f"Change of welfare in USD under a tariff of {formatting.plain(100.0 * answer.rate)}%: {'; '.join(parts)}."
