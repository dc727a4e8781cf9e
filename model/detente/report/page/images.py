"""Figures in a page as compact data addresses, one drawing for wide screens and one for telephones."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from markupsafe import Markup

from detente.analysis.estimates import Reading
from detente.report.page.svg import shrink
from detente.report.plots.picture import Drawn

SIZES = ("a4", "column")
"""Sizes asked of the figures: the page's width, and a column that fits a telephone."""
HEAVIEST = 2_450_000
"""Characters of drawings and their numbers that a page holds, so that it stays under three million with all its
tables. When there are more, the telephone's drawings go first, the heaviest before the others; then drawings with
many points become pictures."""
PLAIN = " =:;,./()-_+*!@$'|"
"""Characters that stand in a data address as they are; all others are written by their codes, so that none can end
the attribute."""
TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".csv": "text/csv"}


@dataclass(frozen=True)
class Embedded:
    """A figure in a page: text, data addresses of both drawings ("" for none) and of the numbers, and readings."""

    name: str
    title: str
    alt: str
    picture: Markup
    narrow: Markup
    data: Markup
    file: str
    readings: tuple[Reading, ...]


def embed(drawn: Sequence[Drawn], prefix: str) -> list[Embedded]:
    """Figures in their order; ``prefix`` begins the names of downloads."""
    wide = [figure for figure in drawn if figure.size == SIZES[0]]
    narrow = {figure.name: figure for figure in drawn if figure.size == SIZES[1]}
    drawings = {figure.svg: address(figure.svg) for figure in drawn}
    numbers = [address(figure.csv) for figure in wide]
    weight = sum(len(drawings[figure.svg]) for figure in wide) + sum(len(data) for data in numbers)
    if weight > HEAVIEST:
        for figure in wide:
            drawings[figure.svg] = min(drawings[figure.svg], address(figure.png), key=len)
    for name, _ in sorted(
        ((name, len(drawings[figure.svg])) for name, figure in narrow.items()), key=lambda item: (-item[1], item[0])
    ):
        if weight + sum(len(drawings[figure.svg]) for figure in narrow.values()) > HEAVIEST:
            del narrow[name]
    return [
        Embedded(
            name=figure.name,
            title=figure.title,
            alt=figure.alt,
            picture=Markup(drawings[figure.svg]),
            narrow=Markup(drawings[narrow[figure.name].svg] if figure.name in narrow else ""),
            data=Markup(data),
            file=f"{prefix}-{figure.csv.name}",
            readings=figure.readings,
        )
        for figure, data in zip(wide, numbers, strict=True)
    ]


def address(path: Path) -> str:
    """A file as a data address for an attribute in double quotes.

    Text stays text, which is a quarter shorter than base64.
    """
    if path.suffix == ".png":
        return f"data:{TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".svg":
        return f"data:{TYPES[path.suffix]},{quote(shrink(text), safe=PLAIN)}"
    return f"data:{TYPES[path.suffix]};charset=utf-8,{quote(text, safe=PLAIN)}"
