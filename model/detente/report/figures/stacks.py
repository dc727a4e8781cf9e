"""Stacked areas: exports by buyer, and states of the war."""

import datetime as dt

import numpy as np
import pandas as pd

from detente.analysis.estimates import Reading
from detente.report.plots import labels, marks
from detente.report.plots.history import observed
from detente.report.plots.numbers import SUMMARY, Numbers, day_of, from_fan
from detente.report.plots.page import Entry, Panel, Sheet, digits, nice, widest
from detente.report.plots.picture import Picture
from detente.report.plots.style import BLUE, GREEN, INK, OBSERVED, ORANGE, SKY, VERMILION, Size
from detente.report.plots.timeline import foot, history_begin, timeline
from detente.runs.run import Run
from detente.shared import formatting

PORT = "Russian Federation"
CRUDE, PRODUCTS, TOTAL = "Trade|Oil|Crude|Volume", "Trade|Oil|Product|Volume", "Trade|Oil|Volume"
BUYER_COLOURS = (BLUE, SKY, GREEN, ORANGE, VERMILION)
REST = "#C4C4C4"
REGIMES = {"War": "#808080", "Partial Truce": ORANGE, "Ceasefire": SKY, "Settlement": BLUE}
REST_NAME = "others"
SHORT = {"European Union": "EU", "Other": REST_NAME}


def exports(run: Run, size: Size) -> Picture:
    """Crude and products by buyer (means, which add up), with the 90% range of the total and estimates of the IEA."""
    line, numbers = timeline(run), Numbers()
    flows = _flows(run)
    total = run.fan(TOTAL, PORT)
    begin = history_begin(run, size, 18)
    past = observed("russian_oil_exports", run.config.as_of)
    past = past[past["date"] >= begin]
    end = flows.iloc[-1]
    largest = list(end.drop(REST_NAME, errors="ignore").sort_values(ascending=False, kind="stable").index[:2])
    share = Reading(
        float(end[largest].sum() / end.sum()),
        0.0,
        SUMMARY,
        f"{', '.join(largest)}, share of mean exports, {day_of(flows.index[-1])}",
    )
    title = f"{formatting.join(largest)} take {numbers.percent(share)} of Russian oil exports in {line.last_month}"
    subtitle = (
        f"Exports of crude and oil products by buyer, mb/d, {run.config.run.step}ly, means; "
        f"dashed: 90% range of the total{'; circles: IEA estimates' if len(past) else ''}."
    )
    high = 1.06 * max(float(total["q95"].max()), float(flows.sum(axis=1).max()), *past["value"])
    ticks = nice(0.0, high)
    names = [formatting.amount(tick, digits(ticks)) for tick in ticks]
    sheet = Sheet(
        size, title, subtitle, foot(run, "IEA, Oil Market Report, as quoted by the press" if len(past) else "")
    )
    texts = [
        f"{buyer} {formatting.amount(value, 1)} ({formatting.percent(value / end.sum())})"
        for buyer, value in end.items()
    ]
    panel = axes_with_names(sheet, texts, names, (float(begin.toordinal()), line.end), (0.0, high))
    panel.value_ticks(ticks, names)
    panel.date_ticks(begin, dt.date.fromordinal(int(line.end)))
    colours = [colour if buyer != REST_NAME else REST for buyer, colour in zip(flows, BUYER_COLOURS, strict=True)]
    x, layers = line.drawn(flows.to_numpy().T)
    stack(panel, x, layers, texts, colours)
    for edge in ("q05", "q95"):
        panel.axes.plot(
            *line.drawn(total[edge].to_numpy()), color=INK, linewidth=0.8 * size.line, linestyle=(0, (4, 2)), zorder=5
        )
    days = np.array([date.toordinal() for date in past["date"]], float)
    panel.axes.plot(
        days,
        past["value"],
        linestyle="none",
        marker="o",
        markersize=3.0 * size.line,
        color=OBSERVED,
        markerfacecolor="white",
    )
    clutter = labels.Clutter()
    clutter.add_area((float(panel.x(line.start)), *panel.box[1:]))
    clutter.add_line(panel.x(days), panel.y(past["value"]))
    marks.as_of(panel, run.config.as_of, clutter)
    if len(past):
        marks.name_beside(panel, "IEA estimates", days, past["value"], clutter, last=line.start)
    alt = (
        f"Stacked areas of Russian oil exports by buyer in mb/d. By {line.last_month}: {'; '.join(texts)}; "
        f"together {formatting.with_range(end.sum(), *total[['q05', 'q95']].iloc[-1], resolution=0.1)}, with 90% range."
    )
    means = (
        flows.rename_axis("time")
        .reset_index()
        .melt("time", var_name="series", value_name="value")
        .assign(statistic="mean")
    )
    band = (
        total[["q05", "q95"]]
        .rename_axis("time")
        .reset_index()
        .melt("time", var_name="statistic", value_name="value")
        .assign(series="total")
    )
    points = past.rename(columns={"date": "time"})[["time", "value"]].assign(
        series="observed: IEA estimates", statistic="observed"
    )
    data = pd.concat([part for part in (means, band, points) if len(part)], ignore_index=True).assign(unit="mb/d")
    return Picture(
        "exports", "fans", sheet, alt, data[["series", "time", "statistic", "value", "unit"]], tuple(numbers.readings)
    )


