"""A batch that is disturbed at a given point, in a process of its own: ``python bench.py FOLDER SHARE OF`` prints what
came of it as JSON.

The process prepares everything once, then forks a child for each disturbance, so that one costs a fraction of a second.
The child works through a small batch and is killed, or the disk fails under it; another child gives the same command
again, undisturbed. Then all must be as in a folder where nothing ever happened.

Disturbances: ``kill`` ends the process before a call that changes the disk, ``torn`` after half of a file was written,
``full`` and ``denied`` let the call fail as a full or read-only disk does, ``interrupt`` is Ctrl-C at that call,
``force`` kills while finished runs are being replaced; ``signal`` is a SIGKILL at a random moment. The calls are those
of ``os`` and of the writers of files; they are counted in an undisturbed child first.
"""

import errno
import hashlib
import json
import os
import random
import re
import shutil
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "plugins"))
from ends_with_parent import end_with

SEED = 20_260_831
SHARES = {"kill": 90, "torn": 40, "full": 40, "denied": 10, "interrupt": 20, "signal": 30, "force": 20}
"""How many disturbances of each kind, over all processes."""
BATCH = """
schema_version = 1
scenarios = ["baseline", "no-relief"]

[run]
paths = 130
horizon = 2
keep_paths = 3
keep_state = true

[[case]]
name = "long"
run = { paths = 5000 }
"""
"""Two units of one block, and one that is long enough for checkpoints and a state."""
TABLES = ("summary.parquet", "summary.csv", "events.parquet", "paths.parquet")
KEPT = re.compile(r'"(Price\|Oil\|Brent|Trade\|Oil\|Value|Event\|[^"]*)"')


def prepare(folder: Path) -> None:
    """A working folder whose codelist has few outputs, since the files and not the model are put to the test;
    everything heavy is loaded."""
    (folder / "configs").mkdir(parents=True)
    os.chdir(folder)
    (folder / "batch.toml").write_text(BATCH)
    from detente.shared.paths import shipped_configs

    text = (shipped_configs() / "variables.toml").read_text(encoding="utf-8")
    entries = re.split(r"(?m)^(?=\[\[)", text)
    kept = [entry for entry in entries if not entry.startswith("[[variable]]") or KEPT.search(entry)]
    (folder / "configs" / "variables.toml").write_text("".join(kept), encoding="utf-8")

    from detente.batches import batch, tasks
    from detente.config.loader import Files
    from detente.runs import checkpoints, warmup

    checkpoints.units_between = lambda steps: 1
    read = {}
    tasks.Files = lambda roots: read.setdefault(roots, Files(roots))
    warmup.warm()
    batch.open_batch(folder / "batch.toml", output=folder / "unused")


def work(output: Path, *, force: bool = False) -> None:
    """The batch, as the command line gives it."""
    import detente

    detente.batch("batch.toml", output=output, jobs=1, force=force)


class Counted:
    """Calls that change the disk, numbered; ``disturb`` is asked before each."""

    def __init__(self, disturb: Callable[[int, str, Any], None]) -> None:
        self.number = 0
        self.disturb = disturb

    def wrap(self, owner: Any, name: str) -> None:
        original = getattr(owner, name)

        def counted(*arguments: Any, **options: Any) -> Any:
            self.number += 1
            self.disturb(self.number, name, arguments[0] if arguments else None)
            return original(*arguments, **options)

        setattr(owner, name, counted)

    def install(self) -> None:
        import pyarrow.csv
        import pyarrow.parquet

        for name in ("replace", "fsync", "mkdir", "unlink", "rmdir"):
            self.wrap(os, name)
        for name in ("write_bytes", "write_text"):
            self.wrap(Path, name)
        self.wrap(shutil, "rmtree")
        self.wrap(pyarrow.parquet, "write_table")
        self.wrap(pyarrow.parquet.ParquetWriter, "write_table")
        self.wrap(pyarrow.csv, "CSVWriter")
        from detente.runs import store

        self.wrap(store, "write_csv")


def child(action: Callable[[], None]) -> int:
    """Run an action in a forked process; its exit code, 137 where it was killed."""
    sys.stdout.flush()
    parent, pid = os.getpid(), os.fork()
    if pid == 0:
        code = 70
        try:
            end_with(parent)
            action()
            code = 0
        except KeyboardInterrupt:
            code = 130
        except BaseException as error:
            code = getattr(error, "exit_code", 1)
            if code == 1:
                import traceback

                traceback.print_exc()
        finally:
            os._exit(code)
    return ended(pid)


def ended(pid: int) -> int:
    status = os.waitpid(pid, 0)[1]
    return 128 + os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)


def disturbed(output: Path, kind: str, at: int) -> int:
    """The batch with a disturbance at call ``at``; the exit code."""

    def disturb(number: int, name: str, subject: Any) -> None:
        if kind in ("full", "denied") and number >= at and name not in ("unlink", "rmdir", "rmtree"):
            raise OSError(
                errno.ENOSPC if kind == "full" else errno.EROFS,
                os.strerror(errno.ENOSPC if kind == "full" else errno.EROFS),
            )
        if number != at:
            return
        if kind == "interrupt":
            raise KeyboardInterrupt
        if kind == "torn":
            tear(output)
        if kind in ("kill", "torn", "force"):
            os._exit(137)

    def action() -> None:
        Counted(disturb).install()
        work(output, force=kind == "force")

    return child(action)


