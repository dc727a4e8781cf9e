"""Killed and wounded a month on both sides, with earlier claims and estimates, and the range by source."""

import datetime as dt

import numpy as np
import pandas as pd

from detente.analysis import manpower
from detente.analysis.sensitivity import Values
from detente.config.loader import Config
from detente.report.plots import labels, marks, small_multiples
from detente.report.plots.example_paths import Story
from detente.report.plots.fan import Observed
from detente.report.plots.history import observed, totals
from detente.report.plots.numbers import THOUSAND, Numbers, from_fan
from detente.report.plots.page import Panel, Sheet, digits, nice, widest
from detente.report.plots.picture import Picture
from detente.report.plots.small_multiples import RUSSIA, UKRAINE, Part, Shown
from detente.report.plots.style import BLUE, GRID, OBSERVED, Size
from detente.report.plots.timeline import Timeline, foot, timeline
from detente.runs.run import Run
from detente.shared import formatting

CASUALTIES = "War|Casualties"
UNIT = "thousand persons/month"
FEW = 5000.0
"""Casualties a month below which the title is more precise."""
MONTHS_BACK = 60
"""Months of history at most; the war itself is shorter at both dates that the facts know."""
CLAIM, UK = "claim", "UK MoD"
LINES_A_ROW = {True: 2.3, False: 1.35}
"""Height of a source's row in lines of text: with its name over the line, or beside it."""
UNDER_ROWS = 1.9
"""Height of the value axis below them."""


def losses(run: Run, examples: list[Story], draws: Values, size: Size) -> Picture | None:
    """Fan charts of both sides over one value axis, then the ranges by source. ``draws``: parameters and facts by path.

    None for a run without losses.
    """
    if not small_multiples.holds(run, [(CASUALTIES, RUSSIA), (CASUALTIES, UKRAINE)]) or not manpower.stated(run.config):
        return None
    line, as_of = timeline(run), run.config.as_of
    parts = _parts(as_of)
    begin = _begin(as_of, parts)
    shown = small_multiples.numbers(run, parts, examples)
    table = by_source(run.config, draws)
    numbers = Numbers()
    key = small_multiples.lettered(examples if shown[0].paths else [], size)
    rows = (len(table) * LINES_A_ROW[size.narrow] + UNDER_ROWS + 2.0 + small_multiples.HEAD) * size.pitch
    body = (2 * 2.1 if size.narrow else 2.7) + rows + key.height
    sheet = Sheet(
        size, _title(run, line, numbers), _subtitle(parts, bool(shown[0].paths)), _foot(run, parts), body=body
    )
    headings, heading = [part.heading for part in parts], _heading(as_of)
    base = sheet.bottom + key.height
    if size.height is None:
        cells = small_multiples.boxes(sheet, headings, 1 if size.narrow else 2, sheet.top, base + rows)
        (last,) = small_multiples.boxes(sheet, [heading], 1, base + rows, base)
    else:
        *cells, last = small_multiples.boxes(sheet, [*headings, heading], 3, sheet.top, base)
    reach = small_multiples.limits(shown, begin)
    for number, (cell, one) in enumerate(zip(cells, shown, strict=True)):
        panel, clutter = small_multiples.draw(sheet, cell, line, begin, one, reach)
        _name_past(panel, one.part, begin, line.start, clutter)
        if number == 0:
            marks.as_of(panel, as_of, clutter)
    _rows(sheet, last, table, above=size.narrow or size.height is not None)
    key.write(sheet)
    return Picture(
        "losses", "war", sheet, _alt(shown, table, line), _data(shown, examples, table), tuple(numbers.readings)
    )


def by_source(config: Config, draws: Values) -> pd.DataFrame:
    """Russian killed and wounded a month at the claim of the as-of date, by source.

    Columns: source, q05, q50, q95 over the simulations, and whether the run uses it.
    """
    used = manpower.central(config)["attrition.source"]
    rows = []
    for name, code in manpower.SOURCES.items():
        low, middle, high = np.quantile(manpower.casualties(draws, code), [0.05, 0.5, 0.95])
        rows.append((name, low, middle, high, code == used))
    return pd.DataFrame(rows, columns=["source", "q05", "q50", "q95", "used"])


