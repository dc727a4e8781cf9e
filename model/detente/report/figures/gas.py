"""Fan charts of the gas block: TTF, and European storage with its legal target and the range of past years."""

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd

from detente.report.figures.oil import course, course_in_short
from detente.report.plots import labels
from detente.report.plots.fan import Fan, Observed
from detente.report.plots.history import observed
from detente.report.plots.numbers import Numbers, from_fan
from detente.report.plots.outside import outside_marks
from detente.report.plots.page import Panel
from detente.report.plots.published import Window, storage_windows
from detente.report.plots.style import INK, MUTED, RULE
from detente.report.plots.timeline import timeline
from detente.runs.run import Run
from detente.shared import formatting

EUROPE = "European Union"
TTF, FILL = "Price|Natural Gas|TTF", "Storage|Natural Gas|Fill"
BELOW_TARGET = "Event|Storage below target"
TARGET = "gas.storage_target"
LOW = 30
"""Fill in per cent with a probability in the codelist; about the level after the cold winters of 2018, 2022 and
2026."""
FEWEST_YEARS = 3
NARROWEST = 24
"""Least width of the mark of a target, days."""
ROOM = 121.0
"""Upper end of the value axis, per cent: leaves room for names above full storage."""
RANGE = "#A8A8A8"


def ttf(run: Run) -> Fan:
    """TTF, with monthly means of the World Bank, later single days, and forecasts of others."""
    numbers, others = Numbers(), outside_marks(run, TTF)
    as_of = run.config.as_of
    means = observed("ttf", as_of)
    days = observed("ttf_observed", as_of)
    later = days[days["date"] > means["date"].iloc[-1]] if len(means) else days
    return Fan(
        name="ttf",
        variable=TTF,
        region=EUROPE,
        unit="EUR/MWh",
        title=course_in_short(run, TTF, EUROPE, "EUR/MWh", "TTF", numbers),
        readings=tuple(numbers.readings),
        subtitle="Price of gas at the TTF hub, front month, EUR/MWh",
        alt=f"Fan chart of the price of gas at TTF. {course(run, TTF, EUROPE, 'EUR/MWh')}",
        observed=(Observed("observed", means), Observed("single days", later, marker="D", line=False, colour=MUTED)),
        credit="World Bank and ECB, monthly means" + ("; single days, press" if len(later) else ""),
        top=others.top,
        beside=others.beside,
        extra=others.extra,
        note=others.note,
    )


def storage(run: Run) -> Fan:
    """Fill of EU storage, the legal filling windows, and the lowest and highest month ends of past years."""
    numbers = Numbers()
    known = observed("eu_storage", run.config.as_of)
    years = past_range(known)
    windows = _windows(run)
    note = ""
    if len(years):
        first, last = known["date"].iloc[0].year, known["date"].iloc[-1].year
        note += f" Dotted: lowest and highest month ends of {first} to {last}."
    if windows:
        hatched = any(window.least < window.target for window in windows)
        note += f" Black: legal target in its filling window{', hatched: permitted deviations' if hatched else ''}."
    return Fan(
        name="storage",
        variable=FILL,
        region=EUROPE,
        unit="%",
        title=_title(run, numbers),
        readings=tuple(numbers.readings),
        subtitle="Gas in EU storage, per cent of capacity",
        alt=f"Fan chart of the fill of EU gas storage. {course(run, FILL, EUROPE, '%')} {_shortfall(run)}",
        observed=(Observed("observed", known),),
        credit="Gas Infrastructure Europe, AGSI+",
        state=True,
        top=ROOM,
        beside=_beside(run, years, windows),
        extra=_extra(run, years, windows),
        note=note,
    )


def past_range(known: pd.DataFrame) -> pd.DataFrame:
    """Lowest, middle and highest fill at the end of each calendar month (index 1 to 12) over the observed years.

    Empty if these are too few.
    """
    ends = known[[(date + dt.timedelta(days=1)).day == 1 for date in known["date"]]]
    months = pd.Series([date.month for date in ends["date"]], ends.index, dtype=int)
    table = ends["value"].groupby(months).agg(["min", "median", "max", "size"])
    return (
        table.loc[table["size"] >= FEWEST_YEARS, ["min", "median", "max"]]
        if (table["size"] >= FEWEST_YEARS).sum() == 12
        else table.iloc[:0]
    )


def first_check(run: Run) -> tuple[int, dt.date] | None:
    """Step and date of the first 1 November of a run, on which storage is measured; None if there is none."""
    line = timeline(run)
    for year in (run.config.as_of.year, run.config.as_of.year + 1):
        step = line.calendar.index(dt.date(year, 11, 1))
        if 0 < step < line.calendar.steps:
            return step, dt.date(year, 11, 1)
    return None


def _target(run: Run) -> float:
    return float(run.config.parameters[TARGET].value)


