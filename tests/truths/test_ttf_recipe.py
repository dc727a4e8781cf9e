"""TTF alone: with every newer element switched off it is the recipe before it, to the last digits; oil acts through an
exact filter, and the band pulls only outside it."""

import math

import numpy as np
import pytest
from detente_kernels import recipes
from detente_kernels.gas import ttf
from detente_kernels.tools import processes

STEPS, PATHS = 36, 64
OFF = {
    "volatility_level": -3.7547, "volatility_persistence": 0.9103, "volatility_noise": 0.1579, "volatility_cap": 1.22,
    "explained_variance": 0.0, "largest_move": 2.0, "averaging_memory": 0.2447, "mean_reversion": 0.0116,
    "long_run_log": 3.9149, "storage_gap_effect": -0.0348, "storage_gap_fade": 0.85, "volatility_gap_effect": 0.0,
    "gulf_price_half_life": 2.0, "oil_response": 0.0, "oil_half_life": 1.5, "oil_correlation": 0.0,
    "soft_floor": 15.0, "floor_pull": 0.0, "ceiling_pull": 0.0,
}  # fmt: skip
BEFORE = {1: (3.9041335237577197, 0.19710819519682637, 99.20629037333552),
          6: (4.133646526179147, 0.4730702496811436, 179.2009212890672),
          12: (4.121225391705268, 0.6552237154202896, 213.5137326146528),
          36: (4.036638961590914, 1.1321333813366283, 685.4470354229431)}  # fmt: skip
"""Mean and standard deviation of the log price and the highest price, by month, of the recipe of September 2026."""


def prices(changes=None, brent=80.0, ceiling=130.0, shocks=None):
    """Monthly means, (steps, paths), from fixed draws."""
    rng = np.random.default_rng(14)

    def normal():
        return rng.standard_normal((STEPS, PATHS))

    def uniform():
        return rng.uniform(0.001, 0.999, (STEPS, PATHS))

    draws = np.stack([normal(), normal(), normal(), uniform(), uniform()], 1)
    values = OFF | (changes or {})
    params = np.repeat(np.array([values[name] for name in ttf.Params._fields])[:, None], PATHS, 1)
    felt = math.log(80.0)
    start = np.repeat(np.array([44.5, -3.3726, 0.05, felt, felt])[:, None], PATHS, 1)
    season = np.repeat(np.array([-0.0151, -0.032])[:, None], PATHS, 1)
    angles = 2 * np.pi * ((7 + np.arange(STEPS + 1)) % 12) / 12
    oil = np.empty((STEPS, 3, PATHS))
    oil[:, 0], oil[:, 1], oil[:, 2] = np.log(brent), 0.0 if shocks is None else shocks, math.log(ceiling)
    means = np.empty((STEPS, PATHS))
    recipes.ttf_means(params, start, season, np.column_stack([np.cos(angles), np.sin(angles)]), -1.5, oil, draws, means)
    return means


def test_switched_off_it_is_the_recipe_before():
    means = prices(brent=200.0)
    for month, (mean, sd, highest) in BEFORE.items():
        logs = np.log(means[month - 1])
        assert (logs.mean(), logs.std(), means[month - 1].max()) == pytest.approx((mean, sd, highest), rel=1e-9)


def test_a_step_of_oil_comes_in_through_the_filter():
    """Brent doubles for good: the log price rises by 0.9 ln 2 times what the filter has taken in on average."""
    moved = np.log(prices({"oil_response": 0.9}, brent=160.0) / prices({"oil_response": 0.9}))
    rate = math.log(2.0) / 1.5
    for month in (1, 2, 6, 36):
        taken = 1.0 - math.exp(-rate * (month - 1)) * (1.0 - math.exp(-rate)) / rate
        assert moved[month - 1] == pytest.approx(0.9 * math.log(2.0) * taken, abs=1e-9)


@pytest.mark.parametrize("parts", [4, 13])
def test_the_filter_is_exact_for_any_step(parts):
    value, means = 1.0, []
    for _ in range(parts):
        step = processes.filter_step(value, 3.0, 1.5, 1.0 / parts)
        value = step.end
        means.append(step.mean)
    whole = processes.filter_step(1.0, 3.0, 1.5, 1.0)
    assert (value, np.mean(means)) == pytest.approx((whole.end, whole.mean), rel=1e-12)


def test_the_band_pulls_only_outside_it():
    inside = prices({"floor_pull": 0.69, "ceiling_pull": 0.22, "soft_floor": 1.0}, ceiling=1e5)
    assert inside == pytest.approx(prices(), rel=1e-12)
    plain, held = prices(), prices({"floor_pull": 0.69, "ceiling_pull": 0.22})
    assert held.max() < plain.max() and held.min() > plain.min()
    assert np.all((held == plain).any(axis=0)), "paths are the same until they leave the band"


def test_shared_shocks_move_both():
    shocks = np.random.default_rng(3).standard_normal((STEPS, PATHS))
    with_oil = prices({"oil_correlation": 0.6}, shocks=shocks)
    moves = np.diff(np.log(with_oil), axis=0).ravel()
    assert np.corrcoef(moves, shocks[1:].ravel())[0, 1] > 0.3
