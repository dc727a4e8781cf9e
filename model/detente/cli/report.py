"""``report`` and ``index``: figures and a report from finished runs, and a page that lists them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from detente.cli.console import Talk, put, put_json
from detente.cli.options import FOLDER, json_option, output_option, talk_options

FORMATS = ("html",)


def _formats(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(part.strip().lower() for part in value.split(",") if part.strip()))
    for name in wanted:
        if name not in FORMATS:
            raise click.BadParameter(
                f"{name!r} is not a report format; expected one of: {', '.join(FORMATS)}.", ctx, param
            )
    if not wanted:
        raise click.BadParameter(f"name a format: {', '.join(FORMATS)}.", ctx, param)
    return wanted


@click.command()
@click.argument("run_names", nargs=-1, required=True, metavar="RUN...")
@click.option(
    "--format",
    "formats",
    default="html",
    callback=_formats,
    metavar="NAMES",
    help="Formats, separated by commas: html.  [default: html]",
)
@output_option
@json_option
@talk_options
@click.pass_obj
def report(
    talk: Talk, run_names: tuple[str, ...], formats: tuple[str, ...], output: Path | None, as_json: bool
) -> None:
    """Draw the figures and write the report of a finished run.

    RUN is a run folder, its name or its id. The report covers the first run and compares it with the others.

    \b
    Example:
      detente report results/baseline-1a2b3c4d results/no-relief-5e6f7a8b
    """
    from detente.analysis.feedback import find as find_twin
    from detente.runs import find
    from detente.runs.run import load
    from detente.shared.paths import shown

    found = [load(find.find(name, output)) for name in run_names]
    twin = find_twin(found[0])
    if twin is not None and twin.id not in {run.id for run in found}:
        found.append(twin)
    written = write_report(talk, found, formats)
    missing = [name for name in found[0].config.report.compare or () if name not in {run.scenario for run in found}]
    if missing:
        talk.say(f"{found[0].scenario} is usually compared with {', '.join(missing)}; add those runs to include them.")
    if as_json:
        put_json({"run": shown(found[0].folder), "report": written})
    else:
        put(written)


def write_report(talk: Talk, found: list[Any], formats: Sequence[str]) -> str:
    """Write the report on the first run, compared with the others; returns the path of the page."""
    from detente.report import write as reporting
    from detente.shared.paths import shown

    talk.detail("Drawing the figures …")
    reporting.write(found, formats)
    page = shown(found[0].folder / "report.html")
    talk.say(f"Report: {page}")
    return page


@click.command()
@click.argument("folder", required=False, type=FOLDER)
@json_option
@talk_options
@click.pass_obj
def index(talk: Talk, folder: Path | None, as_json: bool) -> None:
    """Write a page that lists all runs of a results folder.

    FOLDER/index.html lists runs and batches, newest first, each with its headline figure and a link to its report.
    Corrupted runs are marked. The default folder is results.

    \b
    Example:
      detente index
    """
    from detente.report.page.index_page import write
    from detente.shared.paths import results_root, shown

    page = shown(write(results_root(folder)))
    if as_json:
        put_json({"page": page})
    else:
        put(page)


commands = {"report": report, "index": index}
