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
    alone = recipes.oil_paths(fitted, 12, 2 * PATHS, seed=1)[:, :PATHS].T
    settings = price_alone | {"oil.shock_tail": 1.0} | fixed(changes)
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
