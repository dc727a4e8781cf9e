"""Guards: values at the edge of the physical range are held there, and all others pass unchanged."""

import math

import numpy as np
import pytest
from detente_kernels.attrition import losses, stocks
from detente_kernels.fiscal import budget
from detente_kernels.gas import balance
from detente_kernels.oil import brent


def price_step(log_base: float, log_variance: float, z: float) -> brent.Step:
    p = brent.Params(
        -4.9, 0.97, 1.0, 1.4, 0.1, 1.0, 0.1, 0.3, 0.0, 0.0, 0.54, 0.07, 0.6, 1.0, 1.0, 0.1, 0.26, 1.0, 0.3, 0.4, 48.0,
        price_ceiling=1e6, ceiling_drift=0.0, ceiling_pull=0.0,
    )  # fmt: skip
    state = brent.State(log_base, 0.0, log_variance, 0.0, 0.0, 0.0, 0.0)
    return brent.step(p, state, brent.Shocks(z, z, z, z, 0.5, 0.5, 0.5), 0.0, 0.0, 0.0, 1.0)


@pytest.mark.parametrize("z", [-6.0, 6.0])
def test_brent_stays_in_its_range(z):
    edge = brent.LOWEST_LOG if z < 0.0 else brent.HIGHEST_LOG
    new = price_step(edge, 0.4, z)
    assert brent.LOWEST_LOG <= new.log_mean <= brent.HIGHEST_LOG
    assert brent.LOWEST_LOG <= new.state.log_base <= brent.HIGHEST_LOG
    assert new.state.log_variance <= brent.LARGEST_LOG_VARIANCE
    assert brent.at_a_guard(new.log_mean, new.state.log_base, new.state.log_variance)


def test_an_ordinary_step_is_at_no_guard():
    new = price_step(math.log(80.0), -4.0, 1.0)
    assert not brent.at_a_guard(new.log_mean, new.state.log_base, new.state.log_variance)
    assert math.exp(brent.LOWEST_LOG) == pytest.approx(brent.LOWEST_PRICE)
    assert math.exp(brent.HIGHEST_LOG) == pytest.approx(brent.HIGHEST_PRICE)


def test_gas_demand_stays_between_its_limits():
    normal = 283.0
    assert balance.bounded_demand(-100.0, normal, 0.6, 2.5) == 0.6 * normal
    assert balance.bounded_demand(5_000.0, normal, 0.6, 2.5) == 2.5 * normal
    assert balance.bounded_demand(300.0, normal, 0.6, 2.5) == 300.0


def test_the_taxed_price_is_never_negative():
    assert budget.tax_price(3.0, 5.0, -10.0, 10.0, 0.0) == 0.0
    assert budget.tax_price(60.0, 70.0, 1.5, 10.0, 0.0) == 61.5


def test_the_level_of_losses_is_held():
    law = losses.Params(2.0, 600.0, 9.0, 0.02, 0.3)
    assert losses.level_step(law, 9.8, 6.0, 0.0, 1.0) == losses.HIGHEST_LEVEL
    assert losses.level_step(law, 7.0, 0.0, 0.0, 1.0) < 7.1


@pytest.mark.parametrize("rate", [0.0, 1e-14, 1e-11, 1e-9, 1e-7, 1e-6, 1e-5, 0.04, 1.0])
def test_nothing_flows_back_out_of_a_drain(rate):
    """The outflow of a stock with an inflow, to nine digits at any rate and never below zero."""
    stock, inflow, dt = 2900.0, 20.0, 1.0
    pool = stocks.drain(stock, inflow, rate, dt)
    share = -math.expm1(-rate * dt)
    entering = share / rate if rate > 0.0 else dt  # of the inflow, what is still there
    exact = stock * share / dt + inflow * (dt - entering) / dt if rate > 1e-4 else rate * (stock + 0.5 * inflow * dt)
    assert pool.outflow >= -1e-12 * stock
    assert pool.outflow == pytest.approx(exact, rel=1e-4, abs=1e-8)
    assert pool.stock == pytest.approx(stock + inflow * dt - pool.outflow * dt, rel=1e-14)
    assert np.isfinite(pool.stock)
