"""``report`` and ``index``: the report of a finished run, and a page that lists all runs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from detente.cli.console import Talk, put, put_json
from detente.cli.options import FOLDER, jobs_option, json_option, output_option, talk_options

FORMATS = ("html",)


def _formats(ctx: click.Context, param: click.Parameter, value: str) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(part.strip().lower() for part in value.split(",") if part.strip()))
    for name in wanted:
        if name not in FORMATS:
            raise click.BadParameter(f"{name!r} is no format of a report; valid: {', '.join(FORMATS)}.", ctx, param)
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
@click.option("--alone", is_flag=True, help="Make no comparison runs.")
@click.option(
    "-o",
    "--output",
    type=FOLDER,
    metavar="DIR|FILE",
    help="Write a copy of the page there: a folder, or a file that ends in .html.  [default: the run folder only]",
)
@click.option("--results", type=FOLDER, metavar="DIR", help="Results folder that holds the runs.  [default: results]")
@jobs_option
@json_option
@talk_options
@click.pass_obj
def report(
    talk: Talk,
    run_names: tuple[str, ...],
    formats: tuple[str, ...],
    alone: bool,
    output: Path | None,
    results: Path | None,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Write the report of a finished run.

    RUN is a run folder, its name or its id. The report covers the first run and compares it with the others. With one
    RUN it makes the comparisons of "detente run"; missing comparison runs are simulated.

    \b
    Example:
      detente report results/baseline-1a2b3c4d results/no-relief-5e6f7a8b
    """
    from detente.analysis.feedback import find_without_feedback
    from detente.runs import find
    from detente.runs.run import load
    from detente.shared.paths import shown

    run, *others = (load(find.find(name, results)) for name in run_names)
    if not others and not alone:
        others = _comparison_runs(talk, run, jobs)
    without = find_without_feedback(run)
    if without is not None and without.id not in {other.id for other in others}:
        others.append(without)
    written = write_report(talk, [run, *others], formats, output)
    if as_json:
        put_json({"run": shown(run.folder), "report": written})
    else:
        put(written)


def _comparison_runs(talk: Talk, run: Any, jobs: int | None) -> list[Any]:
    """The comparison runs of a run, simulated where missing, with their progress."""
    from detente.api.comparisons import ComparisonRun
    from detente.api.results import comparison_runs
    from detente.cli.ask import simulated

    options = run.manifest["options"]

    def simulate(comparison: ComparisonRun) -> Any:
        keep_paths = options["keep_paths"] if comparison.stores_paths else 0
        given = {"keep_paths": keep_paths, "exact": options["exact"]}
        return simulated(talk, comparison.config, run.folder.parent, jobs, **given)

    return comparison_runs(run, simulate, talk.say)


def write_report(talk: Talk, runs: list[Any], formats: Sequence[str], output: Path | None = None) -> str:
    """Write the report of the first run, compared with the others; returns the path of the page as shown.

    The page has everything in it. ``output`` is a folder or file for a copy, whose path is then returned.
    """
    from detente.report import write as reporting
    from detente.runs.speed import DRAWING, timed
    from detente.shared.paths import shown

    talk.detail("Drawing the figures …")
    with timed(DRAWING):
        reporting.write(runs, formats)
    page = shown(_copied(runs[0].folder / "report.html", output) if output else runs[0].folder / "report.html")
    talk.say(f"Report: {page}")
    return page


def _copied(page: Path, output: Path) -> Path:
    """Copy the page to a file, or into a folder under the name of its run (DataError if it cannot be written)."""
    from detente.shared.errors import DataError
    from detente.shared.paths import make_folder, shown

    target = output if output.suffix == ".html" else output / f"{page.parent.name}.html"
    try:
        make_folder(target.parent)
        target.write_bytes(page.read_bytes())
    except OSError as error:
        raise DataError(f"{shown(target)}: cannot be written ({error.strerror}); choose another --output.") from error
    return target


@click.command()
@click.argument("folder", required=False, type=FOLDER)
@output_option
@json_option
@talk_options
@click.pass_obj
def index(talk: Talk, folder: Path | None, output: Path | None, as_json: bool) -> None:
    """Write a page that lists all runs of a results folder.

    FOLDER/index.html lists runs and batches, newest first, each with its headline figure and a link to its report.
    Corrupted runs are marked. The default folder is results. "-o FOLDER" means the same.

    \b
    Example:
      detente index
    """
    from detente.report.page.index_page import write
    from detente.shared.paths import results_root, shown

    if folder is not None and output is not None:
        raise click.UsageError("Name the results folder once, as FOLDER or with --output.")
    page = shown(write(results_root(folder or output)))
    if as_json:
        put_json({"page": page})
    else:
        put(page)


commands = {"report": report, "index": index}
