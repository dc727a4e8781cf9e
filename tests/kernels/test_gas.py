"""Gas: compiled equals interpreted, the account of a step balances, storage and flows keep their bounds, law and
lags do what they promise."""

import math

import numpy as np
import pytest
from detente_kernels.gas import balance, passthrough, routes, ttf
from detente_kernels.tools import processes

RNG = np.random.default_rng(2027)
CASES = 300


def same(a, b) -> bool:
    """Equal to the bit, NaN equal to NaN, through nested tuples."""
    if isinstance(a, tuple):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a, b, strict=True))
    return (math.isnan(a) and math.isnan(b)) or float(a) == float(b)


def uniform(low=0.0, high=1.0):
    return float(RNG.uniform(low, high))


def normal():
    return float(RNG.normal())


def step_length():
    return float(RNG.choice([1.0, 7.0 / 30.4375]))


def ttf_case():
    p = ttf.Params(
        uniform(-5, -3), uniform(0.5, 0.99), uniform(0, 0.5), uniform(0.5, 1.5),
        uniform(0, 0.5), uniform(1, 3), uniform(0, 0.5), uniform(0, 0.1),
        uniform(2, 5), uniform(-0.1, 0.02), uniform(0.5, 0.95), uniform(-0.5, 0.1), uniform(0.3, 6), uniform(0.3, 1.4),
        uniform(0.5, 3), uniform(-0.5, 0.5), uniform(8, 25), uniform(0, 1), uniform(0, 1),
    )  # fmt: skip
    state = ttf.State(
        uniform(2, 5), uniform(-5, 0), uniform(-0.5, 1), uniform(0, 0.8), uniform(4, 5), uniform(4, 5), normal()
    )
    market = ttf.Market(
        uniform(1, 6), uniform(-5, 4), uniform(-0.1, 0.1), uniform(0, 0.8), uniform(-1, 1), uniform(-0.3, 0.3),
        uniform(3, 5), normal(), uniform(4, 5),
    )  # fmt: skip
    z = ttf.Shocks(normal(), normal(), normal(), uniform(1e-6), uniform(1e-6))
    return p, state, z, market, float(RNG.integers(2)), step_length()


def account_case():
    capacity = uniform(500, 1500)
    stored = uniform(0, capacity)
    ceiling = uniform(0, 300)
    demand = float(RNG.choice([uniform(0, 600), uniform(0, 2000)]))
    return (
        balance.Account(stored, capacity, uniform(0, capacity), demand, uniform(0, 600), uniform(0, ceiling), ceiling),
    )


def flows(high=40.0):
    return routes.Flows(*[uniform(0, high) for _ in range(5)])


def routes_case():
    caps = routes.Caps(20.0, uniform(0, 60), 33.0, 27.5, 22.4, uniform(20, 75))
    now = routes.step(flows(), flows(60), caps, 0.5, 0.5, 50.0)  # a state within the caps
    return now, flows(80), caps, uniform(0.1, 5), uniform(0.1, 5), step_length()


