"""Statistics of a run: quantiles from bins against exact ones, errors that mean what they say, probabilities that
add up."""

import numpy as np
import pytest
from detente.config import loader
from detente.engine import simulate
from detente.engine.summary import QUANTILES, summarise


def statistics(paths, *, exact=False, seed=1, keep=0, horizon=12):
    made = simulate.plan(loader.load("baseline", paths=paths, horizon=horizon, seed=seed), keep_paths=keep, exact=exact)
    reduction = simulate.simulate(made, jobs=2)
    from detente.engine.outputs import events

    return summarise(reduction, np.zeros((len(events()), made.grid.steps), np.int64)), reduction


@pytest.fixture(scope="module")
def binned_and_exact():
    return statistics(20_000)[0], statistics(20_000, exact=True, keep=20_000)


def pick(table, statistic, variable="Price|Oil|Brent"):
    chosen = table[(table["variable"] == variable) & (table["statistic"] == statistic)]
    return chosen.sort_values("time")["value"].to_numpy()


def test_binned_quantiles_lie_within_the_monte_carlo_error(binned_and_exact):
    binned, (exact, _) = binned_and_exact
    for name in QUANTILES:
        difference = np.abs(pick(binned, name) - pick(exact, name))
        assert np.all(difference < np.maximum(pick(binned, f"mc_error_{name}"), 1e-9)), name


def test_exact_quantiles_are_numpys(binned_and_exact):
    _, (exact, reduction) = binned_and_exact
    k = [v.name for v in reduction.plan.variables].index("Price|Oil|Brent")
    values = reduction.path_values[:, :, k].astype(np.float32).astype(float)
    for name, p in QUANTILES.items():
        np.testing.assert_allclose(pick(exact, name), np.quantile(values, p, axis=0), rtol=1e-6)


def test_moments_and_thresholds_are_numpys(binned_and_exact):
    binned, (_, reduction) = binned_and_exact
    k = [v.name for v in reduction.plan.variables].index("Price|Oil|Brent")
    values = reduction.path_values[:, :, k]
    np.testing.assert_allclose(pick(binned, "mean"), values.mean(axis=0), rtol=1e-12)
    np.testing.assert_allclose(pick(binned, "sd"), values.std(axis=0), rtol=1e-9)
    np.testing.assert_allclose(pick(binned, "p_above_100"), (values >= 100.0).mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(pick(binned, "p_above_60"), (values >= 60.0).mean(axis=0), atol=1e-12)


def test_errors_mean_what_they_say():
    """Over seeds the spread of means and medians is the error stated: within a factor for the mean, not above the
    bound for the median."""
    tables = [statistics(8_192, seed=seed, horizon=3)[0] for seed in range(24)]
    means = np.array([pick(table, "mean") for table in tables])
    stated = np.sqrt(np.mean([pick(table, "mc_error") ** 2 for table in tables], axis=0))
    ratio = means.std(axis=0, ddof=1) / stated
    assert np.all((ratio > 0.55) & (ratio < 1.6)), ratio
    medians = np.array([pick(table, "q50") for table in tables])
    bound = np.mean([pick(table, "mc_error_q50") for table in tables], axis=0)
    assert np.all(medians.std(axis=0, ddof=1) < 1.35 * bound)


def test_sobol_points_beat_independent_draws_where_parameters_rule():
    """A mean that depends on parameters alone has an error far below that of independent draws."""
    table, _reduction = statistics(8_192, horizon=1)
    name = "Capacity|Shipping|Shadow Fleet"
    independent = pick(table, "sd", name) / np.sqrt(8_192)
    assert np.all(pick(table, "mc_error", name) < 0.5 * independent)


def test_a_tiny_run_still_states_its_error():
    table, _ = statistics(1, horizon=2)
    assert np.isfinite(table["value"]).all()
    table, _ = statistics(100, horizon=2)
    assert np.all(pick(table, "mc_error") > 0)


def test_where_all_paths_agree_there_is_no_spread():
    made = simulate.plan(loader.load("baseline", ("as_of=2025-03-31",), paths=4_096, horizon=2), keep_paths=0)
    from detente.engine.outputs import events

    table = summarise(simulate.simulate(made), np.zeros((len(events()), made.grid.steps), np.int64))
    for name in QUANTILES:
        np.testing.assert_allclose(pick(table, name, "Price|Oil|Urals|Price Cap"), 60.0, rtol=1e-9)


def test_errors_of_extreme_quantiles_stay_within_the_sample():
    table, _ = statistics(3, horizon=2)
    assert np.all(pick(table, "mc_error_q01", "Price|Oil|Brent|Volatility") < 1.0)
