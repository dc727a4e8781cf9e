"""The briefing as one HTML file that needs nothing else: style, script, figures and their numbers are inside it."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from detente import words
from detente.report.briefing import Briefing

TEMPLATES = Path(__file__).resolve().parent / "templates"
PLAIN = " =:;,./()-_+*!@$"
"""Characters that may stand in a data address as they are."""
HEAVIEST = 2_000_000
"""Bytes of figures up to which they go in as SVG, which is sharp at any size; above, as PNG where that is smaller."""
TYPES = {".svg": "image/svg+xml", ".png": "image/png", ".csv": "text/csv"}
SECTIONS = {"relief": "worth", "fans": "fans", "road": "road"}
"""Section of the page that a figure belongs to, by the section that the figure names."""


def page(briefing: Briefing, drawn: Sequence[Any]) -> str:
    """The whole page. ``drawn``: figures with name, section, title, subtitle, alt and the paths png, svg, csv."""
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    figures: dict[str, list[dict[str, Any]]] = {"worth": [], "fans": [], "road": []}
    for figure, picture in zip(drawn, _pictures(drawn), strict=True):
        figures[SECTIONS.get(figure.section, "road")].append(
            {
                "name": figure.name,
                "title": figure.title,
                "alt": figure.alt,
                "picture": _data(picture),
                "data": _data(figure.csv),
                "file": f"{briefing.runs[0].folder.name}-{figure.csv.name}",
            }
        )
    numbers = {finding.key: number for number, finding in enumerate(briefing.findings, 1)}
    template = environment.get_template("report.html.j2")
    return template.render(
        b=briefing,
        title=words.one_line(briefing.runs[0].manifest["title"]),
        description=words.one_line(briefing.runs[0].config.description),
        figures=figures,
        numbers=numbers,
        style=Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),
        script=Markup((TEMPLATES / "script.js").read_text(encoding="utf-8")),
    )


def _pictures(drawn: Sequence[Any]) -> list[Path]:
    """SVG for all figures if they are light enough together, else the lighter file of each."""
    if sum(figure.svg.stat().st_size for figure in drawn) <= HEAVIEST:
        return [figure.svg for figure in drawn]
    return [min((figure.svg, figure.png), key=lambda path: path.stat().st_size) for figure in drawn]


def _data(path: Path) -> str:
    """A file as a data address; text stays text, which is a quarter shorter than base64."""
    if path.suffix == ".png":
        return f"data:{TYPES[path.suffix]};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"
    return f"data:{TYPES[path.suffix]};charset=utf-8,{quote(path.read_bytes(), safe=PLAIN)}"
