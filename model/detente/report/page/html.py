"""The report as one HTML file: style, script, figures and their numbers are inside it."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from detente.report.document import Document, traces_table
from detente.report.page.images import Embedded
from detente.report.section import Section

TEMPLATES = Path(__file__).resolve().parent / "templates"


def page(document: Document, pictures: Sequence[Embedded]) -> str:
    """The whole page. Text from a configuration is escaped; a section with nothing drawn and nothing said is absent."""
    drawn = {picture.name: picture for picture in pictures}
    return render(
        "report.html.j2",
        document=document,
        sections=[section for section in document.sections if not is_empty(section, drawn)],
        pictures=drawn,
        traces=traces_table(document.findings, {name: picture.readings for name, picture in drawn.items()}),
    )


def is_empty(section: Section, drawn: Mapping[str, Embedded]) -> bool:
    """Whether a section has only a title and a note about figures that were not drawn."""
    if section.findings or section.tables or section.items or section.subsections:
        return False
    return not any(figure.name in drawn for figure in section.figures) if section.figures else not section.note


def render(template: str, **names: Any) -> str:
    """A template of this package with style and script; every value is escaped."""
    style, script = (Markup((TEMPLATES / name).read_text(encoding="utf-8")) for name in ("style.css", "script.js"))
    return _environment().get_template(template).render(style=style, script=script, **names)


@cache
def _environment() -> Environment:
    """The templates, compiled once; values are escaped and a missing name is an error."""
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
