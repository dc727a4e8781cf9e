"""Shares of the spread against outcomes whose shares are known, and silence where there is nothing to tell."""

import numpy as np
import pytest
from detente.analysis import sensitivity as influence
from detente.analysis.sensitivity import FEWEST_PATHS, Sensitivity, Target, alternatives, sensitivity
from detente.config import loader
from detente.engine import sampling
from scipy.stats import qmc

PATHS = 16_384
FIRST, SECOND = "oil.freight_floor", "conflict.ceasefire_rate"


@pytest.fixture(scope="module")
def setting() -> loader.Config:
    return loader.load("baseline", paths=PATHS, horizon=12)


@pytest.fixture(scope="module")
def drawn(setting: loader.Config) -> dict[str, np.ndarray]:
    return sampling.draws(setting, PATHS)


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    return np.random.default_rng(7).standard_normal(PATHS)


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks with mean 0 and variance 1."""
    position = np.empty(values.size)
    position[np.argsort(values, kind="stable")] = np.arange(values.size)
    return (position - position.mean()) / position.std()


@pytest.fixture(scope="module")
def found(setting: loader.Config, drawn: dict[str, np.ndarray], noise: np.ndarray) -> Sensitivity:
    mixed = 0.6 * ranks(drawn[FIRST]) - 0.3 * ranks(drawn[SECOND]) + np.sqrt(1.0 - 0.36 - 0.09) * noise
    chance = np.where(drawn[SECOND] > np.median(drawn[SECOND]), 0.5, 0.2) > np.random.default_rng(8).uniform(size=PATHS)
    gaps = drawn[FIRST].copy()
    gaps[::10] = np.nan
    return sensitivity(
        setting,
        {
            "copy": Target("copy", "USD/bbl", gaps),
            "mixed": Target("mixed", "1", mixed),
            "noise": Target("noise", "1", noise),
            "event": Target("event", "1", chance.astype(float), by_rank=False),
            "constant": Target("constant", "1", np.full(PATHS, 3.0)),
            "few": Target("few", "1", noise[: FEWEST_PATHS - 1]),
        },
    )


def share(found: Sensitivity, key: str, target: str):
    return next(a for a in found.assumptions if key in a.keys).shares[target]


def test_an_outcome_that_is_one_assumption_is_explained_by_it_alone(found: Sensitivity):
    one = share(found, FIRST, "copy")
    assert one.share == pytest.approx(1.0, abs=0.01)
    assert one.correlation == pytest.approx(1.0, abs=1e-9)
    assert one.low < one.high
    assert [a.keys for a in found.assumptions if a.shares["copy"].significant] == [(FIRST,)]
    assert found.paths["copy"] == PATHS - -(-PATHS // 10)


def test_shares_of_a_sum_are_its_squared_weights(found: Sensitivity):
    first, second = share(found, FIRST, "mixed"), share(found, SECOND, "mixed")
    # The outcome is close to normal, so its ranks lose a little: the Spearman correlation of a normal pair is 6/pi
    # asin(r/2).
    assert first.share == pytest.approx(0.36, abs=0.03)
    assert second.share == pytest.approx(0.09, abs=0.02)
    assert first.correlation > 0.0 > second.correlation
    assert found.explained["mixed"] == pytest.approx(0.45, abs=0.04)
    assert found.leader("mixed").keys == (FIRST,)


def test_an_event_has_the_share_of_its_conditional_probabilities(found: Sensitivity):
    one = share(found, SECOND, "event")
    assert one.share == pytest.approx(0.15**2 / (0.35 * 0.65), abs=5.0 * one.error)
    assert one.low == pytest.approx(0.2, abs=0.03) and one.high == pytest.approx(0.5, abs=0.04)


def test_noise_is_not_reported_as_influence(found: Sensitivity):
    assert not any(a.shares["noise"].significant for a in found.assumptions)
    assert found.explained["noise"] == 0.0
    assert 0.0 < found.floor["noise"] < 0.01


def test_what_cannot_tell_is_left_out(found: Sensitivity):
    assert set(found.explained) == {"copy", "mixed", "noise", "event"}


def test_the_strongest_come_first_and_top_cuts(found: Sensitivity):
    shares = [a.largest[1].share for a in found.assumptions]
    assert shares == sorted(shares, reverse=True)
    assert len(found.top(1)) == 1


def test_the_estimate_is_centred_on_nothing_where_there_is_nothing(setting: loader.Config):
    targets = {str(k): Target("noise", "1", np.random.default_rng(100 + k).standard_normal(2048)) for k in range(4)}
    # No assumption is seen, so none is listed; the sum of what is explained says the same.
    assert sensitivity(setting, targets).explained == dict.fromkeys(targets, 0.0)


def test_too_few_paths_say_nothing(setting: loader.Config, drawn: dict[str, np.ndarray]):
    few = sensitivity(setting, {"copy": Target("copy", "1", drawn[FIRST][:500])})
    assert few.assumptions == () and few.paths == {}


def test_joint_parameters_are_one_assumption(setting: loader.Config, drawn: dict[str, np.ndarray], noise: np.ndarray):
    joint = setting.joints["elasticities"]
    values = drawn["oil.supply_elasticity"] + 0.001 * noise
    both = sensitivity(setting, {"copy": Target("copy", "1", values)})
    leader = both.leader("copy")
    assert set(leader.keys) == {"oil.supply_elasticity", "oil.demand_elasticity"}
    assert leader.shares["copy"].share == pytest.approx(8.0 / 9.0, abs=0.02)  # three equal groups of ranks
    assert np.isnan(leader.shares["copy"].correlation)
    rows = alternatives(setting, "elasticities", Target("copy", "1", values), drawn)
    assert [one.row for one in rows] == list(joint.rows)
    assert sum(one.share for one in rows) == pytest.approx(1.0)
    for one in rows:
        assert one.outcome == pytest.approx(one.row[joint.columns.index("oil.supply_elasticity")], abs=1e-3)


def ishigami(seed: int, a: float = 5.0, b: float = 0.07) -> tuple[np.ndarray, np.ndarray]:
    """Outcome and three angles of PATHS paths in sixteen scrambles (Ishigami and Homma 1990)."""
    children = np.random.SeedSequence(seed).spawn(16)
    points = [
        qmc.Sobol(3, rng=np.random.default_rng(child)).random(PATHS // 16).reshape(-1, 128, 3) for child in children
    ]
    x = np.pi * (2.0 * np.stack(points, axis=1).reshape(PATHS, 3).T - 1.0)
    return np.sin(x[0]) + a * np.sin(x[1]) ** 2 + b * x[2] ** 4 * np.sin(x[0]), x


def test_shares_of_a_curved_effect_have_no_bias_of_bins() -> None:
    """Ishigami's function with a = 5, b = 0.07: shares 0.369, 0.413 and 0 in closed form."""
    a, b = 5.0, 0.07
    variance = a**2 / 8.0 + b * np.pi**4 / 5.0 + b**2 * np.pi**8 / 18.0 + 0.5
    truth = (0.5 * (1.0 + b * np.pi**4 / 5.0) ** 2 / variance, a**2 / 8.0 / variance, 0.0)
    found = []
    for seed in range(6):
        y, x = ishigami(seed, a, b)
        target = influence._Prepared(Target("y", "1", y, by_rank=False))
        found.append([influence._share(target, influence._Sorted(each)) for each in x])
    for k, exact in enumerate(truth):
        shares, errors = np.array([(each[k].share, each[k].error) for each in found]).T
        stated = np.sqrt(np.mean(errors**2))
        assert np.mean(shares) == pytest.approx(exact, abs=3.0 * shares.std(ddof=1) / np.sqrt(6.0) + 2e-4)
        assert np.all(np.abs(shares - exact) < 4.0 * errors) and shares.std(ddof=1) < 1.6 * stated


def test_a_jump_between_two_bins_is_covered_by_the_error() -> None:
    """An effect that jumps inside a bin: the extrapolation misses it, and the error says so."""
    _, x = ishigami(3)
    jump = np.quantile(x[0], 0.37)
    target = influence._Prepared(Target("y", "1", (x[0] > jump).astype(float), by_rank=False))
    share = influence._share(target, influence._Sorted(x[0]))
    assert abs(share.share - 1.0) < 3.0 * share.error
