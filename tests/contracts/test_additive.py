"""What feeds nothing back moves nobody else's numbers, and what feeds something back does so by its declared way only.

A gas market, a budget and an army turned upside down leave the others' states as they were: gas feeds the budget, the
budget pays recruits, and both act on the conflict, and through it on all else, only while ``conflict.feedback`` is on.
Tariffs reach oil by what buyers drop and by their threat, and the war by their threat.
"""

from dataclasses import replace

import numpy as np
import pytest
from detente.config import loader
from detente.engine import simulate
from detente.engine.outputs import Variable
from detente_kernels import world

RUNS = (("baseline", "month"), ("baseline", "week"), ("coordinated-relief", "month"), ("maximum-pressure", "month"))
PATHS = 1_024
UPSTREAM = ("gulf", "conflict", "sanctions", "tariffs", "oil")
"""Submodels that read none of those below, but for the feedback on the conflict."""
OPEN_LOOP = {"conflict.feedback": "false"}
UPSIDE_DOWN = {
    "gas": {
        "facts.gas.ttf": 200.0,
        "facts.gas.storage": 5.0,
        "facts.gas.turkstream": 0.0,
        "parameters.gas.volatility_level": -2.0,
        "parameters.gas.suspension_rate": 1.0,
        "parameters.gas.gulf_lng_share": 0.4,
        "parameters.gas.demand_elasticity": 0.5,
    },
    "fiscal": {
        "facts.fiscal.liquid_reserve": 0.5,
        "facts.fiscal.spending": 60.0,
        "parameters.fiscal.sensitivity": 0.3,
        "parameters.fiscal.recruit_limit": 0.005,
        "parameters.fiscal.rouble_noise": 0.2,
    },
    "attrition": {
        "facts.attrition.level_now": 9.0,
        "facts.attrition.force_ru": 200.0,
        "parameters.attrition.mobilisation_rate": 0.2,
        "parameters.attrition.peace_enlistment": 1.8,
        "parameters.attrition.definition": '"killed only"',
    },
}
READ_BY = {
    "gas": {"gas", "fiscal", "attrition"},
    "fiscal": {"fiscal", "attrition"},
    "attrition": {"fiscal", "attrition"},
}
"""Who may move when a submodel is turned upside down."""


def _states(scenario: str, step: str, settings: dict[str, object]) -> dict[str, np.ndarray]:
    """Every field of every submodel's state by path and step."""
    sets = tuple(f"{key}={value}" for key, value in settings.items())
    made = simulate.plan(loader.load(scenario, sets=sets, paths=PATHS, horizon=12, step=step), keep_paths=PATHS)
    rows = {key: np.atleast_1d(np.array(row)) for key, row in world.rows(world.STATE).items()}
    # Dates are NaN until they happen, and a licence without end has an infinite term: both would count as failed paths.
    fields = [key for key in rows if ".first_" not in key and key not in ("sanctions.term", "gas.contract_left")]
    wanted = np.concatenate([rows[key] for key in fields]).astype(np.int64)
    finite = made.recorded._replace(all=wanted, ranked=wanted[:0])
    outputs = [Variable(str(row), "World", "1", int(row), False, (), "") for row in wanted]
    result = simulate.simulate(replace(made, recorded=finite, variables=outputs), jobs=2)
    assert result.failed == 0
    ends = np.cumsum([rows[key].size for key in fields])
    return dict(zip(fields, np.split(result.path_values, ends[:-1], axis=2), strict=True))


RECORDED = {"conflict.pressures"}
"""What would act on the war with feedback: recorded for pilot runs, read by nobody without it."""


def _moved(one: dict[str, np.ndarray], other: dict[str, np.ndarray]) -> set[str]:
    return {key.split(".")[0] for key in one if key not in RECORDED and not np.array_equal(one[key], other[key])}


@pytest.fixture(scope="module")
def plain() -> dict[tuple[str, str], dict[str, np.ndarray]]:
    return {(scenario, step): _states(scenario, step, OPEN_LOOP) for scenario, step in RUNS}


