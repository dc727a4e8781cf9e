"""Trade and tariffs by exact hat algebra, a library of its own.

>>> from detente import trade
>>> trade.solve(flows, gdp, tariff, home=0)

``solve`` and ``equilibrium``: one sector, many countries. ``solve_sectors`` and ``sector_equilibrium``: many sectors with input-output links. Closed
forms: ``gains_from_trade``, ``trade_loss``. Tariff tables: ``optimal_tariff``, ``optimal_retaliation``, ``reciprocal``. Data: ``shipped``, ``read``.
"""

from detente.trade.closed import gains_from_trade, trade_loss
from detente.trade.complaints import ConvergenceError, OptionError, TableError
from detente.trade.onesector import OUTCOMES, REBATES, VARIANTS, Equilibrium, equilibrium, solve

__all__ = [
    "OUTCOMES",
    "REBATES",
    "VARIANTS",
    "ConvergenceError",
    "Equilibrium",
    "OptionError",
    "TableError",
    "equilibrium",
    "gains_from_trade",
    "solve",
    "trade_loss",
]
