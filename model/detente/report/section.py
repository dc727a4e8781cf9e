"""The parts of a report as data: sections with their findings, figures and tables.

Every format lays out the same sections; none of them computes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from detente.analysis.estimates import Reading
from detente.report.plots.picture import Picture
from detente.report.plots.style import Size
from detente.report.tables import Table


@dataclass(frozen=True)
class Finding:
    """A statement and the numbers behind it; ``key`` names it within a report."""

    key: str
    text: str
    rows: tuple[Reading, ...]


@dataclass(frozen=True)
class Figure:
    """A figure that is drawn when a format needs it; ``draw`` gives None where the run has nothing to show."""

    name: str
    draw: Callable[[Size], Picture | None]


@dataclass(frozen=True)
class Item:
    """An entry of a list, with its source."""

    text: str
    source: str


@dataclass(frozen=True)
class Section:
    """A section of a report: ``key`` names it, ``note`` is its text in paragraphs parted by empty lines."""

    key: str
    title: str
    findings: tuple[Finding, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Table, ...] = ()
    note: str = ""
    items: tuple[Item, ...] = ()
    subsections: tuple["Section", ...] = ()

    @property
    def paragraphs(self) -> list[str]:
        """The paragraphs of the note."""
        return [" ".join(part.split()) for part in self.note.split("\n\n") if part.strip()]

    def walk(self) -> Iterator["Section"]:
        """The section, then its subsections in order."""
        yield self
        for part in self.subsections:
            yield from part.walk()
