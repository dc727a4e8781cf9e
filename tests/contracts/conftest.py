"""Texts that readers meet: the help of every command, and the main text of three reports."""

import re
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from detente.cli.app import COMMANDS, EPILOG, application

REPORTED = ("baseline", "bill-on-india", "ukraine-transit-returns")
PROSE = {"p", "li", "dd", "figcaption"}
SKIPPED = {"script", "style", "nav", "table", "sup", "small"}
VOID = {"meta", "img", "br", "link", "input", "hr"}


@pytest.fixture(scope="session")
def command_help() -> dict[str, list[str]]:
    """Help by command: its paragraphs and the meaning of every option, without defaults and indented examples."""
    context = click.Context(application, info_name="detente")
    pages = {"detente": _paragraphs(application.help or "") + _paragraphs(EPILOG)}
    for name in COMMANDS:
        command = application.get_command(context, name)
        assert command is not None
        options = [option.help or "" for option in command.params if isinstance(option, click.Option)]
        pages[name] = _paragraphs(command.help or "") + [re.sub(r"\s*\[default: .*?\]", "", text) for text in options]
    return pages


def _paragraphs(text: str) -> list[str]:
    """Paragraphs of a help text, lines joined; of one that keeps its lines (marked as click wants it) each line."""
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in paragraph.splitlines()]
        paragraphs += lines[1:] if lines[0] == "\b" else [" ".join(lines)]
    return paragraphs


class MainText(HTMLParser):
    """The prose of a report before its annex: paragraphs, list items, captions. Tables and traces are left out."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self._text = ""
        self._ended = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._ended = self._ended or (tag == "section" and dict(attrs).get("id") == "annex")
        if tag in PROSE:
            self._flush()
        if tag not in VOID:
            self._open.append((tag, "quiet" in (dict(attrs).get("class") or "").split()))

    def handle_endtag(self, tag: str) -> None:
        if tag in PROSE:
            self._flush()
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        names = {name for name, _ in self._open}
        hidden = any(quiet for _, quiet in self._open)
        if not self._ended and not hidden and names & PROSE and not names & SKIPPED and "main" in names:
            self._text += data

    def _flush(self) -> None:
        text = " ".join(self._text.split())
        if text:
            self.blocks.append(text)
        self._text = ""


@pytest.fixture(scope="session")
def report_texts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Blocks of prose before the annex, by scenario, from small runs with the scenarios they are compared with."""
    folder = tmp_path_factory.mktemp("results of readers")
    texts = {}
    for name in REPORTED:
        arguments = ["run", name, "-n", "1024", "--horizon", "24", "-o", str(folder), "--quiet"]
        outcome = CliRunner().invoke(application, arguments, catch_exceptions=False)
        assert outcome.exit_code == 0, outcome.output
        page = Path(next(folder.glob(f"{name}-*/report.html"))).read_text(encoding="utf-8")
        texts[name] = MainText(page).blocks
        assert len(texts[name]) > 10, f"{name}: the main text of the report was not found"
    return texts
