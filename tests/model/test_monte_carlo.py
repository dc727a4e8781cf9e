"""Monte Carlo errors mean what they say: against closed forms, and against the spread over seeds."""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from detente.engine import monte_carlo
from detente.questions import estimators
from scipy import stats

RNG = np.random.default_rng(12)


@pytest.fixture(scope="module")
def sweep() -> Any:
    """The experiment over seeds."""
    path = Path(__file__).resolve().parents[1] / "sweep" / "monte_carlo_errors.py"
    spec = importlib.util.spec_from_file_location("monte_carlo_errors", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_spread_over_seeds_is_the_stated_error(sweep: Any, tmp_path: Path) -> None:
    """A fixed sample of the experiment: few seeds of a run that is short and small, so that the limits are wider."""
    rows = sweep.collect(2048, range(1, 7), 8, "no-relief", tmp_path)
    found = {kind: sweep.ratios(rows, kind) for kind in sweep.KINDS}
    for kind in ("mean", "probability above", "event probability", "answer"):
        assert 0.8 < np.median(found[kind].ratio) < 1.15, kind
    assert np.median(found["quantile"].ratio) < 1.0
    for kind in ("mean", "probability above", "event probability", "quantile", "answer"):
        assert np.mean(found[kind].ratio < 1.6) >= 0.95, kind
    rare = found["event probability"].ratio[found["event probability"].rare]
    assert rare.size > 20 and np.mean(rare < 1.6) >= 0.95


def test_two_estimates_of_a_variance_are_weighed() -> None:
    """Where scrambling does not help, the precise estimate rules; where it helps much, the spread of scrambles."""
    noise = RNG.chisquare(15, 4_000) / 15
    assert np.mean(monte_carlo.combined(noise, np.ones(4_000))) == pytest.approx(1.0, abs=0.12)
    assert np.std(monte_carlo.combined(noise, np.ones(4_000))) < 0.6 * np.std(noise)
    for ratio in (0.01, 0.05):
        weighed = monte_carlo.combined(ratio * noise, np.ones(4_000))
        assert np.mean(weighed) == pytest.approx(15 / 13 * ratio, rel=0.2)
    assert monte_carlo.combined(np.zeros(1), np.zeros(1)) == 0.0
    assert monte_carlo.combined(np.array([9.0]), np.array([1.0])) <= 1.0


@pytest.mark.parametrize("expected", [0.1, 1.0, 4.0, 30.0])
def test_error_of_a_rare_event_covers_its_spread(expected: float) -> None:
    n = 4096
    hits = RNG.poisson(expected, 4_000)
    stated = monte_carlo.binomial_error(hits / n, n)
    spread = np.sqrt(expected) / n
    assert spread / np.sqrt(np.mean(stated**2)) < 1.01
    assert np.mean(spread / stated < 1.5) > 0.9
    if expected >= 30.0:
        assert spread / np.sqrt(np.mean(stated**2)) == pytest.approx(1.0, abs=0.03)


def test_what_no_path_shows_has_an_error_of_one_path() -> None:
    for p in (0.0, 1.0):
        assert monte_carlo.binomial_error(p, 998) == pytest.approx(0.001)
    hits, paths = np.zeros((16, 2)), np.full((16, 2), 128)
    assert monte_carlo.probability_error(hits, paths) == pytest.approx(1.0 / 2050.0)


@pytest.mark.parametrize("level", [0.01, 0.25, 0.5, 0.95])
def test_error_of_a_quantile_is_that_of_its_order_statistic(level: float) -> None:
    n = 2_000
    samples = RNG.standard_normal((400, n))
    found = np.quantile(samples, level, axis=1)
    nodes = monte_carlo.quantile_levels(level, n)
    stated = [monte_carlo.quantile_error(np.quantile(each, nodes)) for each in samples[:60]]
    density = stats.norm.pdf(stats.norm.ppf(level))
    assert np.mean(stated) == pytest.approx(np.sqrt(level * (1 - level) / n) / density, rel=0.15)
    assert found.std() == pytest.approx(np.mean(stated), rel=0.15)


def test_a_quantile_beside_a_jump_has_a_share_of_the_jump_as_error() -> None:
    """Two values, the larger one with probability 1%: the 99% quantile is one or the other."""
    values = np.zeros(4_000)
    values[:30] = 100.0  # 1.6 standard errors fewer than expected: the quantile is 0, but might have been 100
    nodes = monte_carlo.quantile_levels(0.99, values.size)
    assert 10.0 < monte_carlo.quantile_error(np.quantile(values, nodes)) < 50.0


def test_few_paths_have_the_error_of_students_distribution() -> None:
    error = monte_carlo.mean_error(np.array([0.0, 2.0]), np.array([3, 7]), 4096).variance ** 0.5
    assert error == pytest.approx(stats.t.ppf(0.841344746, 1) * np.sqrt(2) / np.sqrt(2), rel=1e-6)
    assert monte_carlo.mean_error(np.ones(1), np.array([3]), 4096).error == np.inf
    assert monte_carlo.mean_error(np.ones(1), np.array([3]), 4096, share=True).error == pytest.approx(1.0 / 3.0)


def test_errors_of_rare_shares_survive_arithmetic() -> None:
    sample = estimators.Sample(np.arange(4096), 4096)
    never, sometimes = np.zeros(4096, bool), np.arange(4096) % 2 == 0
    first, second = (estimators.mean(each, sample, share=True) for each in (never, sometimes))
    difference = estimators.combine(np.subtract, first, second)
    ratio = estimators.combine(np.divide, first, second)
    assert difference is not None and difference.error >= first.error
    assert ratio is not None and ratio.error == pytest.approx(first.error / 0.5, rel=0.01)
