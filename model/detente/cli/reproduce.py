"""``reproduce`` and ``warmup``: repeat a run, compile the model."""

import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from detente.cli.console import Talk, put, put_json, put_table
from detente.cli.options import configs_option, jobs_option, json_option, output_option, talk_options
from detente.shared.errors import CheckError

if TYPE_CHECKING:
    from detente.runs.reproduce import Reproduction

MOST_ROWS = 40


@click.command()
@click.argument("run_name", metavar="RUN")
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep the new run in this folder.  [default: delete it]",
)
@output_option
@jobs_option
@json_option
@talk_options
@click.pass_obj
def reproduce(
    talk: Talk, run_name: str, keep: Path | None, output: Path | None, jobs: int | None, as_json: bool
) -> None:
    """Repeat a finished run and compare the numbers.

    RUN is a run folder, its name or its id. Configuration and seed are taken from the folder. Exit code 0: the
    numbers are equal. Exit code 5: they differ; a table lists the differences, and changed versions are named.

    \b
    Example:
      detente reproduce results/baseline-1a2b3c4d
    """
    from detente.cli.progress import Bar, compile_first
    from detente.runs import find
    from detente.runs.integrity import check
    from detente.runs.reproduce import configuration, reproduce
    from detente.runs.run import load
    from detente.shared.paths import shown

    original = load(find.find(run_name, output))
    folder_shown = shown(original.folder)
    for sentence in check(original.folder).damage:
        talk.say(sentence)
    config = configuration(original)
    compile_first(talk)
    with tempfile.TemporaryDirectory(prefix="detente-") if keep is None else nullcontext(str(keep)) as folder:
        with Bar(talk, config.name, config.run.paths) as bar:
            comparison = reproduce(original, Path(folder), jobs=jobs, progress=bar, talk=bar.say)
        bar.close_with(comparison.again, jobs)
    if as_json:
        put_json(
            {
                "run": folder_shown,
                "same_numbers": comparison.same,
                "files": comparison.files,
                "differences": [change.row() for change in comparison.changes],
                "unreadable": comparison.unreadable,
                "missing": comparison.missing,
                "versions": [{"name": name, "then": then, "now": now} for name, then, now in comparison.versions],
            }
        )
    elif comparison.changes:
        put_table(
            [change.row() for change in comparison.changes[:MOST_ROWS]],
            ("file", "cells", "largest", "relative", "variable"),
        )
        if len(comparison.changes) > MOST_ROWS:
            talk.say(f"… and {len(comparison.changes) - MOST_ROWS} more; --json lists all.")
    for name, then, now in comparison.versions:
        talk.say(f"{NAMES.get(name, name)} was {then} and is {now}.")
    _conclude(talk, folder_shown, comparison)


def _conclude(talk: Talk, folder: str, comparison: "Reproduction") -> None:
    """Print the verdict; CheckError if the numbers differ."""
    if comparison.missing and not comparison.changes:
        raise CheckError(
            f"{folder}: has no {' and no '.join(comparison.missing)}, so it cannot be compared in full; "
            f"detente run {folder}/config.toml --force makes it again."
        )
    if comparison.unreadable:
        raise CheckError(f"{folder}: the files differ and cannot be compared; {comparison.unreadable[0]}")
    if comparison.changes:
        model = next(
            (
                f"the model itself has changed ({then}, now {now})"
                for name, then, now in comparison.versions
                if name == "model"
            ),
            None,
        )
        probe = "probe values differ, so this installation computes other numbers"
        others = ", ".join(name for name, _, _ in comparison.versions if name not in ("model", "detente"))
        cause = (
            model
            or (probe if any(name == "probe" for name, _, _ in comparison.versions) else None)
            or (
                f"with other versions of {others}"
                if others
                else "and no version explains it: check the processor, or report it"
            )
        )
        raise CheckError(f"{folder}: {len(comparison.changes)} variables differ, {cause}.")
    if all(comparison.files.values()):
        talk.say(f"{folder}: identical, byte for byte ({', '.join(comparison.files)}).")
    else:
        changed = ", ".join(name for name, equal in comparison.files.items() if not equal)
        talk.say(
            f"{folder}: equal numbers; {changed} differ in bytes only, because files record the version that "
            "wrote them."
        )


@click.command()
@configs_option
@json_option
@talk_options
@click.pass_obj
def warmup(talk: Talk, configs: Path | None, as_json: bool) -> None:
    """Compile the model and solve its trade effects before the first run.

    This takes about 45 seconds, once per version. Later runs start at once.

    \b
    Example:
      detente warmup
    """
    from detente.cli.progress import solve_first
    from detente.runs import warmup as warming

    solved = solve_first(talk)
    cold = warming.cold()
    if cold:
        talk.say("Compiling the model, first run only (about 30 seconds) …")
    seconds = warming.warm(configs)
    if as_json:
        put_json({"compiled": cold, "solved": solved, "seconds": round(seconds, 3)})
    else:
        put(f"{'compiled' if cold else 'already compiled; loaded'} in {seconds:.1f} seconds")


NAMES = {"probe": "The digest of the probe values"}

commands = {"reproduce": reproduce, "warmup": warmup}
