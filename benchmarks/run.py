"""All benchmarks but the ten-million run, one after the other."""

import subprocess
import sys
from pathlib import Path


def main() -> None:
    for name in ("startup", "listing", "peers", "throughput", "trade", "batch", "cluster", "size"):
        print(f"--- {name}", flush=True)
        subprocess.run([sys.executable, Path(__file__).with_name(f"{name}.py")], check=True)


if __name__ == "__main__":
    main()
