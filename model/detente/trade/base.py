"""The world before a tariff: value-added adjustment, domestic sales, spending, income and transfers, from trade and
GDP."""

from dataclasses import dataclass

import numpy as np

from detente.trade.errors import TableError
from detente.trade.inputs import connected, whole

ADJUSTED_REST, ADJUSTED_HOME = 0.12, 0.26
"""What the adjustment has to be on average over the markets, home ones included, in which the rest of the world and
home sell (Ignatenko and others, 2025, whose home is the United States)."""
MOST_ROUNDS = 500
SETTLED = 1e-15


@dataclass(frozen=True)
class Base:
    """Trade that is in equilibrium before the change; N countries, money in the unit of the trade table.

    ``flows`` (N, N) by exporter and importer with domestic sales on the diagonal; ``shares`` (N, N) of spending of each
    importer; ``spending``, ``income``, ``transfers`` (N,) with spending = income + transfers; ``adjustment`` (N,) the
    value-added adjustment nu, the share of what a country buys that is its own value added at once.
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
    """Build the base from checked arrays: ``trade[exporter, importer]`` with zeros on the diagonal, ``gdp`` in its
    unit.

    Domestic sales are spending less imports, but at least zero, with spending ``E = Y + (1 - nu) (imports - sum_i (1 -
    nu_i) X[., i])``. Income follows from sales again: ``Y_j = sum_i (1 - nu_i) X[j, i] + nu_j sum_k X[k, j]``, so that
    the base is consistent where the data are not. Without ``adjusted`` the domestic sales are the same, then nu = 0.
    TableError for a table that falls apart or a country that sells or buys nothing.
    """
    whole(trade, labels, "trade")
    whole(gdp, labels, "gdp")
    if not gdp.all():
        raise TableError(f"gdp: that of {labels[int(np.flatnonzero(gdp == 0.0)[0])]} is 0; it has to be above 0.")
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
            raise TableError(
                f"trade: {labels[int(np.flatnonzero(values == 0.0)[0])]} {verb} nothing, not even at home; leave it out."
            )
    return Base(labels, home, flows, flows / spending, spending, income, spending - income, nu)


def adjustment(trade: np.ndarray, gdp: np.ndarray, home: int) -> tuple[float, float]:
    """Value-added adjustment (rest of the world, home) that reproduces the two observed averages on the world of two
    regions.

    With r the share of its sales that a region makes at home, ``(1 - r1) nu_2 + r1 nu_1 = 0.12`` and ``r2 nu_2 + (1 -
    r2) nu_1 = 0.26``, region 1 the rest and 2 home; r depends on spending and so on nu. The equations are linear in nu
    for given r: solve and repeat. A negative coefficient becomes zero.
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
        if abs(rest - before[0]) + abs(own - before[1]) < SETTLED:
            break
    if not (np.isfinite(rest) and np.isfinite(own)) or max(rest, own) >= 1.0:
        raise TableError(
            "trade: no value-added adjustment fits trade and gdp; are both in the same unit, and is home the country that is meant?"
        )
    return max(rest, 0.0), max(own, 0.0)
