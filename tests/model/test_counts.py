"""Over-dispersed counts: the closed form of validation S10 and the dispersion test."""

import numpy as np
import pytest
from detente.calibrate import counts

# --- S10: negative binomial -------------------------------------------------------------------------------------------


def test_s10_negative_binomial():
    day = counts.negative_binomial(1100, 25)
    assert day.mean() == pytest.approx(1100) and day.var() == pytest.approx(49_500)
    assert [day.ppf(level) for level in (0.05, 0.5, 0.95)] == [761, 1085, 1489]
    assert day.pmf(0) == pytest.approx(4.673983292e-42, rel=1e-8)
    assert counts.negative_binomial(4, 1.5).pmf(0) == pytest.approx(0.14242717, abs=5e-9)
    with pytest.raises(ValueError, match="positive"):
        counts.negative_binomial(0, 1)


def test_the_variance_of_a_sum_of_correlated_days_is_the_double_sum():
    mean, variance = counts.sum_moments(1100, 25, 31, 0.3)
    lags = np.abs(np.subtract.outer(np.arange(31), np.arange(31)))
    assert mean == 1100 * 31
    assert variance == pytest.approx(49_500 * np.sum(0.3**lags), rel=1e-12)
    assert counts.sum_moments(4, 1.5, 7)[1] == pytest.approx(7 * (4 + 16 / 1.5))


def test_simulated_days_have_the_moments_of_their_law():
    """Sums over a month of a million days; a Gaussian copula keeps the correlation of such counts to within two
    hundredths."""
    drawn = counts.simulate_days(np.full(30 * 33_000, 1100.0), 50.0, 0.3, np.random.default_rng(7))
    assert drawn.mean() == pytest.approx(1100, rel=1e-3)
    assert counts.fano(drawn) == pytest.approx(1 + 1100 / 50, rel=0.02)
    assert counts.lag_one(drawn) == pytest.approx(0.3, abs=0.02)
    mean, variance = counts.sum_moments(1100, 50, 30, 0.3)
    sums = drawn.reshape(-1, 30).sum(axis=1)
    assert sums.mean() == pytest.approx(mean, rel=1e-3) and sums.var() == pytest.approx(variance, rel=0.05)


def test_a_poisson_law_is_rejected_on_scattered_days_only():
    rng = np.random.default_rng(3)
    assert counts.dispersion_test(counts.simulate_days(np.full(31, 1100.0), 50.0, 0.3, rng)).p_value < 1e-12
    rejected = [counts.dispersion_test(rng.poisson(1100, 31)).p_value < 0.05 for _ in range(2_000)]
    assert np.mean(rejected) == pytest.approx(0.05, abs=0.02)
    with pytest.raises(ValueError, match="two counts"):
        counts.dispersion_test([0, 0])
