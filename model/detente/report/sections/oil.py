"""Oil prices, Russian exports and revenue: outlooks with their ranges."""

from functools import partial

from detente.report.context import Context
from detente.report.figures import oil as outlooks
from detente.report.figures.stacks import exports
from detente.report.plots import fan
from detente.report.section import Figure, Section


def oil(context: Context) -> Section:
    """The section of every run."""
    run = context.run
    fans = tuple(
        Figure(outlook.__name__, partial(fan.draw, run, outlook(run), context.examples))
        for outlook in (outlooks.brent, outlooks.urals, outlooks.discount, outlooks.revenue)
    )
    return Section(
        "oil",
        "Oil prices and exports",
        figures=(*fans, Figure("exports", lambda size: exports(run, size))),
        note="The light band covers the 90% range, the dark band the 50% range. The annex explains how to read them.",
    )
