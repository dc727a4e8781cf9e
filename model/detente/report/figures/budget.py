"""The Russian budget: oil and gas revenue, deficit, liquid reserve, and the probability of its exhaustion."""

import datetime as dt

import numpy as np
import pandas as pd

from detente.report.plots import labels, small_multiples
from detente.report.plots.example_paths import Story
from detente.report.plots.fan import Observed
from detente.report.plots.history import observed, spans
from detente.report.plots.numbers import Numbers, from_fan
from detente.report.plots.page import Sheet, nice, widest
from detente.report.plots.picture import Picture
from detente.report.plots.small_multiples import RUSSIA, Part, Shown
from detente.report.plots.style import BLUE, Size
from detente.report.plots.timeline import Timeline, foot, history_begin, timeline
from detente.runs.run import Run
from detente.shared import formatting

REVENUE, DEFICIT, RESERVE = "Government Revenue|Oil and Gas", "Government Deficit|Share of GDP", "Sovereign Fund|Liquid"
EXHAUSTED = "Event|Liquid reserve exhausted"
TRN_A_YEAR, TRN = 12.0 / 1000.0, 1.0 / 1000.0
"""From bn RUB a month to trn RUB a year, and from bn RUB to trn RUB."""
CUT = 3.0
"""Upper end of the reserve's axis relative to its level on the as-of date; the upper quartile is always shown."""
HIGH = 2.1
QUOTED = ["q50", "q05", "q95"]
HEADING = "Probability that the reserve is exhausted"


def budget(run: Run, examples: list[Story], size: Size) -> Picture | None:
    """Three fan charts and a line; None for a run without the block."""
    if not small_multiples.holds(run, [(name, RUSSIA) for name in (REVENUE, DEFICIT, RESERVE)]) or EXHAUSTED not in set(
        run.summary()["variable"]
    ):
        return None
    line, begin, numbers = timeline(run), history_begin(run, size), Numbers()
    parts = _parts(run)
    shown = small_multiples.numbers(run, parts, examples)
    chance = run.fan(EXHAUSTED)["mean"]
    key = small_multiples.lettered(examples if shown[0].paths else [], size)
    columns = 1 if size.narrow else 2 if size.height is None else 4
    body = HIGH * 4 / columns * (0.9 if size.narrow else 1.0) + key.height
    sheet = Sheet(
        size,
        _title(run, line, numbers),
        _subtitle(run, shown, begin, line, numbers),
        _foot(run, parts, begin),
        body=body,
    )
    cells = small_multiples.boxes(
        sheet, [*(part.heading for part in parts), HEADING], columns, sheet.top, sheet.bottom + key.height
    )
    for cell, one in zip(cells[:-1], shown, strict=True):
        small_multiples.draw(sheet, cell, line, begin, one, small_multiples.limits([one], begin))
    _chance(sheet, cells[-1], line, chance)
    key.write(sheet)
    return Picture(
        "budget", "war", sheet, _alt(shown, chance, line), _data(shown, examples, chance), tuple(numbers.readings)
    )


def _parts(run: Run) -> list[Part]:
    as_of = run.config.as_of
    cut = max(
        CUT * float(run.config.facts["fiscal.liquid_reserve"].value), TRN * float(run.fan(RESERVE, RUSSIA)["q75"].max())
    )
    most = TRN * float(run.fan(RESERVE, RUSSIA)["q95"].max())
    beyond = f" (90% range up to {formatting.amount(most)})" if most > cut else ""
    known = observed("liquid_reserve", as_of)
    observations = (Observed("Ministry of Finance", known, marker="o"),) if len(known) else ()
    return [
        Part(
            REVENUE,
            RUSSIA,
            "Oil and gas revenue, trn RUB a year",
            "trn RUB/y",
            TRN_A_YEAR,
            1,
            levels=_levels("oil_gas_budget_revenue", as_of),
        ),
        Part(
            DEFICIT,
            RUSSIA,
            "Deficit at a yearly rate, % of GDP",
            "% of GDP",
            decimals=1,
            levels=_levels("federal_deficit", as_of),
        ),
        Part(
            RESERVE,
            RUSSIA,
            f"Liquid reserve, trn RUB{beyond}",
            "trn RUB",
            TRN,
            1,
            state=True,
            observations=observations,
            cut=cut,
        ),
    ]


