"""The equilibrium before a tariff: domestic sales, spending, income, transfers and value-added adjustment."""

from dataclasses import dataclass

import numpy as np

from detente.trade.errors import TableError
from detente.trade.inputs import check_entries, connected

ADJUSTED_REST, ADJUSTED_HOME = 0.12, 0.26
"""Observed mean adjustment over the markets, domestic ones included, of the rest of the world and of home (Ignatenko
and others, 2025; home is the United States)."""
MOST_ROUNDS = 500
CONVERGED = 1e-15


@dataclass(frozen=True)
class Base:
    """Trade in equilibrium before the change; N countries, money in the unit of the trade table.

    Parameters
    ----------
    labels : names of the countries.
    home : index of the home country.
    flows : (N, N) by exporter and importer, domestic sales on the diagonal.
    shares : (N, N) of each importer's spending.
    spending, income, transfers : (N,) with spending = income + transfers.
    adjustment : (N,) value-added adjustment nu, the share of purchases that is domestic value added.
    """

    labels: list[str]
    home: int
    flows: np.ndarray
    shares: np.ndarray
    spending: np.ndarray
    income: np.ndarray
    transfers: np.ndarray
    adjustment: np.ndarray


def base(trade: np.ndarray, gdp: np.ndarray, home: int, labels: list[str], *, adjusted: bool = True) -> Base:
    """Base equilibrium from checked arrays.

    Domestic sales are spending less imports, at least zero, with spending ``E = Y + (1 - nu) (imports - sum_i (1 -
    nu_i) X[., i])``. Income is recomputed from sales, ``Y_j = sum_i (1 - nu_i) X[j, i] + nu_j sum_k X[k, j]``, so
    the base is consistent even if the data are not. Without ``adjusted`` the domestic sales are the same and nu = 0.

    Parameters
    ----------
    trade : (N, N) ``trade[exporter, importer]``, zeros on the diagonal.
    gdp : (N,) in the unit of ``trade``.
    home : index of the home country.
    labels : names of the countries.
    adjusted : whether to apply the value-added adjustment.

    Raises
    ------
    TableError : the table is disconnected, or a country sells or buys nothing.
    """
    check_entries(trade, labels, "trade")
    check_entries(gdp, labels, "gdp")
    if not gdp.all():
        raise TableError(f"gdp: that of {labels[int(np.flatnonzero(gdp == 0.0)[0])]} is 0; it must be above 0.")
    connected(trade, labels)
    nu = np.empty(len(gdp))
    rest, own = adjustment(trade, gdp, home)
    nu.fill(rest)
    nu[home] = own
    imports = trade.sum(axis=0)
    spending = gdp + (1.0 - nu) * (imports - trade @ (1.0 - nu))
    flows = trade.copy()
    flows.flat[:: len(gdp) + 1] = np.maximum(spending - imports, 0.0)
    if not adjusted:
        nu.fill(0.0)
    spending = flows.sum(axis=0)
    income = flows @ (1.0 - nu) + nu * spending
    for values, verb in ((spending, "buys"), (income, "sells")):
        if not values.all():
            country = labels[int(np.flatnonzero(values == 0.0)[0])]
            raise TableError(f"trade: {country} {verb} nothing, not even domestically; leave it out.")
    return Base(labels, home, flows, flows / spending, spending, income, spending - income, nu)


def adjustment(trade: np.ndarray, gdp: np.ndarray, home: int) -> tuple[float, float]:
    """Value-added adjustment (rest of the world, home) that reproduces the observed means in two regions.

    With r the domestic share of a region's sales, ``(1 - r1) nu_2 + r1 nu_1 = 0.12`` and ``r2 nu_2 + (1 - r2) nu_1 =
    0.26``, region 1 the rest and 2 home. r depends on nu; for given r the equations are linear, so they are solved
    repeatedly. Negative coefficients become zero.
    """
    total, exported, imported = float(trade.sum()), float(trade[home].sum()), float(trade[:, home].sum())
    among = total - exported - imported
    own_gdp = float(gdp[home])
    rest_gdp = float(gdp.sum()) - own_gdp
    rest, own = 0.1, 0.24
    for _ in range(MOST_ROUNDS):
        spent_rest = rest_gdp + (1.0 - rest) * (among + exported - (1.0 - rest) * among - (1.0 - own) * imported)
        spent_own = own_gdp + (1.0 - own) * (imported - (1.0 - rest) * exported)
        at_home_rest, at_home_own = spent_rest - exported, spent_own - imported
        r_rest, r_own = at_home_rest / (at_home_rest + imported), at_home_own / (at_home_own + exported)
        determinant = r_rest * r_own - (1.0 - r_rest) * (1.0 - r_own)
        if not np.isfinite(determinant) or abs(determinant) < 1e-9:
            break
        before = rest, own
        rest = (ADJUSTED_REST * r_own - ADJUSTED_HOME * (1.0 - r_rest)) / determinant
        own = (ADJUSTED_HOME * r_rest - ADJUSTED_REST * (1.0 - r_own)) / determinant
        if abs(rest - before[0]) + abs(own - before[1]) < CONVERGED:
            break
    if not (np.isfinite(rest) and np.isfinite(own)) or max(rest, own) >= 1.0:
        raise TableError("trade: no value-added adjustment fits trade and gdp; check their units and the home country.")
    return max(rest, 0.0), max(own, 0.0)
