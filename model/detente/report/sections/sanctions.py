"""Policy path: states of the war, relief by each sanctioning country, and the register over time."""

from detente.report.context import Context
from detente.report.figures.easing import incidence
from detente.report.figures.register import strip
from detente.report.figures.stacks import regimes
from detente.report.section import Figure, Section


def sanctions(context: Context) -> Section:
    """The section of every run."""
    run = context.run
    return Section(
        "sanctions",
        "Policy path",
        figures=(
            Figure("regimes", lambda size: regimes(run, size)),
            Figure("incidence", lambda size: incidence(run, size)),
            Figure("register", lambda size: strip(run, size)),
        ),
    )