def tear(output: Path) -> None:
    """What a power cut leaves of files that were not yet flushed: half of the newest file of each folder that is
    being written."""
    for folder in (*output.glob(".*.partial"), *output.glob(".*.checkpoint")):
        files = sorted((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_mtime_ns)
        if files:
            os.truncate(files[-1], files[-1].stat().st_size // 2)
    for path in output.glob("*/.*.partial"):
        os.truncate(path, path.stat().st_size // 2)


def hashes(output: Path) -> dict[str, str]:
    """SHA-256 of everything that must be equal: the numbers of each run, the tables over all units and the page."""
    files = [
        path for folder in output.iterdir() if not folder.name.startswith(".") for path in sorted(folder.rglob("*"))
    ]
    chosen = [path for path in files if path.name in TABLES or path.name in ("units.csv", "comparison.html")]
    return {path.relative_to(output).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in chosen}


def whole_runs(output: Path) -> set[str]:
    """Names of the visible run folders; AssertionError if one of them is not whole."""
    from detente.runs import store

    found = set()
    for folder in sorted(output.glob("*-????????")):
        manifest = store.read_manifest(folder)
        damage = store.damage(folder, manifest)
        assert not damage, damage
        found.add(folder.name)
    return found


def leftovers(output: Path) -> list[str]:
    return [path.name for path in output.iterdir() if path.name.startswith(".") and not path.name.endswith(".lock")]


def examine(output: Path, reference: dict[str, str], before: set[str]) -> None:
    """Nothing that can be seen is corrupted, nothing that was finished is lost or run again, and the same command
    makes it as if undisturbed."""
    seen = whole_runs(output)
    replaced = {path.name.removeprefix(".").removesuffix(".replaced") for path in output.glob(".*.replaced")}
    assert before <= seen | replaced, f"lost: {before - seen}"
    times = {name: (output / name / "manifest.json").stat().st_mtime_ns for name in seen}
    code = child(lambda: work(output))
    assert code == 0, f"the same command again ended with {code}"
    assert hashes(output) == reference, "other bytes than undisturbed"
    assert not leftovers(output), leftovers(output)
    again = [name for name, stamp in times.items() if (output / name / "manifest.json").stat().st_mtime_ns != stamp]
    assert not again, f"finished and run again: {again}"


def main() -> None:
    folder, share, of = Path(sys.argv[1]).resolve(), int(sys.argv[2]), int(sys.argv[3])
    prepare(folder)
    output = folder / "reference"
    begun = time.perf_counter()
    assert child(lambda: work(output)) == 0
    seconds = time.perf_counter() - begun
    reference, finished = hashes(output), whole_runs(output)
    counts: dict[bool, int] = {}
    for force in (False, True):
        counted = folder / f"counted-{force}"
        if force:
            shutil.copytree(output, counted)

        def count(counted: Path = counted, force: bool = force) -> None:
            calls = Counted(lambda number, name, subject: None)
            calls.install()
            work(counted, force=force)
            (folder / "calls").write_text(str(calls.number))

        assert child(count) == 0
        counts[force] = int((folder / "calls").read_text())
    kinds = [kind for kind, number in SHARES.items() for _ in range(number)]
    done: dict[str, int] = {}
    codes: dict[str, dict[int, int]] = {}
    failures: list[str] = []
    for place, kind in enumerate(kinds):
        if place % of != share:
            continue
        seed = SEED + place
        chance = random.Random(seed)
        target = folder / f"{place}-{kind}"
        before: set[str] = set()
        if kind == "force":
            shutil.copytree(output, target)
            before = finished
        try:
            if kind == "signal":
                code = killed(target, chance.uniform(0.0, 1.2 * seconds))
            else:
                at = 1 + chance.randrange(counts[kind == "force"])
                code = disturbed(target, kind, at)
            expected = {
                "kill": {137},
                "torn": {137},
                "force": {137},
                "full": {0, 4},
                "denied": {0, 4},
                "interrupt": {130},
                "signal": {0, 137},
            }[kind]
            assert code in expected, f"exit code {code}"
            if target.is_dir():
                examine(target, reference, before)
            done[kind] = done.get(kind, 0) + 1
            codes.setdefault(kind, {})[code] = codes.setdefault(kind, {}).get(code, 0) + 1
        except Exception as error:
            failures.append(f"{kind}, seed {seed}: {type(error).__name__}: {error}")
        shutil.rmtree(target, ignore_errors=True)
    print(
        json.dumps(
            {
                "done": done,
                "codes": codes,
                "failures": failures,
                "calls": counts[False],
                "first_seed": SEED,
                "seconds": seconds,
            }
        )
    )


def killed(output: Path, after: float) -> int:
    """The batch, killed after some seconds by a signal that cannot be caught."""
    parent, pid = os.getpid(), os.fork()
    if pid == 0:
        code = 70
        try:
            end_with(parent)
            work(output)
            code = 0
        finally:
            os._exit(code)
    time.sleep(after)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    return ended(pid)


if __name__ == "__main__":
    main()
