"""Policy path of the tariff bill: probabilities of the law, a determination, tariffs and waivers by buyer."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from detente.analysis.tariff_effects import ANY, US, bill, congresses, has_tariffs
from detente.report.plots import labels, marks
from detente.report.plots.numbers import Numbers, from_fan
from detente.report.plots.page import Entry, Sheet, digits, nice, widest
from detente.report.plots.picture import Picture
from detente.report.plots.style import BLACK, BLUE, GREEN, ORANGE, PURPLE, SKY, SOLID, VERMILION, Size
from detente.report.plots.timeline import Timeline, foot, timeline
from detente.runs.run import Run
from detente.shared import formatting

EVENT_REGION = "World"


@dataclass(frozen=True)
class Course:
    """One line: variable, region, name, look; ``now`` for a current state rather than a cumulative event."""

    variable: str
    name: str
    colour: str
    dash: object
    region: str = EVENT_REGION
    now: bool = False


COURSES = (
    Course("Event|Tariff bill is law", "bill is law", BLACK, (0, (6, 1.6, 1.2, 1.6))),
    Course("Event|Tariff determination", "determination", PURPLE, (0, (9, 2))),
    Course("Event|Tariff on any buyer", "tariff on any buyer", BLUE, SOLID),
    Course("Event|Tariff on India", "on India", VERMILION, (0, (5, 1.6))),
    Course("Event|Tariff on China", "on China", ORANGE, (0, (3, 1.2, 1.2, 1.2, 1.2, 1.2))),
    Course("Event|Tariff waiver", "a waiver", GREEN, (0, (1.2, 1.4))),
    Course(ANY, "in force then", SKY, SOLID, US, now=True),
)
TOPS = (0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)


def tariff_road(run: Run, size: Size) -> Picture | None:
    """Cumulative probabilities, and the probability of a tariff in force; None for a run without the block."""
    numbers = Numbers()
    if not has_tariffs(run):
        return None
    line = timeline(run)
    table = pd.DataFrame({course.name: run.fan(course.variable, course.region)["mean"] for course in COURSES})
    subtitle = (
        f"Probability by the end of each {run.config.run.step}: the {bill(run.config)} and orders against "
        "buyers of Russian oil. Pale: probability of a tariff in force at that time."
    )
    sheet = Sheet(size, _title(run, line, numbers), subtitle, foot(run))
    flags = [(day, f"{number}th Congress ends") for day, number in congresses(line.calendar)]
    if size.narrow:
        flags = [(day, f"{number}th ends") for day, number in congresses(line.calendar)]
    over = marks.flag_rows(flags, size) + 0.8 * size.pitch
    largest = float(table.to_numpy().max())
    top = next(value for value in TOPS if value >= largest - 1e-9)
    ticks = nice(0.0, top, 5)
    names = [f"{formatting.amount(100.0 * tick, digits([100.0 * t for t in ticks]))}%" for tick in ticks]
    texts = {
        course.name: f"{course.name} {formatting.percent(float(table[course.name].iloc[-1]))}" for course in COURSES
    }
    room = min(widest(list(texts.values()), size.text), 0.3 * size.width)
    left, right = sheet.left + widest(names, size.text) + 0.6 * size.text / 72.0, sheet.right - room - 0.9 * size.pitch
    box = (left, sheet.bottom + 1.6 * size.pitch, right, sheet.top - 0.3 * size.pitch)
    high = top / max(1.0 - over / (box[3] - box[1]), 0.4)
    panel = sheet.panel(box, (line.start, line.end), (0.0, high))
    panel.value_ticks(ticks, names)
    panel.date_ticks(run.config.as_of, dt.date.fromordinal(int(line.end)))
    x = np.concatenate([[line.start], line.edges[1:]])
    clutter = labels.Clutter()
    entries = []
    for course in COURSES:
        y = np.concatenate([[0.0], table[course.name].to_numpy(float)])
        width = (2.6 if course.now else 1.3) * size.line
        panel.axes.plot(
            x,
            y,
            color=course.colour,
            linestyle=course.dash,
            linewidth=width,
            zorder=3 if course.now else 4,
            solid_capstyle="butt",
        )
        clutter.add_line(panel.x(x), panel.y(y))
        entries.append(
            Entry(
                float(y[-1]),
                texts[course.name],
                course.colour,
                course.dash,
                bold=course.name == COURSES[2].name,
                start=float(x[-1]),
            )
        )
    panel.beside(entries, right + 0.9 * size.pitch, room, low=box[1] - 1.2 * size.pitch)
    for form in (marks.ONE_LINE, marks.TWO_LINES, marks.NAME_ALONE):
        if not flags or marks.flags(panel, flags, clutter, form):
            break
    return Picture(
        "tariff-road", "tariff", sheet, _alt(texts, line, flags), _data(table, flags), tuple(numbers.readings)
    )


def _title(run: Run, line: Timeline, numbers: Numbers) -> str:
    """Probability of a tariff on any buyer by the end."""
    course = COURSES[2]
    probability = numbers.percent(from_fan(run, course.variable, course.region, "mean"))
    return f"Probability of a US tariff on buyers of Russian oil by {line.last_month}: {probability}"


def _alt(texts: dict[str, str], line: Timeline, flags: list[tuple[dt.date, str]]) -> str:
    ends = "; ".join(f"{name} {formatting.short_day(day)}" for day, name in flags)
    return (
        f"Cumulative probabilities of the tariff bill and orders. By {line.last_month}: {'; '.join(texts.values())}."
        + (f" Marked: {ends}." if ends else "")
    )


def _data(table: pd.DataFrame, flags: list[tuple[dt.date, str]]) -> pd.DataFrame:
    """Tidy: series, time, statistic, value, unit."""
    long = (
        table.rename_axis("time")
        .reset_index()
        .melt("time", var_name="series", value_name="value")
        .assign(statistic="mean")
    )
    dates = pd.DataFrame(
        [(name, day, "date", np.nan) for day, name in flags], columns=["series", "time", "statistic", "value"]
    )
    return pd.concat([part for part in (long, dates) if len(part)], ignore_index=True).assign(unit="1")[
        ["series", "time", "statistic", "value", "unit"]
    ]
