"""Estimation of the Brent recipe: the design's published values, recovery of known parameters, no look-ahead, and
sentences for bad input."""

import datetime as dt
import hashlib
import math
from pathlib import Path

import numpy as np
import pytest
from detente.calibrate.kalman import Factors, Volatility, fit_factors, fit_volatility
from detente.calibrate.oil import OilEstimate, calibrate, estimate, overlay, read_prices
from detente.config.schema import Scenario
from detente.config.toml import parse
from detente.config.validation import check
from detente.engine.tables import declared
from detente.shared.errors import DataError

BRENT = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "oil-prices" / "brent-daily.csv"
needs_brent = pytest.mark.skipif(not BRENT.is_file(), reason="the public price files do not stand beside this checkout")


@pytest.fixture(scope="module")
def brent() -> tuple[np.ndarray, np.ndarray]:
    return read_prices(BRENT)


@pytest.fixture(scope="module")
def made_prices() -> tuple[np.ndarray, np.ndarray]:
    """Sixty years of a driftless random walk with 2% a day, on weekdays."""
    days = np.arange(np.datetime64("1960-01-04"), np.datetime64("2020-01-01"))
    days = days[np.is_busday(days)]
    return days, np.exp(4.0 + np.cumsum(0.02 * np.random.default_rng(20).standard_normal(days.size)))


@pytest.fixture(scope="module")
def made_estimate(made_prices: tuple[np.ndarray, np.ndarray]) -> OilEstimate:
    return estimate(*made_prices, dt.date(2019, 12, 31))


# As printed in the measured recipe's tables of parameters; each must come out within one unit of its last printed
# digit.
PUBLISHED = {
    dt.date(2014, 12, 31): {
        "volatility_level": "-4.989",
        "volatility_persistence": "0.893",
        "volatility_noise": "0.124",
        "volatility_measurement": "0.178",
        "volatility_now": "-4.980",
        "volatility_now_variance": "0.199",
        "volatility_scale": "1.183",
        "annual_volatility_now": "0.33",
        "annual_volatility_long_run": "0.36",
        "reversion": "0.0953",
        "transient_variance": "0.00562",
        "persistent_variance": "0.00539",
        "transient_share": "0.510",
        "transient_log": "-0.177",
        "persistent_log": "4.189",
        "averaging_weight": "0.570",
        "averaging_noise": "0.0772",
        "momentum": "0.083",
    },
    dt.date(2026, 7, 31): {
        "volatility_level": "-4.865",
        "volatility_persistence": "0.829",
        "volatility_noise": "0.214",
        "volatility_measurement": "0.151",
        "volatility_now": "-3.532",
        "volatility_now_variance": "0.281",
        "volatility_scale": "1.411",
        "reversion": "0.1102",
        "transient_share": "0.681",
        "transient_log": "0.091",
        "persistent_log": "4.483",
        "averaging_weight": "0.544",
        "averaging_noise": "0.073",
    },
}


@needs_brent
@pytest.mark.parametrize("origin", PUBLISHED, ids=str)
def test_published_parameters(brent: tuple[np.ndarray, np.ndarray], origin: dt.date) -> None:
    fitted = estimate(*brent, origin)
    for name, printed in PUBLISHED[origin].items():
        unit = 10.0 ** -len(printed.partition(".")[2])
        assert getattr(fitted, name) == pytest.approx(float(printed), abs=unit), name


