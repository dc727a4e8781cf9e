"""The system of one sector and many countries in changes ("hats"), with its Jacobian.

Notation: x, z logarithms of the changes of wage w and employment L; j exports, i imports; lambda, E, Y, T shares,
spending, income, transfers of the base; nu value-added adjustment; t tariffs; eps, kappa, psi elasticities of trade,
labour supply and scale; phi pass-through exponent.

    A[j,i]  = lambda[j,i] (w_j / L_j^psi)^(-eps) (1 + t[j,i])^(-eps phi_i)     costs including the tariff
    lambda' = A / column sum of A                                              new shares
    P_i     = (e_i / w_i)^(1 - phi_i) (column sum of A)^(-1/eps)               price index, e change of spending
    X'      = lambda' E e / (1 + t)                                            flows net of tariffs
    R_i     = sum_j lambda' t / (1 + t) E_i e_i                                tariff revenue
    Y'      = w L Y,   tau = R / Y'                                            income, tax cut (0 with a lump sum)
    (1)  sum_i (1 - nu_i) X'[j,i] + nu_j sum_k X'[k,j] = Y'_j                  sales equal income
    (2)  R + Y' + T (sum Y' / sum Y) = E e                                     budgets, transfers relative to income
    (3)  L = (w / ((1 - tau) P))^kappa                                         labour supply
    normalisation: sum_i E_i (P_i - 1) = 0

(2) gives e in closed form, ``E e (1 - R/(E e)) = Y' + T sum Y' / sum Y``. This leaves 2N unknowns, N without labour
supply. (1) is taken in logarithms, for equal relative precision in small countries. It is redundant for one country and
only relative wages matter: the equation and wage of the largest country are left out, and the normalisation is applied
at the end. The Jacobian needs one product of two N x N matrices.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from detente.trade.base import Base
from detente.trade.newton import Solution, along, newton


class State(NamedTuple):
    """The model at a point before the normalisation; (N,), or (N, N) by exporter and importer.

    ``net_factor``: 1 / (1 + tariff); ``net_shares``: shares net of tariffs, ``net_share`` their sum by importer;
    ``duty``: tariff revenue per unit of spending; ``sold``, ``received``: sales by market and in total; ``price``,
    ``wage``, ``labour``: logarithms of changes.
    """

    shares: np.ndarray
    net_factor: np.ndarray
    price: np.ndarray
    net_shares: np.ndarray
    net_share: np.ndarray
    duty: np.ndarray
    spending: np.ndarray
    income: np.ndarray
    sold: np.ndarray
    received: np.ndarray
    tax: np.ndarray
    wage: np.ndarray
    labour: np.ndarray


@dataclass(frozen=True)
class System:
    """Base, tariffs (N, N) and parameters; ``phi``: (N,) by importer; ``relief``: revenue lowers the income tax."""

    base: Base
    tariff: np.ndarray
    eps: float
    kappa: float
    psi: float
    phi: np.ndarray
    relief: bool

    def solve(self) -> Solution:
        """Solve from no change, directly or along increasing tariffs. ``point`` holds x and, with labour supply, z."""
        count = len(self.base.labels)
        log_tariff = np.log1p(self.tariff)
        free = np.flatnonzero(np.arange(count) != int(self.base.income.argmax()))
        start = np.zeros(len(free) + (count if self.kappa else 0))

        def part(share: float, point: np.ndarray) -> Solution:
            step = _Step(self, log_tariff if share == 1.0 else share * log_tariff, free)
            return newton(step.evaluate, step.jacobian, point)

        return along(part, start)


class _Step:
    """Residuals and Jacobian at a share of the tariffs."""

    def __init__(self, system: System, log_tariff: np.ndarray, free: np.ndarray) -> None:
        self.system, self.free = system, free
        self.weights = system.base.shares * np.exp(-system.eps * system.phi * log_tariff)
        self.net_factor = np.exp(-log_tariff)
        self.duty = -np.expm1(-log_tariff)
        self.sold = 1.0 - system.base.adjustment

    def evaluate(self, point: np.ndarray) -> tuple[np.ndarray, State] | None:
        """Errors of (1) without the largest country and of (3); None for spending or a tax cut outside its range."""
        system, base, count = self.system, self.system.base, len(self.sold)
        x = np.zeros(count)
        x[self.free] = point[: len(self.free)]
        z = point[len(self.free) :] if system.kappa else np.zeros(count)
        weights = self.weights * np.exp(-system.eps * (x - system.psi * z))[:, None]
        total = weights.sum(axis=0)
        shares = weights / total
        net_shares = shares * self.net_factor
        net_share = net_shares.sum(axis=0)
        duty = (shares * self.duty).sum(axis=0)
        income = base.income * np.exp(x + z)
        net = income + base.transfers * (income.sum() / base.income.sum())
        if not net.min() > 0.0:
            return None
        spending = net / net_share
        sold = net_shares * (self.sold * spending)
        received = sold.sum(axis=1) + base.adjustment * net
        tax = duty * spending / income if system.relief else np.zeros(count)
        if not tax.max() < 1.0:
            return None
        log_price = (1.0 - system.phi) * (np.log(spending / base.spending) - x) - np.log(total) / system.eps
        errors = np.log(received[self.free] / income[self.free])
        if system.kappa:
            errors = np.concatenate([errors, z - system.kappa * (x - np.log1p(-tax) - log_price)])
        return errors, State(
            shares, self.net_factor, log_price, net_shares, net_share, duty, spending, income, sold, received, tax, x, z
        )

    def jacobian(self, at: State) -> np.ndarray:
        """Derivatives of ``evaluate`` by the unknowns, through u = x - psi z (costs) and h = x + z (incomes)."""
        system, base, free = self.system, self.system.base, self.free
        eps, psi, kappa = system.eps, system.psi, system.kappa
        every = np.arange(len(free) + 1)
        net = at.spending * at.net_share
        world = at.income / base.income.sum()
        cut = at.net_shares / at.net_share
        spent_u = eps * (cut - at.shares).T
        own, common = at.income / net, base.transfers / net
        gained_u = eps * (at.sold @ cut.T)
        gained_u[every, every] -= eps * at.sold.sum(axis=1)
        gained_h = (at.sold @ common + base.adjustment * base.transfers)[:, None] * world
        gained_h += at.sold * own
        gained_h[every, every] += base.adjustment * at.income - at.received
        gained_u /= at.received[:, None]
        gained_h /= at.received[:, None]
        by_wage = (gained_u + gained_h)[np.ix_(free, free)]
        if not kappa:
            return np.asarray(by_wage)
        spent_h = common[:, None] * world
        spent_h[every, every] += own
        drift = 1.0 - system.phi
        price_u = drift[:, None] * spent_u + at.shares.T
        relief = 1.0 / (1.0 - at.tax)
        if system.relief:
            tax_u = (relief * at.spending / at.income)[:, None] * (at.net_share[:, None] * spent_u) + (relief * at.tax)[
                :, None
            ] * spent_u
            tax_h = (relief * at.tax)[:, None] * spent_h
            tax_h[every, every] -= relief * at.tax
            supply_u, supply_h = price_u - tax_u, drift[:, None] * spent_h - tax_h
        else:
            supply_u, supply_h = price_u, drift[:, None] * spent_h
        supply_u, supply_h = kappa * supply_u, kappa * supply_h
        supply_x = supply_u + supply_h
        supply_x[every, every] -= kappa * (1.0 + drift)
        supply_z = supply_h - psi * supply_u
        supply_z[every, every] += 1.0
        full = np.empty((len(free) + len(every),) * 2)
        full[: len(free), : len(free)] = by_wage
        full[: len(free), len(free) :] = (gained_h - psi * gained_u)[free]
        full[len(free) :, : len(free)] = supply_x[:, free]
        full[len(free) :, len(free) :] = supply_z
        return full
