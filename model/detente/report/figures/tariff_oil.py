"""Russian oil that buyers drop because of tariffs or their threat, by buyer, and the share lost to the world."""

import datetime as dt

import numpy as np
import pandas as pd

from detente.analysis.tariff_effects import DROPPED, EXPORTS, RUSSIA, SHARE, WORLD, TariffEffects, has_tariffs, volumes
from detente.report.plots.numbers import Numbers, day_of, from_fan, given, scaled
from detente.report.plots.page import Entry, Sheet, digits, nice, widest
from detente.report.plots.picture import Picture
from detente.report.plots.style import BLUE, GREEN, INK, ORANGE, SKY, VERMILION, Size
from detente.report.plots.timeline import Timeline, foot, timeline
from detente.runs.run import Run
from detente.shared import formatting

COLOURS = {"China": BLUE, "India": SKY, "Türkiye": GREEN, "EU": ORANGE, "others": VERMILION}
NAMES = {"European Union": "EU"}
LEAST = 0.005
"""Least mean volume worth drawing, mb/d."""
SMALL = 0.05
"""Mean difference in mb/d over the horizon below which the title states its peak instead."""


def tariff_oil(run: Run, pair: TariffEffects | None, size: Size) -> Picture | None:
    """Stacked means by buyer; against the same scenario without tariffs, also the fall in exports.

    None if nothing is dropped.
    """
    if not has_tariffs(run):
        return None
    total = run.fan(DROPPED, WORLD)
    if float(total["mean"].max()) < LEAST:
        return None
    line, numbers = timeline(run), Numbers()
    flows = by_buyer(run)
    fate = against_reference(pair) if pair else pd.DataFrame(index=total.index)
    subtitle = (
        f"Russian crude and products that buyers drop because of a tariff or its threat, mb/d, {run.config.run.step}ly "
        "means, before other buyers take part of it."
    )
    if pair:
        other = formatting.slug_in_words(pair.reference.scenario)
        subtitle += f" Dashed: fall in exports against the scenario {other}, with common random numbers."
    sheet = Sheet(
        size, _title(run, fate, pair, line, numbers), subtitle, foot(run, others=[pair.reference] if pair else None)
    )
    high = 1.08 * max(float(flows.sum(axis=1).max()), float(fate["lost"].max()) if pair else 0.0)
    low = 1.08 * min(0.0, float(fate["lost"].min())) if pair else 0.0
    ticks = nice(low, high, 5)
    names = [formatting.amount(tick, digits(ticks)) for tick in ticks]
    end = flows.iloc[-1]
    places = 2 if float(end.sum()) >= 0.2 else 3
    texts = [f"{buyer} {formatting.amount(value, places)}" for buyer, value in end.items()]
    lost = _lower(float(fate["lost"].iloc[-1])) if pair else ""
    room = min(widest([*texts, lost], size.text), 0.28 * size.width)
    left = sheet.left + widest(names, size.text) + 0.6 * size.text / 72.0
    box = (left, sheet.bottom + 1.6 * size.pitch, sheet.right - room - 0.9 * size.pitch, sheet.top - 0.5 * size.pitch)
    panel = sheet.panel(box, (line.start, line.end), (low, high))
    panel.value_ticks(ticks, names)
    panel.date_ticks(run.config.as_of, dt.date.fromordinal(int(line.end)))
    x, layers = line.drawn(flows.to_numpy().T)
    tops = np.cumsum(layers, axis=0)
    entries = []
    for buyer, text, top, layer in zip(flows, texts, tops, layers, strict=True):
        panel.axes.fill_between(
            x, top - layer, top, facecolor=COLOURS[buyer], edgecolor="white", linewidth=0.5 * size.line, zorder=2
        )
        entries.append(Entry(float(top[-1] - 0.5 * layer[-1]), text, COLOURS[buyer], start=float(x[-1])))
    if pair:
        xs, ys = line.drawn(fate["lost"].to_numpy(float))
        dash = (0, (4, 2))
        panel.axes.plot(xs, ys, color=INK, linestyle=dash, linewidth=1.3 * size.line, zorder=5)
        entries.append(Entry(float(ys[-1]), lost, INK, dash, bold=True, start=float(xs[-1])))
    panel.beside(entries, box[2] + 0.9 * size.pitch, room, low=box[1] - 1.2 * size.pitch)
    alt = (
        f"Stacked areas of Russian oil that buyers drop because of tariffs, mb/d. {line.last_month}: {'; '.join(texts)}"
    )
    return Picture(
        "tariff-oil",
        "tariff",
        sheet,
        f"{alt}{f'; {lost}' if lost else ''}.",
        _data(flows, total, fate),
        tuple(numbers.readings),
    )