def simulate(fitted: OilEstimate, months: int, paths: int) -> np.ndarray:
    """Monthly means in USD/bbl, shape (months, paths): the simulation that the published quantiles belong to.

    Half of the transient share, a certain transient part, no ceiling and no momentum.
    """
    normal = np.random.default_rng(1)
    level = fitted.volatility_level + 0.25 * normal.standard_normal(paths)
    log_variance = fitted.volatility_now + math.sqrt(fitted.volatility_now_variance) * normal.standard_normal(paths)
    transient, log_price = np.full(paths, fitted.transient_log / 2.0), np.full(paths, math.log(fitted.last_price))
    share, means = fitted.transient_share / 2.0, np.empty((months, paths))
    for month in range(months):
        if month:
            noise = math.sqrt(fitted.volatility_noise) * normal.standard_normal(paths)
            log_variance = level + fitted.volatility_persistence * (log_variance - level) + noise
        sd = math.sqrt(fitted.volatility_scale) * np.exp(log_variance / 2.0)
        tail = np.sqrt(4.0 / normal.chisquare(6.0, paths))
        change = math.expm1(-fitted.reversion) * transient + sd * math.sqrt(share) * tail * normal.standard_normal(
            paths
        )
        total = change + sd * math.sqrt(1.0 - share) * tail * normal.standard_normal(paths)
        rest = math.sqrt(fitted.averaging_noise) * sd * normal.standard_normal(paths)
        means[month] = np.exp(log_price + fitted.averaging_weight * total + rest)
        log_price, transient = log_price + total, transient + change
    return means


@needs_brent
def test_published_quantiles(brent: tuple[np.ndarray, np.ndarray]) -> None:
    published = {1: (50.4, 55.5, 61.1), 3: (44.5, 56.3, 71.1), 6: (40.3, 57.3, 81.5), 12: (35.0, 58.6, 98.0)}
    means = simulate(estimate(*brent, dt.date(2014, 12, 31)), 12, 100_000)
    for month, quantiles in published.items():
        assert np.quantile(means[month - 1], (0.05, 0.5, 0.95)) == pytest.approx(quantiles, rel=0.008), month


@needs_brent
def test_published_quantiles_of_the_newest_origin(brent: tuple[np.ndarray, np.ndarray]) -> None:
    means = simulate(estimate(*brent, dt.date(2026, 7, 31)), 12, 100_000)
    assert np.quantile(means[11], (0.05, 0.5, 0.95)) == pytest.approx((41.6, 93.9, 208.4), rel=0.02)


def test_volatility_parameters_are_recovered() -> None:
    normal, true = np.random.default_rng(3), Volatility(-5.0, 0.85, 0.15, 0.2)
    state, observed = true.level, np.empty(4_000)
    for month in range(observed.size):
        observed[month] = state + math.sqrt(true.noise) * normal.standard_normal()
        state = (
            true.level + true.persistence * (state - true.level) + math.sqrt(true.innovation) * normal.standard_normal()
        )
    found = fit_volatility(observed)
    assert found.level == pytest.approx(true.level, abs=0.15)
    assert found.persistence == pytest.approx(true.persistence, abs=0.03)
    assert found.innovation == pytest.approx(true.innovation, rel=0.2)
    assert found.noise == pytest.approx(true.noise, rel=0.15)


def test_factor_parameters_are_recovered() -> None:
    normal, true = np.random.default_rng(4), Factors(0.2, 0.02, 0.003)
    factor, variance = true.transition(1.0)
    xi, chi, log_prices = 4.0, 0.0, np.empty(4_000)
    for month in range(log_prices.size):
        xi, chi = (
            xi + math.sqrt(true.persistent) * normal.standard_normal(),
            factor * chi + math.sqrt(variance) * normal.standard_normal(),
        )
        log_prices[month] = xi + chi
    found = fit_factors(log_prices, 4.0)
    assert found.reversion == pytest.approx(true.reversion, rel=0.2)
    assert found.transient == pytest.approx(true.transient, rel=0.15)
    assert found.persistent == pytest.approx(true.persistent, rel=0.3)


def test_independent_daily_returns_give_the_closed_form_of_averaging(made_estimate: OilEstimate) -> None:
    # Tolerances are three standard errors.
    months, weight, noise = made_estimate.months, 22 / 42, 1 / 12
    assert months == 719
    assert made_estimate.averaging_weight == pytest.approx(weight, abs=3 * math.sqrt(noise / months))
    assert made_estimate.averaging_noise == pytest.approx(noise, abs=3 * noise * math.sqrt(2 / months))
    assert made_estimate.momentum == pytest.approx(0.0, abs=3 * math.sqrt((weight**2 + noise) / months))
    assert made_estimate.annual_volatility_long_run == pytest.approx(
        0.02 * math.sqrt(261), rel=3 * math.sqrt(0.5 / months)
    )


