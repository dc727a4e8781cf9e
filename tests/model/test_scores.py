"""Scores against cases computed by hand and published closed forms."""

import math

import numpy as np
import pytest
from detente.evaluation import scores

RNG = np.random.default_rng(5)


def test_fair_crps_by_hand():
    # mean |x - y| = (1.5 + 0.5 + 0.5 + 1.5)/4 = 1; the six pairs differ by 10 in sum, 2 x 10/(4 x 3)/2 = 5/6
    assert scores.crps_ensemble([[4.0, 2.0, 1.0, 3.0]], [2.5]) == pytest.approx([1.0 - 5.0 / 6.0])
    # {60, 65, 70, 80, 110} at 103.13: ten pairs over 5 x 4, and over 5 x 5 in the published 19.678
    members = np.array([60.0, 65.0, 70.0, 80.0, 110.0])
    pairs = np.abs(members[:, None] - members).sum() / 2.0
    assert scores.crps_ensemble([members], [103.13]) == pytest.approx([np.abs(members - 103.13).mean() - pairs / 20.0])
    assert np.abs(members - 103.13).mean() - pairs / 25.0 == pytest.approx(19.678)


def test_fair_crps_does_not_depend_on_the_number_of_members():
    outcomes = RNG.standard_normal(40_000)
    small = scores.crps_ensemble(RNG.standard_normal((40_000, 2)), outcomes)
    large = scores.crps_ensemble(RNG.standard_normal((40_000, 50)), outcomes)
    exact = 1.0 / math.sqrt(math.pi)  # mean CRPS of a standard normal forecast of standard normal outcomes
    for each in (small, large):
        assert each.mean() == pytest.approx(exact, abs=4.0 * each.std() / 200.0)


@pytest.mark.parametrize(("outcome", "value"), [(0.0, 0.23369498), (1.0, 0.60244136)])
def test_crps_of_a_normal_from_members_and_quantiles(outcome, value):
    from scipy.special import ndtri

    levels = (np.arange(2_000) + 0.5) / 2_000
    quantiles = ndtri(levels)
    assert scores.crps_quantiles([quantiles], levels, [outcome]) == pytest.approx([value], abs=2e-4)
    assert scores.crps_ensemble([quantiles], [outcome]) == pytest.approx([value], abs=1e-3)


def test_crps_of_a_lognormal():
    assert scores.crps_lognormal([math.exp(4.2)], [0.35], [90.0]) == pytest.approx([13.41384], abs=1e-5)


def test_pinball_and_crps_from_quantiles_by_hand():
    pinball = scores.pinball([[1.0, 2.0, 3.0]], [0.1, 0.5, 0.9], [2.5])
    assert pinball == pytest.approx(np.array([[0.1 * 1.5, 0.5 * 0.5, 0.1 * 0.5]]))
    # cells end at 0, 0.3, 0.7 and 1
    expected = 2.0 * (0.3 * 0.15 + 0.4 * 0.25 + 0.3 * 0.05)
    assert scores.crps_quantiles([[1.0, 2.0, 3.0]], [0.1, 0.5, 0.9], [2.5]) == pytest.approx([expected])


def test_interval_score_by_hand():
    values = scores.interval([1.0, 1.0, 1.0], [2.0, 2.0, 2.0], [1.5, 3.0, 0.5], 0.9)
    assert values == pytest.approx([1.0, 1.0 + 20.0 * 1.0, 1.0 + 20.0 * 0.5])


def test_brier_and_log_scores_by_hand():
    crowd = [0.24, 0.29, 0.27, 0.50, 0.42, 0.46]  # six binary questions that all resolved no
    assert scores.brier(crowd, np.zeros(6)).mean() == pytest.approx(0.1421, abs=5e-5)
    assert scores.brier([0.2, 0.2], [1, 0]) == pytest.approx([0.64, 0.04])
    assert scores.log_score([0.2, 0.2], [1, 0]) == pytest.approx([-math.log(0.2), -math.log(0.8)])
    assert scores.log_score([0.0], [1])[0] == math.inf


def test_coverage_counts_ends_and_pit_halves_ties():
    assert scores.coverage([0.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0], [0.0, 1.0, 1.1, -0.1]) == 0.5
    assert scores.pit([[1.0, 2.0, 2.0, 3.0], [1.0, 2.0, 3.0, 4.0]], [2.0, 9.0]) == pytest.approx([0.5, 1.0])


def test_ratio_by_hand():
    assert scores.ratio([1.0, 3.0], [4.0, 4.0]) == 0.5


