"""Wall time and peak memory of whole runs from the command line to the files, each in a fresh process."""

import json
import resource
import subprocess
import sys
import tempfile
import time

SIZES = (65_536, 1_000_000)
LARGE = 10_000_000


def measure(paths: int) -> dict[str, float]:
    """One run without the report, in a process of its own.

    Its peak memory is read in a child that only waits for it.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [
            sys.executable,
            "-m",
            "detente",
            "run",
            "baseline",
            "--paths",
            str(paths),
            "--no-report",
            "--output",
            folder,
            "--quiet",
        ]
        begun = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        wall = time.perf_counter() - begun
    return {"paths": paths, "seconds": wall, "peak_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024}


def main() -> None:
    if len(sys.argv) > 2 and sys.argv[1] == "--one":
        print(json.dumps(measure(int(sys.argv[2]))))
        return
    sizes = (*SIZES, LARGE) if "--large" in sys.argv else SIZES
    measure(1024)  # compile
    print(f"{'paths':>12} {'seconds':>9} {'M path-steps/s':>15} {'peak MB':>8}")
    for paths in sizes:
        done = subprocess.run(
            [sys.executable, __file__, "--one", str(paths)], check=True, capture_output=True, text=True
        )
        result = json.loads(done.stdout)
        print(
            f"{paths:>12,} {result['seconds']:>9.1f} {paths * 36 / result['seconds'] / 1e6:>15.2f} "
            f"{result['peak_mb']:>8.0f}"
        )


if __name__ == "__main__":
    main()
