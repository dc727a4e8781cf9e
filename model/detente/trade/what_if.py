"""Effects of a tariff by one country on others: welfare, trade and prices by country."""

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
    """A tariff and its equilibrium.

    Parameters
    ----------
    table : trade and GDP before the tariff.
    home, targets : indices of the imposing country and of the targeted ones.
    rate : share of the price, 5 for 500%.
    retaliation : "none" or "reciprocal".
    world : equilibrium after the tariff.
    """

    table: Table
    home: int
    targets: tuple[int, ...]
    rate: float
    retaliation: str
    world: Equilibrium

    def rows(self) -> pd.DataFrame:
        """Results by country, from the largest loss in money to the largest gain.

        ``welfare_…``: change of welfare in percent, in money at prices before the change, and over GDP. ``imports_…``:
        imports of the imposing country from this one, net of the tariff. ``deficit_…``: imports less exports of goods.
        ``prices_pct``: consumer prices relative to the world mean. ``revenue_bn_usd``: tariff revenue.
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
                "welfare_bn_usd": world.welfare_value * scale,
                "welfare_pct_of_gdp": 100.0 * world.welfare_value / self.table.gdp,
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
    """Equilibrium after a tariff by one country on imports from others.

    Parameters
    ----------
    table : trade and GDP before the tariff.
    home : index of the imposing country.
    targets : indices of the targeted countries.
    rate : share of the price, 5 for 500%.
    retaliation : "none", or "reciprocal" for the same rate by each target on home.
    trade_elasticity, passthrough, rebate, variant : as for ``equilibrium``.

    Raises
    ------
    OptionError : there is no target, home is a target, or an option is invalid.
    TableError, ConvergenceError : as for ``equilibrium``.
    """
    if not targets:
        raise OptionError("a tariff needs at least one targeted country.")
    if home in targets:
        raise OptionError(f"{table.keys[home]} cannot impose a tariff on itself; leave it out.")
    if retaliation not in RETALIATION:
        raise OptionError(f"retaliation: it must be one of {', '.join(RETALIATION)}.")
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