@pytest.mark.parametrize("turned", UPSIDE_DOWN)
@pytest.mark.parametrize(("scenario", "step"), RUNS)
def test_without_feedback_nobody_upstream_moves(plain, scenario, step, turned):
    before, after = plain[scenario, step], _states(scenario, step, OPEN_LOOP | UPSIDE_DOWN[turned])
    moved = _moved(before, after)
    assert turned in moved and moved <= READ_BY[turned]
    assert {key.split(".")[0] for key in before} == {*UPSTREAM, *UPSIDE_DOWN}


def test_with_feedback_the_army_and_the_budget_act_on_the_war(plain):
    before = _states("baseline", "month", {})
    after = _states("baseline", "month", UPSIDE_DOWN["fiscal"] | UPSIDE_DOWN["attrition"])
    assert not np.array_equal(before["conflict.state"], after["conflict.state"])
    assert not np.array_equal(before["conflict.state"], plain["baseline", "month"]["conflict.state"])


NO_TARIFFS = {
    "parameters.tariffs.bill_chance": 0.0,
    "parameters.tariffs.successor_chance": 0.0,
    "parameters.tariffs.order_rate": 0.0,
    "parameters.conflict.threat_effect": 0.0,
}
LAW = {
    "facts.tariffs.statute": "law",
    "parameters.tariffs.applied_on_any_chance": 0.9,
    "parameters.tariffs.applied_on_china_chance": 0.5,
}
NO_CUTS = {"parameters.tariffs.reroute_cut": 0.0} | {
    f"parameters.tariffs.{name}_{buyer}": value
    for buyer in ("china", "india", "turkiye", "eu", "brazil", "japan", "korea", "other")
    for name, value in (("part", 0.0), ("defiance", 20.0))
}
"""Nobody complies, and who gives way in part drops nothing."""


@pytest.mark.parametrize(("scenario", "step"), RUNS[:3])
def test_without_law_and_orders_tariffs_move_nobody(scenario, step):
    # Feedback is centred on the baseline, whose threat is not zero; without feedback no threat has no effect.
    quiet = _states(scenario, step, OPEN_LOOP | NO_TARIFFS)
    threatened = OPEN_LOOP | NO_TARIFFS | {"parameters.conflict.threat_effect": 3.0}
    assert _moved(quiet, _states(scenario, step, threatened)) == set()
    other = {
        "parameters.tariffs.statute_rate": 1.0,
        "parameters.tariffs.credence_law": 0.9,
        "parameters.tariffs.part_india": 0.9,
    }
    assert _moved(quiet, _states(scenario, step, OPEN_LOOP | NO_TARIFFS | other)) <= {"tariffs"}
    for field in ("threat", "cut", "welfare", "us_revenue", "applied"):
        assert not quiet[f"tariffs.{field}"].any()


@pytest.mark.parametrize(("scenario", "step"), RUNS[:3])
def test_tariffs_reach_oil_by_what_buyers_drop_and_by_their_threat(scenario, step):
    quiet = _states(scenario, step, OPEN_LOOP | NO_TARIFFS)
    uncut = _states(scenario, step, OPEN_LOOP | NO_TARIFFS | LAW | NO_CUTS)
    assert uncut["tariffs.any_applied"].mean() > 0.1 and not uncut["tariffs.cut"].any()
    # A threat closes the room of buyers who drop nothing; what follows from oil may move, gulf and war may not.
    follows = {"tariffs", "oil", "sanctions", "gas", "fiscal", "attrition"}
    assert "tariffs" in _moved(quiet, uncut) and _moved(quiet, uncut) <= follows
    cut = _states(scenario, step, OPEN_LOOP | NO_TARIFFS | LAW)
    assert "oil" in _moved(quiet, cut) and _moved(quiet, cut) <= follows
    assert cut["oil.exports"].mean() < uncut["oil.exports"].mean()