def regimes(run: Run, size: Size) -> Picture:
    """Share of simulations in war, partial truce, ceasefire and settlement."""
    line, numbers = timeline(run), Numbers()
    shares = pd.DataFrame({name: run.fan(f"Conflict|{name}", "Ukraine")["mean"] for name in REGIMES})
    now = str(run.config.facts["conflict.state"].value)
    begin = pd.DataFrame([{name: float(name.lower() == now) for name in REGIMES}], index=[run.config.as_of])
    end = shares.iloc[-1]
    war = numbers.percent(from_fan(run, "Conflict|War", "Ukraine", "mean"))
    title = f"Probability that the war in Ukraine is still going on in {line.last_month}: {war}"
    subtitle = f"State of the war in Ukraine, share of simulations at the end of each {run.config.run.step}."
    sheet = Sheet(size, title, subtitle, foot(run))
    texts = [f"{formatting.capital(name.lower())} {formatting.percent(value)}" for name, value in end.items()]
    names = ["0%", "25%", "50%", "75%", "100%"]
    panel = axes_with_names(sheet, texts, names, (line.start, line.end), (0.0, 1.0))
    panel.value_ticks([0.0, 0.25, 0.5, 0.75, 1.0], names)
    panel.date_ticks(run.config.as_of, dt.date.fromordinal(int(line.end)))
    x = np.concatenate([[line.start], line.edges[1:]])
    stack(panel, x, np.concatenate([begin.to_numpy(), shares.to_numpy()]).T, texts, list(REGIMES.values()))
    data = (
        pd.concat([begin, shares]).rename_axis("time").reset_index().melt("time", var_name="series", value_name="value")
    )
    data = data.assign(statistic="mean", unit="1")[["series", "time", "statistic", "value", "unit"]]
    return Picture(
        "regimes",
        "road",
        sheet,
        f"Stacked shares of simulations by state of the war in {line.last_month}: {'; '.join(texts)}.",
        data,
        tuple(numbers.readings),
    )


def _flows(run: Run) -> pd.DataFrame:
    """Mean exports of crude and products: index time, one column a buyer in the order of the codelist, "Other" last."""
    table = run.summary()
    chosen = table[
        table["variable"].isin([CRUDE, PRODUCTS])
        & (table["statistic"] == "mean")
        & table["region"].str.startswith(f"{PORT}>")
    ]
    buyers = sorted(chosen["region"].drop_duplicates(), key=lambda region: region.endswith(">Other"))
    wide = chosen.pivot_table(index="time", columns="region", values="value", aggfunc="sum")[buyers]
    return wide.rename(columns=lambda region: SHORT.get(region.split(">")[1], region.split(">")[1]))


def axes_with_names(
    sheet: Sheet, texts: list[str], names: list[str], x: tuple[float, float], y: tuple[float, float], under: float = 0.0
) -> Panel:
    """Axes with room on the right for the names of the layers, broken over two lines on a narrow page.

    ``under``: room for a key, inches.
    """
    size = sheet.size
    room = _room(texts, size)
    box = (
        sheet.left + widest(names, size.text) + 0.6 * size.text / 72.0,
        sheet.bottom + under + 1.6 * size.pitch,
        sheet.right - room - 0.9 * size.pitch,
        sheet.top - 0.5 * size.pitch,
    )
    return sheet.panel(box, x, y)


def _room(texts: list[str], size: Size) -> float:
    return min(widest(texts, size.text), 0.28 * size.width)


def stack(panel: Panel, x: np.ndarray, layers: np.ndarray, texts: list[str], colours: list[str]) -> None:
    """Areas from the bottom up with white seams, each joined to its name."""
    size = panel.sheet.size
    tops = np.cumsum(layers, axis=0)
    bases = tops - layers
    entries = []
    for base, top, text, colour in zip(bases, tops, texts, colours, strict=True):
        if not (top > base).any():
            continue
        panel.axes.fill_between(x, base, top, facecolor=colour, edgecolor="white", linewidth=0.5 * size.line, zorder=2)
        entries.append(Entry(0.5 * float(base[-1] + top[-1]), text, colour, start=float(x[-1])))
    panel.beside(entries, panel.box[2] + 0.9 * size.pitch, _room(texts, size))
