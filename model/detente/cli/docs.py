"""``docs``: the documentation that ships with the program."""

import sys

import click

from detente.cli.console import Talk, put, put_json, put_table
from detente.cli.options import json_option, talk_options

WIDEST = 110
"""Columns of text on a terminal; longer lines are hard to read."""


@click.command()
@click.argument("topic", required=False)
@json_option
@talk_options
@click.pass_obj
def docs(talk: Talk, topic: str | None, as_json: bool) -> None:
    """Read the documentation.

    Without TOPIC the topics are listed. A path that a message or a help text gives, such as docs/method.md, is a topic too.

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
        _rendered(chosen.text(), color=not talk.no_color)
    else:
        put(chosen.text().rstrip("\n"))


def _rendered(text: str, *, color: bool) -> None:
    """Markdown laid out for a terminal."""
    from rich.console import Console
    from rich.markdown import Markdown

    console = Console(no_color=not color)
    console.print(Markdown(text), width=min(console.width, WIDEST))


commands = {"docs": docs}
