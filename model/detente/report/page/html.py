"""The briefing as one HTML file that needs nothing else: style, script, figures and their numbers are inside it."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from detente.report.briefing import Briefing
from detente.report.page.images import Embedded
from detente.shared import formatting

TEMPLATES = Path(__file__).resolve().parent / "templates"
SECTIONS = {
    "relief": "worth",
    "tariff": "tariffs",
    "burden": "burden",
    "fans": "fans",
    "war": "war",
    "road": "road",
    "claims": "claims",
}
"""Section of the page that a figure belongs to, by the section that the figure names."""
EUROPE = frozenset({"gas-effect", "europe"})
"""Figures that stand beside what relief is worth to Europe."""


def page(briefing: Briefing, pictures: Sequence[Embedded]) -> str:
    """The whole page. Everything that comes from a configuration is escaped."""
    figures: dict[str, list[Embedded]] = {section: [] for section in (*SECTIONS.values(), "europe")}
    for picture in pictures:
        figures["europe" if picture.name in EUROPE else SECTIONS.get(picture.section, "road")].append(picture)
    subject = briefing.runs[0]
    return render(
        "report.html.j2",
        b=briefing,
        title=formatting.one_line(subject.manifest["title"]),
        description=formatting.one_line(subject.config.description),
        figures=figures,
        numbers={finding.key: number for number, finding in enumerate(briefing.findings, 1)},
    )


def render(template: str, **names: Any) -> str:
    """A template of this package with style and script; every name is escaped."""
    style, script = (Markup((TEMPLATES / name).read_text(encoding="utf-8")) for name in ("style.css", "script.js"))
    return _environment().get_template(template).render(style=style, script=script, **names)


@cache
def _environment() -> Environment:
    """Templates are compiled once; all that goes into them is escaped, and a name that is missing is an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
