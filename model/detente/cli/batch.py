"""``batch``: many runs from one file."""

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli.console import Talk, cores, put, put_json, put_table
from detente.cli.options import (
    FOLDER,
    Clustering,
    Whole,
    clustering,
    configs_option,
    jobs_option,
    json_option,
    output_option,
    talk_options,
)
from detente.shared import formatting
from detente.shared.errors import PartialError

if TYPE_CHECKING:
    from detente.batches.batch import Batch
    from detente.batches.tasks import Task
    from detente.runs.run import Run

MOST_FAILURES = 20
HEARTBEAT = 10.0
"""Seconds between two lines where there is no terminal to show a bar on."""


@click.command()
@click.argument("file", type=FOLDER, metavar="FILE.toml")
@click.option(
    "-n", "--paths", type=Whole(1), metavar="N", help="Number of simulated paths of every unit.  [default: the file's]"
)
@output_option
@jobs_option
@clustering
@configs_option
@click.option(
    "--resume/--no-resume",
    default=True,
    help="Go on from checkpoints and smaller runs, or begin each unfinished unit anew.",
)
@click.option("--force", is_flag=True, help="Run every unit again, finished or not.")
@click.option("--fail-fast", is_flag=True, help="Stop at the first unit that fails.")
@click.option("--no-report", is_flag=True, help="No briefing on the first unit with the other scenarios beside it.")
@click.option(
    "--dry-run", is_flag=True, help="List the units, what is finished and what the others would cost, and stop."
)
@click.option(
    "--explain", is_flag=True, help="Say for each unit which key, version or data makes it run again, and stop."
)
@json_option
@talk_options
@click.pass_obj
def batch(
    talk: Talk,
    file: Path,
    paths: int | None,
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

    A unit that is finished is not run again, so that the same command goes on after an interruption; one that fails does not stop the others.
    What is printed is the batch's folder: tables over all units, a page that compares them, a traceback for each that failed. The runs lie
    beside it.

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
        options=options,
        watcher=watcher,
        closely=explain or talk.verbose,
    )
    if explain:
        _explain(opened, as_json)
        return
    if dry_run:
        _dry_run(talk, opened, jobs, as_json)
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
    """Tells on stderr how the batch gets on: a bar on a terminal, elsewhere a line now and then."""

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
    """The briefing on the first unit, with the units beside it that differ in the scenario alone; not ``anew`` if it
    is there."""
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
    index_page.write(opened.path.parent)
    return written


def _conclude(talk: Talk, opened: "Batch", watcher: _Watcher, report: str | None, as_json: bool) -> None:
    """What came of it; PartialError if some units failed."""
    from detente.shared.paths import shown

    folder = shown(opened.path)
    done = sum(status.done for status in opened.statuses.values())
    if as_json:
        put_json({"batch": folder, "report": report, "units": _rows(opened)})
    else:
        put(folder)
    seconds = time.perf_counter() - watcher.begun
    talk.say(
        f"{opened.name}: {done} of {len(opened.tasks)} units finished, {watcher.number} of them now, in {seconds:.0f} s."
    )
    if opened.failures:
        for name, sentence in list(opened.failures.items())[:MOST_FAILURES]:
            talk.say(f"  {name}: {sentence}")
        raise PartialError(
            f"{len(opened.failures)} of {len(opened.tasks)} units failed, {done} are finished and kept; the tracebacks are in {folder}/errors, and "
            "the same command runs what is missing."
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
    """Which key, version or data makes each unit run."""
    rows = _rows(opened)
    if as_json:
        put_json({"batch": opened.name, "units": rows})
        return
    for row in rows:
        put(f"{row['unit']}: {'finished' if row['state'] == 'done' else 'to be run'}")
        for reason in row["why"]:
            put(f"  {reason}")


def _dry_run(talk: Talk, opened: "Batch", jobs: int | None, as_json: bool) -> None:
    """The units, what is finished, and what the others would cost."""
    import os

    from detente.batches.costs import costs, measured

    work, number = opened.work, jobs or os.cpu_count() or 1
    speed = measured(opened.path.parent)
    to_do = [task for task in opened.tasks if not opened.statuses[task.name].done]
    cost = costs(to_do, work.configurer, work.options, number, speed)
    rows = _rows(opened)
    for task, row in zip(opened.tasks, rows, strict=True):
        one = cost.get(task.name)
        row |= {
            "paths": task.run.paths,
            "seconds": round(one.seconds, 1) if one else None,
            "memory_mb": round(one.memory / 1e6) if one else None,
        }
    total = sum(one.seconds for one in cost.values())
    if as_json:
        put_json({"batch": opened.name, "seconds": round(total, 1), "speed": str(speed), "jobs": number, "units": rows})
        return
    put_table(
        [row | {"why": _shortly(row["why"])} for row in rows],
        ("unit", "state", "paths", "seconds", "memory_mb", "run", "why"),
    )
    memory = max((one.memory for one in cost.values()), default=0.0)
    talk.say(
        f"{len(to_do)} of {len(opened.tasks)} units to be run: about {formatting.duration(total)} on {cores(jobs)}, at most {memory / 1e6:,.0f} MB at a time "
        f"(estimates: {speed})."
    )


def _shortly(reasons: list[str]) -> str:
    return (reasons[0] if reasons else "") + (f", and {len(reasons) - 1} more" if len(reasons) > 1 else "")


commands = {"batch": batch}
