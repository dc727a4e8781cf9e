"""Path-steps a second of the whole model: one thread, all threads, monthly and weekly steps."""

import os
import time

import numpy as np
from detente.config import loader
from detente.engine import simulate

ROUNDS = 5


def main() -> None:
    cores = os.cpu_count() or 1
    plans = {
        step: simulate.plan(loader.load("baseline", paths=65_536, horizon=36, step=step), keep_paths=0)
        for step in ("month", "week")
    }
    simulate.simulate(plans["month"], jobs=cores)  # compile
    rates: dict[tuple[str, int], list[float]] = {(step, jobs): [] for step in plans for jobs in {1, cores}}
    for _ in range(ROUNDS):
        for (step, jobs), result in rates.items():
            plan = plans[step]
            begun = time.perf_counter()
            simulate.simulate(plan, jobs=jobs)
            result.append(plan.grid.paths * plan.grid.steps / (time.perf_counter() - begun) / 1e6)
    print(f"{'steps':>6} {'threads':>8} {'M path-steps/s: median':>24} {'worst':>7} {'best':>7}")
    for (step, jobs), result in rates.items():
        print(f"{step:>6} {jobs:>8} {np.median(result):>24.2f} {min(result):>7.2f} {max(result):>7.2f}")
    for step in plans:
        ratio = np.median(np.array(rates[step, cores]) / np.array(rates[step, 1]))
        print(f"{step}: all threads over one, median of rounds {ratio:.2f}")


if __name__ == "__main__":
    main()
