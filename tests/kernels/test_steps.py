"""Each submodel's ``step`` does compiled what its Python says, bit for bit, over a wide range of states and draws."""

import math
from statistics import NormalDist

import numpy as np
import pytest
from detente.calibrate import counts
from detente_kernels import conflict, gulf
from detente_kernels.attrition import losses, stocks
from detente_kernels.fiscal import budget
from detente_kernels.oil import brent, exports, placement
from detente_kernels.sanctions import lifting
from detente_kernels.tariffs import congress, response, surface
from detente_kernels.tools import hazards, processes
from detente_kernels.tools.units import DAYS_PER_MONTH
from detente_kernels.world import SUBMODELS

RNG = np.random.default_rng(2026)
CASES = 300


def same(a, b) -> bool:
    """Equal to the bit, NaN equal to NaN, through nested tuples."""
    if isinstance(a, tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return (math.isnan(a) and math.isnan(b)) or float(a) == float(b)


def uniform(low=0.0, high=1.0):
    return float(RNG.uniform(low, high))


def gulf_case():
    p = (uniform(0, 0.5), uniform(0, 0.5), uniform(0.4, 2.0), uniform(0, 1))
    return p, (uniform(), uniform(), uniform()), float(RNG.integers(2)), uniform(), uniform(0, 30), uniform(0.2, 3.0)


def conflict_case():
    risks = conflict.Risks(*[(uniform(0, 0.6), float(RNG.choice([1.0, 0.6, 1.5]))) for _ in range(8)])
    return (
        risks,
        tuple(uniform() for _ in range(9)),
        float(RNG.integers(4)),
        uniform(0, 60),
        uniform(0.2, 3),
        uniform(0.2, 3),
        uniform(0.2, 2.0),
    )


def sanctions_case():
    row = lifting.Row(
        float(RNG.integers(5)), float(RNG.integers(-1, 4)), uniform(0, 3), uniform(0, 2), float(RNG.integers(5))
    )
    decision = lifting.Decision(float(RNG.integers(-1, 4)), uniform(0, 3), float(RNG.integers(5)))
    return row, decision, float(RNG.choice([0.0, 1.0, 6.0])), uniform(), uniform(), uniform(0.2, 2.0)


def brent_case():
    p = brent.Params(
        uniform(-6, -4), uniform(0.5, 0.99), uniform(0, 0.5), uniform(0.8, 1.5), uniform(0, 0.5), uniform(),
        uniform(0, 0.5), uniform(),
        uniform(-0.5, 0.5), uniform(-0.01, 0.01), uniform(0.4, 0.6), uniform(0, 0.1), uniform(0, 1),
        uniform(0.3, 3), uniform(0, 2),
        uniform(0.01, 0.2), uniform(0.05, 0.4), uniform(0.5, 2), uniform(0.1, 0.5), uniform(0.2, 0.7), uniform(24, 60),
        uniform(60, 200), uniform(0, 0.01), uniform(0, 0.3),
    )  # fmt: skip
    state = brent.State(
        uniform(3, 5),
        uniform(-1, 1),
        uniform(-6, -2),
        uniform(0, 0.6),
        uniform(-0.1, 0.3),
        uniform(-0.05, 0.1),
        uniform(-0.05, 0.05),
    )
    z = brent.Shocks(*RNG.normal(size=4).tolist(), uniform(1e-6), uniform(1e-6), uniform(1e-6))
    return p, state, z, uniform(), uniform(-0.05, 0.1), float(RNG.integers(2)), uniform(0.2, 1.5)


def place_case():
    capacity = uniform(0, 120)
    stock = placement.Stock(uniform(0, capacity), capacity, uniform(0, 2), uniform(0, 1), uniform(0, 0.8))
    room = float(RNG.choice([0.0, uniform(0, 3)]))
    return uniform(0, 6), uniform(0, 6), room, uniform(0, 8), uniform(5, 15), stock, uniform(0.2, 1)


def discount_case():
    return exports.Frictions(*[uniform(0, 10) for _ in range(7)]), exports.Pressure(
        *[uniform(0, 1.3) for _ in range(6)]
    )


def congress_case():
    clock = congress.Clock(float(RNG.integers(3)), float(RNG.integers(3)))
    bill = congress.Bill(uniform(), uniform(), uniform(0.01, 24), uniform(0, 3))
    session = congress.Session(uniform(0, 1), float(RNG.integers(2)))
    return clock, bill, session, float(RNG.choice([1.0, 0.2])), uniform(), uniform(), 1.0


def costs_case():
    purchase = (uniform(0, 3), uniform(-5, 20), uniform(0, 15), uniform(0, 30), uniform(500, 20_000))
    threat, options = (uniform(0, 5), uniform(0, 5), uniform()), (uniform(), uniform(), uniform(0, 10))
    return response.Purchase(*purchase), response.Threat(*threat), response.Options(*options)


def surface_case():
    nodes = np.log1p(np.array([0.0, 0.25, 1.0, 5.0])), np.log(np.array([0.5, 2.0, 8.0]))
    return surface.Surface(*nodes, RNG.normal(size=(4, 4, 3, 2)))


def read_case():
    at = surface.Place(int(RNG.integers(3)), int(RNG.integers(2)), uniform(), uniform())
    return surface_case(), int(RNG.integers(4)), at, int(RNG.integers(2))


def losses_case():
    return losses.Params(uniform(0, 0.4), uniform(2, 100), uniform(5, 8), uniform(0, 0.1), uniform(0, 0.9))


FUNCTIONS = {
    "gulf.step": (gulf.step, gulf_case),
    "conflict.step": (conflict.step, conflict_case),
    "conflict.talks_step": (
        conflict.talks_step,
        lambda: (float(RNG.integers(2)), uniform(0, 1), uniform(0, 1), uniform(), uniform(0.2, 2)),
    ),
    "lifting.step": (lifting.step, sanctions_case),
    "brent.step": (brent.step, brent_case),
    "processes.log_variance_step": (
        processes.log_variance_step,
        lambda: (uniform(-6, 0), uniform(-6, -2), uniform(0.5, 0.99), uniform(0, 0.5), float(RNG.normal()), 1.0),
    ),
    "gulf.moved": (
        gulf.moved,
        lambda: (uniform(-1, 1), uniform(0, 0.5), uniform(0.5, 5), float(RNG.normal()), uniform(0.2, 1)),
    ),
    "brent.ceiling_return": (
        brent.ceiling_return,
        lambda: (uniform(3, 6), uniform(3, 6), uniform(0, 0.3), uniform(0.2, 1)),
    ),
    "placement.place": (placement.place, place_case),
    "placement.search": (
        placement.search,
        lambda: (uniform(0, 3), uniform(0, 2), float(RNG.choice([0.0, uniform(0, 3)])), uniform(5, 15)),
    ),
    "placement.settle": (placement.settle, lambda: (uniform(), uniform(), uniform(), uniform(1, 9), uniform(0.2, 1))),
    "placement.opening_step": (
        placement.opening_step,
        lambda: (uniform(), uniform(), float(RNG.integers(2)), uniform(1, 9), uniform(0.2, 1)),
    ),
    "placement.discount_with": (
        placement.discount_with,
        lambda: (uniform(0, 20), uniform(0, 30), uniform(), uniform(0, 90)),
    ),
    "exports.damage_step": (
        exports.damage_step,
        lambda: (uniform(), uniform(), float(RNG.normal()), float(RNG.integers(2)), uniform(1, 9), uniform(0.2, 1)),
    ),
    "exports.cap_step": (
        exports.cap_step,
        lambda: (uniform(20, 90), uniform(20, 90), uniform(20, 90), uniform(0, 0.3), 1.0, float(RNG.integers(2)), 1.0),
    ),
    "exports.carry": (
        exports.carry,
        lambda: (uniform(0, 8), uniform(0, 8), uniform(0, 1.3), uniform(10, 100), uniform(10, 100), uniform(10, 40)),
    ),
    "exports.offset_step": (
        exports.offset_step,
        lambda: (uniform(), uniform(-1, 3), uniform(), uniform(2, 6), uniform(), uniform(0.2, 3), uniform(0.2, 2)),
    ),
    "exports.blocking_step": (
        exports.blocking_step,
        lambda: (uniform(0, 1.2), uniform(), uniform(), uniform(0, 0.5), uniform(0.2, 1), uniform(0.5, 1.0)),
    ),
    "exports.structural_discount": (exports.structural_discount, discount_case),
    "losses.level_step": (
        losses.level_step,
        lambda: (losses_case(), uniform(4, 9), float(RNG.normal()), float(RNG.integers(2)), uniform(0.2, 1)),
    ),
    "losses.count": (
        losses.count,
        lambda: (uniform(0, 2000), uniform(5, 31), uniform(0, 0.1), uniform(0, 0.9), float(RNG.normal())),
    ),
    "losses.month_noise": (losses.month_noise, lambda: (losses_case(), uniform(0, 2000), 30.4375, uniform(0.2, 1))),
    "losses.recent_share": (losses.recent_share, lambda: (uniform(0, 36), uniform(0.2, 1))),
    "losses.scale": (losses.scale, lambda: (uniform(0, 2), uniform(), uniform(0, 2), uniform())),
    "stocks.drain": (
        stocks.drain,
        lambda: (uniform(0, 900), uniform(0, 50), float(RNG.choice([0.0, 0.03, 1.0])), uniform(0.2, 1)),
    ),
    "stocks.force_step": (
        stocks.force_step,
        lambda: (uniform(0, 900), uniform(0, 90), uniform(0, 90), uniform(0, 20), uniform(0, 0.1), uniform(0.2, 1)),
    ),
    "stocks.equipment_step": (
        stocks.equipment_step,
        lambda: (uniform(0, 9000), uniform(0, 5000), uniform(0, 60), uniform(0, 0.1), uniform(0, 0.1), uniform(0.2, 1)),
    ),
    "processes.runway": (processes.runway, lambda: (uniform(0, 900), uniform(0, 900), uniform(-20, 20), 120.0)),
    "budget.tax_price": (
        budget.tax_price,
        lambda: (uniform(10, 100), uniform(20, 120), uniform(-2, 5), uniform(5, 15), uniform()),
    ),
    "budget.accrual": (
        budget.accrual,
        lambda: (uniform(0, 120), uniform(60, 110), uniform(0.5, 1.2), uniform(6, 14), uniform(0.1, 0.2)),
    ),
    "budget.rouble_step": (
        budget.rouble_step,
        lambda: (uniform(-0.5, 0.5), uniform(0, 0.1), uniform(3, 40), float(RNG.normal()), uniform(0.2, 1)),
    ),
    "budget.finance": (
        budget.finance,
        lambda: (uniform(-900, 1500), uniform(0, 9000), uniform(0, 900), uniform(0.2, 1)),
    ),
    "hazards.waiting_time": (
        hazards.waiting_time,
        lambda: (uniform(0, 50), uniform(0, 0.5), uniform(0.4, 2), uniform(0, 3), uniform(), uniform(0.2, 50)),
    ),
    "congress.congress_step": (congress.congress_step, congress_case),
    "congress.review": (
        congress.review,
        lambda: (uniform(0, 0.2), uniform(), uniform(), float(RNG.choice([0.0, 1.0, 3.0])), uniform(0, 0.3)),
    ),
    "congress.refusal": (congress.refusal, lambda: (uniform(), uniform(), float(RNG.integers(2)))),
    "response.costs": (response.costs, costs_case),
    "response.choose": (
        response.choose,
        lambda: (response.Costs(*[uniform(0, 1) for _ in range(4)]), uniform(0.01, 0.5), uniform()),
    ),
    "response.wanted_cut": (
        response.wanted_cut,
        lambda: (float(RNG.integers(5)), uniform(0, 30), uniform(), uniform(), uniform(), uniform(0.2, 10)),
    ),
    "response.cut_step": (
        response.cut_step,
        lambda: (uniform(), uniform(), uniform(0.05, 5), uniform(0.2, 10), uniform(0.2, 1)),
    ),
    "response.trade_lost": (response.trade_lost, lambda: (uniform(0, 10), uniform(0.1, 8))),
    "surface.place": (surface.place, lambda: (surface_case(), uniform(0, 8), uniform(0.3, 10))),
    "surface.read": (surface.read, read_case),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_compiled_equals_interpreted(name):
    function, case = FUNCTIONS[name]
    for _ in range(CASES):
        arguments = case()
        assert same(function(*arguments), function.py_func(*arguments)), arguments


def test_every_submodel_has_the_skeleton():
    for name, module in SUBMODELS.items():
        assert name == module.__name__.removeprefix("detente_kernels.")
        for part in ("PARAMS", "FACTS", "STATE", "EVENTS", "DRAWS", "start", "advance"):
            assert hasattr(module, part), f"{name} lacks {part}"


# --- what the pieces promise ------------------------------------------------------------------------------------------


def test_a_lower_cap_can_raise_revenue_per_barrel():
    """With the cap under the shut-in price the barrels beyond the shadow fleet stay unsold instead of being sold at
    the cap."""
    carried_high, attested_high = exports.carry(6.0, 5.0, 1.0, 70.0, 45.0, 20.0)
    carried_low, attested_low = exports.carry(6.0, 5.0, 1.0, 70.0, 15.0, 20.0)
    assert (carried_high, attested_high) == (6.0, 1.0)
    assert (carried_low, attested_low) == (5.0, 0.0)

    def per_barrel(carried: float, attested: float, cap: float) -> float:
        return (70.0 * (carried - attested) + cap * attested) / carried

    assert per_barrel(carried_low, attested_low, 15.0) > per_barrel(carried_high, attested_high, 45.0)


def test_the_western_fleet_carries_freely_below_the_cap():
    assert exports.carry(6.0, 5.0, 1.0, 40.0, 45.0, 20.0) == (6.0, 0.0)


def test_a_licence_runs_out_or_is_renewed():
    licensed = lifting.Row(lifting.LICENSED, -1.0, 0.0, 1.0, lifting.PRICE)
    nothing = lifting.Decision(-1.0, 0.0, lifting.NO_ROUTE)
    assert lifting.step(licensed, nothing, 1.0, 0.75, 0.7, 1.0).status == lifting.LICENSED
    assert lifting.step(licensed, nothing, 1.0, 0.75, 0.8, 1.0).status == lifting.IN_FORCE


@pytest.mark.parametrize("rule", range(6))
def test_rules_take_their_time(rule):
    delays = [lifting.Delay(days, 1.0, 0.0) for days in (45.0, 200.0, 15.0, 60.0)]
    odds = lifting.Odds(*delays, price_days=6.0, review=1.0, disapproval=0.05, repeal_rate=0.001, congress=0.5)
    days = {
        kind: lifting.decide(rule, lifting.DEAL, broad, 0.0, odds).due * DAYS_PER_MONTH
        for kind, broad in (("first", 0.0), ("broad", 1.0))
    }
    if rule == lifting.EXECUTIVE:
        assert days == pytest.approx({"first": 45.0, "broad": 200.0})
    elif rule == lifting.CODIFIED:
        assert days == pytest.approx({"first": 45.0 + 30.4375, "broad": 200.0 + 30.4375})
    elif rule == lifting.STATUTE:
        assert min(days.values()) > 365.0
    elif rule == lifting.UNANIMITY:
        assert days == pytest.approx({"first": 15.0, "broad": 15.0})
    elif rule == lifting.CABINET:
        assert days == pytest.approx({"first": 60.0, "broad": 60.0})
    else:
        assert lifting.decide(rule, lifting.DEAL, 1.0, 0.0, odds).status == -1.0


def test_forces_close_to_rounding_and_never_fall_below_zero():
    for _ in range(2000):
        force, inflow, casualties, absence, home, dt = (
            uniform(0, 900),
            uniform(0, 90),
            uniform(0, 900),
            uniform(0, 90),
            uniform(0, 0.2),
            uniform(0.2, 1),
        )
        new = stocks.force_step(force, inflow, casualties, absence, home, dt)
        assert new.force >= 0.0
        out = new.casualties + new.absent + new.demobilised
        assert new.force - force == pytest.approx((inflow - out) * dt, abs=1e-9)
        assert new.casualties <= casualties and new.absent <= absence


def test_equipment_closes_to_rounding_and_the_store_is_finite():
    for _ in range(2000):
        stock, store, production = uniform(0, 9000), uniform(0, 5000), uniform(0, 60)
        dt = uniform(0.2, 1)
        new = stocks.equipment_step(stock, store, production, uniform(0, 0.5), uniform(0, 0.5), dt)
        assert new.store >= 0.0 and new.stock >= 0.0
        assert new.store - store == pytest.approx(-new.refurbished * dt, abs=1e-9)
        assert new.stock - stock == pytest.approx((production + new.refurbished - new.lost) * dt, abs=1e-8)


def test_a_deficit_is_borrowed_drawn_or_unfunded():
    for _ in range(2000):
        deficit, reserve, capacity, dt = uniform(-900, 1500), uniform(0, 5000), uniform(0, 900), uniform(0.2, 1)
        new = budget.finance(deficit, reserve, capacity, dt)
        assert new.borrowed + new.drawn + new.unfunded == pytest.approx(deficit, abs=1e-9)
        assert new.reserve - reserve == pytest.approx(-new.drawn * dt, abs=1e-9)
        assert new.reserve >= 0.0 and new.unfunded >= 0.0 and 0.0 <= new.borrowed <= capacity
        assert new.unfunded == 0.0 or new.reserve < 1e-9


@pytest.mark.parametrize("days", [7.0, 30.4375])
@pytest.mark.parametrize("mean", [40.0, 1100.0])
def test_the_law_of_a_sum_has_the_mean_and_variance_of_its_days(days, mean):
    """The gamma law by Wilson and Hilferty over a grid of probabilities, against the moments of correlated negative
    binomial days."""
    grid = NormalDist()
    drawn = np.array([losses.count(mean, days, 0.02, 0.3, grid.inv_cdf((i + 0.5) / 20_000)) for i in range(20_000)])
    of_days, variance = counts.sum_moments(mean, 50.0, days, 0.3)
    assert drawn.mean() == pytest.approx(of_days, rel=2e-4)
    assert drawn.var() == pytest.approx(variance, rel=0.01)
    assert losses.relative_variance(mean, days, 0.02, 0.3) * of_days**2 == pytest.approx(variance, rel=1e-12)


def test_the_last_weeks_count_in_full_in_the_first_month_and_fade():
    a_week = 7.0 / 30.4375
    assert losses.recent_share(0.0, 1.0) == pytest.approx(1.0)
    assert losses.recent_share(2.0, 1.0) == pytest.approx(0.25)
    weeks = [losses.recent_share(k * a_week, a_week) * a_week for k in range(5)]
    assert sum(weeks[:4]) + weeks[4] * (1.0 / a_week - 4.0) == pytest.approx(1.0, abs=0.01)


def test_lanchester_exponents_scale_losses():
    assert losses.scale(0.5, 0.0, 2.0, 1.0) == pytest.approx(2.0)
    assert losses.scale(0.5, 1.0, 2.0, 1.0) == pytest.approx(1.0)
    assert losses.scale(0.5, 0.0, 2.0, 0.0) == 1.0