FUNCTIONS = {
    "ttf.step": (ttf.step, ttf_case),
    "ttf.student": (ttf.student, lambda: (normal(), normal(), uniform(1e-6), uniform(1e-6))),
    "ttf.supply_effect": (ttf.supply_effect, lambda: (uniform(-100, 100), 580.0, uniform(0.2, 1.0))),
    "ttf.gulf_effect": (ttf.gulf_effect, lambda: (uniform(0, 0.3), uniform(), uniform(0.2, 1.0))),
    "processes.season_level": (processes.season_level, lambda: (normal(), normal(), uniform(-1, 1), uniform(-1, 1))),
    "ttf.scarcity": (ttf.scarcity, lambda: (uniform(0, 50), uniform(50, 500), uniform(0.03, 0.3))),
    "routes.step": (routes.step, routes_case),
    "routes.openness": (routes.openness, lambda: (uniform(0, 1.2), uniform())),
    "routes.foreseen": (routes.foreseen, lambda: (uniform(0, 30), uniform(1, 24), uniform())),
    "routes.expected_supply": (routes.expected_supply, lambda: (flows(), uniform(), uniform(), uniform(), uniform())),
    "balance.close": (balance.close, account_case),
    "balance.anomaly_step": (
        balance.anomaly_step,
        lambda: (normal(), uniform(0.2, 5), normal(), normal(), step_length()),
    ),
    "balance.weather_response": (balance.weather_response, lambda: (uniform(20, 60), uniform(5, 30), uniform(-1, 1))),
    "balance.planned_store": (
        balance.planned_store,
        lambda: (
            uniform(0, 1100),
            1100.0,
            uniform(20, 95),
            uniform(20, 95),
            uniform(0, 0.3),
            uniform(-90, 90),
            step_length(),
        ),
    ),
    "passthrough.step": (
        passthrough.step,
        lambda: (
            passthrough.Lags(uniform(10, 90), uniform(10, 90), normal(), normal()),
            passthrough.HalfLives(uniform(1, 12), uniform(1, 12), uniform(1, 12)),
            uniform(10, 200),
            normal(),
            step_length(),
        ),
    ),
    "balance.price_response": (balance.price_response, lambda: (normal(), uniform(0, 0.3), uniform(0, 0.15))),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_compiled_equals_interpreted(name):
    function, case = FUNCTIONS[name]
    for _ in range(CASES):
        arguments = case()
        assert same(function(*arguments), function.py_func(*arguments)), arguments


# --- balance ----------------------------------------------------------------------------------------------------------


def test_the_account_balances_to_rounding_and_the_store_keeps_its_bounds():
    seen = set()
    for _ in range(5_000):
        (account,) = account_case()
        new = balance.close(account)
        change = account.firm - new.spilled + new.lng - new.served
        assert new.stored - account.stored == pytest.approx(change, abs=1e-9)
        assert 0.0 <= new.stored <= account.capacity
        assert account.lng_floor <= new.lng <= account.lng_ceiling
        assert new.served + new.unserved == pytest.approx(account.demand, abs=1e-9)
        assert new.unserved >= 0.0 and new.spilled >= 0.0 and new.unserved * new.spilled == 0.0
        seen.add((new.unserved > 0.0, new.spilled > 0.0, new.lng == account.lng_ceiling))
    assert len(seen) >= 4, "the cases should reach an empty store, a full one and neither"


def test_the_store_follows_its_plan_while_lng_can():
    account = balance.Account(600.0, 1130.0, 640.0, 180.0, 150.0, 10.0, 150.0)
    new = balance.close(account)
    assert (new.stored, new.lng, new.unserved, new.spilled) == pytest.approx((640.0, 70.0, 0.0, 0.0))


def test_weather_is_the_same_law_in_months_and_in_weeks():
    """Mean over a month has unit variance; the mean over half a month and its correlation with the next follow the
    integrated process."""
    rate, n = 1.5, 200_000
    rng = np.random.default_rng(5)
    start = rng.normal(size=n)
    step = np.vectorize(lambda x, a, b, dt: tuple(balance.anomaly_step(x, rate, a, b, dt)))
    _, month = step(start, rng.normal(size=n), rng.normal(size=n), 1.0)
    end, first = step(start, rng.normal(size=n), rng.normal(size=n), 0.5)
    _, second = step(end, rng.normal(size=n), rng.normal(size=n), 0.5)
    assert np.std(month) == pytest.approx(1.0, abs=0.01)
    assert np.std((first + second) / 2) == pytest.approx(1.0, abs=0.01)
    halves = (1 - math.exp(-rate / 2)) ** 2 / (2 * (rate / 2 - 1 + math.exp(-rate / 2)))
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(halves, abs=0.01)


# --- routes -----------------------------------------------------------------------------------------------------------


def test_no_route_carries_more_than_its_cap():
    for _ in range(2_000):
        now, targets, caps, pipeline, lng, dt = routes_case()
        new = routes.step(now, targets, caps, pipeline, lng, dt)
        for flow, cap in (
            (new.turkstream, caps.turkstream),
            (new.transit, caps.transit),
            (new.yamal, caps.yamal),
            (new.lng, caps.lng),
        ):
            assert -1e-12 <= flow <= cap + 1e-12
        assert new.turkstream + new.transit <= caps.joint + 1e-9
        assert new.nord_stream <= caps.nord_stream + 1e-12


def test_a_flow_falls_at_once_and_returns_with_its_lag():
    assert routes.follow(18.0, 0.0, 1.0, 1.0) == 0.0
    assert routes.follow(0.0, 16.0, 1.0, 1.0) == pytest.approx(8.0)
    weeks = 0.0
    for _ in range(4):
        weeks = routes.follow(weeks, 16.0, 1.0, 0.25)
    assert weeks == pytest.approx(8.0)


def test_openness_measures_against_the_start():
    assert routes.openness(0.05, 0.05) == 1.0
    assert routes.openness(1.0, 0.05) == 0.0
    assert routes.openness(0.0, 1.0) == 1.0, "a run that starts after the ban"
    assert routes.openness(1.0, 1.0) == 0.0


def test_a_legal_end_is_foreseen_step_by_step():
    assert routes.foreseen(13.0, 12.0, 0.85) == 0.0
    assert routes.foreseen(6.0, 12.0, 0.85) == pytest.approx(0.425)
    assert routes.foreseen(0.0, 12.0, 0.85) == pytest.approx(0.85)


# --- price ------------------------------------------------------------------------------------------------------------


def test_shocks_are_student_with_five_degrees_of_freedom():
    from scipy import stats

    rng = np.random.default_rng(3)
    n = 200_000
    draw = np.vectorize(lambda z, tail, a, b: ttf.student(z, tail, a, b))
    drawn = draw(rng.normal(size=n), rng.normal(size=n), rng.random(n), rng.random(n))
    truth = stats.t(5, scale=math.sqrt(3 / 5))
    assert stats.kstest(drawn, truth.cdf).pvalue > 1e-3


def test_season_is_the_sum_of_its_monthly_changes():
    b1, b2 = -0.015, -0.030
    level = [
        processes.season_level(b1, b2, math.cos(2 * math.pi * q / 12), math.sin(2 * math.pi * q / 12))
        for q in range(13)
    ]
    for q in range(1, 13):
        change = b1 * math.cos(2 * math.pi * q / 12) + b2 * math.sin(2 * math.pi * q / 12)
        assert level[q] - level[q - 1] == pytest.approx(change, abs=1e-12)


def test_storage_effect_builds_up_as_the_recipe_says():
    p = ttf.Params(-4.0, 0.9, 0.0, 1.2, 0.0, 2.0, 0.0, 0.0, 3.5, -0.034, 0.85, 0.0, 1.0, 0.0, 1.5, 0.0, 15.0, 0.0, 0.0)
    state = ttf.State(3.5, -100.0, 0.0, 0.0, 4.0, 4.0, 0.0)
    market = ttf.Market(3.5, -1.5, 0.0, 0.0, 0.0, 0.0, 4.0, 0.0, 5.0)
    total = 0.0
    for j in range(1, 7):
        new = ttf.step(p, state, ttf.Shocks(0.0, 0.0, 0.0, 0.5, 0.5), market, 1.0, 1.0)
        total += -0.034 * -1.5 * 0.85 ** (j - 1)
        assert new.log_mean == pytest.approx(3.5 + total, abs=1e-12)
        state = new.state


def test_a_shortage_is_priced_by_what_makes_users_give_it_up():
    assert ttf.scarcity(0.0, 300.0, 0.12) == 0.0
    assert ttf.scarcity(6.0, 300.0, 0.12) == pytest.approx(-math.log(0.98) / 0.12)
    assert ttf.scarcity(200.0, 300.0, 0.12) == 2.5


def test_consumer_prices_take_a_lasting_rise_over_more_than_a_year():
    lags = passthrough.Lags(40.0, 40.0, 0.0, 0.0)
    effects = []
    for _ in range(60):
        lags = passthrough.step(lags, passthrough.HalfLives(8.0, 4.0, 4.0), 44.0, math.log(1.1), 1.0)
        effects.append(passthrough.hicp_effect(0.10, lags.log_second))
    assert effects[0] < 0.01
    assert 0.05 < effects[11] < 0.07
    assert effects[-1] == pytest.approx(0.10, abs=1e-3)
