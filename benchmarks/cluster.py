"""A local cluster beside threads: throughput, cost of a task, bytes of a chunk, memory of a worker (Linux).

``--large``: ten million paths too.
"""

import os
import re
import sys
import time
from pathlib import Path

import numpy as np
import psutil
from detente.config import loader
from detente.engine import simulate
from detente.engine.cluster import Cluster, wire, worker
from detente.engine.executors import Threads
from detente.engine.state import lineage

ROUNDS = 5
LARGE = 10_000_000


def plan(paths: int, horizon: int) -> simulate.Plan:
    return simulate.plan(loader.load("baseline", paths=paths, horizon=horizon), keep_paths=0)


def seconds(plan: simulate.Plan, executor, **options) -> float:
    begun = time.perf_counter()
    simulate.simulate(plan, executor=executor, **options)
    return time.perf_counter() - begun


def peak(pid: int) -> float:
    """Largest resident memory of a process so far, in MB."""
    return int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024


def peaks() -> str:
    workers = [
        peak(child.pid)
        for child in psutil.Process().children(recursive=True)
        if "spawn_main" in " ".join(child.cmdline())
    ]
    each = ", ".join(f"{mb:,.0f}" for mb in sorted(workers))
    return f"peak memory: workers {each} MB, client {peak(os.getpid()):,.0f} MB"


def sizes(plan: simulate.Plan, units: tuple[int, ...]) -> None:
    order = wire.order(wire.compress(plan.config.to_toml()), lineage(plan), plan.keep, plan.exact, worker.versions())
    print(f"an order: {len(order['text']) / 1e3:,.0f} kB")
    for number in units:
        chunk = worker.compute(order, 0, number)
        print(
            f"a chunk of {number:>3} units, {number * 2048:>7,} paths of {plan.grid.steps} steps: "
            f"{len(chunk) / 1e6:,.1f} MB"
        )


def main() -> None:
    cores = os.cpu_count() or 1
    twelve_months, threads = plan(131_072, 12), Threads(cores)
    seconds(plan(2_048, 1), threads)  # compile
    with Cluster("local", jobs=cores) as cluster:
        seconds(plan(65_536, 1), cluster, chunk_units=1)  # every worker loads the kernels
        times = np.array([[seconds(twelve_months, threads), seconds(twelve_months, cluster)] for _ in range(ROUNDS)])
        rates = twelve_months.grid.paths * twelve_months.grid.steps / times / 1e6
        for name, rate in zip(("threads:  ", "processes:"), rates.T, strict=True):
            print(
                f"{cores} {name} {np.median(rate):.2f} M path-steps/s (worst {rate.min():.2f}, best {rate.max():.2f})"
            )
        print(f"cluster over threads, median of rounds: {np.median(times[:, 0] / times[:, 1]):.2f}")
        small = plan(200 * 2_048, 1)
        each = [
            (seconds(small, cluster, chunk_units=1) - seconds(small, threads, chunk_units=1)) / small.units
            for _ in range(ROUNDS)
        ]
        print(
            f"a task of one unit of one step costs {1e3 * np.median(each):.1f} ms more than a thread's "
            f"(worst {1e3 * max(each):.1f})"
        )
        print(f"after these, {peaks()}")
        if "--large" in sys.argv:
            large = plan(LARGE, 6)
            print(f"{LARGE:,} paths of 6 steps: {seconds(large, cluster):,.0f} s; {peaks()}")
    sizes(plan(131_072, 36), (1, 8, 64))


if __name__ == "__main__":
    main()
