"""The declared base rate of a ceasefire holds whatever feedback does, and talks and duration do not move it."""

import numpy as np
import pytest
from detente.config import loader
from detente_kernels import conflict


def declared(as_of):
    """Within twelve months: one minus the mean of exp(-12 r) for the gamma law of r."""
    law = loader.load("baseline", (f"as_of={as_of}",)).parameters["conflict.ceasefire_rate"].dist
    return 1.0 - (law.rate / (law.rate + 12.0)) ** law.shape


@pytest.mark.parametrize("feedback", [True, False], ids=["feedback", "no feedback"])
@pytest.mark.parametrize("as_of", ["2026-08-31", "2025-03-31"])
def test_the_declared_rate_of_twelve_months_holds(within_months, as_of, feedback):
    assert within_months(as_of, feedback) == pytest.approx(declared(as_of), abs=0.005)


@pytest.fixture(scope="module")
def within_months():
    """Share of paths with a ceasefire or settlement within twelve months of the baseline."""
    from detente.engine import simulate
    from detente_kernels import world

    def share(as_of, feedback):
        sets = (f"as_of={as_of}", f"conflict.feedback={str(feedback).lower()}")
        config = loader.load("baseline", sets, paths=32_768, horizon=12)
        found = []
        plan = simulate.plan(config, keep_paths=0)
        simulate.simulate(plan, jobs=2, on_events=lambda events, _: found.append(events))
        table = dict(zip(world.EVENT_FIELDS, np.concatenate(found, axis=1), strict=True))
        first = np.fmin(table["conflict.first_ceasefire"], table["conflict.first_settlement"])
        return float((first <= 12.0).mean())

    return share


def test_routes_add_up_to_the_total():
    """Over a year in which a share of months is a truce, the hazards of the three routes make the total."""
    total, settlement, ratio = 0.017, 0.001, 2.0
    in_truce = conflict.truce_share.py_func(0.05, 0.7, 0.0)
    war, truce = conflict.route_rates.py_func(total, settlement, ratio, in_truce)
    assert (1.0 - in_truce) * (war + settlement) + in_truce * truce == pytest.approx(total)
    assert 0.05 < in_truce < 0.0667, "below the long-run share, since the year begins at war"


@pytest.mark.parametrize("shape", [0.7, 1.0, 1.6])
def test_a_shape_keeps_the_next_twelve_months(shape):
    rate = conflict.scale_rate.py_func(0.017, shape, 54.0)
    assert (rate * 66.0) ** shape - (rate * 54.0) ** shape == pytest.approx(12.0 * 0.017, rel=1e-9)


def test_talks_have_mean_one():
    for ratio in (0.5, 1.7, 4.0):
        for share in (0.2, 0.5, 0.8):
            active, stalled = (conflict.talks_multiplier.py_func(state, ratio, share) for state in (1.0, 0.0))
            assert share * active + (1.0 - share) * stalled == pytest.approx(1.0)
            assert active / stalled == pytest.approx(ratio)
