"""Run all sweeps of this folder, each in a process of its own; exit code 1 if one of them finds a fault."""

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def names() -> list[str]:
    """The sweeps: all modules without a leading underscore that are not tests."""
    return sorted(path.stem for path in HERE.glob("*.py") if not path.stem.startswith(("_", "test_")))


def main() -> int:
    faulty = []
    for name in names():
        print(f"\n== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"tests.sweep.{name}"], cwd=HERE.parents[1]).returncode:
            faulty.append(name)
    print(f"\n{len(names())} sweeps; with faults: {', '.join(faulty) or 'none'}.")
    return 1 if faulty else 0


if __name__ == "__main__":
    sys.exit(main())
