"""A drawn figure with its words and its numbers, and how it is written to disk: equal figures give equal bytes."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from detente.report.plots.page import Sheet
from detente.report.plots.style import DPI
from detente.runs.store import write_csv
from detente.shared.errors import DataError
from detente.shared.paths import make_folder, tighten

SECTIONS = {
    "relief": "What relief is worth",
    "tariff": "If the tariff comes",
    "burden": "Who is hurt more",
    "fans": "Fans with named paths",
    "war": "People, arms and money",
    "road": "The road",
    "claims": "Claims of the news",
}
"""Part of the report that a figure belongs to."""
DIGITS = 6
"""Significant digits of the numbers behind a figure: more than a drawing shows, fewer than the run's tables hold."""

DATES = ("time", "until")
"""Columns of dates."""


@dataclass(frozen=True)
class Picture:
    """A figure in memory. ``data`` holds exactly the numbers drawn, tidy, its dates as datetime64; ``alt`` says the
    finding with its numbers."""

    name: str
    section: str
    sheet: Sheet
    alt: str
    data: pd.DataFrame

    def __post_init__(self) -> None:
        dates = {name: pd.to_datetime(self.data[name]) for name in DATES if name in self.data}
        object.__setattr__(self, "data", self.data.assign(**dates))


@dataclass(frozen=True)
class Drawn:
    """A figure on disk: the same drawing as PNG (200 dpi) and SVG, and its numbers as CSV."""

    name: str
    section: str
    title: str
    subtitle: str
    alt: str
    png: Path
    svg: Path
    csv: Path
    size: str


def save(picture: Picture, folder: Path, stem: str) -> Drawn:
    """Write ``stem``.png, .svg and .csv into a folder (DataError if it cannot be written)."""
    png, svg, csv = (folder / f"{stem}.{ending}" for ending in ("png", "svg", "csv"))
    sheet = picture.sheet
    words = {"Title": sheet.title, "Description": picture.alt}
    try:
        make_folder(folder)
        sheet.figure.savefig(png, format="png", dpi=DPI, metadata={"Software": None, **words})
        sheet.figure.savefig(
            svg, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None, **words}
        )
        write_csv(picture.data, csv, digits=DIGITS)
        for path in (png, svg, csv):
            tighten(path)
    except OSError as error:
        raise DataError(
            f"{folder}: the figures cannot be written ({error.strerror}); choose a folder that can."
        ) from error
    return Drawn(
        picture.name, picture.section, sheet.title, sheet.subtitle, picture.alt, png, svg, csv, sheet.size.name
    )
