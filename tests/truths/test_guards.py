"""Guards through the kernels of a run: the state stays in its physical range under settings that no bound would allow,
the first guard of a path is dated, and paths without one are those of a run without guards' need."""

import numpy as np
import pytest
from detente_kernels.attrition import SMALLEST
from detente_kernels.oil.brent import HIGHEST_LOG, LOWEST_LOG

PATHS = 2048
WILD = {"oil.volatility_persistence": 0.999, "oil.volatility_noise": 2.0, "oil.volatility_level": -2.0}


@pytest.fixture(scope="module")
def wild(sample):
    fields = ["oil.log_mean", "oil.urals_fob", "oil.price_cap", "oil.crude_price", "oil.revenue", "oil.first_guard"]
    return sample(WILD, fields, 36, paths=PATHS)


def test_brent_and_urals_stay_in_range_and_guards_are_dated(wild):
    log_price, dates = wild["oil.log_mean"], wild["oil.first_guard"]
    assert log_price.min() >= LOWEST_LOG and log_price.max() <= HIGHEST_LOG
    for field in ("oil.urals_fob", "oil.price_cap", "oil.crude_price", "oil.revenue"):
        assert wild[field].min() >= 0.0
    at_edge = (log_price == LOWEST_LOG) | (log_price == HIGHEST_LOG) | (wild["oil.urals_fob"] == 0.0)
    months = np.where(at_edge.any(axis=1), at_edge.argmax(axis=1) + 1.0, np.inf)
    assert 0 < at_edge.any(axis=1).sum() < PATHS
    assert (np.nan_to_num(dates, nan=np.inf) <= months).all()  # the variance may be held before the price is
    assert np.isnan(dates).any() and np.nanmin(dates) >= 1.0


def test_a_fleet_is_never_negative(sample):
    fleet = sample({"oil.listing_share": 1.0, "sanctions.us_tightening_rate": 2.0}, ["oil.fleet"], 24, paths=PATHS)
    assert fleet["oil.fleet"].min() == 0.0


def test_gas_demand_stays_in_range(sample):
    level = {
        f"gas.storage_path_{name}": 0.0 for name in ("cos1", "sin1", "cos2", "sin2")
    }  # demand is even over the year
    limits = {"gas.demand_low": 0.65, "gas.demand_high": 1.25}
    settings = {"gas.weather_winter": 300.0, "gas.weather_summer": 300.0, "gas.demand": 320.0} | level | limits
    got = sample(settings, ["gas.demand", "gas.unserved", "gas.first_guard"], 12, paths=PATHS)
    wanted = got["gas.demand"] + got["gas.unserved"]
    assert wanted.min() == pytest.approx(0.65 * 320.0) and wanted.max() == pytest.approx(1.25 * 320.0)
    held = np.isclose(wanted, 0.65 * 320.0) | np.isclose(wanted, 1.25 * 320.0)
    assert (~np.isnan(got["gas.first_guard"])[held.any(axis=1)]).all()


def test_a_force_that_is_used_up_gives_finite_ratios(sample):
    settings = {"attrition.level_now": 9.0, "attrition.long_run_level": 9.0, "attrition.enlistment_ru": 5.0}
    fields = ["attrition.force_ru", "attrition.net_share", "attrition.regenerated", "attrition.first_guard"]
    got = sample(settings, fields, 36, paths=PATHS)
    ratio = got["attrition.force_ru"]
    assert ratio.min() == 0.0
    assert np.abs(got["attrition.net_share"]).max() <= 100.0 * 100.0 / SMALLEST
    assert got["attrition.regenerated"].max() <= 100.0 / SMALLEST
    assert (~np.isnan(got["attrition.first_guard"])).sum() > PATHS // 10
