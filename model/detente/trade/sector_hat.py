"""The system of many sectors and countries with input-output links, with its Jacobian.

Notation: j, k sectors, i exporters, n importers; pi shares of spending on a sector by origin, t tariffs, theta_j trade
elasticity, gamma_jn share of value added in output, g_kjn share of input k in the cost of sector j, alpha_jn shares of
final spending, V value added, D deficits. Hats are changes.

    c_jn    = w_n^gamma_jn prod_k P_kn^g_kjn                                          cost of inputs
    P_jn    = (sum_i pi_jin (c_ji (1 + t'_jin) / (1 + t_jin))^(-theta_j))^(-1/theta_j)    prices
    pi'_jin = pi_jin (c_ji (1 + t'_jin) / ((1 + t_jin) P_jn))^(-theta_j)              shares
    S_ji    = sum_n pi'_jin X_jn / (1 + t'_jin)                                       sales net of tariffs
    R_n     = sum_j X_jn sum_i pi'_jin t'_jin / (1 + t'_jin)                          tariff revenue
    X_jn    = alpha_jn (w_n V_n + R_n + D_n sum(w V) / sum V) + sum_k g_jkn S_kn      final and intermediate spending
    w_n V_n = sum_j gamma_jn S_jn                                                     sales equal value added
    normalisation: sum(w V) = sum V

First the base is solved at the old tariffs with the requested deficits, because data rarely satisfy the model exactly.
Then the new tariffs are applied. For given wages, prices are the fixed point of a contraction and spending solves a
linear system; Newton's method runs over the N - 1 relative wages.

Reference: Caliendo and Parro (2015), Review of Economic Studies 82(1), 1-44.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy.linalg import lu_factor, lu_solve

from detente.trade.errors import ConvergenceError
from detente.trade.newton import Solution, along, newton

MOST_ROUNDS = 10_000


class Technology(NamedTuple):
    """Constants of J sectors and N countries.

    theta (J,), gamma and alpha (J, N), inputs (J input, J user, N), deficits (N,).
    """

    theta: np.ndarray
    gamma: np.ndarray
    inputs: np.ndarray
    alpha: np.ndarray
    deficits: np.ndarray


class State(NamedTuple):
    """Prices and quantities at a point.

    log_wage (N,) and log_price (J, N) are changes, shares (J, N, N) by exporter and importer, ``factors`` LU factors
    of the spending system.
    """

    log_wage: np.ndarray
    log_price: np.ndarray
    shares: np.ndarray
    net_factor: np.ndarray
    spending: np.ndarray
    sales: np.ndarray
    revenue: np.ndarray
    income: np.ndarray
    value_added: np.ndarray
    received: np.ndarray
    factors: Any


def solve(
    pi: np.ndarray, added: np.ndarray, old: np.ndarray, new: np.ndarray, technology: Technology, labels: list[str]
) -> State:
    """Equilibrium at tariffs ``new`` from shares ``pi`` at tariffs ``old`` (ConvergenceError if there is none)."""
    free = np.flatnonzero(np.arange(len(added)) != int(added.argmax()))
    change = np.log1p(new) - np.log1p(old)

    def part(share: float, point: np.ndarray) -> Solution:
        step = _Step(
            pi,
            added,
            np.log1p(new) if share == 1.0 else np.log1p(old) + share * change,
            share * change,
            technology,
            free,
        )
        return newton(step.evaluate, step.jacobian, point)

    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        solution = along(part, np.zeros(len(free)))
    if solution.converged:
        state: State = solution.state
        return state
    finite = np.isfinite(solution.residuals).all()
    worst = int(np.abs(solution.residuals).argmax()) if finite else 0
    residual, country = float(np.abs(solution.residuals).max()), labels[free[worst]]
    error = f"the relative error after {solution.steps} steps is {residual:.1e}, the largest for {country}"
    raise ConvergenceError(
        f"no equilibrium was found: {error}; try lower tariffs, elasticities or deficits.", residual, country
    )


class _Step:
    """Markets and their Jacobian for the logarithms of relative wages, at given tariffs."""

    def __init__(
        self,
        pi: np.ndarray,
        added: np.ndarray,
        log_tariff: np.ndarray,
        change: np.ndarray,
        technology: Technology,
        free: np.ndarray,
    ) -> None:
        self.added, self.technology, self.free = added, technology, free
        self.weights = pi * np.exp(-technology.theta[:, None, None] * change)
        self.net_factor, self.duty = np.exp(-log_tariff), -np.expm1(-log_tariff)
        self.log_price = np.zeros(technology.gamma.shape)

    def evaluate(self, point: np.ndarray) -> tuple[np.ndarray, State] | None:
        """Relative errors of the markets without the largest country; None unless final spending is positive."""
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
        net_shares, duty = shares * self.net_factor, (shares * self.duty).sum(axis=1)
        matrix = np.einsum("jkn,kni->jnki", used, net_shares)
        every = np.arange(count)
        matrix[:, every, :, every] += np.einsum("jn,kn->njk", alpha, duty)
        factors = lu_factor(np.eye(kinds * count) - matrix.reshape(kinds * count, kinds * count), check_finite=False)
        fixed = value_added + deficits * (value_added.sum() / self.added.sum())
        spending = lu_solve(factors, (alpha * fixed).ravel(), check_finite=False).reshape(kinds, count)
        sales = np.einsum("kni,ki->kn", net_shares, spending)
        revenue = (duty * spending).sum(axis=0)
        received, income = (gamma * sales).sum(axis=0), fixed + revenue
        if not (np.isfinite(received).all() and received.min() > 0.0 and income.min() > 0.0):
            return None
        state = State(
            x, log_price, shares, self.net_factor, spending, sales, revenue, income, value_added, received, factors
        )
        return np.log(received / value_added)[self.free], state

    def _prices(self, x: np.ndarray) -> np.ndarray | None:
        """Log prices at given log wages, (J, N): a contraction, because value added is part of every cost."""
        theta, gamma, used = self.technology[:3]
        own, log_price = gamma * x, self.log_price
        for _ in range(MOST_ROUNDS):
            cost = own + np.einsum("kjn,kn->jn", used, log_price)
            before = log_price
            log_price = (
                -np.log((self.weights * np.exp(-theta[:, None] * cost)[:, :, None]).sum(axis=1)) / theta[:, None]
            )
            moved = np.abs(log_price - before).max()
            if not np.isfinite(moved):
                return None
            if moved < 1e-15 * (1.0 + np.abs(log_price).max()):
                break
        return log_price

    def jacobian(self, at: State) -> np.ndarray:
        """Derivatives of ``evaluate`` by the free log wages, on the last axis of every array."""
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
        net_shares = at.shares * at.net_factor
        sold, taxed = net_shares * at.spending[:, None, :], at.shares * self.duty * at.spending[:, None, :]
        scale = -theta[:, None, None]
        sales = scale * (sold.sum(axis=2)[:, :, None] * cost - sold @ price)
        revenue = (scale * (taxed.transpose(0, 2, 1) @ cost - taxed.sum(axis=1)[:, :, None] * price)).sum(axis=0)
        added = at.value_added[:, None] * moved
        fixed = added + deficits[:, None] * (added.sum(axis=0) / self.added.sum()) + revenue
        direct = alpha[:, :, None] * fixed + np.einsum("jkn,knm->jnm", used, sales)
        spending = lu_solve(at.factors, direct.reshape(size, -1), check_finite=False).reshape(kinds, count, -1)
        received = (gamma[:, :, None] * (sales + net_shares @ spending)).sum(axis=0)
        return np.asarray(received[self.free] / at.received[self.free, None] - np.eye(len(self.free)))
