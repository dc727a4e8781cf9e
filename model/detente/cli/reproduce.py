"""``reproduce`` and ``warmup``."""

import tempfile
from contextlib import nullcontext
from pathlib import Path

import click

from detente.cli.console import Talk, put, put_json, put_table
from detente.cli.options import configs_option, jobs_option, json_option, output_option, talk_options
from detente.shared.errors import CheckError

MOST_ROWS = 40


@click.command()
@click.argument("run_name", metavar="RUN")
@click.option(
    "--keep",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Keep the new run in this folder.  [default: compare and delete]",
)
@output_option
@jobs_option
@json_option
@talk_options
@click.pass_obj
def reproduce(
    talk: Talk, run_name: str, keep: Path | None, output: Path | None, jobs: int | None, as_json: bool
) -> None:
    """Run a finished run again and compare the numbers.

    RUN is a run folder, its name or its id. Every value of its configuration, seed included, is taken from the folder. Exit code 0: the
    numbers are the same. 5: they differ; a table says which and by how much, and what has another version since.

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
            made = reproduce(original, Path(folder), jobs=jobs, progress=bar, talk=bar.say)
        bar.close_with(made.again, jobs)
    if as_json:
        put_json(
            {
                "run": folder_shown,
                "same_numbers": made.same,
                "files": made.files,
                "differences": [change.row() for change in made.changes],
                "unreadable": made.unreadable,
                "versions": [{"name": name, "then": then, "now": now} for name, then, now in made.versions],
            }
        )
    elif made.changes:
        put_table(
            [change.row() for change in made.changes[:MOST_ROWS]], ("file", "cells", "largest", "relative", "variable")
        )
        if len(made.changes) > MOST_ROWS:
            talk.say(f"… and {len(made.changes) - MOST_ROWS} more; --json lists all.")
    for name, then, now in made.versions:
        talk.say(f"{NAMES.get(name, name)} was {then} and is {now}.")
    _conclude(talk, folder_shown, made)


def _conclude(talk: Talk, folder: str, made) -> None:
    """The verdict; CheckError if the numbers are not the same."""
    if made.unreadable:
        raise CheckError(f"{folder}: the bytes differ and cannot be compared; {made.unreadable[0]}")
    if made.changes:
        model = next(
            (
                f"the model itself has changed ({then}, now {now})"
                for name, then, now in made.versions
                if name == "model"
            ),
            None,
        )
        probe = "probe values differ, so this installation computes other numbers"
        others = ", ".join(name for name, _, _ in made.versions if name not in ("model", "detente"))
        cause = (
            model
            or (probe if any(name == "probe" for name, _, _ in made.versions) else None)
            or (
                f"with other versions of {others}"
                if others
                else "and no version explains it: look at the processor, or report it"
            )
        )
        raise CheckError(f"{folder}: {len(made.changes)} variables differ, {cause}.")
    if all(made.files.values()):
        talk.say(f"{folder}: the same, byte for byte ({', '.join(made.files)}).")
    else:
        changed = ", ".join(name for name, equal in made.files.items() if not equal)
        talk.say(
            f"{folder}: the same numbers; {changed} differ in bytes only, since files name the version that wrote them."
        )


@click.command()
@configs_option
@json_option
@talk_options
@click.pass_obj
def warmup(talk: Talk, configs: Path | None, as_json: bool) -> None:
    """Compile the model ahead of the first run, and solve its trade effects.

    It takes about three quarters of a minute, once for each version; later runs start at once.

    \b
    Example:
      detente warmup
    """
    from detente.cli.progress import solve_first
    from detente.runs import warmup as warming

    solved = solve_first(talk)
    cold = warming.cold()
    if cold:
        talk.say("Compiling the kernels, once (about half a minute) …")
    seconds = warming.warm(configs)
    if as_json:
        put_json({"compiled": cold, "solved": solved, "seconds": round(seconds, 3)})
    else:
        put(f"{'compiled' if cold else 'was compiled already, loaded'} in {seconds:.1f} seconds")


NAMES = {"probe": "The digest of the probe values"}

commands = {"reproduce": reproduce, "warmup": warmup}
