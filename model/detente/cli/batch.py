"""``batch``: many runs from one file."""

import datetime as dt
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli.console import Talk, put, put_json, put_table
from detente.cli.cost import cost_text, described_cost
from detente.cli.options import (
    FOLDER,
    Clustering,
    Whole,
    as_of_option,
    clustering,
    configs_option,
    jobs_option,
    json_option,
    output_option,
    talk_options,
)
from detente.shared.errors import PartialError

if TYPE_CHECKING:
    from detente.batches.batch import Batch
    from detente.batches.tasks import Task
    from detente.runs.run import Run

MOST_FAILURES = 20
HEARTBEAT = 10.0
"""Seconds between two progress lines without a terminal."""


@click.command()
@click.argument("file", type=FOLDER, metavar="FILE.toml")
@click.option(
    "-n", "--paths", type=Whole(1), metavar="N", help="Number of simulated paths per unit.  [default: the file's]"
)
@as_of_option
@output_option
@jobs_option
@clustering
@configs_option
@click.option(
    "--resume/--no-resume",
    default=True,
    help="Resume from checkpoints and smaller runs, or start each unfinished unit from the beginning.",
)
@click.option("--force", is_flag=True, help="Run every unit again, including finished ones.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first unit that fails.")
@click.option("--no-report", is_flag=True, help="No report on the first unit.")
@click.option("--dry-run", is_flag=True, help="List the units, their status and estimated cost, then stop.")
@click.option(
    "--explain", is_flag=True, help="Print why each unit has to be run (changed key, version or data), then stop."
)
@json_option
@talk_options
@click.pass_obj
def batch(
    talk: Talk,
    file: Path,
    paths: int | None,
    as_of: dt.date | None,
    output: Path | None,
    jobs: int | None,
    configs: Path | None,
    resume: bool,
    force: bool,
    fail_fast: bool,
    no_report: bool,
    dry_run: bool,
    explain: bool,
    as_json: bool,
    cluster: Clustering,
) -> None:
    """Run many scenarios, settings and seeds from one file.

    Finished units are not run again, so the same command resumes an interrupted batch. A failed unit does not stop
    the others. The command prints the batch folder, which holds tables for all units, a comparison page and a
    traceback for each failure. Run folders are stored next to it.

    \b
    Examples:
      detente batch weekly.toml
      detente batch weekly.toml --dry-run
      detente batch weekly.toml --explain
    """
    from detente.batches.batch import open_batch
    from detente.runs.runner import Options

    watcher = _Watcher(talk)
    options = Options(jobs=jobs, force=force, resume=resume)
    opened = open_batch(
        file,
        output=output,
        configs=configs,
        paths=paths,
        as_of=as_of,
        options=options,
        watcher=watcher,
        closely=explain or talk.verbose,
    )
    if explain:
        _explain(opened, as_json)
        return
    if dry_run:
        _dry_run(talk, opened, jobs, as_json, report=not no_report)
        return

    from detente.cli.progress import compile_first, solve_first

    if cluster.elsewhere:
        solve_first(talk)
    elif not all(status.done for status in opened.statuses.values()):
        compile_first(talk, configs)
    with cluster.executor(talk, jobs) as executor, watcher:
        opened.run(fail_fast=fail_fast, executor=executor)
    report = None if no_report or opened.failures else _report(talk, opened, anew=watcher.number > 0)
    _conclude(talk, opened, watcher, report, as_json)


