"""Storage as it would have been forecast: parameters calibrated on the data of the day, then the coupled model,
against what GIE reported later."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pytest
from detente.calibrate import gas

CALM_GULF = {"gulf.state": "open", "gulf.severity": 0.0, "gulf.months_in_state": 400.0}
FLOWS = {
    # bcm a year on the day: TurkStream and transit by Reuters' monthly reckoning, LNG by LSEG's yearly totals, demand
    # by Eurostat (all recalled)
    dt.date(2022, 10, 31): {
        "turkstream": 12.0,
        "ukraine_transit": 14.5,
        "lng": 20.0,
        "demand": 340.0,
        "other_supply": 175.0,
    },
    dt.date(2023, 10, 31): {
        "turkstream": 13.0,
        "ukraine_transit": 14.5,
        "lng": 18.0,
        "demand": 320.0,
        "other_supply": 165.0,
    },
    dt.date(2024, 10, 31): {
        "turkstream": 16.0,
        "ukraine_transit": 15.0,
        "lng": 21.0,
        "demand": 315.0,
        "other_supply": 162.0,
    }
    | {"transit_contract_months": 2.0},
    dt.date(2025, 10, 31): {
        "turkstream": 18.0,
        "ukraine_transit": 0.0,
        "lng": 18.0,
        "demand": 320.0,
        "other_supply": 162.0,
    },
}
ASKED = (dt.date(2024, 10, 31), dt.date(2025, 10, 31))
WINTER = (11, 12, 1, 2, 3)
LONGEST, LAST = 24, np.datetime64("2026-07")


@dataclass
class Backtest:
    """One origin: calendar months, what was reported, and the forecast by path and month (per cent of capacity)."""

    months: np.ndarray
    seen: np.ndarray
    drawn: np.ndarray

    @property
    def covered(self) -> np.ndarray:
        """Whether each month lies inside the 90% band."""
        low, high = np.quantile(self.drawn, (0.05, 0.95), axis=0)
        return (low <= self.seen) & (self.seen <= high)

    @property
    def errors(self) -> np.ndarray:
        """Reported less mean forecast, in standard deviations of the forecast."""
        return (self.seen - self.drawn.mean(axis=0)) / self.drawn.std(axis=0)

    @property
    def winter(self) -> np.ndarray:
        return np.isin(self.months, WINTER)


@pytest.fixture(scope="module")
def backtests(public_data, sample, tmp_path_factory):
    folder = tmp_path_factory.mktemp("overlays")
    store = gas.read_storage(public_data.gas_storage)
    reported = dict(
        zip(store.days.astype("datetime64[M]"), store.fill, strict=True)
    )  # the last day of each month stays
    found = {}
    for origin, flows in FLOWS.items():
        overlay = folder / f"gas-{origin}.toml"
        overlay.write_text(gas.calibrate(public_data.gas_euros, public_data.gas_storage, origin)[1], encoding="utf-8")
        ahead = np.datetime64(origin, "M") + np.arange(1, LONGEST + 1)
        ahead = ahead[ahead <= LAST]
        settings = CALM_GULF | {f"gas.{name}": value for name, value in flows.items()}
        drawn = sample(settings, ["gas.fill"], len(ahead), paths=4_096, scenario=str(overlay), as_of=origin)
        found[origin] = Backtest(
            ahead.astype(int) % 12 + 1, np.array([reported[month] for month in ahead]), drawn["gas.fill"]
        )
    return found


def test_reported_storage_lies_in_the_band(backtests):
    inside = np.concatenate([backtests[origin].covered for origin in ASKED])
    assert inside.size == 30
    assert inside.mean() >= 0.85, f"{inside.sum()} of {inside.size} months inside the 90% band"


def test_no_season_is_missed_more_than_the_other(backtests):
    """A year can be off as a whole; the seasons must not be off against each other, nor the years all to one side."""
    for origin, one in backtests.items():
        apart = one.errors[one.winter].mean() - one.errors[~one.winter].mean()
        assert abs(apart) < 1.0, f"{origin}: winter and summer differ by {apart:.2f} standard deviations"
    for season in (True, False):
        by_origin = np.array([one.errors[one.winter == season].mean() for one in backtests.values()])
        assert abs(by_origin.mean()) < 2.0 / np.sqrt(by_origin.size), by_origin
        assert by_origin.min() < 0.0 < by_origin.max(), "forecasts have been too high and too low"
