"""One sector, many countries: what a change of tariffs does to welfare, trade, employment and prices, by exact hat
algebra.

Sources: Dekle, Eaton and Kortum (2008), IMF Staff Papers 55(3), 511-540, for the method; Ignatenko, Lashkaripour,
Macedoni and Simonovska (2025), Making America Great Again? The Economic Impacts of Liberation Day Tariffs, Journal of
International Economics, for labour supply, scale economies, value-added adjustment, pass-through and rebate. The
equations are written out in ``hat.py``, ``base.py`` and docs/trade.md.
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
from detente.trade.newton import Found
from detente.trade.one_sector_hat import State, System

Rebate = Literal["income-tax", "lump-sum"]
Variant = Literal["baseline", "eaton-kortum", "dek"]
REBATES = ("income-tax", "lump-sum")
VARIANTS = ("baseline", "eaton-kortum", "dek")
TRADE_ELASTICITY = 4.0
LABOR_SUPPLY_ELASTICITY = 0.5
SCALE_ELASTICITY = 0.67 / 4.0
OUTCOMES = ("welfare", "deficit", "exports/GDP", "imports/GDP", "employment", "prices", "tariff revenue/expenditure")
"""Columns of a result; the first six in percent, the last a share of the spending before the change."""
_COLUMNS = pd.Index(OUTCOMES)
NOTHING = 1e-12
"""Trade below this share of spending counts as none."""
FULL = 0.8
"""Share of income that is taken by a surplus or given back by an income tax, beyond which that explains why there is
no equilibrium."""


@dataclass(frozen=True)
class Equilibrium:
    """The world after a change beside the one before it. Hats are factors of change, (N,); money in the unit of the
    trade table.

    ``flows`` (N, N) by exporter and importer at prices before the tariff, domestic sales on the diagonal; ``revenue``
    (N,) of tariffs; ``tax`` (N,) the cut of the income tax that it pays for, as a share of income, 0 with a lump sum;
    ``residual`` the largest relative error of a condition.
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
        """(N,) income after the change."""
        return self.base.income * self.wage * self.employment

    @property
    def leisure_weight(self) -> np.ndarray:
        """(N,) d of the welfare formula: spending over spending less what the work for it costs those who do it."""
        work = self.labor_supply_elasticity / (1.0 + self.labor_supply_elasticity) * (1.0 - self.tax) * self.base.income
        return self.base.spending / (self.base.spending - work)

    @property
    def welfare(self) -> np.ndarray:
        """(N,) change of welfare in percent: ``W = d e/P + (1 - d) w L/P``."""
        weight = self.leisure_weight
        return 100.0 * ((weight * self.spending + (1.0 - weight) * self.wage * self.employment) / self.prices - 1.0)

    @property
    def worth(self) -> np.ndarray:
        """(N,) what the change of welfare is worth at prices before it: percent of spending less the cost of work,
        in money."""
        return self.welfare / 100.0 * self.base.spending / self.leisure_weight

    def outcomes(self) -> np.ndarray:
        """(N, 7) the columns of ``OUTCOMES``.

        Deficit: imports less exports, change in percent of its size before. Exports and imports are without domestic
        sales and without the tariff, over income. What is nothing before and after has not changed; what comes from
        nothing has no change in percent (NaN).
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
        """One row a country, the columns of ``OUTCOMES``."""
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
    """What new tariffs do, country by country: a table with the columns of ``OUTCOMES`` and one row a country in the
    order given.

    The arguments are those of ``equilibrium``, which returns everything; this is its table.
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
    """The world after new tariffs, starting from a world without.

    Parameters
    ---------- trade : (N, N) flows ``trade[exporter, importer]``, any unit of money. The diagonal is not read: domestic
    sales follow from ``gdp``. gdp : (N,) in the unit of ``trade``. tariff : (N, N) new rates ``tariff[exporter,
    importer]`` as shares of the price: 0.5 is 50%, 5 is 500%. Retaliation is its other entries. The
        diagonal is not read.
    home : index or name of the country that is set against the rest of the world where the value-added adjustment is
    found. trade_elasticity : eps > 0. labor_supply_elasticity : kappa >= 0. scale_elasticity : psi >= 0; the love of
    variety 1/theta is the same number. passthrough : share of a tariff that reaches the price which buyers pay, one
    number or one an importer; None or 1 is complete. The exponent of
        the tariff in demand is ``phi = passthrough + (1 + psi) nu / (1 - nu)``: what a foreign firm takes on itself
        weakens the response. Ignatenko and others have 1 in their main case and 0.25 in their case of incomplete
        pass-through.
    rebate : "income-tax": tariff revenue lowers a tax on labour income, which raises employment; "lump-sum": it is paid
    out. variant : "baseline"; "eaton-kortum": no value-added adjustment (nu = 0), the rest as in the baseline; "dek":
    Dekle, Eaton and Kortum's, with
        neither adjustment nor labour supply nor scale economies. Transfers between countries keep their size relative
        to the world's income in all three, and with them the deficits of the last two.
    countries : N names for the table; the index of ``trade`` if that is a DataFrame, else numbers.

    Raises OptionError and TableError (each a ValueError, too) for what cannot be meant, and ConvergenceError with the
    residual and the country.
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
                raise OptionError(f'{name}: the variant "dek" has none; leave it out.')
        kappa = psi = 0.0
    world = base(flows, income, inputs.place(home, labels), labels, adjusted=variant == "baseline")
    phi = _passthrough(passthrough, len(labels)) + (1.0 + psi) * world.adjustment / (1.0 - world.adjustment)
    system = System(world, rates, eps, kappa, psi, phi, rebate == "income-tax" and kappa > 0.0)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        found = system.solve()
    if not found.converged:
        raise _failure(system, found)
    return _after(system, found)


def _passthrough(values: ArrayLike | None, count: int) -> np.ndarray:
    if values is None:
        return np.ones(count)
    try:
        share = np.broadcast_to(np.asarray(values, float), (count,))
    except (TypeError, ValueError) as error:
        raise OptionError(f"passthrough: one number is needed, or {count}, one a country.") from error
    if not np.isfinite(share).all() or (share < 0.0).any():
        raise OptionError("passthrough: it has to be finite and at least 0.")
    return share


def _after(system: System, found: Found) -> Equilibrium:
    """The solution in the normalisation that the base-weighted mean of prices does not change."""
    state: State = found.state
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
        flows=state.paid * (level * state.spending),
        revenue=level * state.duty * state.spending,
        tax=state.tax,
        labor_supply_elasticity=system.kappa,
        residual=float(np.abs(np.log(state.received / state.income)).max()),
        steps=found.steps,
    )


def _failure(system: System, found: Found) -> ConvergenceError:
    """What to say when the iteration ended elsewhere: the largest error, whose it is, and the likeliest way out."""
    labels = system.base.labels
    count, largest = len(labels), int(system.base.income.argmax())
    order = [k for k in range(count) if k != largest] + list(range(count))
    finite = np.isfinite(found.residuals).any() and found.state is not None
    worst = int(np.nanargmax(np.abs(found.residuals))) if finite else 0
    residual = float(np.abs(found.residuals[worst])) if finite else float("inf")
    country = labels[order[worst]]
    hint = "try lower tariffs or elasticities"
    state: State | None = found.state
    if state is not None:
        left = state.spending * state.kept / state.income
        if system.relief and state.tax.max() > FULL:
            country = labels[int(state.tax.argmax())]
            hint = f'tariff revenue would be as large as the income of {country}, which no income tax can give back; try rebate="lump-sum"'
        elif left.min() < 1.0 - FULL:
            country = labels[int(left.argmin())]
            hint = f"the trade surplus of {country}, which keeps its size relative to the world's income, would use up its own; lower the tariffs"
    left_for = f"a relative error of {residual:.1e} is left, the largest for {labels[order[worst]]}"
    return ConvergenceError(
        f"no equilibrium was found: after {found.steps} steps {left_for}; {hint}.", residual, country
    )


def _growth(after: np.ndarray, before: np.ndarray) -> np.ndarray:
    return _percent(after - before, before, np.ones_like(before))


def _percent(change: np.ndarray, of: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Percent change; 0 where there is nothing before and after, NaN where something comes from nothing, as measured
    against ``scale``."""
    none = of <= NOTHING * scale
    if not none.any():
        return 100.0 * change / of
    changed = np.where(np.abs(change) <= NOTHING * scale, 0.0, np.nan)
    return np.where(none, changed, 100.0 * change / np.where(none, 1.0, of))