class _Watcher:
    """Progress on stderr: a bar on a terminal, a line every few seconds elsewhere."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.number = self.of = 0
        self.begun = self.last = time.perf_counter()
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> "_Watcher":
        if self.talk.animated:
            from rich import progress
            from rich.console import Console

            columns = (
                progress.TextColumn("{task.description}"),
                progress.BarColumn(),
                progress.TextColumn("{task.fields[pace]}"),
            )
            self._bar = progress.Progress(
                *columns, console=Console(file=sys.stderr, no_color=self.talk.no_color), transient=True
            )
            self._bar.start()
            self._task = self._bar.add_task("", total=1.0, pace="")
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def begin(self, task: "Task", number: int, of: int) -> None:
        self.number, self.of = number, of
        if self._bar is not None:
            title = f"unit {number} of {of}: {task.name}"
            self._bar.update(
                self._task, description=title, total=float(of), completed=number - 1.0, pace=self._pace(number - 1)
            )

    def paths(self, done: int, of: int) -> None:
        if self._bar is not None:
            self._bar.update(self._task, completed=self.number - 1.0 + done / of, pace=self._pace(self.number - 1))

    def _pace(self, finished: int) -> str:
        from detente.shared import formatting

        if not finished:
            return ""
        rest = (time.perf_counter() - self.begun) / finished * (self.of - finished)
        return f"{formatting.duration(rest)} left"

    def end(self, task: "Task", run: "Run | None", error: str) -> None:
        if error:
            self.say(f"{task.name} failed: {error}")
        elif run is not None:
            self.talk.detail(f"{task.name}: {run.folder.name}, {run.manifest['wall_seconds']:.1f} s.")
        if self._bar is None and time.perf_counter() - self.last >= HEARTBEAT:
            self.last = time.perf_counter()
            self.talk.say(f"{self.number} of {self.of} units, {self._pace(self.number)}.")

    def say(self, sentence: str) -> None:
        if self._bar is not None:
            self._bar.console.print(sentence, markup=False, highlight=False)
        else:
            self.talk.say(sentence)


def _report(talk: Talk, opened: "Batch", *, anew: bool) -> str | None:
    """Write the report on the first unit, compared with units that differ only in the scenario.

    An existing report is kept unless ``anew``.
    """
    from detente.batches.comparable import compared
    from detente.cli.report import write_report
    from detente.report.page import index_page
    from detente.shared.paths import shown

    runs = compared(opened)
    if not runs:
        return None
    if not anew and (runs[0].folder / "report.html").is_file():
        return shown(runs[0].folder / "report.html")
    written = write_report(talk, runs, ("html",))
    index_page.refresh(opened.path.parent, talk.detail)
    return written


def _conclude(talk: Talk, opened: "Batch", watcher: _Watcher, report: str | None, as_json: bool) -> None:
    """Print the outcome; PartialError if some units failed."""
    from detente.shared.paths import shown

    folder = shown(opened.path)
    done = sum(status.done for status in opened.statuses.values())
    if as_json:
        put_json({"batch": folder, "report": report, "units": _rows(opened)})
    else:
        put(folder)
    seconds = time.perf_counter() - watcher.begun
    talk.say(
        f"{opened.name}: {done} of {len(opened.tasks)} units finished, {watcher.number} of them now, in "
        f"{seconds:.0f} s."
    )
    if opened.failures:
        for name, sentence in list(opened.failures.items())[:MOST_FAILURES]:
            talk.say(f"  {name}: {sentence}")
        raise PartialError(
            f"{len(opened.failures)} of {len(opened.tasks)} units failed and {done} are finished; tracebacks "
            f"are in {folder}/errors. "
            "The same command runs the missing units."
        )


def _rows(opened: "Batch") -> list[dict[str, Any]]:
    from detente.shared.paths import shown

    return [
        {
            "unit": task.name,
            "state": "done"
            if opened.statuses[task.name].done
            else "failed"
            if task.name in opened.failures
            else "to do",
            "run": shown(task.folder),
            "why": [str(reason) for reason in opened.statuses[task.name].reasons],
            "error": opened.failures.get(task.name, ""),
        }
        for task in opened.tasks
    ]


def _explain(opened: "Batch", as_json: bool) -> None:
    """Print which key, version or data makes each unit run."""
    rows = _rows(opened)
    if as_json:
        put_json({"batch": opened.name, "units": rows})
        return
    for row in rows:
        put(f"{row['unit']}: {'finished' if row['state'] == 'done' else 'to be run'}")
        for reason in row["why"]:
            put(f"  {reason}")


def _dry_run(talk: Talk, opened: "Batch", jobs: int | None, as_json: bool, *, report: bool) -> None:
    """Print the units, their status and the estimated cost."""
    from detente.batches.costs import costs
    from detente.runs.cost import total
    from detente.shared.machine import threads

    work, number = opened.work, threads(jobs)
    to_do = [task for task in opened.tasks if not opened.statuses[task.name].done]
    cost = costs(to_do, work.configurer, work.options, number)
    rows = _rows(opened)
    for task, row in zip(opened.tasks, rows, strict=True):
        one = cost.get(task.name)
        row |= {
            "paths": task.run.paths,
            "seconds": round(one.seconds, 1) if one else None,
            "memory_mb": round(one.memory / 1e6) if one else None,
        }
    whole = total([one.seconds for one in cost.values()], report=report and bool(to_do))
    if as_json:
        put_json({"batch": opened.name} | described_cost(whole) | {"jobs": number, "units": rows})
        return
    put_table(
        [row | {"why": _shortly(row["why"])} for row in rows],
        ("unit", "state", "paths", "seconds", "memory_mb", "run", "why"),
    )
    memory = max((one.memory for one in cost.values()), default=0.0)
    talk.say(
        f"{len(to_do)} of {len(opened.tasks)} units to be run: {cost_text(whole, jobs)}. "
        f"Peak memory: about {memory / 1e6:,.0f} MB."
    )


def _shortly(reasons: list[str]) -> str:
    return (reasons[0] if reasons else "") + (f", and {len(reasons) - 1} more" if len(reasons) > 1 else "")


commands = {"batch": batch}
