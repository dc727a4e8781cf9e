"""One sector, many countries: effects of tariffs on welfare, trade, employment and prices, by exact hat algebra.

The equations are given in ``one_sector_hat.py``, ``base.py`` and docs/trade.md.

References: Dekle, Eaton and Kortum (2008), IMF Staff Papers 55(3), 511-540, for the method. Ignatenko, Lashkaripour,
Macedoni and Simonovska (2025), Making America Great Again? The Economic Impacts of Liberation Day Tariffs, Journal of
International Economics, for labour supply, scale economies, value-added adjustment, pass-through and rebate.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from detente.trade import inputs
from detente.trade.base import Base, base
from detente.trade.errors import ConvergenceError, OptionError, TableError
from detente.trade.newton import Solution
from detente.trade.one_sector_hat import State, System

Rebate = Literal["income-tax", "lump-sum"]
Variant = Literal["baseline", "eaton-kortum", "dek"]
REBATES = ("income-tax", "lump-sum")
VARIANTS = ("baseline", "eaton-kortum", "dek")
TRADE_ELASTICITY = 4.0
LABOR_SUPPLY_ELASTICITY = 0.5
SCALE_ELASTICITY = 0.67 / 4.0
OUTCOMES = ("welfare", "deficit", "exports/GDP", "imports/GDP", "employment", "prices", "tariff revenue/expenditure")
"""Columns of a result; the first six in percent, the last a share of spending before the change."""
_COLUMNS = pd.Index(OUTCOMES)
NOTHING = 1e-12
"""Share of spending below which trade counts as zero."""
FULL = 0.8
"""Share of income of a trade surplus or tax rebate above which it explains a missing equilibrium."""


@dataclass(frozen=True)
class Equilibrium:
    """Equilibrium after a change of tariffs, with the base before it. Money in the unit of the trade table.

    Parameters
    ----------
    base : the equilibrium before the change.
    tariff : (N, N) new rates.
    wage, employment, spending, prices : (N,) factors of change.
    flows : (N, N) by exporter and importer, net of tariffs, domestic sales on the diagonal.
    revenue : (N,) tariff revenue.
    tax : (N,) cut of the income tax financed by it, share of income; 0 with a lump sum.
    labor_supply_elasticity : kappa.
    residual : largest relative error of a condition.
    steps : steps of the solver.
    """

    base: Base
    tariff: np.ndarray
    wage: np.ndarray
    employment: np.ndarray
    spending: np.ndarray
    prices: np.ndarray
    flows: np.ndarray
    revenue: np.ndarray
    tax: np.ndarray
    labor_supply_elasticity: float
    residual: float
    steps: int

    @property
    def income(self) -> np.ndarray:
        """Income after the change, (N,)."""
        return np.asarray(self.base.income * self.wage * self.employment)

    @property
    def leisure_weight(self) -> np.ndarray:
        """Weight d of the welfare formula, (N,): spending over spending less the disutility of work."""
        work = self.labor_supply_elasticity / (1.0 + self.labor_supply_elasticity) * (1.0 - self.tax) * self.base.income
        return np.asarray(self.base.spending / (self.base.spending - work))

    @property
    def welfare(self) -> np.ndarray:
        """Change of welfare in percent, (N,): ``W = d e/P + (1 - d) w L/P``."""
        weight = self.leisure_weight
        value = weight * self.spending + (1.0 - weight) * self.wage * self.employment
        return np.asarray(100.0 * (value / self.prices - 1.0))

    @property
    def welfare_value(self) -> np.ndarray:
        """Change of welfare in money at prices before the change, (N,)."""
        return np.asarray(self.welfare / 100.0 * self.base.spending / self.leisure_weight)

    def outcomes(self) -> np.ndarray:
        """The columns of ``OUTCOMES``, (N, 7).

        Deficit: imports less exports, change in percent of its absolute value before. Exports and imports exclude
        domestic sales and tariffs, over income. A flow of zero before and after counts as unchanged; a new flow has no
        percent change (NaN).
        """
        before, after, spent = self.base.flows, self.flows, self.base.spending
        own_before, own_after = before.diagonal(), after.diagonal()
        sold, bought = before.sum(axis=1), before.sum(axis=0)
        sold_after, bought_after = after.sum(axis=1), after.sum(axis=0)
        deficit, deficit_after = bought - sold, bought_after - sold_after
        income = self.income
        return np.stack(
            [
                self.welfare,
                _percent(deficit_after - deficit, np.abs(deficit), spent),
                _growth((sold_after - own_after) / income, (sold - own_before) / self.base.income),
                _growth((bought_after - own_after) / income, (bought - own_before) / self.base.income),
                100.0 * (self.employment - 1.0),
                100.0 * (self.prices - 1.0),
                self.revenue / spent,
            ],
            axis=1,
        )

    def table(self) -> pd.DataFrame:
        """Results with one row a country and the columns of ``OUTCOMES``."""
        return pd.DataFrame(self.outcomes(), index=pd.Index(self.base.labels, dtype=object), columns=_COLUMNS)


def solve(
    trade: ArrayLike,
    gdp: ArrayLike,
    tariff: ArrayLike,
    *,
    home: int | str,
    trade_elasticity: float = TRADE_ELASTICITY,
    labor_supply_elasticity: float = LABOR_SUPPLY_ELASTICITY,
    scale_elasticity: float = SCALE_ELASTICITY,
    passthrough: ArrayLike | None = None,
    rebate: Rebate = "income-tax",
    variant: Variant = "baseline",
    countries: Sequence[Any] | None = None,
) -> pd.DataFrame:
    """Effects of new tariffs by country: the table of ``equilibrium``.

    Parameters
    ----------
    trade, gdp, tariff, home, ... : as for ``equilibrium``.

    Returns
    -------
    One row a country in the order given, with the columns of ``OUTCOMES``.

    Raises
    ------
    OptionError, TableError, ConvergenceError : as for ``equilibrium``.
    """
    return equilibrium(
        trade,
        gdp,
        tariff,
        home=home,
        trade_elasticity=trade_elasticity,
        labor_supply_elasticity=labor_supply_elasticity,
        scale_elasticity=scale_elasticity,
        passthrough=passthrough,
        rebate=rebate,
        variant=variant,
        countries=countries,
    ).table()


def equilibrium(
    trade: ArrayLike,
    gdp: ArrayLike,
    tariff: ArrayLike,
    *,
    home: int | str,
    trade_elasticity: float = TRADE_ELASTICITY,
    labor_supply_elasticity: float = LABOR_SUPPLY_ELASTICITY,
    scale_elasticity: float = SCALE_ELASTICITY,
    passthrough: ArrayLike | None = None,
    rebate: Rebate = "income-tax",
    variant: Variant = "baseline",
    countries: Sequence[Any] | None = None,
) -> Equilibrium:
    """Equilibrium after new tariffs.

    Parameters
    ----------
    trade : (N, N) flows ``trade[exporter, importer]``, any unit of money. The diagonal is not used: domestic sales
        follow from ``gdp``.
    gdp : (N,) in the unit of ``trade``.
    tariff : (N, N) new rates ``tariff[exporter, importer]`` as shares of the price: 0.5 is 50%, 5 is 500%. Retaliation
        is its other entries. The diagonal is not used.
    home : index or name of the country set against the rest of the world for the value-added adjustment.
    trade_elasticity : eps > 0.
    labor_supply_elasticity : kappa >= 0.
    scale_elasticity : psi >= 0; equals the love of variety 1/theta.
    passthrough : share of a tariff in the price that buyers pay, one number or one an importer; None or 1 is complete.
        The exponent of the tariff in demand is ``phi = passthrough + (1 + psi) nu / (1 - nu)``. Ignatenko and others
        use 1 in their main case and 0.25 for incomplete pass-through.
    rebate : "income-tax": tariff revenue lowers a tax on labour income, which raises employment; "lump-sum": it is paid
        out.
    variant : "baseline"; "eaton-kortum": no value-added adjustment (nu = 0); "dek": Dekle, Eaton and Kortum, without
        adjustment, labour supply and scale economies. In all three, transfers between countries are constant relative
        to world income.
    countries : N names for the table; by default the index of a DataFrame ``trade``, or numbers.

    Raises
    ------
    OptionError : an option is invalid (also a ValueError).
    TableError : a table is invalid (also a ValueError).
    ConvergenceError : there is no equilibrium; it holds the residual and the country.

    References
    ----------
    Dekle, Eaton and Kortum (2008), Global Rebalancing with Gravity, IMF Staff Papers 55(3), 511-540.
    Ignatenko, Lashkaripour, Macedoni and Simonovska (2025), Making America Great Again? The Economic Impacts of
    Liberation Day Tariffs, Journal of International Economics.
    """
    flows = inputs.square(trade, "trade")
    labels = inputs.names(countries, trade, len(flows))
    rates = inputs.rates(tariff, labels)
    income = inputs.numbers(gdp, "gdp")
    inputs.same_labels(trade, labels, "trade")
    inputs.same_labels(gdp, labels, "gdp")
    if income.shape != (len(flows),):
        raise TableError(f"gdp: one number a country is needed, {len(flows)} in all; these are {inputs.shape(income)}.")
    inputs.choice(variant, VARIANTS, "variant")
    inputs.choice(rebate, REBATES, "rebate")
    eps = inputs.option(trade_elasticity, "trade_elasticity", inclusive=False)
    kappa = inputs.option(labor_supply_elasticity, "labor_supply_elasticity")
    psi = inputs.option(scale_elasticity, "scale_elasticity")
    if variant == "dek":
        for value, usual, name in (
            (kappa, LABOR_SUPPLY_ELASTICITY, "labor_supply_elasticity"),
            (psi, SCALE_ELASTICITY, "scale_elasticity"),
        ):
            if value not in (0.0, usual):
                raise OptionError(f'{name}: the variant "dek" does not use it; leave it out.')
        kappa = psi = 0.0
    world = base(flows, income, inputs.country_index(home, labels), labels, adjusted=variant == "baseline")
    phi = _passthrough(passthrough, len(labels)) + (1.0 + psi) * world.adjustment / (1.0 - world.adjustment)
    system = System(world, rates, eps, kappa, psi, phi, rebate == "income-tax" and kappa > 0.0)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        solution = system.solve()
    if not solution.converged:
        raise _failure(system, solution)
    return _after(system, solution)


def _passthrough(values: ArrayLike | None, count: int) -> np.ndarray:
    if values is None:
        return np.ones(count)
    try:
        share = np.broadcast_to(np.asarray(values, float), (count,))
    except (TypeError, ValueError) as error:
        raise OptionError(f"passthrough: one number is needed, or {count}, one a country.") from error
    if not np.isfinite(share).all() or (share < 0.0).any():
        raise OptionError("passthrough: it must be finite and at least 0.")
    return share


def _after(system: System, solution: Solution) -> Equilibrium:
    """The solution, normalised to an unchanged base-weighted mean of prices."""
    state: State = solution.state
    world = system.base
    price = np.exp(state.price)
    level = world.spending.sum() / (world.spending @ price)
    return Equilibrium(
        base=world,
        tariff=system.tariff,
        wage=level * np.exp(state.wage),
        employment=np.exp(state.labour),
        spending=level * state.spending / world.spending,
        prices=level * price,
        flows=state.net_shares * (level * state.spending),
        revenue=level * state.duty * state.spending,
        tax=state.tax,
        labor_supply_elasticity=system.kappa,
        residual=float(np.abs(np.log(state.received / state.income)).max()),
        steps=solution.steps,
    )


def _failure(system: System, solution: Solution) -> ConvergenceError:
    """Error for a failed solution: the largest residual, its country and the likely remedy."""
    labels = system.base.labels
    count, largest = len(labels), int(system.base.income.argmax())
    order = [k for k in range(count) if k != largest] + list(range(count))
    finite = np.isfinite(solution.residuals).any() and solution.state is not None
    worst = int(np.nanargmax(np.abs(solution.residuals))) if finite else 0
    residual = float(np.abs(solution.residuals[worst])) if finite else float("inf")
    country = labels[order[worst]]
    hint = "try lower tariffs or elasticities"
    state: State | None = solution.state
    if state is not None:
        available = state.spending * state.net_share / state.income
        if system.relief and state.tax.max() > FULL:
            country = labels[int(state.tax.argmax())]
            hint = (
                f"tariff revenue would equal the income of {country}, more than an income tax can return; "
                'try rebate="lump-sum"'
            )
        elif available.min() < 1.0 - FULL:
            country = labels[int(available.argmin())]
            hint = (
                f"the trade surplus of {country}, fixed relative to world income, would exceed its income; "
                "lower the tariffs"
            )
    error = f"the relative error after {solution.steps} steps is {residual:.1e}, the largest for {labels[order[worst]]}"
    return ConvergenceError(f"no equilibrium was found: {error}; {hint}.", residual, country)


def _growth(after: np.ndarray, before: np.ndarray) -> np.ndarray:
    return _percent(after - before, before, np.ones_like(before))


def _percent(change: np.ndarray, of: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Percent change; for a base of zero relative to ``scale``, 0 without a change and NaN with one."""
    none = of <= NOTHING * scale
    if not none.any():
        return np.asarray(100.0 * change / of)
    changed = np.where(np.abs(change) <= NOTHING * scale, 0.0, np.nan)
    return np.asarray(np.where(none, changed, 100.0 * change / np.where(none, 1.0, of)))