def test_what_came_after_the_origin_changes_nothing(made_prices: tuple[np.ndarray, np.ndarray]) -> None:
    days, prices = made_prices
    origin = dt.date(1985, 6, 18)
    later = np.where(days > np.datetime64(origin), 3.0 * prices, prices)
    known = days <= np.datetime64(origin)
    assert (
        estimate(days, prices, origin) == estimate(days, later, origin) == estimate(days[known], prices[known], origin)
    )


def test_a_running_month_moves_the_states_but_not_the_parameters(made_prices: tuple[np.ndarray, np.ndarray]) -> None:
    days, prices = made_prices
    whole, running = estimate(days, prices, dt.date(1985, 5, 31)), estimate(days, prices, dt.date(1985, 6, 18))
    assert (whole.running_days, running.running_days) == (0, 12)
    for name in (
        "volatility_level",
        "volatility_persistence",
        "volatility_scale",
        "reversion",
        "averaging_weight",
        "averaging_noise",
        "momentum",
    ):
        assert getattr(whole, name) == getattr(running, name)
    assert whole.volatility_now != running.volatility_now
    for fitted in (whole, running):
        assert fitted.persistent_log + fitted.transient_log == pytest.approx(math.log(fitted.last_price), abs=1e-9)
    shock = np.where(days > np.datetime64("1985-06-10"), prices * np.exp(0.1 * (np.arange(days.size) % 2)), prices)
    assert estimate(days, shock, dt.date(1985, 6, 18)).volatility_now > running.volatility_now + 0.1


def test_the_last_weekday_of_a_month_ends_it(made_prices: tuple[np.ndarray, np.ndarray]) -> None:
    friday, sunday = (estimate(*made_prices, dt.date(1985, 6, day)) for day in (28, 30))
    assert friday.months == sunday.months and friday.running_days == 0
    assert friday.volatility_now == sunday.volatility_now


def written(folder: Path, text: str, name: str = "prices.csv") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def as_csv(days: np.ndarray, prices: np.ndarray) -> str:
    return "Date,Price\n" + "".join(
        f"{day},{price:.4f}\n" for day, price in zip(days.tolist(), prices.tolist(), strict=True)
    )


