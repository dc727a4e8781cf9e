"""Tariff tables for a what-if: who answers whom, and what would pay.

The two optimal rates are the formulas of Ignatenko, Lashkaripour, Macedoni and Simonovska (2025), evaluated on trade
before the change: ``t = 1 / ((1 + delta eps) phi - 1)``, where delta measures how much of foreign spending still
depends on the exporter's own price.
"""

import numpy as np
from numpy.typing import ArrayLike

from detente.trade import inputs
from detente.trade.base import Base, base
from detente.trade.one_sector import SCALE_ELASTICITY, TRADE_ELASTICITY


def reciprocal(tariff: ArrayLike, home: int) -> np.ndarray:
    """``tariff[exporter, importer]`` with home's rate on each country answered by that country's same rate on home;
    other entries stay."""
    rates = inputs.square(tariff, "tariff")
    home = inputs.place(home, inputs.names(None, None, len(rates)))
    rates[home, :] = rates[:, home]
    return rates


def optimal_tariff(
    trade: ArrayLike,
    gdp: ArrayLike,
    *,
    home: int,
    trade_elasticity: float = TRADE_ELASTICITY,
    scale_elasticity: float = SCALE_ELASTICITY,
) -> float:
    """The one rate on all imports that serves home best while nobody answers, as a share of the price.

    ``delta = sum_i X[home, i] (1 - nu_i) (1 - lambda[home, i]) / ((1 - nu_home) (E_home - X[home, home]))`` over i
    abroad.
    """
    world = _base(trade, gdp, home)
    nu, abroad = world.adjustment, np.arange(len(world.labels)) != world.home
    answers = (world.flows[world.home] * (1.0 - nu) * (1.0 - world.shares[world.home]))[abroad].sum()
    delta = answers / ((1.0 - nu[world.home]) * (world.spending[world.home] - world.flows[world.home, world.home]))
    return float(_rate(delta, nu, trade_elasticity, scale_elasticity)[world.home])


def optimal_retaliation(
    trade: ArrayLike,
    gdp: ArrayLike,
    *,
    home: int,
    trade_elasticity: float = TRADE_ELASTICITY,
    scale_elasticity: float = SCALE_ELASTICITY,
) -> np.ndarray:
    """(N,) the rates on imports from home, by importer, that serve all others together best; 0 for home itself. Row
    ``home`` of a tariff table.

    On the world of two regions, R the others: ``delta = X[R, home] (1 - nu_home) (1 - lambda[R, home]) / ((1 - nu_R)
    (Y_R - X[R, R]))``.
    """
    world = _base(trade, gdp, home)
    nu, own, others = world.adjustment, world.home, np.arange(len(world.labels)) != world.home
    sold = world.flows[others, own].sum()
    among = world.flows[np.ix_(others, others)].sum()
    nu_rest = nu[int(np.flatnonzero(others)[0])]
    delta = (
        sold
        * (1.0 - nu[own])
        * (1.0 - sold / world.spending[own])
        / ((1.0 - nu_rest) * (world.income[others].sum() - among))
    )
    rates = _rate(delta, nu, trade_elasticity, scale_elasticity)
    rates[own] = 0.0
    return rates


def _base(trade: ArrayLike, gdp: ArrayLike, home: int) -> Base:
    flows = inputs.square(trade, "trade")
    labels = inputs.names(None, trade, len(flows))
    return base(flows, inputs.numbers(gdp, "gdp"), inputs.place(home, labels), labels)


def _rate(delta: float, nu: np.ndarray, trade_elasticity: float, scale_elasticity: float) -> np.ndarray:
    eps = inputs.option(trade_elasticity, "trade_elasticity", inclusive=False)
    phi = 1.0 + (1.0 + inputs.option(scale_elasticity, "scale_elasticity")) * nu / (1.0 - nu)
    return 1.0 / ((1.0 + delta * eps) * phi - 1.0)