def _title(run: Run, numbers: Numbers) -> str:
    """Fill on the first 1 November, and at the low of the winter after it if the run reaches it."""
    table = run.fan(FILL, EUROPE)
    check = first_check(run)
    if check is None:
        return course_in_short(run, FILL, EUROPE, "% of capacity", "EU gas storage", numbers)
    step, date = check
    text = f"Median EU gas storage: {_filled(run, step - 1, numbers)} on {formatting.day(date)}"
    following = date.replace(year=date.year + 1)
    winter = table[(table.index > pd.Timestamp(date)) & (table.index < pd.Timestamp(following))]["q50"]
    if len(winter) < 2 or winter.idxmin() == winter.index[-1]:
        return text
    low = table.index.get_loc(winter.idxmin())
    ended = dt.date.fromordinal(int(timeline(run).edges[1:][low]) - 1)
    return f"{text}, {_filled(run, low, numbers)} at its low in {formatting.month(ended)}"


def _filled(run: Run, step: int, numbers: Numbers) -> str:
    return numbers.quantity(from_fan(run, FILL, EUROPE, "q50", step), "%")


def _shortfall(run: Run) -> str:
    """Probability of storage below the target on the first 1 November, for the alt text."""
    check = first_check(run)
    if check is None:
        return ""
    step, date = check
    probability = formatting.percent(float(run.fan(BELOW_TARGET)["mean"].iloc[step]))
    return f"Probability of less than {formatting.amount(_target(run))}% on {formatting.day(date)}: {probability}."


def _windows(run: Run) -> list[Window]:
    """The filling windows that end within the run."""
    end = dt.date.fromordinal(int(timeline(run).end))
    return [
        window for window in storage_windows(run.config.as_of) if window.end > run.config.as_of and window.begin < end
    ]


def _month_ends(begin: float, end: float) -> list[dt.date]:
    """Last days of the months between two days (ordinals)."""
    months = pd.date_range(dt.date.fromordinal(int(begin)), dt.date.fromordinal(int(end)), freq="ME")
    return [month.date() for month in months]


def _beside(run: Run, years: pd.DataFrame, windows: list[Window]) -> Callable[[Panel, labels.Clutter], None]:
    """Further marks of the fan: the range of past years dotted, the windows as hatched boxes with their name."""

    def draw(panel: Panel, clutter: labels.Clutter) -> None:
        size = panel.sheet.size
        if len(years):
            dates = _month_ends(*panel.xlim)
            x = [date.toordinal() for date in dates]
            for edge in ("min", "max"):
                y = [years.loc[date.month, edge] for date in dates]
                panel.axes.plot(x, y, color=RANGE, linewidth=0.7 * size.line, linestyle=(0, (1, 1.6)), zorder=3)
                clutter.add_line(panel.x(x), panel.y(y))
        for window in windows:
            left, right = _reach(panel, window)
            if window.least < window.target:
                edges = (window.least, window.target)
                panel.axes.fill_between(
                    [left, right], *edges, facecolor="none", edgecolor=RULE, hatch="////", linewidth=0.0, zorder=4.5
                )
            for level in sorted({window.least, window.target}):
                panel.axes.plot(
                    [left, right],
                    [level, level],
                    color=INK,
                    linewidth=1.1 * size.line,
                    zorder=4.6,
                    solid_capstyle="butt",
                )
            low, high = float(panel.y(window.least)), float(panel.y(window.target))
            clutter.add_area((float(panel.x(left)), low, float(panel.x(right)), high))
        if windows:
            _name_target(panel, windows[0], run.config.as_of, clutter)

    return draw


def _reach(panel: Panel, window: Window) -> tuple[float, float]:
    """Where the mark of a window begins and ends in the plot (ordinals): no narrower than can be seen."""
    middle, half = (
        0.5 * (window.begin.toordinal() + window.end.toordinal()),
        0.5 * max((window.end - window.begin).days, NARROWEST),
    )
    return max(middle - half, panel.xlim[0]), min(middle + half, panel.xlim[1])


def _name_target(panel: Panel, window: Window, as_of: dt.date, clutter: labels.Clutter) -> None:
    """The legal target in words over its first window, right of the as-of line."""
    size = panel.sheet.size
    level = (
        formatting.span(window.least, window.target, resolution=1.0)
        if window.least < window.target
        else formatting.amount(window.target)
    )
    text = f"target {level}%"
    wide = labels.width(text, size.text)
    last = panel.box[2] - wide
    nearest = max(float(panel.x(np.mean(_reach(panel, window)))) - 0.5 * wide, float(panel.x(as_of.toordinal())) + 0.07)
    columns = [x for x in nearest + np.array([0.0, 0.3, -0.3, 0.7, -0.7]) if panel.box[0] <= x <= last] or [last]
    panel.inside(
        clutter,
        text,
        [(x, y) for y in (float(panel.y(102.0)), float(panel.y(window.target)) + 0.05) for x in columns],
        colour=INK,
    )


def _extra(run: Run, years: pd.DataFrame, windows: list[Window]) -> pd.DataFrame | None:
    """The numbers of what ``_beside`` draws."""
    rows = [
        ("past years", end, name, float(years.loc[end.month, edge]))
        for end in (_month_ends(*np.array([timeline(run).start, timeline(run).end])) if len(years) else [])
        for edge, name in (("min", "lowest"), ("max", "highest"))
    ]
    for window in windows:
        for day in (window.begin, window.end):
            rows += [
                ("legal target", day, "target", window.target),
                ("legal target", day, "least target", window.least),
            ]
    return pd.DataFrame(rows, columns=["series", "time", "statistic", "value"]) if rows else None
