"""What a batch costs besides its runs: a thousand small units, then the same command with nothing left to do.

    python benchmarks/batch.py [UNITS]

Seconds are of the processor, all threads, since the machine may be shared. What is inside a run (planning, simulating,
writing its folder) and what it takes to write the tables over all units are measured apart; the rest is scheduling:
reading the file, configuring and naming the units, looking what is finished, keeping the record.
"""

import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from detente.batches import tables as combined
from detente.batches.batch import open_batch
from detente.runs import runner, warmup
from detente.runs.runner import Options

UNITS = 1_000
FILE = """schema_version = 1
scenarios = ["baseline"]
[run]
paths = 128
horizon = 1
keep_paths = 1
[grid]
"facts.oil.brent" = {values}
"""


class Clock:
    """Processor seconds inside a function."""

    def __init__(self, owner: Any, name: str) -> None:
        self.inside = 0.0
        self.original = getattr(owner, name)
        setattr(owner, name, self.timed)

    def timed(self, *arguments: Any, **options: Any) -> Any:
        begun = time.process_time()
        try:
            return self.original(*arguments, **options)
        finally:
            self.inside += time.process_time() - begun


def main() -> None:
    units = int(sys.argv[1]) if len(sys.argv) > 1 else UNITS
    warmup.warm()
    runs, tables = Clock(runner, "run"), Clock(combined, "write")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.toml"
        path.write_text(FILE.format(values=[round(40.0 + 40.0 * k / units, 6) for k in range(units)]))
        for title in (f"{units} small units", "nothing left to do"):
            runs.inside = tables.inside = 0.0
            wall, begun = time.perf_counter(), time.process_time()
            open_batch(path, output=Path(folder) / "results", options=Options(jobs=1)).run()
            wall, total = time.perf_counter() - wall, time.process_time() - begun
            parts = {
                "in runs": runs.inside,
                "scheduling": total - runs.inside - tables.inside,
                "tables over all": tables.inside,
            }
            said = ", ".join(f"{1e3 * seconds / units:.2f} {name}" for name, seconds in parts.items())
            print(f"{title}: {1e3 * total / units:.2f} ms a unit, {said}; {wall:.0f} s by the clock")


if __name__ == "__main__":
    main()