def by_buyer(run: Run) -> pd.DataFrame:
    """Mean volume dropped by buyer, mb/d: index time; adds up to the mean of the total.

    The share dropped times what the buyer took on the as-of date; the small difference between the product of means and
    the mean of products is spread in proportion.
    """
    flows = pd.DataFrame(
        {buyer: run.fan(SHARE, buyer)["mean"] * volume for buyer, volume in volumes(run.config).items()}
    )
    flows = (
        flows.T.groupby(lambda buyer: NAMES.get(buyer, buyer) if NAMES.get(buyer, buyer) in COLOURS else "others")
        .sum()
        .T
    )
    scale = run.fan(DROPPED, WORLD)["mean"] / flows.sum(axis=1).replace(0.0, np.nan)
    return flows.mul(scale.fillna(1.0), axis=0)[list(COLOURS)]


def against_reference(pair: TariffEffects) -> pd.DataFrame:
    """Means by step, mb/d, against the run without tariffs.

    Additional volume dropped, of which lost to the world (lower exports) or placed with other buyers.
    """
    dropped, exports = (
        (pair.run.fan(v, r)["mean"] - pair.reference.fan(v, r)["mean"])
        for v, r in ((DROPPED, WORLD), (EXPORTS, RUSSIA))
    )
    return pd.DataFrame({"dropped": dropped, "lost": -exports, "placed": dropped + exports})


def _lower(value: float) -> str:
    """``exports lower by 0.70``."""
    return f"exports {'lower' if value >= 0.0 else 'higher'} by {formatting.amount(abs(value), 2)}"


def _title(run: Run, fate: pd.DataFrame, pair: TariffEffects | None, line: Timeline, numbers: Numbers) -> str:
    if pair is None:
        mean = numbers.quantity(from_fan(run, DROPPED, WORLD, "mean"), "mb/d", 0.01)
        return f"Tariffs and their threat cost Russia {mean} of purchases in {line.last_month} (mean)"
    dropped, exports = pair.mean(DROPPED, WORLD), pair.mean(EXPORTS, RUSSIA)
    if dropped.value < SMALL:
        peak = fate["dropped"].idxmax()
        most = given(
            float(fate["dropped"].max()), f"difference in {DROPPED}, {day_of(peak)}", "summary.parquet of both runs"
        )
        volume = numbers.quantity(most, "mb/d", 0.01)
        return f"Because of tariffs buyers drop at most {volume} more Russian oil, in {formatting.month(peak)} (mean)"
    volume = numbers.quantity(dropped, "mb/d", 0.1)
    lost = numbers.amount(scaled(exports, -1.0), 0.1)
    return f"Buyers drop {volume} of Russian oil because of tariffs; exports fall by {lost} (mean)"


def _data(flows: pd.DataFrame, total: pd.DataFrame, fate: pd.DataFrame) -> pd.DataFrame:
    """Tidy: series, time, statistic, value, unit."""
    means = (
        flows.rename_axis("time")
        .reset_index()
        .melt("time", var_name="series", value_name="value")
        .assign(statistic="mean")
    )
    spread = (
        total[["mean", "q95"]]
        .rename_axis("time")
        .reset_index()
        .melt("time", var_name="statistic", value_name="value")
        .assign(series="total")
    )
    paired = (
        fate.rename_axis("time")
        .reset_index()
        .melt("time", var_name="series", value_name="value")
        .assign(statistic="mean difference")
    )
    data = pd.concat([part for part in (means, spread, paired) if len(part)], ignore_index=True)
    return data.assign(unit="mb/d")[["series", "time", "statistic", "value", "unit"]]
