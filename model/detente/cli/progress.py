"""Progress of a simulation: a bar on a terminal, and one closing line everywhere."""

import sys
import time
from pathlib import Path
from typing import Any

from detente.cli.console import Talk, cores
from detente.runs.run import Run


class Bar:
    """Context manager that shows completed paths, speed and remaining time, from its first call with (done, total)."""

    def __init__(self, talk: Talk, title: str, paths: int) -> None:
        self.talk = talk
        self.title = title
        self.paths = paths
        self.begun = False
        self.entered = 0.0
        self._progress: Any = None

    def __enter__(self) -> "Bar":
        self.entered = time.perf_counter()
        return self

    def __call__(self, done: int, of: int) -> None:
        """Update the bar; the first call starts it."""
        if not self.begun:
            self.begun = True
            if self.talk.animated:
                self._start()
        if self._progress is not None:
            speed = done / max(time.perf_counter() - self.entered, 1e-9)
            rest = (of - done) / max(speed, 1e-9)
            self._progress.update(self._task, completed=done, pace=f"{speed:,.0f} paths/s, {rest:,.0f} s left")

    def _start(self) -> None:
        from rich import progress
        from rich.console import Console

        self._progress = progress.Progress(
            progress.TextColumn("{task.description}"),
            progress.BarColumn(),
            progress.TextColumn("{task.completed:,.0f} of {task.total:,.0f} paths"),
            progress.TextColumn("{task.fields[pace]}"),
            console=Console(file=sys.stderr, no_color=self.talk.no_color),
            transient=True,
        )
        self._progress.start()
        self._task = self._progress.add_task(self.title, total=self.paths, pace="")

    def _stop(self) -> None:
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def say(self, sentence: str) -> None:
        """Print a message; the bar is removed first."""
        self._stop()
        self.talk.say(sentence)

    def __exit__(self, *exception: object) -> None:
        self._stop()

    def close_with(self, run: Run, jobs: int | None, where: str | None = None) -> None:
        """Print paths, months, seconds, cores (or ``where``) and speed, if anything was simulated."""
        if self.begun:
            from detente.shared.formatting import plural

            seconds, rate = run.manifest["wall_seconds"], run.manifest["paths_per_second"]
            horizon = run.manifest["config"]["run"]["horizon"]
            size = f"{plural(self.paths, 'path')} of {plural(horizon, 'month')}"
            self.talk.say(f"{self.title}: {size} in {seconds:.1f} s on {where or cores(jobs)}, {rate:,} paths/s.")


def compile_first(talk: Talk, configs: Path | None = None) -> None:
    """Solve the trade surface and compile the kernels if not cached, with messages and in the main thread.

    In the main thread Ctrl-C stops the work.
    """
    from detente.runs import speed, warmup

    solve_first(talk)
    if not warmup.cold() or talk.compiled:
        return
    if warmup.uncached():
        talk.say(
            "Compiling the model (about 30 seconds) …\n"
            "No folder for compiled code can be written, so every command compiles again; name one in NUMBA_CACHE_DIR."
        )
    else:
        talk.say("Compiling the model, first run only (about 30 seconds) …")
    seconds = warmup.warm(configs)
    speed.note(speed.COMPILING, seconds)
    talk.compiled = True
    talk.detail(f"Compiled in {seconds:.0f} seconds.")


def solve_first(talk: Talk) -> bool:
    """Solve the trade surface with a message if it is not cached; returns whether it was solved."""
    from detente.runs import speed, warmup

    unsolved = warmup.unsolved()
    if unsolved:
        talk.say("Solving trade effects for all sets of buyers, first run only (about 10 seconds) …")
        seconds = warmup.solve()
        speed.note(speed.SOLVING, seconds)
        talk.detail(f"Solved in {seconds:.0f} seconds.")
    return unsolved
