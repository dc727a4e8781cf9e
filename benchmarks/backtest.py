"""Seconds for the backtest of Brent, 180 target months at 7 horizons (216 origins), on one and on two threads.

Wall-clock and CPU seconds; the goal is under 60 seconds on two cores of an idle machine.
"""

import time

from detente.evaluation.backtest import backtest
from detente.evaluation.scores import crps_ensemble
from detente.evaluation.sources import open_source


def main() -> None:
    source = open_source("oil")
    crps_ensemble([[1.0, 2.0]], [1.0])  # imports
    source.ensemble(source.first_origin(), (1,))  # compiles
    for jobs in (2, 1):
        begun, before = time.perf_counter(), time.process_time()
        result = backtest(source, "2000-01", "2014-12", jobs=jobs)
        wall, used = time.perf_counter() - begun, time.process_time() - before
        ratios = " ".join(f"{each.crps.mean() / each.benchmark.mean():.3f}" for each in result.horizons)
        print(f"{jobs} thread(s): {wall:6.1f} s, {used:6.1f} CPU s; ratios {ratios}")


if __name__ == "__main__":
    main()
