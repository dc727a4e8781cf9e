"""Russian gas to Europe by route: stacked means, history, and the dates set by law or by the scenario."""

import datetime as dt
from itertools import pairwise

import numpy as np
import pandas as pd

from detente.engine import tables
from detente.report.figures.stacks import axes_with_names, stack
from detente.report.plots import labels, marks
from detente.report.plots.history import observed, spans
from detente.report.plots.numbers import Numbers, from_fan, given
from detente.report.plots.page import Panel, Sheet, digits, nice
from detente.report.plots.picture import Picture
from detente.report.plots.style import BLUE, GREEN, INK, ORANGE, SKY, VERMILION, Size
from detente.report.plots.timeline import Timeline, foot, history_begin, timeline
from detente.report.wording import assumed
from detente.runs.run import Run
from detente.shared import formatting

TRADE = "Russian Federation>European Union"
TOTAL = "Trade|Natural Gas|Volume"
ROUTES = {
    "TurkStream": ("Trade|Natural Gas|Pipeline|TurkStream|Volume", "gas.turkstream", "russian_gas_turkstream", BLUE),
    "Ukraine transit": (
        "Trade|Natural Gas|Pipeline|Ukraine Transit|Volume",
        "gas.ukraine_transit",
        "russian_gas_transit",
        SKY,
    ),
    "Yamal-Europe": ("Trade|Natural Gas|Pipeline|Yamal-Europe|Volume", "gas.yamal", "", GREEN),
    "Nord Stream": ("Trade|Natural Gas|Pipeline|Nord Stream|Volume", "gas.nord_stream", "", ORANGE),
    "LNG": ("Trade|Natural Gas|LNG|Volume", "gas.lng", "russian_lng_eu", VERMILION),
}
"""Name: variable, fact at the start, series of its history ("" if none is kept), colour. In the order of the stack."""
BANNED = {"lng_eu": "LNG ban", "pipeline_gas_eu": "pipeline ban"}
EVENTS = {
    "gas.ukraine_transit": "transit",
    "gas.turkstream": "TurkStream",
    "gas.yamal": "Yamal",
    "gas.nord_stream": "Nord Stream",
}
FAINT = 0.05
"""Means below this many bcm a year are not drawn: they round to zero."""
LEAST_ROOM = 2.6
"""Lines of text over the stacks at least: the name of the as-of line."""
LETTERS = "abcde"
PALE = 0.5
"""Share of white in the colours of the history."""


def russian_gas(run: Run, size: Size) -> Picture:
    """Means by route, which add up, with the 90% range of the total, yearly means of the past and legal dates."""
    line, numbers = timeline(run), Numbers()
    flows = flows_by_route(run, line)
    past = past_by_route(run.config.as_of)
    begin = history_begin(run, size)
    past = past[past["until"] > begin]
    total = run.fan(TOTAL, TRADE)
    monthly = observed("russian_gas_pipelines", run.config.as_of)
    monthly = monthly[monthly["date"] >= begin]
    drawn = [name for name in flows if flows[name].max() >= FAINT or (name in past and (past[name] > 0.0).any())]
    end = flows[drawn].iloc[-1]
    dates = dated(run, line)
    flags, key = _flags(dates, size)
    under = len(key) * 1.3 * size.pitch + (0.4 * size.pitch if key else 0.0)
    base = foot(run, _credit(past, monthly))
    black = " Black: pipelines by month." if size.narrow and len(monthly) else ""
    sheet = Sheet(
        size,
        _title(run, flows, line, numbers),
        _subtitle(run, flows, drawn, past) + black,
        base,
        body=size.body + under,
    )
    texts = [f"{name} {formatting.amount(value, 1)}" for name, value in end.items()]
    stacked = past[drawn].sum(axis=1).max() if len(past) else 0.0
    largest = max(
        float(total["q95"].max()), float(flows.sum(axis=1).max()), float(np.nan_to_num(stacked)), *monthly["value"]
    )
    over = max(marks.flag_rows(dates, size), LEAST_ROOM * size.pitch) + 1.5 * size.pitch
    high = largest / max(1.0 - over / size.body, 0.45) or 1.0
    ticks = nice(0.0, largest)
    names = [formatting.amount(tick, digits(ticks)) for tick in ticks]
    panel = axes_with_names(sheet, texts, names, (float(begin.toordinal()), line.end), (0.0, high), under)
    panel.value_ticks(ticks, names)
    panel.date_ticks(begin, dt.date.fromordinal(int(line.end)))
    colours = [ROUTES[name][3] for name in drawn]
    stack(panel, np.concatenate([[line.start], line.edges[1:]]), flows[drawn].to_numpy().T, texts, colours)
    clutter = labels.Clutter()
    clutter.add_area((float(panel.x(line.start)), panel.box[1], panel.box[2], float(panel.y(flows.sum(axis=1).max()))))
    _band(panel, line, total, clutter)
    _history(panel, past, drawn, begin, clutter)
    days = np.array([date.toordinal() for date in monthly["date"]], float)
    panel.axes.plot(days, monthly["value"], color=INK, linewidth=0.8 * size.line, zorder=5)
    clutter.add_line(panel.x(days), panel.y(monthly["value"]))
    clutter.add_line([float(panel.x(line.start))] * 2, [panel.box[1], panel.box[3]])
    for form in (marks.NAME_ALONE,) if size.narrow else (marks.ONE_LINE, marks.TWO_LINES):
        if not flags or marks.flags(panel, flags, clutter, form):
            break
    for number, text in enumerate(key):
        sheet.text(sheet.left, sheet.bottom + under - (0.4 + 1.3 * (number + 1)) * size.pitch, text, va="bottom")
    marks.as_of(panel, run.config.as_of, clutter)
    if len(monthly):
        look = {"color": INK, "linewidth": 0.8 * size.line}
        marks.name_beside(panel, "pipelines by month", days, monthly["value"], clutter, last=line.start, sample=look)
    alt = (
        f"Stacked areas of Russian gas to Europe by route, bcm a year. {formatting.capital(line.last_month)}: "
        f"{'; '.join(texts)}; together "
        f"{formatting.with_range(end.sum(), *total[['q05', 'q95']].iloc[-1], resolution=0.1)} (mean, 90% range). "
        f"Dates: {'; '.join(f'{text} {formatting.short_day(day)}' for day, text in dates) or 'none'}."
    )
    return Picture(
        "russian-gas", "fans", sheet, alt, _data(flows, total, past, monthly, dates), tuple(numbers.readings)
    )


