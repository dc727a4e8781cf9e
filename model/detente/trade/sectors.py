"""Many sectors and countries with input-output links: effects of tariffs by exact hat algebra.

The equations are given in ``sector_hat.py`` and docs/trade.md.

Reference: Caliendo and Parro (2015), Estimates of the Trade and Welfare Effects of NAFTA, Review of Economic Studies
82(1), 1-44.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from detente.trade import inputs
from detente.trade.errors import OptionError, TableError
from detente.trade.sector_hat import Technology, solve

SECTOR_OUTCOMES = ("welfare", "real wage", "wage", "prices", "exports", "imports", "tariff revenue/income")
"""Columns of a result, in percent of the balanced base; the last is a share of income after the change."""
SUM_TOLERANCE = 1e-6


@dataclass(frozen=True)
class SectorEquilibrium:
    """The base and the equilibrium after the change. Money in the unit of value added.

    Parameters
    ----------
    countries, sectors : names.
    base_value_added, base_income : (N,) of the base.
    base_shares, base_flows, shares, flows : (J, N, N) by sector, exporter and importer; flows net of tariffs.
    wage, prices : (N,) factors of change; prices of final goods.
    sector_prices : (J, N) factors of change.
    income, revenue : (N,) after the change; revenue of tariffs.
    residual : largest relative error of a market.
    """

    countries: list[str]
    sectors: list[str]
    base_value_added: np.ndarray
    base_shares: np.ndarray
    base_flows: np.ndarray
    base_income: np.ndarray
    wage: np.ndarray
    prices: np.ndarray
    sector_prices: np.ndarray
    shares: np.ndarray
    flows: np.ndarray
    income: np.ndarray
    revenue: np.ndarray
    residual: float

    @property
    def welfare(self) -> np.ndarray:
        """Change of real income in percent, (N,): value added, revenue and deficit over the price of final goods."""
        return np.asarray(100.0 * (self.income / self.base_income / self.prices - 1.0))

    def table(self) -> pd.DataFrame:
        """Results with one row a country and the columns of ``SECTOR_OUTCOMES``."""
        sold = [_abroad(flows, axis=2) for flows in (self.flows, self.base_flows)]
        bought = [_abroad(flows, axis=1) for flows in (self.flows, self.base_flows)]
        columns = [
            self.welfare,
            100.0 * (self.wage / self.prices - 1.0),
            100.0 * (self.wage - 1.0),
            100.0 * (self.prices - 1.0),
            *(
                100.0 * np.where(before > 0.0, after / np.where(before > 0.0, before, 1.0) - 1.0, 0.0)
                for after, before in (sold, bought)
            ),
            self.revenue / self.income,
        ]
        return pd.DataFrame(np.stack(columns, axis=1), index=self.countries, columns=list(SECTOR_OUTCOMES))


def _abroad(flows: np.ndarray, axis: int) -> np.ndarray:
    """Exports (axis 2) or imports (axis 1) over all sectors, (N,)."""
    own = np.einsum("jnn->n", flows)
    return np.asarray(flows.sum(axis=(0, axis)) - own)


def solve_sectors(
    shares: ArrayLike,
    value_added: ArrayLike,
    tariff: ArrayLike,
    *,
    trade_elasticity: ArrayLike,
    value_added_share: ArrayLike,
    input_share: ArrayLike,
    final_share: ArrayLike,
    initial_tariff: ArrayLike | None = None,
    deficit: ArrayLike | None = None,
    countries: Sequence[Any] | None = None,
    sectors: Sequence[Any] | None = None,
) -> pd.DataFrame:
    """Effects of new tariffs with many sectors: the table of ``sector_equilibrium``.

    Parameters
    ----------
    shares, value_added, tariff, ... : as for ``sector_equilibrium``.

    Returns
    -------
    One row a country, with the columns of ``SECTOR_OUTCOMES``.

    Raises
    ------
    OptionError, TableError, ConvergenceError : as for ``sector_equilibrium``.
    """
    return sector_equilibrium(
        shares,
        value_added,
        tariff,
        trade_elasticity=trade_elasticity,
        value_added_share=value_added_share,
        input_share=input_share,
        final_share=final_share,
        initial_tariff=initial_tariff,
        deficit=deficit,
        countries=countries,
        sectors=sectors,
    ).table()


def sector_equilibrium(
    shares: ArrayLike,
    value_added: ArrayLike,
    tariff: ArrayLike,
    *,
    trade_elasticity: ArrayLike,
    value_added_share: ArrayLike,
    input_share: ArrayLike,
    final_share: ArrayLike,
    initial_tariff: ArrayLike | None = None,
    deficit: ArrayLike | None = None,
    countries: Sequence[Any] | None = None,
    sectors: Sequence[Any] | None = None,
) -> SectorEquilibrium:
    """Equilibrium of J sectors and N countries after new tariffs.

    Parameters
    ----------
    shares : (J, N, N) ``shares[sector, exporter, importer]`` of an importer's spending on a sector, tariffs included;
        sums over exporters are 1.
    value_added : (N,) any unit of money.
    tariff : (J, N, N) new rates ``tariff[sector, exporter, importer]`` as shares of the price, or (N, N) for all
        sectors; all rates, unchanged ones included. The diagonal is not used.
    trade_elasticity : theta, one number or one a sector.
    value_added_share : (J, N) or (J,) share of value added in a sector's output, above 0 and at most 1.
    input_share : (J, J) or (J, J, N) ``input_share[input, user]`` of a sector's spending on inputs; sums over inputs
        are 1.
    final_share : (J, N) or (J,) shares of final spending; sums over sectors are 1.
    initial_tariff : rates before the change in the form of ``tariff``; none by default.
    deficit : (N,) imports less exports, constant relative to world value added, in its unit; sums to 0. By default
        trade is balanced.
    countries, sectors : names.

    Raises
    ------
    OptionError : an option is invalid (also a ValueError).
    TableError : a table is invalid (also a ValueError).
    ConvergenceError : there is no equilibrium; it holds the residual and the country.

    References
    ----------
    Caliendo and Parro (2015), Estimates of the Trade and Welfare Effects of NAFTA, Review of Economic Studies 82(1),
    1-44.
    """
    pi = inputs.numbers(shares, "shares")
    if pi.ndim != 3 or pi.shape[1] != pi.shape[2]:
        raise TableError(
            "shares: a table by sector, exporter and importer is needed, with as many exporters as importers; "
            f"this is {inputs.shape(pi)}."
        )
    kinds, count = pi.shape[:2]
    labels = inputs.names(countries, None, count)
    goods = inputs.names(sectors, None, kinds)
    inputs.check_entries(pi, labels, "shares")
    if np.abs(pi.sum(axis=1) - 1.0).max() > SUM_TOLERANCE:
        swapped = np.abs(pi.sum(axis=2) - 1.0).max() <= SUM_TOLERANCE
        raise TableError(
            "shares: sums over exporters are not 1"
            + ("; exporters and importers seem to be swapped." if swapped else ".")
        )
    if count < 2:
        raise TableError("shares: at least two countries are needed.")
    inputs.connected(pi.sum(axis=0) * (1.0 - np.eye(count)), labels, "shares")
    added = inputs.numbers(value_added, "value_added")
    if added.shape != (count,):
        raise TableError(
            f"value_added: one number a country is needed, {count} in all; these are {inputs.shape(added)}."
        )
    inputs.check_entries(added, labels, "value_added", lowest=np.finfo(float).tiny)
    technology = _technology(
        trade_elasticity, value_added_share, input_share, final_share, deficit, kinds, labels, added
    )
    new, old = _rates(tariff, "tariff", kinds, labels), _rates(initial_tariff, "initial_tariff", kinds, labels)
    start = solve(pi / pi.sum(axis=1, keepdims=True), added, old, old, technology, labels)
    balanced = start.value_added * (added.sum() / start.value_added.sum())
    after = solve(start.shares, balanced, old, new, technology, labels)
    level = np.log(added.sum() / after.value_added.sum())
    prices = np.exp(level + (technology.alpha * after.log_price).sum(axis=0))
    scales = added.sum() / start.value_added.sum(), np.exp(level)
    return SectorEquilibrium(
        countries=labels,
        sectors=goods,
        base_value_added=balanced,
        base_shares=start.shares,
        base_flows=scales[0] * start.shares * start.net_factor * start.spending[:, None, :],
        base_income=scales[0] * start.income,
        wage=np.exp(level + after.log_wage),
        prices=prices,
        sector_prices=np.exp(level + after.log_price),
        shares=after.shares,
        flows=scales[1] * after.shares * after.net_factor * after.spending[:, None, :],
        income=scales[1] * after.income,
        revenue=scales[1] * after.revenue,
        residual=float(np.abs(np.log(after.received / after.value_added)).max()),
    )


def _technology(
    theta: ArrayLike,
    gamma: ArrayLike,
    shares_of_inputs: ArrayLike,
    alpha: ArrayLike,
    deficit: ArrayLike | None,
    kinds: int,
    labels: list[str],
    added: np.ndarray,
) -> Technology:
    """Checked constants in full shape."""
    count = len(labels)
    elasticities = _spread(theta, "trade_elasticity", (kinds,), 0)
    if not (elasticities > 0.0).all():
        raise OptionError("trade_elasticity: it must be above 0.")
    own = _spread(gamma, "value_added_share", (kinds, count), 1)
    if not ((own > 0.0) & (own <= 1.0)).all():
        raise TableError("value_added_share: shares must be above 0 and at most 1.")
    used = _spread(shares_of_inputs, "input_share", (kinds, kinds, count), 1)
    final = _spread(alpha, "final_share", (kinds, count), 1)
    for array, what, over in ((used, "input_share", "inputs"), (final, "final_share", "sectors")):
        if (array < 0.0).any() or np.abs(array.sum(axis=0) - 1.0).max() > SUM_TOLERANCE:
            raise TableError(f"{what}: shares must be at least 0 and sum to 1 over {over}.")
    gap = np.zeros(count) if deficit is None else _spread(deficit, "deficit", (count,), 0)
    if abs(gap.sum()) > SUM_TOLERANCE * added.sum():
        raise TableError("deficit: the deficits of all countries must sum to 0.")
    return Technology(elasticities, own, used * (1.0 - own), final, gap)


def _spread(values: ArrayLike, what: str, full: tuple[int, ...], trailing: int) -> np.ndarray:
    """``values`` broadcast to their full shape; the last ``trailing`` axes may be missing."""
    array = inputs.numbers(values, what)
    if not np.isfinite(array).all():
        raise TableError(f"{what}: finite numbers are needed.")
    if array.shape == full[: len(full) - trailing] and trailing:
        array = array.reshape(array.shape + (1,) * trailing)
    elif array.shape not in ((), full):
        raise TableError(f"{what}: a table of {' x '.join(map(str, full))} is needed; this is {inputs.shape(array)}.")
    return np.broadcast_to(array, full).copy()


def _rates(values: ArrayLike | None, what: str, kinds: int, labels: list[str]) -> np.ndarray:
    """Tariff rates, (J, N, N), zeros on the diagonals."""
    count = len(labels)
    if values is None:
        return np.zeros((kinds, count, count))
    array = inputs.numbers(values, what)
    if array.shape not in ((count, count), (kinds, count, count)):
        raise TableError(
            f"{what}: a table of {kinds} x {count} x {count} or {count} x {count} is needed; "
            f"this is {inputs.shape(array)}."
        )
    array = np.broadcast_to(array, (kinds, count, count)).copy()
    array[:, np.arange(count), np.arange(count)] = 0.0
    inputs.above_minus_one(array, labels, what)
    return array
