"""Pilot runs: one for every as-of date and step, of this model and of this baseline."""

import pytest
from detente.engine import pilot_runs


@pytest.mark.parametrize(("as_of", "step"), list(pilot_runs.dates_and_steps()), ids=lambda value: str(value))
def test_every_pilot_run_is_of_this_model(as_of, step):
    reason = pilot_runs.stale(as_of, step)
    assert reason is None, reason
