"""Trade and tariffs by exact hat algebra.

>>> from detente import trade
>>> trade.solve(flows, gdp, tariff, home=0)

``solve`` and ``equilibrium``: one sector, many countries. ``solve_sectors`` and ``sector_equilibrium``: many sectors
with input-output links. Closed forms: ``gains_from_trade``, ``trade_loss``. Tariff tables: ``reciprocal``,
``optimal_tariff``, ``optimal_retaliation``. Data: ``shipped``, ``read``, ``regions``. A tariff on a table: ``what_if``.
"""

from detente.trade.closed_forms import gains_from_trade, trade_loss
from detente.trade.data import Table, read, regions, shipped
from detente.trade.errors import ConvergenceError, OptionError, TableError
from detente.trade.one_sector import OUTCOMES, REBATES, VARIANTS, Equilibrium, equilibrium, solve
from detente.trade.policy import optimal_retaliation, optimal_tariff, reciprocal
from detente.trade.sectors import SECTOR_OUTCOMES, SectorEquilibrium, sector_equilibrium, solve_sectors
from detente.trade.what_if import WhatIf, what_if

__all__ = [
    "OUTCOMES",
    "REBATES",
    "SECTOR_OUTCOMES",
    "VARIANTS",
    "ConvergenceError",
    "Equilibrium",
    "OptionError",
    "SectorEquilibrium",
    "Table",
    "TableError",
    "WhatIf",
    "equilibrium",
    "gains_from_trade",
    "optimal_retaliation",
    "optimal_tariff",
    "read",
    "reciprocal",
    "regions",
    "sector_equilibrium",
    "shipped",
    "solve",
    "solve_sectors",
    "trade_loss",
    "what_if",
]
