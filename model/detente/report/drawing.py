"""Drawing of a report's figures into a folder."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from detente.report.plots.picture import Drawn, save
from detente.report.plots.style import SIZES, drawing
from detente.report.section import Figure
from detente.shared.errors import ConfigError
from detente.shared.messages import one_of


def draw(figures: Iterable[Figure], folder: Path, sizes: tuple[str, ...] = ("a4",)) -> list[Drawn]:
    """Draw figures as PNG, SVG and CSV; those with nothing to show are left out.

    Parameters
    ----------
    figures
        Figures of a report's sections.
    folder
        Folder of the files; made if it is not there.
    sizes
        Names of ``style.SIZES``. Files of A4 width carry the figure's name, those of another size also the size's.

    Raises
    ------
    ConfigError
        For an unknown size.
    DataError
        If the folder cannot be written.
    """
    for name in sizes:
        if name not in SIZES:
            raise ConfigError(f"{name} is no size of a figure; valid: {one_of(SIZES)}.")
    drawn = []
    for figure in figures:
        for size in sizes:
            with drawing(figure.name):
                picture = figure.draw(SIZES[size])
                if picture is not None:
                    stem = figure.name if size == "a4" else f"{figure.name}-{size}"
                    drawn.append(replace(save(picture, Path(folder), stem), name=figure.name))
    return drawn
