"""Seconds for the backtest of Brent, 180 target months at 7 horizons (216 origins), on one and on two processes.

Wall-clock and CPU seconds, children included; the goal is under 60 seconds on two cores of an idle machine.
"""

import resource
import time

from detente.evaluation.backtest import backtest
from detente.evaluation.scores import crps_ensemble
from detente.evaluation.sources import open_source


def cpu() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def main() -> None:
    source = open_source("oil")
    crps_ensemble([[1.0, 2.0]], [1.0])  # imports
    source.ensemble(source.first_origin(), (1,))  # compiles
    for jobs in (2, 1):
        begun, before = time.perf_counter(), cpu()
        result = backtest(source, "2000-01", "2014-12", jobs=jobs)
        wall, used = time.perf_counter() - begun, cpu() - before
        ratios = " ".join(f"{each.crps.mean() / each.benchmark.mean():.3f}" for each in result.horizons)
        print(f"{jobs} process(es): {wall:6.1f} s, {used:6.1f} CPU s; ratios {ratios}")


if __name__ == "__main__":
    main()
