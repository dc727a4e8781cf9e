"""Seconds of a trade equilibrium.

The 13 regions that ship, a full table where one is given (``python benchmarks/trade.py FOLDER``), many sectors.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from detente import trade

ROUNDS = 7
CASES: tuple[tuple[str, dict], ...] = (
    ("baseline", {}),
    ("lump sum", {"rebate": "lump-sum"}),
    ("dek", {"variant": "dek"}),
)


def seconds(function: Callable[[], object], repeat: int) -> list[float]:
    """Time of one call in each round, best use of a noisy clock: ``repeat`` calls a round."""
    function()
    found = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        for _ in range(repeat):
            function()
        found.append((time.perf_counter() - begun) / repeat)
    return found


def show(name: str, times: list[float]) -> None:
    print(f"{name:<44} {1e3 * np.median(times):>10.2f} ms (worst {1e3 * max(times):.2f})")


def table(name: str, given: trade.Table, repeat: int) -> None:
    home, targets = given.keys.index("USA"), [given.keys.index(key) for key in ("IND", "CHN")]
    tariff = np.zeros_like(given.trade)
    tariff[targets, home] = 5.0
    for case, options in CASES:

        def once(options: dict = options) -> object:
            return trade.solve(given.trade, given.gdp, tariff, home=home, countries=given.keys, **options)

        show(f"{name}, 500% on two, {case}", seconds(once, repeat))


def sectors(kinds: int, count: int, repeat: int) -> None:
    rng = np.random.default_rng(1)
    tariff = np.zeros((kinds, count, count))
    tariff[:, 1, 0] = 5.0
    shares = rng.dirichlet(np.ones(count), (kinds, count)).transpose(0, 2, 1)
    inputs = rng.dirichlet(np.ones(kinds), (kinds, count)).transpose(2, 0, 1)
    final = rng.dirichlet(np.ones(kinds), count).T

    def once() -> object:
        return trade.solve_sectors(
            shares,
            np.full(count, 100.0),
            tariff,
            trade_elasticity=5.0,
            value_added_share=0.5,
            input_share=inputs,
            final_share=final,
        )

    show(f"{kinds} sectors, {count} countries, balance and 500%", seconds(once, repeat))


def main() -> None:
    table("13 regions", trade.shipped(), 50)
    if len(sys.argv) > 1:
        full = trade.read(Path(sys.argv[1]))
        table(f"{len(full.keys)} countries", full, 1)
    sectors(2, 12, 10)
    sectors(40, 31, 1)


if __name__ == "__main__":
    main()
