"""Figures as they go into a page: data addresses, with a drawing for wide screens and one for telephones, as light as they can be made."""

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

SIZES = ("a4", "column")
"""Sizes asked of the figures: the page's width, and a column that fits a telephone."""
HEAVIEST = 2_600_000
"""Characters of drawings and their numbers that a page holds, so that it stays under three million with all its tables. When there are more, the
telephone's drawings go first, the heaviest before the others; then drawings with many points become pictures."""
PLAIN = " =:;,./()-_+*!@$'|"
"""Characters that stand in a data address as they are; all others are written by their codes, so that none can end the attribute."""
TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".csv": "text/csv"}

_SHRINKING: tuple[tuple[re.Pattern[str], Any], ...] = (
    (re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<!--.*?-->|<metadata>.*?</metadata>", re.DOTALL), ""),
    (re.compile(r"\s*\n\s*"), " "),
    (re.compile(r"> <"), "><"),
    (re.compile(r'<g id="[^"]*"'), "<g"),
    (re.compile(r"#DejaVuSans-|\bid=\"DejaVuSans-"), lambda found: found[0].replace("DejaVuSans-", "d")),
    (re.compile(r'<use xlink:href="#d3"[^>]*/>|<path id="d3"[^>]*/>'), ""),
    (re.compile(r'(<path id="d[^>]* d=")([^"]*)(" transform="scale\()0.015625'), lambda found: f"{found[1]}{_coarse(found[2])}{found[3]}.15625"),
    (re.compile(r'(<use xlink:href="#[\w-]+") transform="translate\((-?[\d.]+) 0\)"'), lambda found: f'{found[1]} x="{float(found[2]):.1f}"'),
    (re.compile(r"xlink:href="), "href="),
    (re.compile(r"'"), "&#39;"),
    (re.compile(r'"'), "'"),
    (re.compile(r" d='([^']*)'"), lambda found: _path(found)),
    (re.compile(r"(?<= [xy]=')-?\d+\.\d{3,}(?=')"), lambda found: _plain(round(100.0 * float(found[0])))),
    (re.compile(r"(?<=translate\()[^)]*(?=\))"), lambda found: " ".join(_plain(round(100.0 * float(number))) for number in found[0].split())),
    (re.compile(r"(?<= style=')[^']*"), lambda found: found[0].replace(": ", ":").replace("; ", ";")),
)
"""Same drawing in fewer characters: without comments, line ends and names of groups; glyphs by short names, on a grid of 640 to the em instead of
6,400, placed by x to a thousandth of an em, and none for a space, which draws nothing; single quotes, because a data address keeps them as they are;
then paths, places and styles in their shortest form."""
_COMMAND = re.compile(r"([A-Za-z])([^A-Za-z]*)")


@dataclass(frozen=True)
class Embedded:
    """A figure in a page: its words, the data addresses of the drawing, of the one for telephones ("" if there is none) and of its numbers."""

    name: str
    section: str
    title: str
    alt: str
    picture: Markup
    narrow: Markup
    data: Markup
    file: str


def embed(drawn: Sequence[Any], prefix: str) -> list[Embedded]:
    """Figures in their order. ``drawn``: name, section, size, title, alt and the paths png, svg, csv; ``prefix`` begins the names of downloads."""
    wide = [figure for figure in drawn if figure.size == SIZES[0]]
    narrow = {figure.name: figure for figure in drawn if figure.size == SIZES[1]}
    drawings = {figure.svg: address(figure.svg) for figure in drawn}
    numbers = [address(figure.csv) for figure in wide]
    weight = sum(len(drawings[figure.svg]) for figure in wide) + sum(len(data) for data in numbers)
    if weight > HEAVIEST:
        for figure in wide:
            drawings[figure.svg] = min(drawings[figure.svg], address(figure.png), key=len)
    for name, _ in sorted(((name, len(drawings[figure.svg])) for name, figure in narrow.items()), key=lambda item: (-item[1], item[0])):
        if weight + sum(len(drawings[figure.svg]) for figure in narrow.values()) > HEAVIEST:
            del narrow[name]
    return [
        Embedded(
            name=figure.name,
            section=figure.section,
            title=figure.title,
            alt=figure.alt,
            picture=Markup(drawings[figure.svg]),
            narrow=Markup(drawings[narrow[figure.name].svg] if figure.name in narrow else ""),
            data=Markup(data),
            file=f"{prefix}-{figure.csv.name}",
        )
        for figure, data in zip(wide, numbers, strict=True)
    ]


def address(path: Path) -> str:
    """A file as a data address for an attribute in double quotes; text stays text, which is a quarter shorter than base64."""
    if path.suffix == ".png":
        return f"data:{TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".svg":
        return f"data:{TYPES[path.suffix]},{quote(shrink(text), safe=PLAIN + chr(39) + '#&'[1])}"
    return f"data:{TYPES[path.suffix]};charset=utf-8,{quote(text, safe=PLAIN)}"


def shrink(svg: str) -> str:
    """The same drawing in fewer characters: to a hundredth of a point, which no screen shows."""
    for pattern, shorter in _SHRINKING:
        svg = pattern.sub(shorter, svg)
    return svg.strip()


def _path(found: re.Match[str]) -> str:
    """A path in steps from point to point instead of places; each place is rounded by itself, so that no rounding adds up."""
    parts, x, y, start, last = [], 0, 0, (0, 0), ""
    for command, text in _COMMAND.findall(found[1]):
        numbers = [round(100.0 * float(number)) for number in text.split()]
        if command == "z":
            (x, y), steps = start, []
        elif command == "M":
            x, y = start = (numbers[0], numbers[1])
            steps = numbers
        elif command in "LQC":
            steps = [number - (x, y)[k % 2] for k, number in enumerate(numbers)]
            x, y = numbers[-2:]
            command = command.lower()
        else:
            return found[0]
        short = " ".join(_plain(step) for step in steps).replace(" -", "-")
        repeated = command == last and command in "lqc"
        parts.append((" " if repeated and not short.startswith("-") else "" if repeated else command) + short)
        last = command
    return f" d='{''.join(parts)}'"


def _coarse(outline: str) -> str:
    """The outline of a glyph in tens of its units, whole ones."""
    return re.sub(r"-?[\d.]+", lambda number: str(round(float(number[0]) / 10.0)), outline)


def _plain(hundredths: int) -> str:
    """``-.5`` for -50."""
    text = f"{abs(hundredths) / 100:.2f}".rstrip("0").rstrip(".").removeprefix("0") or "0"
    return f"-{text}" if hundredths < 0 else text
