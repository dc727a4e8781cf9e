"""Tariff tables: reciprocal retaliation, optimal tariffs and optimal retaliation.

The optimal rates follow Ignatenko, Lashkaripour, Macedoni and Simonovska (2025), evaluated on trade before the change:
``t = 1 / ((1 + delta eps) phi - 1)``, where delta measures how strongly foreign spending depends on the exporter's own
price.
"""

import numpy as np
from numpy.typing import ArrayLike

from detente.trade import inputs
from detente.trade.base import Base, base
from detente.trade.one_sector import SCALE_ELASTICITY, TRADE_ELASTICITY


def reciprocal(tariff: ArrayLike, home: int) -> np.ndarray:
    """Tariff table with reciprocal retaliation: each country imposes on home the rate that home imposes on it.

    Parameters
    ----------
    tariff : (N, N) ``tariff[exporter, importer]``, shares of the price.
    home : index of the home country.

    Returns
    -------
    (N, N) rates; other entries are unchanged.
    """
    rates = inputs.square(tariff, "tariff")
    home = inputs.country_index(home, inputs.names(None, None, len(rates)))
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
    """Uniform import tariff that maximises home's welfare without retaliation, as a share of the price.

    ``delta = sum_i X[home, i] (1 - nu_i) (1 - lambda[home, i]) / ((1 - nu_home) (E_home - X[home, home]))`` over
    foreign i.

    Parameters
    ----------
    trade : (N, N) flows ``trade[exporter, importer]``.
    gdp : (N,) in the unit of ``trade``.
    home : index of the home country.
    trade_elasticity : eps > 0.
    scale_elasticity : psi >= 0.

    References
    ----------
    Ignatenko, Lashkaripour, Macedoni and Simonovska (2025), Journal of International Economics.
    """
    world = _base(trade, gdp, home)
    nu, abroad = world.adjustment, np.arange(len(world.labels)) != world.home
    response = (world.flows[world.home] * (1.0 - nu) * (1.0 - world.shares[world.home]))[abroad].sum()
    delta = response / ((1.0 - nu[world.home]) * (world.spending[world.home] - world.flows[world.home, world.home]))
    return float(_rate(delta, nu, trade_elasticity, scale_elasticity)[world.home])


def optimal_retaliation(
    trade: ArrayLike,
    gdp: ArrayLike,
    *,
    home: int,
    trade_elasticity: float = TRADE_ELASTICITY,
    scale_elasticity: float = SCALE_ELASTICITY,
) -> np.ndarray:
    """Tariffs on imports from home that maximise the joint welfare of all other countries.

    With R the other countries as one region: ``delta = X[R, home] (1 - nu_home) (1 - lambda[R, home]) / ((1 - nu_R)
    (Y_R - X[R, R]))``.

    Parameters
    ----------
    trade : (N, N) flows ``trade[exporter, importer]``.
    gdp : (N,) in the unit of ``trade``.
    home : index of the home country.
    trade_elasticity : eps > 0.
    scale_elasticity : psi >= 0.

    Returns
    -------
    (N,) rates by importer, 0 for home: row ``home`` of a tariff table.

    References
    ----------
    Ignatenko, Lashkaripour, Macedoni and Simonovska (2025), Journal of International Economics.
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
    return base(flows, inputs.numbers(gdp, "gdp"), inputs.country_index(home, labels), labels)


def _rate(delta: float, nu: np.ndarray, trade_elasticity: float, scale_elasticity: float) -> np.ndarray:
    eps = inputs.option(trade_elasticity, "trade_elasticity", inclusive=False)
    phi = 1.0 + (1.0 + inputs.option(scale_elasticity, "scale_elasticity")) * nu / (1.0 - nu)
    return 1.0 / ((1.0 + delta * eps) * phi - 1.0)