def _levels(series: str, as_of: dt.date) -> pd.DataFrame | None:
    table = spans(series, as_of)
    return (
        table.assign(low=table["value"], high=table["value"], who="year").drop(columns="value") if len(table) else None
    )


def _chance(sheet: Sheet, box: labels.Box, line: Timeline, chance: pd.Series) -> None:
    """Cumulative probability from the as-of date on."""
    size = sheet.size
    high = max(float(chance.max()) * 1.1, 0.1)
    ticks = nice(0.0, high, small_multiples.TICKS)
    names = [
        f"{formatting.amount(100.0 * tick, 0 if all(abs(100.0 * t - round(100.0 * t)) < 1e-9 for t in ticks) else 1)}%"
        for tick in ticks
    ]
    text = formatting.percent(float(chance.iloc[-1]))
    room = labels.width(text, size.text, bold=True)
    left = box[0] + widest(names, size.text) + 0.6 * size.text / 72.0
    panel = sheet.panel(
        (left, box[1] + 1.6 * size.pitch, box[2] - room - small_multiples.LEAD * size.pitch, box[3]),
        (line.start, line.end),
        (0.0, high),
    )
    panel.value_ticks(ticks, names)
    small_multiples.dates(panel, line.calendar.as_of, dt.date.fromordinal(int(line.end)))
    x, y = np.concatenate([[line.start], line.edges[1:]]), np.concatenate([[0.0], chance.to_numpy()])
    panel.axes.plot(x, y, color=BLUE, linewidth=1.7 * size.line, zorder=5, clip_on=False)
    sheet.text(panel.box[2] + small_multiples.LEAD * size.pitch, float(panel.y(y[-1])), text, bold=True)


def _title(run: Run, line: Timeline, numbers: Numbers) -> str:
    """Probability of an exhausted reserve."""
    probability = numbers.percent(from_fan(run, EXHAUSTED, None, "mean"))
    return f"Probability that Russia’s liquid reserve is exhausted by {line.last_month}: {probability}"


def _subtitle(run: Run, shown: list[Shown], begin: dt.date, line: Timeline, numbers: Numbers) -> str:
    deficit = from_fan(run, DEFICIT, RUSSIA, "q50")
    what = "deficit" if deficit.value >= 0.0 else "surplus"
    text = f"Federal budget of Russia; median {what} in {line.last_month}: {numbers.amount(deficit, 0.1)}% of GDP. "
    text += "Bands: 50% and 90% ranges; thick line: median"
    text += f"{'; lettered lines: example paths' if shown[0].paths else ''}. Revenue follows prices with a month’s lag"
    if _past(shown[0].part, begin):
        text += "; grey bars: full years observed"
    if any((series.points["date"] >= begin).any() for series in shown[2].part.observations):
        text += "; circles: reserve observed"
    return f"{text}. Exhausted: neither borrowing nor the reserve covers the deficit."


def _past(part: Part, begin: dt.date) -> bool:
    return part.levels is not None and bool((part.levels["until"] > begin).any())


def _foot(run: Run, parts: list[Part], begin: dt.date) -> str:
    known = any(_past(part, begin) for part in parts)
    return foot(run, "Russian Ministry of Finance, partly as quoted by the press or recalled" if known else "")


def _alt(shown: list[Shown], chance: pd.Series, line: Timeline) -> str:
    parts = [
        f"{one.part.heading.partition(' (')[0]}: {formatting.with_range(*one.end[QUOTED], resolution=0.1)}"
        for one in shown
    ]
    return (
        f"Three fan charts and a line on the Russian budget. Median and 90% range in {line.last_month}: "
        f"{'; '.join(parts)}. Probability of an exhausted "
        f"reserve by then: {formatting.percent(float(chance.iloc[-1]))}."
    )


def _data(shown: list[Shown], examples: list[Story], chance: pd.Series) -> pd.DataFrame:
    rows = chance.rename("value").rename_axis("time").reset_index()
    rows = rows.assign(region=RUSSIA, variable=EXHAUSTED, series="model", statistic="mean", unit="1")
    return pd.concat([small_multiples.data(shown, examples), rows], ignore_index=True)
