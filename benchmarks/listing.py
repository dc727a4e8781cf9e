"""Seconds to list a results folder of a thousand runs, and to write its page, in fresh processes."""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import detente
import numpy as np
from detente.runs import manifest

RUNS, ROUNDS = 1_000, 7


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = detente.run("baseline", paths=256, horizon=3, keep_paths=16, output=Path(folder) / "one").folder
        results = Path(folder) / "results"
        content = manifest.read_manifest(run)
        for number in range(RUNS):
            copy = results / f"baseline-{number:08x}"
            copy.mkdir(parents=True)
            shutil.copy(run / "config.toml", copy)
            (copy / manifest.MANIFEST).write_bytes(manifest.sealed(content | {"id": f"{number:08x}"}))
        size = len((copy / manifest.MANIFEST).read_bytes())
        print(f"{RUNS} runs, manifests of {size:,} bytes")
        for arguments in (
            ["list", "runs", "-o", str(results)],
            ["list", "runs", "-o", str(Path(folder) / "one")],
            ["index", str(results)],
        ):
            times = []
            for _ in range(ROUNDS):
                begun = time.perf_counter()
                subprocess.run([sys.executable, "-m", "detente", *arguments], check=True, capture_output=True)
                times.append(time.perf_counter() - begun)
            what = f"{' '.join(arguments[:-1])} of {'one run' if arguments[-1].endswith('one') else f'{RUNS} runs'}"
            print(f"detente {what:<28} {np.median(times):6.2f} s (best {min(times):.2f}, worst {max(times):.2f})")


if __name__ == "__main__":
    main()
