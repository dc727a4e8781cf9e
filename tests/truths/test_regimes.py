"""Semi-Markov and competing-risk closed forms (validation S5, S6, S7) through the conflict kernel that every run
uses."""

import numpy as np
import pytest
from detente_kernels import conflict


def law(**transitions: tuple[float, float]) -> dict[str, float]:
    """``war_to_truce=(shape, scale)`` as settings; the total gives these hazards in war and in a truce."""
    found = {"conflict.truce_ceasefire_ratio": 0.0}
    for name, (shape, scale) in transitions.items():
        found[f"conflict.{name}_rate"] = 1.0 / scale
        found[f"conflict.{name}_shape"] = shape
    from_truce = found.pop("conflict.truce_to_ceasefire_rate", 0.0)
    from_war = found.pop("conflict.war_to_ceasefire_rate", 0.0)
    shape = found.get("conflict.war_to_ceasefire_shape", 1.0)
    hazard = (12.0 * from_war) ** shape / 12.0  # mean over the first twelve months
    begins, settles = (found.get(f"conflict.war_to_{name}_rate", 0.0) for name in ("truce", "settlement"))
    in_truce = conflict.truce_share.py_func(begins, found.get("conflict.truce_to_war_rate", 0.0), 0.0)
    if from_truce:
        total = 1e-6
        found["conflict.truce_ceasefire_ratio"] = from_truce / total
    else:
        total = (hazard + settles) * (1.0 - in_truce) if hazard else 0.0
    found["conflict.ceasefire_rate"] = total
    return found


S5 = law(war_to_ceasefire=(1.5, 10.0), ceasefire_to_war=(2.0, 6.0))
S5_TRUTH = {6: 0.69998167, 12: 0.61396787, 24: 0.62997996, 36: 0.62929216}


@pytest.mark.parametrize("step", ["month", "week"])
def test_s5_alternating_weibull_renewals(sample, still, within, step):
    drawn = sample(still | S5, ["conflict.in_war"], 36, step=step)
    for months, truth in S5_TRUTH.items():
        if step == "month":
            within(drawn["conflict.in_war"][:, months - 1], truth)
        else:  # a week's end is not a month's end: the probability is smooth, so the two weeks around it bracket it
            k = months / drawn.dt
            lower, upper = (drawn["conflict.in_war"][:, int(np.floor(k)) - 1 + j] for j in (0, 1))
            within((1 - k % 1) * lower + (k % 1) * upper, truth)


def test_a_markov_chain_with_the_same_means_would_fail_s5():
    """The truth tells apart what it should: exponential sojourns with the same means miss it at twelve months by
    many errors."""
    from math import exp, gamma

    up, down = 1 / (10 * gamma(1 + 1 / 1.5)), 1 / (6 * gamma(1.5))
    markov = down / (up + down) + up / (up + down) * exp(-(up + down) * 12)
    assert abs(markov - S5_TRUTH[12]) > 4 * np.sqrt(0.25 / 100_000)


def test_s6_exponential_competing_risks(sample, still, within):
    drawn = sample(
        still | law(war_to_truce=(1.0, 50.0), war_to_ceasefire=(1.0, 20.0), war_to_settlement=(1.0, 100.0)), _FIRSTS, 12
    )
    for field, truth in zip(_FIRSTS, (0.15427678, 0.38569195, 0.07713839), strict=True):
        within((drawn[field] <= 12.0).astype(float), truth)


def test_s6_weibull_competing_risks(sample, still, within):
    drawn = sample(
        still | law(war_to_truce=(1.5, 20.0), war_to_ceasefire=(1.0, 30.0), war_to_settlement=(2.0, 40.0)), _FIRSTS, 18
    )
    for field, truth in zip(_FIRSTS, (0.39626668, 0.33006696, 0.08282543), strict=True):
        within((drawn[field] <= 18.0).astype(float), truth)


_FIRSTS = ["conflict.first_truce", "conflict.first_ceasefire", "conflict.first_settlement"]


def test_s7_three_phases_in_series(sample, still, within):
    drawn = sample(
        still | law(war_to_truce=(1.0, 10.0), truce_to_ceasefire=(1.0, 5.0), ceasefire_to_settlement=(1.0, 20.0)),
        _FIRSTS[2:],
        240,
    )
    reached = drawn["conflict.first_settlement"]
    for months, truth in ((12, 0.10865141), (36, 0.61360155), (60, 0.87218994)):
        within((reached <= months).astype(float), truth)
    inside = np.where(np.isnan(reached), 240.0, reached)
    within(inside, 35.0 - _tail_mean())
    assert np.var(inside) == pytest.approx(525.0, rel=0.02)


def _tail_mean() -> float:
    """Mean time beyond 240 months: the slowest phase (rate 0.05) dominates the survival function there."""
    from math import exp

    rates = (0.1, 0.2, 0.05)
    weights = [np.prod([other / (other - rate) for other in rates if other != rate]) for rate in rates]
    return sum(weight * exp(-rate * 240.0) / rate for weight, rate in zip(weights, rates, strict=True))


def test_error_falls_with_the_number_of_paths(sample, still):
    """Root mean square error over seeds falls at least like n^-1/2 (with a margin for 12 seeds)."""

    def rms(paths):
        shares = [
            sample(still | S5, ["conflict.in_war"], 12, paths=paths, seed=seed)["conflict.in_war"][:, 11].mean()
            for seed in range(12)
        ]
        return np.sqrt(np.mean((np.array(shares) - S5_TRUTH[12]) ** 2))

    assert rms(65_536) < rms(2_048) / np.sqrt(32) * 1.9


def test_a_disruption_of_the_gulf_lasts_as_its_parameters_say(sample, still, within):
    """P(still disrupted) = exp(-rate t) without new disruptions, and the stationary share of a two-state chain with
    them."""
    gulf = {
        "gulf.state": "disrupted",
        "gulf.severity": 1.0,
        "gulf.months_in_state": 6.0,
        "gulf.reopening_shape": 1.0,
        "gulf.reopening_rate": 0.1,
    }
    alone = sample(still | gulf, ["gulf.disrupted"], 24)["gulf.disrupted"]
    for months in (1, 6, 12, 24):
        within(alone[:, months - 1], np.exp(-0.1 * months))
    together = sample(still | gulf | {"gulf.disruption_rate": 0.05}, ["gulf.disrupted"], 24)["gulf.disrupted"]
    for months in (1, 12, 24):
        within(together[:, months - 1], 1 / 3 + 2 / 3 * np.exp(-0.15 * months))