def test_diebold_mariano_by_hand():
    benchmark, own = np.array([3.0, 1.0, 4.0, 2.0]), np.array([1.0, 1.0, 1.0, 1.0])
    gains = benchmark - own  # 2, 0, 3, 1: mean 1.5, deviations 0.5, -1.5, 1.5, -0.5
    variance = (0.25 + 2.25 + 2.25 + 0.25) / 4.0
    one = scores.diebold_mariano(own, benchmark, 1)
    assert one.statistic == pytest.approx(1.5 / math.sqrt(variance / 4.0))
    assert one.p_value == pytest.approx(0.5 * math.erfc(one.statistic / math.sqrt(2.0)))
    # two steps ahead: half of the first autocovariance on both sides, (-0.75 - 2.25 - 0.75)/4
    two = scores.diebold_mariano(own, benchmark, 2)
    assert two.statistic == pytest.approx(1.5 / math.sqrt((variance + 2.0 * 0.5 * (-3.75 / 4.0)) / 4.0))
    assert gains.mean() == 1.5
    assert scores.diebold_mariano(benchmark, own, 1).p_value == pytest.approx(1.0 - one.p_value)


def test_diebold_mariano_needs_two_horizons_of_targets():
    own, benchmark = RNG.random(11), RNG.random(11)
    assert math.isnan(scores.diebold_mariano(own, benchmark, 6).p_value)
    assert not math.isnan(scores.diebold_mariano(own, benchmark, 5).p_value)
    assert math.isnan(scores.diebold_mariano(own, own, 1).p_value)


def test_diebold_mariano_keeps_its_size():
    rejections = [
        scores.diebold_mariano(RNG.standard_normal(200) ** 2, RNG.standard_normal(200) ** 2, 1).p_value < 0.1
        for _ in range(2_000)
    ]
    assert np.mean(rejections) == pytest.approx(0.1, abs=4.0 * math.sqrt(0.09 / 2_000))


def test_block_bootstrap_covers_the_ratio():
    inside = 0
    for seed in range(200):
        benchmark = 1.0 + RNG.exponential(size=120)
        own = 0.8 * benchmark + 0.2 * RNG.exponential(size=120)  # expected ratio (1.6 + 0.2)/2
        low, high = scores.ratio_interval(own, benchmark, 1, seed=seed)
        inside += low <= 0.9 <= high
    assert 160 <= inside <= 195


def test_block_bootstrap_keeps_blocks_together():
    own, benchmark = np.arange(24.0) + 1.0, np.full(24, 10.0)
    assert math.isnan(scores.ratio_interval(own[:11], benchmark[:11], 1)[0]), "fewer than two blocks of six"
    noise = RNG.standard_normal(600)
    for t in range(1, noise.size):
        noise[t] += 0.95 * noise[t - 1]
    own, benchmark = 10.0 + noise, np.full(noise.size, 10.0)
    short, long = (scores.ratio_interval(own, benchmark, horizon) for horizon in (6, 60))
    assert long[1] - long[0] > 1.3 * (short[1] - short[0]), "short blocks take persistent scores for independent ones"
    assert scores.ratio_interval(own, benchmark, 6) == short


@pytest.mark.parametrize("outcomes", [np.array([1.0, 5.0, 9.0, 2.0])])
def test_every_score_uses_the_outcome(outcomes):
    """Outcomes in another order change every score."""
    centres = outcomes + np.array([0.1, -0.2, 0.3, 0.0])
    members = centres[:, None] + np.linspace(-1.0, 1.0, 21)
    levels = [0.05, 0.5, 0.95]
    quantiles = np.quantile(members, levels, axis=1).T
    lower, upper = quantiles[:, 0], quantiles[:, 2]
    happened = (outcomes > 4.0).astype(float)
    probabilities = np.array([0.1, 0.8, 0.9, 0.3])
    moved, moved_events = np.roll(outcomes, 1), np.roll(happened, 1)
    for score in (
        lambda seen: scores.crps_ensemble(members, seen).mean(),
        lambda seen: scores.crps_lognormal(centres, np.full(4, 0.1), seen).mean(),
        lambda seen: scores.crps_quantiles(quantiles, levels, seen).mean(),
        lambda seen: scores.pinball(quantiles, levels, seen).mean(),
        lambda seen: scores.interval(lower, upper, seen, 0.9).mean(),
        lambda seen: -scores.coverage(lower, upper, seen),
    ):
        assert score(moved) > score(outcomes)
    assert not np.array_equal(scores.pit(members, moved), scores.pit(members, outcomes))
    for score in (scores.brier, scores.log_score):
        assert score(probabilities, moved_events).mean() > score(probabilities, happened).mean()


def test_shapes_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="must have shapes"):
        scores.crps_ensemble([[1.0, 2.0]], [1.0, 2.0])
    with pytest.raises(ValueError, match="two members"):
        scores.crps_ensemble([[1.0]], [1.0])
