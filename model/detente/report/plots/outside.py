"""Forecasts of others as marks on a fan: one point a forecast, with a line over its months."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from detente.catalog.outside import OutsideLevel, known, latest_levels
from detente.config.assembly import months_after
from detente.report.plots import labels
from detente.report.plots.page import Panel
from detente.report.plots.style import INK
from detente.runs.run import Run
from detente.shared import formatting

MARKERS = (("D", "diamonds"), ("s", "squares"), ("^", "triangles"), ("v", "inverted triangles"), ("P", "crosses"))


@dataclass(frozen=True)
class Marks:
    """What a fan needs to show forecasts of others; without any, its fields leave the fan as it is."""

    beside: Callable[[Panel, labels.Clutter], None] | None = None
    extra: pd.DataFrame | None = None
    note: str = ""
    top: float = 0.0


def outside_marks(run: Run, output: str) -> Marks:
    """Marks for the forecasts of an output that a run of this date shows."""
    end = months_after(run.config.as_of, run.manifest["config"]["run"]["horizon"])
    levels = latest_levels(known(run.config.as_of, end), output)
    if not levels:
        return Marks()
    sources = list(dict.fromkeys(one.who for one in levels))[: len(MARKERS)]
    shown = [(one, sources.index(one.who)) for one in levels if one.who in sources]

    def draw(panel: Panel, clutter: labels.Clutter) -> None:
        size = panel.sheet.size
        for one, number in shown:
            x = [one.first.toordinal(), _middle(one), one.after.toordinal()]
            y = [one.value] * 3
            panel.axes.plot(x, y, color=INK, linewidth=0.8 * size.line, zorder=6)
            panel.axes.plot(
                x[1:2],
                y[1:2],
                color=INK,
                marker=MARKERS[number][0],
                markersize=4.0 * size.line,
                markerfacecolor="white",
                zorder=6.1,
            )
            clutter.add_line(panel.x(x), panel.y(y))

    names = [f"{MARKERS[number][1]}, {who} ({_dates(levels, who)})" for number, who in enumerate(sources)]
    return Marks(
        draw,
        pd.DataFrame(
            {
                "series": f"outside: {one.who}, {one.dated}, {one.begin} to {one.end}",
                "time": dt.date.fromordinal(int(_middle(one))),
                "statistic": "forecast",
                "value": one.value,
            }
            for one, _ in shown
        ),
        f" Forecasts of others for the months under each mark: {'; '.join(names)}.",
        1.05 * max(one.value for one, _ in shown),
    )


def _middle(one: OutsideLevel) -> float:
    return 0.5 * (one.first.toordinal() + one.after.toordinal())


def _dates(levels: list[OutsideLevel], who: str) -> str:
    """The days on which a source made its forecasts."""
    days = sorted({one.dated for one in levels if one.who == who})
    return formatting.join([formatting.short_day(day) for day in days])
