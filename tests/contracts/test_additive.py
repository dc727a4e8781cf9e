"""What feeds nothing back moves nobody else's numbers: a gas market turned upside down leaves every state of the other submodels as it was."""

from dataclasses import replace

import numpy as np
import pytest
from detente import config, simulate
from detente.variables import Variable
from detente_kernels import world

RUNS = (("baseline", "month"), ("baseline", "week"), ("coordinated-relief", "month"), ("maximum-pressure", "month"))
PATHS = 1_024
FEEDS = ("gulf", "conflict", "sanctions", "oil")
"""Submodels that do not read the gas market."""
UPSIDE_DOWN = {
    "facts.gas.ttf": 200.0,
    "facts.gas.storage": 5.0,
    "facts.gas.turkstream": 0.0,
    "parameters.gas.volatility_level": -2.0,
    "parameters.gas.suspension_rate": 1.0,
    "parameters.gas.gulf_lng_share": 0.4,
    "parameters.gas.demand_elasticity": 0.5,
}


def _states(scenario: str, step: str, settings: dict[str, float]) -> dict[str, np.ndarray]:
    """Every field of every submodel's state by path and step."""
    sets = tuple(f"{key}={value}" for key, value in settings.items())
    made = simulate.plan(config.load(scenario, sets=sets, paths=PATHS, horizon=12, step=step), keep_paths=PATHS)
    rows = {key: np.atleast_1d(np.array(row)) for key, row in world.rows(world.STATE).items()}
    # Dates are NaN until they happen, and a licence without end has an infinite term: both would count as failed paths.
    fields = [key for key in rows if ".first_" not in key and key not in ("sanctions.term", "gas.contract_left")]
    wanted = np.concatenate([rows[key] for key in fields]).astype(np.int64)
    finite = made.recorded._replace(all=wanted, ranked=wanted[:0])
    outputs = [Variable(str(row), "World", "1", int(row), False, (), "") for row in wanted]
    result = simulate.simulate(replace(made, recorded=finite, variables=outputs), jobs=2)
    assert result.failed == 0
    ends = np.cumsum([rows[key].size for key in fields])
    return dict(zip(fields, np.split(result.kept, ends[:-1], axis=2), strict=True))


@pytest.mark.parametrize(("scenario", "step"), RUNS)
def test_the_gas_market_moves_nobody_elses_numbers(scenario, step):
    plain, turned = _states(scenario, step, {}), _states(scenario, step, UPSIDE_DOWN)
    moved = {key.split(".")[0] for key in plain if not np.array_equal(plain[key], turned[key])}
    assert moved == {"gas"}, "gas moves, and nothing else"
    assert {key.split(".")[0] for key in plain} == {*FEEDS, "gas"}
