"""Over-dispersed counts, competing risks and Lanchester's laws: the closed forms that validation asks for (S8, S9, S10)."""

import math
from fractions import Fraction

import numpy as np
import pytest
from detente import counts, lanchester, survival

# --- S10: negative binomial ---------------------------------------------------------------------------------------------------------------


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
    """Sums over a month of a million days; a Gaussian copula keeps the correlation of such counts to within two hundredths."""
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


# --- S8: Aalen-Johansen --------------------------------------------------------------------------------------------------------------------


def test_s8_aalen_johansen_in_exact_fractions():
    """Ten rows, censored at the second, sixth and tenth."""
    causes = (1, 0, 1, 2, 2, 0, 1, 1, 2, 0)
    found = survival.aalen_johansen(range(2, 12), causes)
    left, reached = found.at(11)
    assert (reached[1], reached[2], left) == (Fraction(79, 160), Fraction(117, 320), Fraction(9, 64))
    for k, survived in enumerate(found.survival):
        assert survived + sum(values[k] for values in found.incidence.values()) == 1
    assert found.at(1) == (1, {1: 0, 2: 0})


def test_s8_ties_and_one_cause_alone():
    """Those censored at the time of an event still count as at risk; with one cause and none censored it is the empirical law."""
    found = survival.aalen_johansen([3, 3, 3, 5], [1, 2, 0, 1])
    assert found.at(3) == (Fraction(1, 2), {1: Fraction(1, 4), 2: Fraction(1, 4)})
    assert found.at(5) == (0, {1: Fraction(3, 4), 2: Fraction(1, 4)})
    alone = survival.aalen_johansen([4, 1, 2, 3], [1, 1, 1, 1])
    assert alone.incidence[1] == (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(1))
    with pytest.raises(ValueError, match="one duration"):
        survival.aalen_johansen([], [])


# --- S9: Lanchester -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("time", "truth"), [(10, (909.8138872, 704.6046819)), (30, (761.2756873, 538.1609673)), (50, (649.4251194, 397.6524715))])
def test_s9_square_law(time, truth):
    left = lanchester.square_law(0.012, 0.01, 1000, 800, time)
    assert left == pytest.approx(truth, rel=1e-9)
    assert lanchester.square_law_invariant(0.012, 0.01, *left) == pytest.approx(2320.0, rel=1e-10)
    assert lanchester.general_law(0.012, 0.01, 0.0, 1.0, 1000, 800, time) == pytest.approx(truth, rel=1e-8)


@pytest.mark.parametrize(("time", "truth"), [(30, (777.43638, 614.53031)), (100, (515.18416, 395.98680))])
def test_s9_linear_law(time, truth):
    left = lanchester.linear_law(1.2e-5, 1e-5, 1000, 800, time)
    assert left == pytest.approx(truth, abs=5e-6)
    assert 1e-5 * left[0] - 1.2e-5 * left[1] == pytest.approx(1e-5 * 1000 - 1.2e-5 * 800, abs=1e-12)
    assert lanchester.general_law(1.2e-5, 1e-5, 1.0, 1.0, 1000, 800, time) == pytest.approx(left, rel=1e-8)


def test_s9_the_square_law_stops_when_one_side_is_gone():
    strong, weak = lanchester.square_law(0.012, 0.01, 1000, 800, 1e4)
    assert weak == pytest.approx(0.0, abs=1e-6) and strong == pytest.approx(math.sqrt(2320.0 / 0.01), rel=1e-9)
    assert lanchester.general_law(0.012, 0.01, 0.0, 1.0, 1000, 800, 1e4) == pytest.approx((strong, 0.0), rel=1e-6, abs=1e-4)
    assert lanchester.square_law(0.0, 0.01, 100, 800, 10) == (100, 790.0)
    assert lanchester.linear_law(1e-5, 1e-5, 500, 500, 100) == pytest.approx((500 / 1.5, 500 / 1.5))
    with pytest.raises(ValueError, match="negative"):
        lanchester.linear_law(-1.0, 1.0, 1.0, 1.0, 1.0)