def flows_by_route(run: Run, line: Timeline) -> pd.DataFrame:
    """Mean yearly rate of each route at the as-of date and at the end of each step: index date, bcm a year."""
    means = pd.DataFrame({name: run.fan(variable, TRADE)["mean"] for name, (variable, *_) in ROUTES.items()})
    means.index = [dt.date.fromordinal(int(edge)) for edge in line.edges[1:]]
    start = {name: float(run.config.facts[fact].value) for name, (_, fact, *_) in ROUTES.items()}
    return pd.concat([pd.DataFrame(start, index=[run.config.as_of]), means])


def past_by_route(as_of: dt.date) -> pd.DataFrame:
    """Spans in which every route with gas is known.

    Columns: since, until, one a route (bcm a year, 0 where nothing flowed).
    """
    series = {name: spans(key, as_of) for name, (_, _, key, _) in ROUTES.items() if key}
    edges = sorted({day for table in series.values() for column in ("since", "until") for day in table[column]})
    rows = []
    for since, until in pairwise(edges):
        values = {
            name: table.loc[(table["since"] <= since) & (table["until"] >= until), "value"]
            for name, table in series.items()
        }
        ended = {name for name, table in series.items() if len(table) and table["until"].max() <= since}
        if all(len(values[name]) for name in ("TurkStream", "LNG")) and (
            len(values["Ukraine transit"]) or "Ukraine transit" in ended
        ):
            rows.append(
                {"since": since, "until": until}
                | {name: float(value.iloc[0]) if len(value) else 0.0 for name, value in values.items()}
            )
    return pd.DataFrame(rows, columns=["since", "until", *series]).assign(
        **{name: 0.0 for name in ROUTES if name not in series}
    )


def dated(run: Run, line: Timeline) -> list[tuple[dt.date, str]]:
    """Days within the run with a ban on Russian gas or a change of a route, the earliest first."""
    begin, end = run.config.as_of, dt.date.fromordinal(int(line.end))
    dates: list[tuple[dt.date, str]] = []
    for instrument in tables.known_instruments(run.config):
        names = [BANNED[channel] for channel in instrument.channels if channel in BANNED]
        if instrument.rule != "law" or not names or instrument.in_force is None:
            continue
        key = f"sanctions.{instrument.key}"
        moved = sorted((event.date, str(event.set[key])) for event in run.config.events if key in event.set)
        dates += [(day, f"{names[0]} {state}") for day, state in moved]
        if not any(day <= instrument.in_force and state in ("lifted", "suspended") for day, state in moved):
            dates.append((instrument.in_force, names[0]))
    for key, name in EVENTS.items():
        dates += [(event.date, f"{name} {event.set[key]}") for event in run.config.events if key in event.set]
    decreed = [event.date for event in run.config.events if event.set.get("gas.suspension") == "decreed"]
    dates += [(min(decreed), "bans suspended")] if decreed else []
    months = float(run.config.facts["gas.transit_contract_months"].value)
    dates += [(line.calendar.date_at(months), "transit contract ends")] if months > 0.0 else []
    return sorted((day, text) for day, text in dates if begin < day < end)


