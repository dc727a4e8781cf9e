"""Seconds until the program answers, in fresh processes.

Help, version, a first run that compiles, a second that does not.
"""

import os
import subprocess
import sys
import tempfile
import time

import numpy as np

ROUNDS = 5


def seconds(arguments: list[str], environment: dict[str, str] | None = None) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-m", "detente", *arguments], check=True, capture_output=True, env=environment)
    return time.perf_counter() - begun


def main() -> None:
    for arguments in (["--version"], ["--help"], ["run", "--help"], ["list", "scenarios"]):
        times = [seconds(arguments) for _ in range(ROUNDS)]
        print(f"detente {' '.join(arguments):<20} {np.median(times):6.2f} s (worst {max(times):.2f})")
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"NUMBA_CACHE_DIR": f"{folder}/cache"}
        small = [
            "run",
            "baseline",
            "--paths",
            "2048",
            "--horizon",
            "6",
            "--no-report",
            "--force",
            "--output",
            f"{folder}/results",
        ]
        print(f"first run, compiling      {seconds(small, environment):6.2f} s")
        again = [seconds(small, environment) for _ in range(ROUNDS)]
        print(f"second run                {np.median(again):6.2f} s (worst {max(again):.2f})")


if __name__ == "__main__":
    main()
