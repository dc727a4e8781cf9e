"""A drawn figure with its words and numbers, written to disk byte for byte the same each time."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from detente.analysis.estimates import Reading
from detente.report.plots.page import Sheet
from detente.report.plots.style import DPI
from detente.runs.store import write_csv
from detente.shared.errors import DataError
from detente.shared.paths import make_folder, tighten

DIGITS = 6
"""Significant digits of the numbers behind a figure: more than a drawing shows, fewer than the run's tables hold."""

DATES = ("time", "until")
"""Columns of dates."""


@dataclass(frozen=True)
class Picture:
    """A figure in memory.

    ``data``: the numbers drawn, tidy, dates as datetime64. ``alt``: the finding in words. ``readings``: the sources of
    the numbers in title and subtitle.
    """

    name: str
    section: str
    sheet: Sheet
    alt: str
    data: pd.DataFrame
    readings: tuple[Reading, ...]

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
    readings: tuple[Reading, ...] = ()


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
        picture.name,
        picture.section,
        sheet.title,
        sheet.subtitle,
        picture.alt,
        png,
        svg,
        csv,
        sheet.size.name,
        picture.readings,
    )
