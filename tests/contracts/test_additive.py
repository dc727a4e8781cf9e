"""A new submodel moves nobody else's numbers: the states of the others, on every path and step, are those recorded before it was added."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from detente import config, simulate
from detente.variables import Variable
from detente_kernels import world

GOLDEN = Path(__file__).parents[1] / "golden" / "states_before_gas.json"
RUNS = (("baseline", "month"), ("baseline", "week"), ("coordinated-relief", "month"), ("maximum-pressure", "month"))
BEFORE = ("gulf", "conflict", "sanctions", "oil")


def state_hashes(scenario: str, step: str) -> dict[str, str]:
    """SHA-256 by submodel over all fields of its state by path and step, fields in the order of their names."""
    made = simulate.plan(config.load(scenario, paths=2_048, horizon=18, step=step), keep_paths=2_048)
    rows = {key: np.atleast_1d(np.array(row)) for key, row in world.rows(world.STATE).items()}
    found = {}
    for submodel in BEFORE:
        # Dates are NaN until they happen, and a licence without end has an infinite term: both would count as failed paths.
        fields = sorted(key for key in rows if key.startswith(f"{submodel}.") and ".first_" not in key and key != "sanctions.term")
        wanted = np.concatenate([rows[key] for key in fields]).astype(np.int64)
        finite = made.recorded._replace(all=wanted, ranked=wanted[:0])
        outputs = [Variable(str(row), "World", "1", int(row), False, (), "") for row in wanted]
        result = simulate.simulate(replace(made, recorded=finite, variables=outputs), jobs=2)
        assert result.failed == 0
        found[submodel] = hashlib.sha256(result.kept.tobytes()).hexdigest()
    return found


@pytest.mark.parametrize(("scenario", "step"), RUNS)
def test_gas_moves_nobody_elses_numbers(scenario, step):
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    assert state_hashes(scenario, step) == golden[f"{scenario} {step}"]