def _parts(as_of: dt.date) -> list[Part]:
    """Parts of both sides, with the last total of the war.

    Russia with the claim and the estimate of UK MoD; Ukraine without monthly counts.
    """
    observations = [
        Observed(name, _monthly(series, as_of), marker=marker, line=not marker)
        for name, series, marker in ((CLAIM, "losses_claimed", ""), (UK, "losses_uk_mod", "o"))
    ]
    observations = [series for series in observations if len(series.points)]
    return [
        Part(
            CASUALTIES,
            RUSSIA,
            "Russia, thousand people a month",
            UNIT,
            observations=tuple(observations),
            levels=_mean(totals("losses_total_russia", as_of)),
        ),
        Part(
            CASUALTIES,
            UKRAINE,
            "Ukraine, thousand people a month",
            UNIT,
            levels=_mean(totals("losses_total_ukraine", as_of)),
        ),
    ]


def _monthly(series: str, as_of: dt.date) -> pd.DataFrame:
    table = observed(series, as_of)
    return table.assign(value=manpower.a_month(table["value"]))


def _mean(table: pd.DataFrame) -> pd.DataFrame | None:
    """The last total known as a mean a month over its span, thousand persons."""
    if table.empty:
        return None
    last = table.iloc[[-1]]
    months = np.array(
        [
            (until - since).days / manpower.DAYS_PER_MONTH
            for since, until in zip(last["since"], last["until"], strict=True)
        ]
    )
    return last.assign(low=last["low"] / months, high=last["high"] / months)


def _begin(as_of: dt.date, parts: list[Part]) -> dt.date:
    """The month in which the history begins; the as-of date if there is none."""
    days = [series.points["date"].iloc[0] for part in parts for series in part.observations]
    days += [part.levels["since"].iloc[0] for part in parts if part.levels is not None]
    first = max(min(days, default=as_of), as_of - dt.timedelta(days=round(MONTHS_BACK * manpower.DAYS_PER_MONTH)))
    return first.replace(day=1)


def _name_past(panel: Panel, part: Part, begin: dt.date, last: float, clutter: labels.Clutter) -> None:
    """Names of the observations, left of the as-of date."""
    for series in part.observations:
        points = series.points[series.points["date"] >= begin]
        sample = small_multiples.observed_look(series, panel.sheet.size.line)
        days = [date.toordinal() for date in points["date"]]
        marks.name_beside(panel, series.label, days, points["value"], clutter, last=last, sample=sample)
    if part.levels is not None:
        span = part.levels.iloc[0]
        days = [max(span["since"], begin).toordinal(), span["until"].toordinal()]
        marks.name_beside(panel, f"{span['who']} {_range(span)}", days, [span["low"], span["high"]], clutter, last=last)


def _range(span: pd.Series) -> str:
    """``29``, or ``10 to 12``."""
    return (
        formatting.amount(span["low"])
        if span["high"] - span["low"] < 0.5
        else formatting.span(span["low"], span["high"], resolution=1.0)
    )


def _rows(sheet: Sheet, box: labels.Box, table: pd.DataFrame, *, above: bool) -> None:
    """A row a source: median and 90% range over a value axis of their own.

    ``above``: the name over the line instead of beside it.
    """
    size = sheet.size
    texts = [f"{formatting.with_range(row['q50'], row['q05'], row['q95'])}" for row in table.to_dict("records")]
    names = table["source"].tolist()
    left = box[0] if above else box[0] + widest([f"{name} " for name in names], size.text) * 1.12 + 0.5 * size.pitch
    right = box[2] if above else box[2] - widest(texts, size.text) - 0.7 * size.pitch
    panel = sheet.panel(
        (left, box[1] + UNDER_ROWS * size.pitch, right, box[3]),
        (0.0, 1.08 * float(table["q95"].max())),
        (float(len(table)), 0.0),
    )
    ticks = nice(*panel.xlim, 5)
    inside = [
        tick
        for tick in ticks
        if above is False or float(panel.x(tick)) + 0.5 * labels.width(formatting.amount(tick), size.text) < box[2]
    ]
    panel.axes.set_xticks(inside, [formatting.amount(tick, digits(ticks)) for tick in inside])
    if not above:
        panel.axes.grid(axis="x", color=GRID, linewidth=0.5 * size.line)
    for number, (row, text) in enumerate(zip(table.to_dict("records"), texts, strict=True)):
        at = number + (0.68 if above else 0.5)
        base = float(panel.y(number + (0.22 if above else 0.5)))
        colour = BLUE if row["used"] else OBSERVED
        panel.axes.plot(
            [row["q05"], row["q95"]], [at, at], color=colour, linewidth=2.0 * size.line, solid_capstyle="butt", zorder=3
        )
        panel.axes.plot(
            [row["q50"]], [at], color=colour, marker="o", markersize=0.62 * size.text, markeredgecolor="white", zorder=4
        )
        sheet.text(box[0], base, row["source"], bold=bool(row["used"]))
        sheet.text(box[2], base, text, ha="right", bold=bool(row["used"]))


