"""The recipe alone is the block of a run: the paths of a backtest are those of a simulation with all else off."""

import datetime as dt

import numpy as np
from detente.calibrate import losses, oil
from detente.evaluation import recipes, sources

PATHS = 1_024


def fixed(changes):
    """An estimate's changes as settings of a run, without their distributions."""
    return {change.table.partition(".")[2]: change.value for change in changes}


def test_brent_of_a_run_with_all_else_off(sample, price_alone, monkeypatch):
    source = sources.open_source("oil")
    origin = int(np.searchsorted(source.months, np.datetime64("2014-12")))
    fitted = oil.estimate_months(source.known(origin), dt.date(2014, 12, 31))
    changes = oil.changes(fitted)
    monkeypatch.setattr(recipes.oil_calibration, "changes", lambda _: [each._replace(dist=None) for each in changes])
    monkeypatch.setattr(recipes, "ALONE", recipes.ALONE | {"oil.ceiling_pull": 0.05})
    alone = recipes.oil_paths(fitted, 12, 2 * PATHS, seed=1)[:, :PATHS].T
    settings = price_alone | {"oil.shock_tail": 1.0, "oil.ceiling_pull": 0.05} | fixed(changes)
    run = sample(settings, ["oil.brent"], 12, paths=PATHS, seed=1)["oil.brent"]
    np.testing.assert_allclose(run, alone, rtol=1e-9)


def test_losses_of_a_run_with_all_else_off(sample, still, monkeypatch):
    source = sources.open_source("losses")
    fitted = losses.estimate(source.claims, dt.date(2024, 12, 31))
    changes = losses.changes(fitted)
    monkeypatch.setattr(recipes.losses_calibration, "changes", lambda _: [each._replace(dist=None) for each in changes])
    others = {"attrition.shock_precision": 0.7, "attrition.level_half_life": 48.0}
    monkeypatch.setattr(recipes, "ALONE", others)
    alone = recipes.losses_paths(fitted, 12, 2 * PATHS, seed=1)[:, :PATHS].T
    settings = still | others | fixed(changes) | {"attrition.own_exponent": 0.0, "attrition.enemy_exponent": 0.0}
    run = sample(settings, ["attrition.claimed"], 12, paths=PATHS, seed=1, as_of=fitted.origin)["attrition.claimed"]
    np.testing.assert_allclose(run, alone, rtol=1e-9)


OLD_RECIPE = {
    1: (4.558731292509181, 0.10819982552343049),
    12: (4.541178665157721, 0.4562757434947668),
    36: (4.532667987145682, 0.6737501085115808),
}
"""Mean and standard deviation of the log of the monthly mean at half the transient share and without a ceiling, as the
recipe stood before both: 4,096 paths from 95.29 USD/bbl, parameters of 18 August 2026."""


def test_without_ceiling_and_at_half_weight_brent_is_the_old_recipe(sample, price_alone):
    settings = price_alone | {
        "oil.volatility_level": -4.865,
        "oil.volatility_now": -3.756,
        "oil.volatility_noise": 0.2135,
        "oil.volatility_scale": 1.4106,
        "oil.shock_tail": 1.0,
        "oil.momentum": 0.0716,
        "oil.transient_share": 0.3405,
        "oil.transient_log": 0.0402,
        "oil.brent": 95.29,
        "oil.averaging_weight": 0.5438,
        "oil.averaging_noise": 0.0722,
        "oil.ceiling_pull": 0.0,
    }
    logs = np.log(sample(settings, ["oil.brent"], 36, paths=4_096)["oil.brent"])
    for month, (mean, sd) in OLD_RECIPE.items():
        np.testing.assert_allclose(logs[:, month - 1].mean(), mean, rtol=1e-12)
        np.testing.assert_allclose(logs[:, month - 1].std(), sd, rtol=1e-9)


def test_a_price_above_the_ceiling_returns_to_it_at_the_declared_rate():
    from detente_kernels.oil.brent import ceiling_return

    for step in (1.0, 7.0 / 30.4375):
        above, ceiling = 6.0, 5.0
        for _ in range(round(12.0 / step)):
            above -= ceiling_return.py_func(above, ceiling, 0.05, step)
        months = round(12.0 / step) * step
        np.testing.assert_allclose(above - ceiling, np.exp(-0.05 * months), rtol=1e-12)
    assert ceiling_return.py_func(4.9, 5.0, 0.05, 1.0) == 0.0
