"""Many sectors, many countries, input-output links: exact hat algebra after Caliendo and Parro (2015), Review of Economic Studies 82(1), 1-44.

Notation: j, k sectors, i exporters, n importers; pi shares of spending on a sector by origin, t tariffs, theta_j trade elasticity, gamma_jn share of
value added in output, g_kjn share of input k in the cost of sector j, alpha_jn shares of final spending, V value added, D deficits. Hats are changes.

    c_jn  = w_n^gamma_jn prod_k P_kn^g_kjn                                        cost of a bundle of inputs
    P_jn  = (sum_i pi_jin (c_ji (1 + t'_jin) / (1 + t_jin))^(-theta_j))^(-1/theta_j)   prices
    pi'_jin = pi_jin (c_ji (1 + t'_jin) / ((1 + t_jin) P_jn))^(-theta_j)              shares
    S_ji  = sum_n pi'_jin X_jn / (1 + t'_jin)                                     sales, tariff not included
    R_n   = sum_j X_jn sum_i pi'_jin t'_jin / (1 + t'_jin)                        tariff revenue
    X_jn  = alpha_jn (w_n V_n + R_n + D_n sum(w V) / sum V) + sum_k g_jkn S_kn       spending on a sector, final and as input
    w_n V_n = sum_j gamma_jn S_jn                                                 sales pay value added
    normalisation: sum(w V) = sum V

The data rarely fit the model to the last digit, and deficits are not to be part of the answer: first the base is solved at the old tariffs with the
deficits that are asked for (none), then the new tariffs are applied to it. For given wages prices are the fixed point of a contraction and spending a
linear system; Newton's method runs over the N - 1 relative wages with the exact Jacobian.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.linalg import lu_factor, lu_solve

from detente.trade import inputs
from detente.trade.complaints import ConvergenceError, OptionError, TableError
from detente.trade.newton import Found, along, newton

SECTOR_OUTCOMES = ("welfare", "real wage", "wage", "prices", "exports", "imports", "tariff revenue/income")
"""Columns of a result; all in percent of the balanced base but the last, a share of income after the change."""
SUM_TOLERANCE = 1e-6
MOST_ROUNDS = 10_000


class Technology(NamedTuple):
    """Constants of an economy with J sectors and N countries, checked: theta (J,), gamma and alpha (J, N), g (J input, J user, N), deficits (N,)."""

    theta: np.ndarray
    gamma: np.ndarray
    inputs: np.ndarray
    alpha: np.ndarray
    deficits: np.ndarray


class World(NamedTuple):
    """Prices and quantities at a point. Hats: log_wage (N,), log_price (J, N); shares (J, N, N) by exporter and importer; rest as in the docstring."""

    log_wage: np.ndarray
    log_price: np.ndarray
    shares: np.ndarray
    left: np.ndarray
    spending: np.ndarray
    sales: np.ndarray
    revenue: np.ndarray
    income: np.ndarray
    value_added: np.ndarray
    received: np.ndarray
    links: Any


@dataclass(frozen=True)
class SectorEquilibrium:
    """The balanced base and the world after the change; hats (N,), money in the unit of value added, (J, N, N) by sector, exporter and importer.

    ``flows``: at prices before the tariff. ``residual``: the largest relative error of a market.
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
        """(N,) change of real income in percent: value added, tariff revenue and deficit over the price of final goods."""
        return 100.0 * (self.income / self.base_income / self.prices - 1.0)

    def table(self) -> pd.DataFrame:
        """One row a country, the columns of ``SECTOR_OUTCOMES``."""
        sold = [_abroad(flows, axis=2) for flows in (self.flows, self.base_flows)]
        bought = [_abroad(flows, axis=1) for flows in (self.flows, self.base_flows)]
        columns = [
            self.welfare,
            100.0 * (self.wage / self.prices - 1.0),
            100.0 * (self.wage - 1.0),
            100.0 * (self.prices - 1.0),
            *(100.0 * np.where(before > 0.0, after / np.where(before > 0.0, before, 1.0) - 1.0, 0.0) for after, before in (sold, bought)),
            self.revenue / self.income,
        ]
        return pd.DataFrame(np.stack(columns, axis=1), index=self.countries, columns=list(SECTOR_OUTCOMES))