def _heading(as_of: dt.date) -> str:
    month = observed("losses_claimed", as_of)["date"]
    return (
        "Russia by source, thousand a month, at the claim of "
        f"{formatting.month(month.iloc[-1]) if len(month) else 'the as-of date'}"
    )


def _title(run: Run, line: Timeline, numbers: Numbers) -> str:
    """Median Russian casualties in the first step and in the last."""
    first, last = (from_fan(run, CASUALTIES, RUSSIA, "q50", step, THOUSAND) for step in (0, -1))
    resolution = THOUSAND if last.value >= FEW else 0.1 * THOUSAND
    end = numbers.amount(last, resolution)
    if formatting.rounded(first.value, first.error, THOUSAND) == end:
        return f"Median Russian casualties stay near {end} a month until {line.last_month}"
    verb = "fall" if last.value < first.value else "rise"
    begin = numbers.amount(first, THOUSAND)
    return f"Median Russian casualties {verb} from {begin} to {end} a month by {line.last_month}"


def _subtitle(parts: list[Part], examples: bool) -> str:
    text = "People killed and wounded. Bands: 50% and 90% ranges, near zero once the war stops; thick line: median"
    text += f"{'; lettered lines: example paths' if examples else ''}. "
    grey = [
        name
        for name, known in (
            ("claim of the General Staff", parts[0].observations),
            ("UK MoD", parts[0].observations[1:]),
        )
        if known
    ]
    spans = [part.levels.iloc[0] for part in parts if part.levels is not None]
    if spans:
        grey.append(
            f"mean of the war so far by an outside total ({spans[-1]['who']}, to "
            f"{formatting.short_month(spans[-1]['until'] - dt.timedelta(days=1))})"
        )
    if grey:
        text += f"Grey: {formatting.join(grey)}; none by month for Ukraine. "
    return text + "By source: median and 90% range; the run uses the one in bold. A claim is not a count."


def _foot(run: Run, parts: list[Part]) -> str:
    return foot(
        run,
        "General Staff of Ukraine, daily claims; UK MoD and others as collected by The Economist and Solstad"
        if parts[0].observations
        else "",
    )


def _alt(shown: list[Shown], table: pd.DataFrame, line: Timeline) -> str:
    parts = []
    for one in shown:
        end = one.end
        parts.append(
            f"{one.part.region}: median {formatting.amount(one.table['q50'].iloc[0])} thousand a month at first, "
            f"{formatting.amount(end['q50'])} in "
            f"{line.last_month}, 90% range {formatting.span(end['q05'], end['q95'], resolution=1.0)}"
        )
    rows = [
        f"{row['source']} {formatting.with_range(row['q50'], row['q05'], row['q95'])}"
        for row in table.to_dict("records")
    ]
    return (
        f"Two fan charts of people killed and wounded. {'; '.join(parts)}. Russia by source, thousand a month: "
        f"{'; '.join(rows)}."
    )


def _data(shown: list[Shown], examples: list[Story], table: pd.DataFrame) -> pd.DataFrame:
    """Tidy: region, variable, series, time, statistic, value, unit."""
    rows = table.melt(["source"], ["q05", "q50", "q95"], var_name="statistic", value_name="value").rename(
        columns={"source": "series"}
    )
    rows = rows.assign(region=RUSSIA, variable="at the claim of the as-of date, by source", unit=UNIT)
    return pd.concat([small_multiples.data(shown, examples), rows], ignore_index=True)
