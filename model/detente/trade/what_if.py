"""A question of a desk asked of a table: a country puts a tariff on others; who gains, who loses, what is traded
less."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from detente.trade.data import Table
from detente.trade.errors import OptionError
from detente.trade.one_sector import Equilibrium, Rebate, Variant, equilibrium
from detente.trade.policy import reciprocal

RETALIATION = ("none", "reciprocal")
BN_USD = 1e9


@dataclass(frozen=True)
class WhatIf:
    """An answered question. ``home`` and ``targets`` are indices of the table; ``rate`` is a share of the price, 5
    for 500%."""

    table: Table
    home: int
    targets: tuple[int, ...]
    rate: float
    retaliation: str
    world: Equilibrium

    def rows(self) -> pd.DataFrame:
        """One row a country, from the largest loss in money to the largest gain.

        ``welfare_pct`` is the change of welfare in percent, ``welfare_bn_usd`` what that is worth at prices before it,
        ``welfare_pct_of_gdp`` the same over GDP. ``imports_…``: what the imposing country buys from this one, without
        the tariff. ``deficit_…``: imports less exports of goods with all others. ``prices_pct``: consumer prices
        against the world's mean. ``revenue_bn_usd``: of tariffs.
        """
        base, world, scale = self.world.base, self.world, self.table.unit / BN_USD
        outcomes = self.world.outcomes()
        before, after = base.flows[:, self.home].copy(), world.flows[:, self.home].copy()
        before[self.home] = after[self.home] = np.nan
        traded = np.where(before > 0.0, before, np.nan)
        frame = pd.DataFrame(
            {
                "key": self.table.keys,
                "name": self.table.names,
                "role": [self._role(index) for index in range(len(self.table.keys))],
                "welfare_pct": outcomes[:, 0],
                "welfare_bn_usd": world.worth * scale,
                "welfare_pct_of_gdp": 100.0 * world.worth / self.table.gdp,
                "imports_before_bn_usd": before * scale,
                "imports_after_bn_usd": after * scale,
                "imports_pct": 100.0 * (after / traded - 1.0),
                "exports_over_gdp_pct": outcomes[:, 2],
                "imports_over_gdp_pct": outcomes[:, 3],
                "deficit_before_bn_usd": (base.flows.sum(axis=0) - base.flows.sum(axis=1)) * scale,
                "deficit_after_bn_usd": (world.flows.sum(axis=0) - world.flows.sum(axis=1)) * scale,
                "employment_pct": outcomes[:, 4],
                "prices_pct": outcomes[:, 5],
                "revenue_bn_usd": world.revenue * scale,
            }
        )
        return frame.sort_values("welfare_bn_usd", kind="stable", ignore_index=True)

    def _role(self, index: int) -> str:
        return "imposes" if index == self.home else "target" if index in self.targets else "other"


def what_if(
    table: Table,
    home: int,
    targets: list[int],
    rate: float,
    *,
    retaliation: str = "none",
    trade_elasticity: float = 4.0,
    passthrough: float | None = None,
    rebate: Rebate = "income-tax",
    variant: Variant = "baseline",
) -> WhatIf:
    """``home`` puts a tariff of ``rate`` on what it buys from ``targets``; with "reciprocal" retaliation they put the
    same on what they buy from it.

    OptionError if home is among the targets or there is none; else as ``equilibrium``.
    """
    if not targets:
        raise OptionError("a tariff needs at least one country that it is put on.")
    if home in targets:
        raise OptionError(f"{table.keys[home]} cannot put a tariff on itself; leave it out.")
    if retaliation not in RETALIATION:
        raise OptionError(f"retaliation: it is one of {', '.join(RETALIATION)}.")
    tariff = np.zeros_like(table.trade)
    tariff[targets, home] = rate
    if retaliation == "reciprocal":
        tariff = reciprocal(tariff, home)
    world = equilibrium(
        table.trade,
        table.gdp,
        tariff,
        home=home,
        trade_elasticity=trade_elasticity,
        passthrough=passthrough,
        rebate=rebate,
        variant=variant,
        countries=table.keys,
    )
    return WhatIf(table, home, tuple(targets), rate, retaliation, world)
