"""Cells that several tables share: numbers with their errors, probabilities, names of scenarios."""

from detente.analysis.estimates import FEWEST, Reading
from detente.catalog.describe import CONFIDENCE
from detente.config.schema import Record
from detente.report.tables import Cell
from detente.report.wording import title
from detente.runs.run import Run
from detente.shared import formatting

ABSENT = "–"


def number(reading: Reading, resolution: float = 0.1, unit: str = "") -> Cell:
    """A number rounded by its error; the exact value and its row are in the tooltip."""
    text = f"{formatting.rounded(reading.value, reading.error, resolution)}{unit}"
    return Cell(text, sort=reading.value, title=f"{reading.value:.4g} ± {reading.error:.2g}. {_origin(reading)}")


def span(low: Reading, high: Reading, resolution: float = 0.1) -> Cell:
    """A range."""
    return Cell(formatting.span(low.value, high.value, (low.error, high.error), resolution), sort=low.value)


def probability(reading: Reading | None, bar: bool = True) -> Cell:
    """A probability; a dash where too few paths meet its condition."""
    if reading is None:
        return Cell(ABSENT, sort=-1.0, title=f"Fewer than {FEWEST} simulations meet the condition.")
    error = formatting.plain(100.0 * reading.error, 1)
    return Cell(
        formatting.percent(reading.value),
        sort=reading.value,
        bar=reading.value if bar else None,
        title=f"{100.0 * reading.value:.2f}% ± {error} points. {_origin(reading)}",
    )


def scenario(run: Run) -> Cell:
    """The title of a run's scenario, and its folder."""
    return Cell(title(run), run.folder.name)


def source(record: Record) -> Cell:
    """The source of a parameter or fact, and its confidence in words."""
    tags = formatting.join(CONFIDENCE[part] for part in record.confidence.split("/"))
    return Cell(formatting.one_line(record.source), f"{record.confidence}: {tags}")


def _origin(reading: Reading) -> str:
    return f"{reading.table}: {reading.row}"
