"""``list`` and ``explain``: registries of the model, and the meaning of one entry."""

import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from detente.cli.console import Talk, put, put_json, put_table
from detente.cli.options import configs_option, json_option, output_option, scenario_option, talk_options

KINDS = ("scenarios", "parameters", "variables", "instruments", "sources", "schema", "runs")
WIDTH = 100


@click.command("list")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("words", nargs=-1)
@scenario_option
@configs_option
@output_option
@json_option
@talk_options
@click.pass_obj
def listing(
    talk: Talk,
    kind: str,
    words: tuple[str, ...],
    scenario: str,
    configs: Path | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """List scenarios, parameters, outputs, instruments, sources or runs.

    \b
      scenarios    available scenarios
      parameters   parameters and facts of the model
      variables    outputs: names, units, statistics
      instruments  the sanctions register
      sources      sources and the values that rest on them
      schema       JSON Schema of a scenario file, for editors
      runs         finished runs

    WORDS filter the rows: each row shown contains all of them, in upper or lower case.

    \b
    Examples:
      detente list parameters urals discount
      detente list instruments EU
      detente list schema > scenario.schema.json
    """
    if kind == "schema":
        from detente.catalog.templates import json_schema

        put_json(json_schema(configs))
        return
    rows, columns = _rows(kind, scenario, configs, output)
    wanted = [word.casefold() for word in words]
    rows = [row for row in rows if all(word in " ".join(map(str, row.values())).casefold() for word in wanted)]
    if as_json:
        put_json(rows)
        return
    if not rows:
        talk.say(f"There are no {kind}" + (f" with {' and '.join(words)}." if words else " here."))
        return
    put_table([_as_text(row) for row in rows], columns)


def _rows(
    kind: str, scenario: str, configs: Path | None, output: Path | None
) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    """Rows of a registry, and the columns of its table."""
    if kind == "runs":
        from detente.runs import find

        return find.finished(output), (
            "folder",
            "scenario",
            "paths",
            "horizon",
            "seed",
            "finished",
            "status",
            "set_by_hand",
        )
    from detente.catalog import listing as registry

    if kind == "scenarios":
        return registry.scenarios(configs), ("name", "extends", "file", "title")
    from detente.config.loader import load

    config = load(scenario, configs=configs)
    chosen: dict[str, tuple[Callable[[Any], list[dict[str, Any]]], tuple[str, ...]]] = {
        "parameters": (registry.parameters, ("key", "value", "unit", "kind", "confidence", "doc")),
        "variables": (registry.outputs, ("name", "region", "unit", "table", "doc")),
        "instruments": (registry.instruments, ("key", "status", "rule", "in_force", "ends", "confidence", "title")),
        "sources": (registry.sources, ("keys", "confidence", "as_of", "source")),
    }
    make, columns = chosen[kind]
    return make(config), columns


def _as_text(row: dict[str, Any]) -> dict[str, Any]:
    """A row for display: formatted numbers, and a long list of keys shortened."""
    from detente.shared.messages import number

    text = dict(row)
    if isinstance(text.get("value"), float):
        text["value"] = number(text["value"])
    if "keys" in text:
        first, *others = text["keys"]
        text["keys"] = f"{first} and {len(others)} more" if others else first
    return text


@click.command()
@click.argument("key")
@scenario_option
@configs_option
@json_option
@talk_options
@click.pass_obj
def explain(talk: Talk, key: str, scenario: str, configs: Path | None, as_json: bool) -> None:
    """Explain one parameter, fact, output, instrument or scenario.

    Prints value, unit, distribution, source and confidence, and the files that change it.

    \b
    Examples:
      detente explain oil.urals_discount_blocking
      detente explain "Price|Oil|Brent"
      detente explain US.oil-majors
      detente explain no-relief
    """
    from detente.catalog.explain import explain as explained

    entry = explained(key, scenario, configs)
    if as_json:
        put_json(entry.as_dict())
        return
    put(f"{entry.key} ({entry.what})")
    put(textwrap.fill(entry.doc, WIDTH, initial_indent="  ", subsequent_indent="  "))
    indent = max(len(label) for label, _ in entry.lines) + 4
    before = ""
    for label, text in entry.lines:
        head = "" if label == before else label
        put(
            textwrap.fill(
                text,
                WIDTH,
                initial_indent=f"  {head}".ljust(indent),
                subsequent_indent=" " * indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
        )
        before = label


commands = {"list": listing, "explain": explain}