def test_overlay_is_a_scenario_with_provenance(tmp_path: Path, made_prices: tuple[np.ndarray, np.ndarray]) -> None:
    days, prices = (column[:1_500] for column in made_prices)
    path = written(tmp_path, as_csv(days, prices), 'odd "name" é.csv')
    fitted, text = calibrate(path)
    assert fitted.origin == days[-1].item()
    assert text == overlay(fitted, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    assert f"# sha256: {digest}" in text and f"# rows: {fitted.rows} daily prices" in text
    scenario = check(Scenario, parse(text, "overlay"))
    oil, facts = scenario.parameters["oil"], scenario.facts["oil"]
    read, known = (set(names) for names in declared("oil"))
    assert len(oil) == 11 and set(oil) <= read
    assert set(facts) == {"brent", "last_return", "transient_log"} <= known
    for change in (*oil.values(), *facts.values()):
        assert change.source is not None and digest[:16] in change.source and path.name in change.source
        assert change.as_of == fitted.last_date
        assert change.confidence == "D"
    assert {name for name, change in oil.items() if change.dist is not None} == {
        "volatility_level",
        "volatility_now",
        "price_ceiling",
    }
    assert facts["transient_log"].dist.sd == pytest.approx(math.sqrt(fitted.transient_log_variance), rel=1e-5)
    assert oil["volatility_now"].dist.sd == pytest.approx(math.sqrt(fitted.volatility_now_variance), rel=1e-5)
    assert oil["transient_share"].value == pytest.approx(0.75 * fitted.transient_share, rel=1e-5)
    assert facts["transient_log"].value == pytest.approx(fitted.transient_log / 2, rel=1e-5)
    assert facts["brent"].value == pytest.approx(prices[-1], rel=1e-5)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", r"the file is empty"),
        ("Date,Price\n", r"there is no row under the header"),
        ("Day,Price\n2020-01-02,50\n", r"line 1: there is no column Date among \"Day, Price\""),
        ("Date,Close\n2020-01-02,50\n", r"line 1: there is no column Price"),
        ("Date,Price\n2020-01-02,50\n2020-01-03,n.a.\n", r"line 3: the price \"n.a.\" is not a number"),
        ("Date,Price\n2020-01-02,nan\n", r"line 2: the price \"nan\" is not a number"),
        ("Date,Price\n2020-01-02,\n", r"line 2: the price \"\" is not a number"),
        ("Date,Price\n2020-04-20,-36.98\n", r"line 2: the price -36.98 is not positive"),
        ("Date,Price\n2020-04-20,0\n", r"line 2: the price 0 is not positive"),
        ("Date,Price\n02/01/2020,50\n", r"line 2: the date \"02/01/2020\" is not of the form YYYY-MM-DD"),
        ("Date,Price\n2020-01-02\n", r"line 2: the row has 1 value"),
        ("Date,Price\n2020-01-03,50\n2020-01-02,51\n", r"line 3: the date 2020-01-02 comes after 2020-01-03; sort"),
        ("Date,Price\n2020-01-02,50\n2020-01-03,51\n2020-01-02,50\n", r"line 4: the date 2020-01-02 is repeated"),
    ],
)
def test_bad_files_are_rejected_with_file_and_line(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(DataError, match=sentence) as refusal:
        read_prices(written(tmp_path, text))
    assert "prices.csv" in str(refusal.value)


def test_unreadable_files_are_rejected(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such file"):
        read_prices(tmp_path / "absent.csv")
    with pytest.raises(DataError, match="this is a folder"):
        read_prices(tmp_path)
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError, match="not UTF-8"):
        read_prices(tmp_path / "binary.csv")


def test_a_mark_spaces_blank_lines_and_more_columns_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeffDate, Source, Price\r\n2020-01-02,EIA, 50.5\r\n\r\n2020-01-03,EIA,51\r\n")
    dates, prices = read_prices(path)
    assert dates.tolist() == [dt.date(2020, 1, 2), dt.date(2020, 1, 3)]
    assert prices.tolist() == [50.5, 51.0]


def test_insufficient_series_are_rejected(made_prices: tuple[np.ndarray, np.ndarray]) -> None:
    days, prices = (column[:1_500] for column in made_prices)
    with pytest.raises(DataError, match="no price on or before the origin 1950-01-01"):
        estimate(days, prices, dt.date(1950, 1, 1))
    with pytest.raises(DataError, match="span 11 complete months"):
        estimate(days, prices, dt.date(1960, 12, 31))
    with pytest.raises(DataError, match="add newer prices or choose an origin within 31 days"):
        estimate(days, prices, dt.date(1970, 1, 1))
    of_month = days.astype("datetime64[M]")
    hole = of_month != np.datetime64("1963-03")
    with pytest.raises(DataError, match="no price in 1963-03"):
        estimate(days[hole], prices[hole], days[-1].item())
    first = np.r_[True, of_month[1:] != of_month[:-1]]
    with pytest.raises(DataError, match="daily prices are needed"):
        estimate(days[first], prices[first], days[first][-1].item())
    still = np.where(
        of_month == np.datetime64("1963-03"), prices[np.flatnonzero(of_month == np.datetime64("1963-02"))[-1]], prices
    )
    with pytest.raises(DataError, match="Month 1963-03 has fewer than 5 daily prices or no price change"):
        estimate(days, still, days[-1].item())
