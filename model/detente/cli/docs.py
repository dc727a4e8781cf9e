"""``docs``: read the shipped documentation."""

import sys

import click

from detente.cli.console import Talk, put, put_json, put_table
from detente.cli.options import json_option, talk_options

WIDEST = 110
"""Maximum line length of text on a terminal."""


@click.command()
@click.argument("topic", required=False)
@json_option
@talk_options
@click.pass_obj
def docs(talk: Talk, topic: str | None, as_json: bool) -> None:
    """Read the documentation.

    Without TOPIC the command lists the topics. A path such as docs/method.md is a topic, too.

    \b
    Examples:
      detente docs
      detente docs method
      detente docs questions | less
    """
    from detente.catalog import documents

    if topic is None:
        rows = [{"topic": one.name, "title": one.title, "file": str(one.file)} for one in documents.topics()]
        if as_json:
            put_json(rows)
        else:
            put_table(rows, ("topic", "title"))
        return
    chosen = documents.topic(topic)
    if as_json:
        put_json({"topic": chosen.name, "title": chosen.title, "file": str(chosen.file), "text": chosen.text()})
    elif sys.stdout.isatty():
        _print_rendered(chosen.text(), color=not talk.no_color)
    else:
        put(chosen.text().rstrip("\n"))


def _print_rendered(text: str, *, color: bool) -> None:
    """Print Markdown, formatted for a terminal."""
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(no_color=not color)
    console.print(Markdown(text), width=min(console.width, WIDEST))


commands = {"docs": docs}
