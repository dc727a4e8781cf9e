"""War: casualties, forces, reserves and the budget."""

from detente.report.context import Context
from detente.report.figures.budget import budget
from detente.report.figures.force_additions import additions
from detente.report.figures.forces import forces
from detente.report.figures.losses import losses
from detente.report.figures.runway import runway
from detente.report.section import Figure, Section

COLUMNS = ("attrition.total_casualties_ru", "fiscal.first_exhausted")


def war(context: Context) -> Section | None:
    """The section; None for a run without losses and budget."""
    run = context.run
    if not context.columns.intersection(COLUMNS):
        return None
    return Section(
        "war",
        "War, losses and public finances",
        figures=tuple(
            Figure(name, draw)
            for name, draw, recomputed in (
                ("losses", lambda size: losses(run, context.examples, context.draws, size), True),
                ("forces", lambda size: forces(run, context.examples, size), False),
                ("additions", lambda size: additions(run, context.draws, size), True),
                ("runway", lambda size: runway(run, size), False),
                ("budget", lambda size: budget(run, context.examples, size), False),
            )
            if context.same_model or not recomputed
        ),
        note=(
            "Casualties are people killed and wounded. Figures show countries and months only, and each range names "
            "its source."
        ),
    )