def _flags(dates: list[tuple[dt.date, str]], size: Size) -> tuple[list[tuple[dt.date, str]], list[str]]:
    """Texts at the dates, and the lines of a key: letters and a key on a narrow page, else the names alone."""
    if not size.narrow:
        return dates, []
    lettered = list(zip(LETTERS, dates[: marks.MOST_FLAGS], strict=False))
    return [(day, letter) for letter, (day, _) in lettered], [
        f"{letter}\u00a0 {text}, {formatting.short_day(day)}" for letter, (day, text) in lettered
    ]


def _band(panel: Panel, line: Timeline, total: pd.DataFrame, clutter: labels.Clutter) -> None:
    """Dashed edges of the 90% range of the total."""
    for edge in ("q05", "q95"):
        x, y = line.drawn(total[edge].to_numpy(), state=True)
        panel.axes.plot(x, y, color=INK, linewidth=0.8 * panel.sheet.size.line, linestyle=(0, (4, 2)), zorder=5)
        clutter.add_line(panel.x(x), panel.y(y))


def _history(panel: Panel, past: pd.DataFrame, drawn: list[str], begin: dt.date, clutter: labels.Clutter) -> None:
    """Means of spans as pale steps in the order of the stack."""
    for _, row in past.iterrows():
        x = [max(row["since"], begin).toordinal(), row["until"].toordinal()]
        base = 0.0
        for name in drawn:
            if row[name] > 0.0:
                panel.axes.fill_between(
                    x,
                    base,
                    base + row[name],
                    facecolor=_pale(ROUTES[name][3]),
                    edgecolor="white",
                    linewidth=0.3,
                    zorder=2,
                )
            base += row[name]
        clutter.add_area((float(panel.x(x[0])), panel.box[1], float(panel.x(x[1])), float(panel.y(base))))


def _pale(colour: str) -> str:
    channels = [int(colour[k : k + 2], 16) for k in (1, 3, 5)]
    return "#" + "".join(f"{round(channel + PALE * (255 - channel)):02X}" for channel in channels)


def _title(run: Run, flows: pd.DataFrame, line: Timeline, numbers: Numbers) -> str:
    """The mean total on the as-of date and at the end."""
    changed = any(assumed(run.config, fact) for _, fact, *_ in ROUTES.values())
    start = "as the run sets it" if changed else "on the as-of date"
    first = given(float(flows.iloc[0].sum()), f"gas by route {start}, total")
    last = from_fan(run, TOTAL, TRADE, "mean")
    end = numbers.quantity(last, "bcm a year")
    if abs(last.value - first.value) < 0.5:
        return f"Russian gas to Europe stays near {end} until {line.last_month} (mean)"
    verb = "falls" if last.value < first.value else "rises"
    return f"Russian gas to Europe {verb} from {numbers.amount(first)} to {end} by {line.last_month} (mean)"


def _subtitle(run: Run, flows: pd.DataFrame, drawn: list[str], past: pd.DataFrame) -> str:
    text = (
        f"Yearly rates at the end of each {run.config.run.step} by route, bcm a year, means; dashed: 90% range of "
        "the total."
    )
    text += " Pale: means of years and quarters as reported; blank where a route was not reported." if len(past) else ""
    left_out = [name for name in flows if name not in drawn]
    nothing = [name for name in left_out if flows[name].max() <= 0.0]
    little = [name for name in left_out if name not in nothing]
    for names, how in ((nothing, "no flow"), (little, f"under {FAINT} bcm a year")):
        text += f" Not shown: {formatting.join(names)} ({how})." if names else ""
    return text


def _credit(past: pd.DataFrame, monthly: pd.DataFrame) -> str:
    parts = ["Reuters, TASS and LSEG by route, as quoted by the press"] if len(past) else []
    return "; ".join([*parts, "Bruegel, pipelines by month"] if len(monthly) else parts)


def _data(
    flows: pd.DataFrame,
    total: pd.DataFrame,
    past: pd.DataFrame,
    monthly: pd.DataFrame,
    dates: list[tuple[dt.date, str]],
) -> pd.DataFrame:
    """Tidy: series, time, until (of a span), statistic, value, unit."""
    means = (
        flows.rename_axis("time")
        .reset_index()
        .melt("time", var_name="series", value_name="value")
        .assign(statistic="mean")
    )
    band = total[["q05", "q95"]].set_axis(flows.index[1:]).rename_axis("time").reset_index()
    band = band.melt("time", var_name="statistic", value_name="value").assign(series="total")
    before = (
        past.rename(columns={"since": "time"})
        .melt(["time", "until"], var_name="series", value_name="value")
        .assign(statistic="observed")
    )
    points = monthly.rename(columns={"date": "time"})[["time", "value"]].assign(
        series="pipelines, by month", statistic="observed"
    )
    events = pd.DataFrame([(day, text) for day, text in dates], columns=["time", "series"]).assign(
        statistic="date", value=np.nan
    )
    data = pd.concat([part for part in (means, band, before, points, events) if len(part)], ignore_index=True)
    return data.reindex(columns=["series", "time", "until", "statistic", "value"]).assign(unit="bcm/y")
