"""``detente docs``: every document has a title and a text, and every one that the program names is among them."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from detente.catalog import documents
from detente.cli.app import application
from detente.shared.errors import ConfigError

ROOT = Path(__file__).resolve().parents[2]
READ = ("model", "kernels", "configs")
ENDINGS = {".py", ".toml", ".j2", ".lark", ".csv"}


def call(*arguments: str) -> Result:
    return CliRunner().invoke(application, arguments, prog_name="detente")


def named() -> set[str]:
    """Documents that a message, a help text or a shipped table names."""
    files = [path for folder in READ for path in (ROOT / folder).rglob("*") if path.suffix in ENDINGS]
    return {name for path in files for name in re.findall(r"docs/[\w-]+\.md", path.read_text(encoding="utf-8"))}


def test_every_named_document_can_be_read():
    assert {"docs/method.md", "docs/questions.md", "docs/trade.md"} <= named()
    for name in sorted(named()):
        assert documents.topic(name).text().startswith("#"), name


def test_topics_have_titles_of_one_line():
    topics = documents.topics()
    assert {"method", "questions", "cli"} <= {topic.name for topic in topics}
    assert all(topic.title and topic.title != topic.name and len(topic.title) < 80 for topic in topics)
    lines = call("docs").output.splitlines()
    assert lines[0].split() == ["topic", "title"] and len(lines) == len(topics) + 1
    assert [row["topic"] for row in json.loads(call("docs", "--json").output)] == [topic.name for topic in topics]


@pytest.mark.parametrize("name", ["questions", "docs/questions.md", "questions.md", "docs/questions.md#units"])
def test_a_topic_is_printed_as_it_stands(name: str):
    assert call("docs", name).output == (ROOT / "docs" / "questions.md").read_text(encoding="utf-8")


def test_the_note_of_a_generated_page_is_left_out():
    assert call("docs", "cli").output.startswith("# Commands")


def test_an_unknown_topic_is_refused():
    with pytest.raises(ConfigError, match='unknown topic "qestions"; the nearest valid one is "questions"'):
        documents.topic("qestions")
    assert call("docs", "qestions").exit_code == 2


def test_a_terminal_gets_the_text_laid_out(capsys: pytest.CaptureFixture[str]):
    from detente.cli.docs import _print_rendered

    _print_rendered("# Heading\n\nSome **strong** text.\n", color=False)
    shown = capsys.readouterr().out
    assert "Heading" in shown and "Some strong text." in shown and "#" not in shown and "**" not in shown