def _abroad(flows: np.ndarray, axis: int) -> np.ndarray:
    """(N,) what is sold (axis 2) or bought (axis 1) abroad over all sectors."""
    own = np.einsum("jnn->n", flows)
    return flows.sum(axis=(0, axis)) - own


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
    """What new tariffs do with many sectors: a table with the columns of ``SECTOR_OUTCOMES``, one row a country.

    The arguments are those of ``sector_equilibrium``, which returns everything; this is its table.
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
    """The world of J sectors and N countries after new tariffs.

    Parameters
    ----------
    shares : (J, N, N) ``shares[sector, exporter, importer]`` of an importer's spending on a sector, tariffs included; sums over exporters are 1.
    value_added : (N,) any unit of money.
    tariff : (J, N, N) new rates ``tariff[sector, exporter, importer]`` as shares of the price, or (N, N) the same for all sectors; all of them, those
        that stay as well. The diagonal is not read.
    trade_elasticity : theta, one number or one a sector.
    value_added_share : (J, N) or (J,) share of value added in a sector's output, above 0 and at most 1.
    input_share : (J, J) or (J, J, N) ``input_share[input, user]`` of what a sector spends on inputs; sums over inputs are 1.
    final_share : (J, N) or (J,) shares of final spending; sums over sectors are 1.
    initial_tariff : rates before the change in the form of ``tariff``; none by default.
    deficit : (N,) imports less exports that countries keep, in the unit of value added at the world's; sums to 0. None by default: balanced trade.
    countries, sectors : names.

    Raises OptionError and TableError for what cannot be meant, ConvergenceError with the residual and the country.
    """
    pi = inputs.numbers(shares, "shares")
    if pi.ndim != 3 or pi.shape[1] != pi.shape[2]:
        raise TableError(f"shares: a table by sector, exporter and importer is needed, as many exporters as importers; this is {inputs.shape(pi)}.")
    kinds, count = pi.shape[:2]
    labels = inputs.names(countries, None, count)
    goods = inputs.names(sectors, None, kinds)
    inputs.whole(pi, labels, "shares")
    if np.abs(pi.sum(axis=1) - 1.0).max() > SUM_TOLERANCE:
        swapped = np.abs(pi.sum(axis=2) - 1.0).max() <= SUM_TOLERANCE
        raise TableError("shares: sums over exporters are not 1" + ("; exporters and importers seem to be swapped." if swapped else "."))
    for good in pi:
        if count > 1 and kinds == 1:
            inputs.connected(good * (1.0 - np.eye(count)), labels, "shares")
    if kinds > 1:
        inputs.connected(pi.sum(axis=0) * (1.0 - np.eye(count)), labels, "shares")
    added = inputs.numbers(value_added, "value_added")
    if added.shape != (count,):
        raise TableError(f"value_added: one number a country is needed, {count} in all; these are {inputs.shape(added)}.")
    inputs.whole(added, labels, "value_added", lowest=np.finfo(float).tiny)
    technology = _technology(trade_elasticity, value_added_share, input_share, final_share, deficit, kinds, labels, added)
    new, old = _rates(tariff, "tariff", kinds, labels), _rates(initial_tariff, "initial_tariff", kinds, labels)
    start = _solve(pi / pi.sum(axis=1, keepdims=True), added, old, old, technology, labels)
    balanced = start.value_added * (added.sum() / start.value_added.sum())
    after = _solve(start.shares, balanced, old, new, technology, labels)
    level = np.log(added.sum() / after.value_added.sum())
    prices = np.exp(level + (technology.alpha * after.log_price).sum(axis=0))
    scales = added.sum() / start.value_added.sum(), np.exp(level)
    return SectorEquilibrium(
        countries=labels,
        sectors=goods,
        base_value_added=balanced,
        base_shares=start.shares,
        base_flows=scales[0] * start.shares * start.left * start.spending[:, None, :],
        base_income=scales[0] * start.income,
        wage=np.exp(level + after.log_wage),
        prices=prices,
        sector_prices=np.exp(level + after.log_price),
        shares=after.shares,
        flows=scales[1] * after.shares * after.left * after.spending[:, None, :],
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
    """Check the constants and give each its full shape."""
    count = len(labels)
    elasticities = _spread(theta, "trade_elasticity", (kinds,), 0)
    if not (elasticities > 0.0).all():
        raise OptionError("trade_elasticity: it has to be above 0.")
    own = _spread(gamma, "value_added_share", (kinds, count), 1)
    if not ((own > 0.0) & (own <= 1.0)).all():
        raise TableError("value_added_share: shares above 0 and at most 1 are needed.")
    used = _spread(shares_of_inputs, "input_share", (kinds, kinds, count), 1)
    final = _spread(alpha, "final_share", (kinds, count), 1)
    for array, what, over in ((used, "input_share", "inputs"), (final, "final_share", "sectors")):
        if (array < 0.0).any() or np.abs(array.sum(axis=0) - 1.0).max() > SUM_TOLERANCE:
            raise TableError(f"{what}: shares of at least 0 that sum to 1 over {over} are needed.")
    gap = np.zeros(count) if deficit is None else _spread(deficit, "deficit", (count,), 0)
    if abs(gap.sum()) > SUM_TOLERANCE * added.sum():
        raise TableError("deficit: the deficits of all countries have to sum to 0.")
    return Technology(elasticities, own, used * (1.0 - own), final, gap)


def _spread(values: ArrayLike, what: str, full: tuple[int, ...], trailing: int) -> np.ndarray:
    """``values`` in their full shape; the last ``trailing`` axes, or all for a single number, may be missing and are then the same for all."""
    array = inputs.numbers(values, what)
    if not np.isfinite(array).all():
        raise TableError(f"{what}: finite numbers are needed.")
    if array.shape == full[: len(full) - trailing] and trailing:
        array = array.reshape(array.shape + (1,) * trailing)
    elif array.shape not in ((), full):
        raise TableError(f"{what}: a table of {' x '.join(map(str, full))} is needed; this is {inputs.shape(array)}.")
    return np.broadcast_to(array, full).copy()


def _rates(values: ArrayLike | None, what: str, kinds: int, labels: list[str]) -> np.ndarray:
    """(J, N, N) tariff rates, zeros on the diagonals."""
    count = len(labels)
    if values is None:
        return np.zeros((kinds, count, count))
    array = inputs.numbers(values, what)
    if array.shape not in ((count, count), (kinds, count, count)):
        raise TableError(f"{what}: a table of {kinds} x {count} x {count} or {count} x {count} is needed; this is {inputs.shape(array)}.")
    array = np.broadcast_to(array, (kinds, count, count)).copy()
    array[:, np.arange(count), np.arange(count)] = 0.0
    inputs.above_minus_one(array, labels, what)
    return array


def _solve(pi: np.ndarray, added: np.ndarray, old: np.ndarray, new: np.ndarray, technology: Technology, labels: list[str]) -> World:
    """The equilibrium at tariffs ``new`` from shares at tariffs ``old``; ConvergenceError if there is none."""
    free = np.flatnonzero(np.arange(len(added)) != int(added.argmax()))
    change = np.log1p(new) - np.log1p(old)

    def part(share: float, point: np.ndarray) -> Found:
        step = _Step(pi, added, np.log1p(new) if share == 1.0 else np.log1p(old) + share * change, share * change, technology, free)
        return newton(step.evaluate, step.jacobian, point)

    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        found = along(part, np.zeros(len(free)))
    if found.converged:
        return found.state
    finite = np.isfinite(found.residuals).all()
    worst = int(np.abs(found.residuals).argmax()) if finite else 0
    residual, country = float(np.abs(found.residuals).max()), labels[free[worst]]
    raise ConvergenceError(
        f"no equilibrium was found: after {found.steps} steps a relative error of {residual:.1e} is left, the largest for {country}; "
        "try lower tariffs, elasticities or deficits.",
        residual,
        country,
    )


class _Step:
    """Markets and their Jacobian for the logarithms of relative wages, at given tariffs."""

    def __init__(self, pi: np.ndarray, added: np.ndarray, log_tariff: np.ndarray, change: np.ndarray, technology: Technology, free: np.ndarray) -> None:
        self.added, self.technology, self.free = added, technology, free
        self.weights = pi * np.exp(-technology.theta[:, None, None] * change)
        self.left, self.duty = np.exp(-log_tariff), -np.expm1(-log_tariff)
        self.log_price = np.zeros(technology.gamma.shape)

    def evaluate(self, point: np.ndarray) -> tuple[np.ndarray, World] | None:
        """Relative errors of the markets of all countries but the largest; None where final spending would not be positive."""
        theta, gamma, used, alpha, deficits = self.technology
        kinds, count = gamma.shape
        x = np.zeros(count)
        x[self.free] = point
        log_price = self._prices(x)
        if log_price is None:
            return None
        self.log_price = log_price
        cost = gamma * x + np.einsum("kjn,kn->jn", used, log_price)
        shares = self.weights * np.exp(-theta[:, None, None] * (cost[:, :, None] - log_price[:, None, :]))
        shares /= shares.sum(axis=1, keepdims=True)
        value_added = self.added * np.exp(x)
        paid, duty = shares * self.left, (shares * self.duty).sum(axis=1)
        matrix = np.einsum("jkn,kni->jnki", used, paid)
        every = np.arange(count)
        matrix[:, every, :, every] += np.einsum("jn,kn->njk", alpha, duty)
        links = lu_factor(np.eye(kinds * count) - matrix.reshape(kinds * count, kinds * count), check_finite=False)
        fixed = value_added + deficits * (value_added.sum() / self.added.sum())
        spending = lu_solve(links, (alpha * fixed).ravel(), check_finite=False).reshape(kinds, count)
        sales = np.einsum("kni,ki->kn", paid, spending)
        revenue = (duty * spending).sum(axis=0)
        received, income = (gamma * sales).sum(axis=0), fixed + revenue
        if not (np.isfinite(received).all() and received.min() > 0.0 and income.min() > 0.0):
            return None
        state = World(x, log_price, shares, self.left, spending, sales, revenue, income, value_added, received, links)
        return np.log(received / value_added)[self.free], state

    def _prices(self, x: np.ndarray) -> np.ndarray | None:
        """(J, N) log prices at given log wages: a contraction, since value added is part of every cost."""
        theta, gamma, used = self.technology[:3]
        own, log_price = gamma * x, self.log_price
        for _ in range(MOST_ROUNDS):
            cost = own + np.einsum("kjn,kn->jn", used, log_price)
            before = log_price
            log_price = -np.log((self.weights * np.exp(-theta[:, None] * cost)[:, :, None]).sum(axis=1)) / theta[:, None]
            moved = np.abs(log_price - before).max()
            if not np.isfinite(moved):
                return None
            if moved < 1e-15 * (1.0 + np.abs(log_price).max()):
                break
        return log_price

    def jacobian(self, at: World) -> np.ndarray:
        """Derivatives of ``evaluate`` by the free log wages; the last axis of every array below is the wage that moves."""
        theta, gamma, used, alpha, deficits = self.technology
        kinds, count = gamma.shape
        size = kinds * count
        moved = np.zeros((count, len(self.free)))
        moved[self.free, np.arange(len(self.free))] = 1.0
        own = gamma[:, :, None] * moved
        passed = np.einsum("jin,kji->jnki", at.shares, used).reshape(size, size)
        first = np.einsum("jin,jim->jnm", at.shares, own).reshape(size, -1)
        price = np.linalg.solve(np.eye(size) - passed, first).reshape(kinds, count, -1)
        cost = own + np.einsum("kjn,knm->jnm", used, price)
        paid = at.shares * at.left
        sold, taxed = paid * at.spending[:, None, :], at.shares * self.duty * at.spending[:, None, :]
        scale = -theta[:, None, None]
        sales = scale * (sold.sum(axis=2)[:, :, None] * cost - sold @ price)
        revenue = (scale * (taxed.transpose(0, 2, 1) @ cost - taxed.sum(axis=1)[:, :, None] * price)).sum(axis=0)
        added = at.value_added[:, None] * moved
        fixed = added + deficits[:, None] * (added.sum(axis=0) / self.added.sum()) + revenue
        direct = alpha[:, :, None] * fixed + np.einsum("jkn,knm->jnm", used, sales)
        spending = lu_solve(at.links, direct.reshape(size, -1), check_finite=False).reshape(kinds, count, -1)
        received = (gamma[:, :, None] * (sales + paid @ spending)).sum(axis=0)
        return received[self.free] / at.received[self.free, None] - np.eye(len(self.free))
