"""Backtests: the recipe alone is the kernel of a run, nothing after an origin is used, the table is that of the design,
files of users, the command."""

import datetime as dt
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from detente.calibrate import gas, losses, oil
from detente.calibrate.gas_data import GasPrices, Storage
from detente.calibrate.losses_data import Claims
from detente.cli.app import application
from detente.evaluation import backtest as backtests
from detente.evaluation import page, recipes, series, sources
from detente.evaluation.backtest import LEVELS, backtest
from detente.evaluation.series import outcome_file
from detente.shared.errors import DataError

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data"
BRENT = DATA / "oil-prices" / "brent-daily.csv"
needs_brent = pytest.mark.skipif(not BRENT.is_file(), reason="the public price files do not stand beside this checkout")
FEW = 512


@pytest.fixture(scope="module")
def days() -> tuple[np.ndarray, np.ndarray]:
    """Eight years of weekdays, a random walk with 2% a day."""
    dates = np.arange(np.datetime64("2001-01-01"), np.datetime64("2009-01-01"))
    dates = dates[np.is_busday(dates)]
    return dates, np.round(np.exp(4.0 + np.cumsum(0.02 * np.random.default_rng(7).standard_normal(dates.size))), 2)


def as_csv(dates: np.ndarray, values: np.ndarray, header: str = "date,price") -> str:
    return header + "\n" + "".join(f"{d},{v}\n" for d, v in zip(dates.astype(str), values.tolist(), strict=True))


@pytest.fixture(scope="module")
def daily_file(tmp_path_factory: pytest.TempPathFactory, days: tuple[np.ndarray, np.ndarray]) -> Path:
    path = tmp_path_factory.mktemp("daily") / "prices.csv"
    path.write_text(as_csv(*days))
    return path


def monthly_prices(years: int = 8) -> GasPrices:
    months = np.arange(np.datetime64("2016-01"), np.datetime64(f"{2016 + years}-01"))
    walk = np.cumsum(0.1 * np.random.default_rng(8).standard_normal(months.size))
    return GasPrices(months, np.exp(3.0 + walk), "EUR/MWh")


def full_storage(prices: GasPrices) -> Storage:
    dates = np.arange(prices.months[0].astype("datetime64[D]"), (prices.months[-1] + 1).astype("datetime64[D]"))
    fill = 60.0 + 25.0 * np.cos(2.0 * np.pi * np.arange(dates.size) / 365.25)
    fill += 5.0 * np.sin(np.arange(dates.size) / 200.0)
    level = np.full(dates.size, 1000.0)
    return Storage(dates, 10.0 * fill, level, fill, np.zeros(dates.size), np.zeros(dates.size))


def claims_of(years: int = 5) -> Claims:
    dates = np.arange(np.datetime64("2022-03-01"), np.datetime64(f"{2022 + years}-03-01"))
    rng = np.random.default_rng(9)
    level = 6.5 + 0.2 * np.cumsum(rng.standard_normal(dates.size)) / math.sqrt(30.0)
    return Claims(dates, np.round(np.exp(level) * (1.0 + 0.05 * rng.standard_normal(dates.size))))


# --- the recipe alone is the recipe of the design, by other code -----------------------------------------------------


def test_oil_ensemble_is_the_recipe(days: tuple[np.ndarray, np.ndarray]) -> None:
    fitted = replace(oil.estimate(*days, dt.date(2008, 12, 31)), momentum=0.08, last_return=0.2)
    rng, paths = np.random.default_rng(1), 200_000
    level = fitted.volatility_level + 0.25 * rng.standard_normal(paths)
    s = fitted.volatility_now + math.sqrt(fitted.volatility_now_variance) * rng.standard_normal(paths)
    chi = fitted.transient_log / 2.0 + math.sqrt(fitted.transient_log_variance) * rng.standard_normal(paths)
    x = np.full(paths, math.log(fitted.last_price))
    ceiling = math.log(fitted.price_ceiling) + 0.1 * rng.standard_normal(paths)
    pull = -np.expm1(-0.05 * np.exp(np.clip(0.4 * rng.standard_normal(paths), math.log(0.4), math.log(4.0))))
    share, expected = 0.75 * fitted.transient_share, {}
    for month in range(1, 13):
        if month > 1:
            noise = math.sqrt(fitted.volatility_noise) * rng.standard_normal(paths)
            s = level + fitted.volatility_persistence * (s - level) + noise
        sd = math.sqrt(fitted.volatility_scale) * np.exp(s / 2.0)
        tail = np.sqrt(4.0 / rng.chisquare(6.0, paths))
        change = math.expm1(-fitted.reversion) * chi + sd * math.sqrt(share) * tail * rng.standard_normal(paths)
        total = change + sd * math.sqrt(1.0 - share) * tail * rng.standard_normal(paths)
        total += fitted.momentum / fitted.averaging_weight * fitted.last_return if month == 1 else 0.0
        total -= pull * np.maximum(x + total - ceiling - 0.002 * month, 0.0)
        rest = math.sqrt(fitted.averaging_noise) * sd * rng.standard_normal(paths)
        expected[month] = np.exp(x + fitted.averaging_weight * total + rest)
        x, chi = x + total, chi + change
    members = recipes.oil_ensemble(fitted, (1, 6, 12), 100_000)
    for row, month in enumerate((1, 6, 12)):
        wanted = np.quantile(expected[month], (0.05, 0.25, 0.5, 0.75, 0.95))
        assert np.quantile(members[row], (0.05, 0.25, 0.5, 0.75, 0.95)) == pytest.approx(wanted, rel=0.012)


def test_gas_ensemble_is_the_recipe() -> None:
    prices = monthly_prices()
    fitted = gas.estimate(prices, dt.date(2023, 9, 30), full_storage(prices))
    fitted = replace(fitted, season_cos=0.05, season_sin=-0.03, storage_gap_effect=-0.03, storage_gap=1.5)
    rng, paths = np.random.default_rng(2), 200_000
    level = fitted.volatility_level + 0.25 * rng.standard_normal(paths)
    s = fitted.volatility_now + math.sqrt(fitted.volatility_now_variance) * rng.standard_normal(paths)
    beta = fitted.storage_gap_effect + fitted.storage_gap_effect_error * rng.standard_normal(paths)
    gap_effect = -0.2 + 0.1 * rng.standard_normal(paths)
    x, before, season, pull = math.log(fitted.last_price), fitted.last_innovation, 0.0, np.zeros(paths)
    expected = {}
    for month in range(1, 13):
        if month > 1:
            noise = math.sqrt(fitted.volatility_noise) * rng.standard_normal(paths)
            s = level + fitted.volatility_persistence * (s - level) + noise
        shock = np.minimum(np.exp((s + gap_effect * 1.5) / 2.0), 0.5) * rng.standard_t(5.0, paths) * math.sqrt(0.6)
        q = (fitted.last_month.month + month - 1) % 12 + 1
        season += 0.05 * math.cos(2.0 * math.pi * q / 12.0) - 0.03 * math.sin(2.0 * math.pi * q / 12.0)
        pull = pull + beta * 1.5 * 0.85 ** (month - 1)
        x = x + 0.0116 * (fitted.trailing_log - x) + shock + fitted.averaging_memory * before
        before, expected[month] = shock, np.exp(x + season + pull)
    members = recipes.gas_ensemble(fitted, (1, 6, 12), 100_000)
    for row, month in enumerate((1, 6, 12)):
        wanted = np.quantile(expected[month], (0.05, 0.25, 0.5, 0.75, 0.95))
        assert np.quantile(members[row], (0.05, 0.25, 0.5, 0.75, 0.95)) == pytest.approx(wanted, rel=0.02)


def test_losses_ensemble_has_the_medians_and_spreads_of_the_estimate() -> None:
    fitted = losses.estimate(claims_of(), dt.date(2026, 12, 31))
    for row, month in enumerate((1, 3, 6)):
        logs = np.log(recipes.losses_ensemble(fitted, (1, 3, 6), 100_000)[row])
        assert np.median(logs) == pytest.approx(fitted.median(month), abs=0.006)
        below, above = np.quantile(logs, (0.25, 0.75))
        # quartiles of a Student law with six degrees of freedom and unit variance: 0.586 off the median; the days of a
        # month add a little to the first months
        assert above - below == pytest.approx(2.0 * 0.586 * fitted.spread(month), rel=0.1)


def test_halves_are_mirrored_and_equal_seeds_give_equal_bits(days: tuple[np.ndarray, np.ndarray]) -> None:
    fitted = replace(oil.estimate(*days, dt.date(2008, 12, 31)), transient_log=0.0, momentum=0.0)
    logs = np.log(recipes.oil_paths(fitted, 6, FEW, 3) / fitted.last_price)
    np.testing.assert_allclose(logs[:, : FEW // 2], -logs[:, FEW // 2 :], atol=1e-12)
    again, other = (recipes.oil_ensemble(fitted, (1, 6), FEW, seed) for seed in (3, 4))
    assert (
        again.tobytes() == np.sort(np.exp(logs[[0, 5]]) * 0.0 + recipes.oil_paths(fitted, 6, FEW, 3)[[0, 5]]).tobytes()
    )
    assert again.tobytes() != other.tobytes()


# --- what is known at an origin --------------------------------------------------------------------------------------


def test_the_monthly_table_gives_the_estimate_of_the_daily_file(daily_file: Path, days, tmp_path: Path) -> None:
    read = sources.DailyPrices(series.read_price_months(daily_file))
    origin = 80
    end = ((read.months[origin] + 1).astype("datetime64[D]") - 1).item()
    wanted = oil.estimate(*days, end)
    table = tmp_path / "table.csv"
    series.write_price_months(read.series, table)
    for source, exact in ((read, 1e-9), (sources.DailyPrices(series.read_price_months(table)), 1e-4)):
        got = oil.estimate_months(source.known(origin), end)
        for name in (
            "volatility_level",
            "volatility_now",
            "reversion",
            "transient_log",
            "averaging_weight",
            "momentum",
        ):
            assert getattr(got, name) == pytest.approx(getattr(wanted, name), rel=exact, abs=exact), name
        assert (got.last_price, got.rows, got.months) == (wanted.last_price, wanted.rows, wanted.months)


def absurd(source: sources.Source, origin: int) -> sources.Source:
    """The same series with nonsense after the origin."""
    if isinstance(source, sources.DailyPrices):
        cut = lambda values: np.r_[values[: origin + 1], 9_999.0 + 0.0 * values[origin + 1 :]]  # noqa: E731
        table = source.series
        later = replace(table, means=cut(table.means), last=cut(table.last), squares=cut(table.squares))
        return replace(source, series=later)
    end = (source.months[origin] + 1).astype("datetime64[D]")
    if isinstance(source, sources.MonthlyPrices):
        prices, stored = source.prices, source.storage
        values = np.where(prices.months > source.months[origin], 9_999.0, prices.values)
        fill = np.where(stored.days >= end, 3.0, stored.fill)
        return replace(source, prices=replace(prices, values=values), storage=replace(stored, fill=fill))
    claims = source.claims
    return sources.ClaimedLosses(Claims(claims.days, np.where(claims.days >= end, 1e6, claims.counts)))


def all_sources(daily_file: Path) -> list[sources.Source]:
    prices = monthly_prices()
    return [
        sources.DailyPrices(series.read_price_months(daily_file)),
        sources.MonthlyPrices(prices, full_storage(prices)),
        sources.ClaimedLosses(claims_of()),
    ]


def test_absurd_data_after_an_origin_change_no_byte(daily_file: Path) -> None:
    for source in all_sources(daily_file):
        for origin in (source.first_origin(), source.first_origin() + 9):
            other = absurd(source, origin)
            assert not np.array_equal(other.outcomes(), source.outcomes())
            first, second = (each.ensemble(origin, (1, 12, 36), FEW) for each in (source, other))
            assert first.tobytes() == second.tobytes(), source.recipe
            assert source.no_change(origin, origin) == other.no_change(origin, origin)
            assert source.log_changes(origin).tobytes() == other.log_changes(origin).tobytes()


def test_absurd_rows_of_a_file_change_no_forecast_of_an_earlier_origin(daily_file: Path, days, tmp_path: Path) -> None:
    dates, prices = days
    later = tmp_path / "later.csv"
    nonsense = np.where(np.arange(dates.size) % 2, 10.0, 500.0)
    later.write_text(as_csv(dates, np.where(dates > np.datetime64("2006-06-30"), nonsense, prices)))
    rows = []
    for path in (daily_file, later):
        out = tmp_path / f"{path.stem}-quantiles.csv"
        options = ["--from", "2006-05", "--to", "2006-09", "-n", str(FEW), "-j", "1", "--quantiles-out", str(out)]
        done = CliRunner().invoke(application, ["backtest", "oil", "--data", str(path), *options])
        assert done.exit_code == 0, done.output
        rows.append([line for line in out.read_text().splitlines()[1:] if line[:7] <= "2006-06"])
    assert rows[0] == rows[1]
    assert {line[:7] for line in rows[0]} > {"2006-04", "2006-06"}


# --- the table -------------------------------------------------------------------------------------------------------


def test_no_change_on_the_shipped_brent_is_that_of_the_design() -> None:
    source = sources.open_source("oil")
    months, outcomes = source.months, source.outcomes()
    for h, published in {1: 2.430, 3: 5.824, 6: 8.624, 12: 11.841}.items():
        inside = np.datetime64("2000-01"), np.datetime64("2014-12")
        chosen = [k for k in range(months.size - h) if inside[0] <= months[k + h] <= inside[1]]
        spreads = [float(np.std(source.log_changes(k)[-60:], ddof=1)) * math.sqrt(h) for k in chosen]
        medians = [source.no_change(k, k + h) for k in chosen]
        crps = backtests.scores.crps_lognormal(medians, spreads, outcomes[np.array(chosen) + h])
        assert len(chosen) == 180 and crps.mean() == pytest.approx(published, rel=3e-4)


@needs_brent
def test_the_shipped_brent_is_the_daily_file() -> None:
    shipped, read = sources.open_source("oil").series, series.read_price_months(BRENT)
    size = shipped.months.size
    assert np.array_equal(shipped.months, read.months[:size])
    for name in ("means", "last", "squares", "counts"):
        np.testing.assert_allclose(getattr(shipped, name), getattr(read, name)[:size], rtol=1e-7)


def test_two_years_of_brent_have_the_scores_of_the_first_table() -> None:
    """Target months 2005 and 2006, as recorded with the first table."""
    result = backtest(sources.open_source("oil"), "2005-01", "2006-12", horizons=(1, 3), paths=4_096)
    rows = [each.summary() for each in result.horizons]
    assert [row["targets"] for row in rows] == [24, 24]
    assert [row["ratio"] for row in rows] == pytest.approx([0.949, 1.009], abs=0.004)
    assert all(row["squared_error_ratio"] < 1.05 for row in rows)


def test_losses_to_mid_2025_are_those_of_the_estimate() -> None:
    result = backtest(sources.open_source("losses"), "2023-06", "2025-06", horizons=(1, 3, 6))
    claims = losses.read_claims(*(outcome_file(name) for name in ("losses.csv", "losses-corrections.csv")))
    scored = losses.score(claims, dt.date(2023, 6, 1), dt.date(2025, 6, 1), (1, 3, 6))
    published = {one.horizon: one.rmse for one in scored}
    for each in result.horizons:
        row = each.summary()
        assert row["targets"] == 25
        # the kernel pulls to the long run half a month later than the closed form of the estimate
        assert row["log_rmse"] == pytest.approx(published[each.horizon], abs=0.002)


def test_scores_change_with_the_outcome_and_forecasts_do_not(daily_file: Path) -> None:
    source = sources.DailyPrices(series.read_price_months(daily_file))
    result = backtest(source, "2007-01", "2007-12", horizons=(3,), paths=FEW)
    last = int(np.searchsorted(source.months, np.datetime64("2007-12")))
    means = source.series.means.copy()
    means[last] *= 3.0
    moved = backtest(
        replace(source, series=replace(source.series, means=means)), "2007-01", "2007-12", horizons=(3,), paths=FEW
    )
    first, second = result.horizons[0], moved.horizons[0]
    assert np.array_equal(first.quantiles, second.quantiles)
    assert np.array_equal(first.crps[:-1], second.crps[:-1]) and second.crps[-1] > first.crps[-1] + 10.0
    assert second.pit[-1] == 1.0 and second.benchmark[-1] > first.benchmark[-1]


def test_threads_do_not_change_the_numbers(daily_file: Path) -> None:
    source = sources.DailyPrices(series.read_price_months(daily_file))
    one, two = (backtest(source, "2007-01", "2007-03", horizons=(1, 6), paths=FEW, jobs=jobs) for jobs in (1, 2))
    assert one.summary() == two.summary() and one.quantiles_csv() == two.quantiles_csv()


def test_calibrated_forecasts_cover_what_they_say() -> None:
    """The recipe on a long series of its own law: ranges cover, and no horizon is worse than no change by much."""
    dates = np.arange(np.datetime64("1980-01-01"), np.datetime64("1996-01-01"))
    dates = dates[np.is_busday(dates)]
    prices = np.exp(4.0 + np.cumsum(0.015 * np.random.default_rng(11).standard_normal(dates.size)))
    source = sources.DailyPrices(series._months(dates, prices, "price"))
    result = backtest(source, "1986-01", "1995-12", horizons=(1,), paths=2_048)
    row = result.horizons[0].summary()
    assert 0.80 < row["coverage"]["0.9"] < 0.98 and 0.35 < row["coverage"]["0.5"] < 0.65
    assert row["ratio"] < 1.0, "the average of a month moves less than a month's change"


# --- files and the command -------------------------------------------------------------------------------------------


def test_forms_of_price_files(tmp_path: Path, days) -> None:
    path = tmp_path / "file.csv"
    path.write_text("Date,Close\n2020-01-31,50\n2020-02,51.5\n2020-03-31,49\n")
    read = series.read_price_months(path)
    assert not read.daily and read.months.astype(str).tolist() == ["2020-01", "2020-02", "2020-03"]
    assert read.means.tolist() == [50.0, 51.5, 49.0]
    dates, prices = (column[:70] for column in days)
    path.write_text(as_csv(dates, prices, "price_date".replace("price_", "") + ",price") + "2001-04-09,\n")
    read = series.read_price_months(path)
    assert read.daily and read.months.astype(str).tolist() == ["2001-01", "2001-02", "2001-03"], "April is not complete"
    january = dates.astype("datetime64[M]") == np.datetime64("2001-01")
    assert read.means[0] == pytest.approx(prices[january].mean()) and read.last[0] == prices[january][-1]
    logs = np.log(prices)
    assert read.squares[0] == pytest.approx(np.sum(np.diff(logs[: january.sum()]) ** 2))
    february = slice(january.sum() - 1, january.sum() + 20)
    assert read.squares[1] == pytest.approx(np.sum(np.diff(logs[february]) ** 2))


BAD = {
    "a,b\n2020-01-01,1\n": "no columns of dates and prices",
    "date,price\n2020-01-01,x\n": "line 2: the price .* is not a number",
    "date,price\n2020-01-01,-3\n": "line 2: the price -3 is outside",
    "date,price\n2020-01-01,5\n2020-01-01,5\n": "line 3: the date 2020-01-01 follows",
    "date,price\n2020-01-01,5\n2020-03-01,5\n": "month after 2020-01 is missing",
    "date,price\n2020-01-01,\n": "no price in the file",
    "date,price\n"
    + "".join(f"2020-{m:02d}-{d:02d},5\n" for m in range(1, 5) for d in (1, 8, 15, 22)): "4 prices a month",
    "month,mean,last,prices,squares\n2020-01,5,-5,20,0.1\n": "not positive",
}


@pytest.mark.parametrize("text", BAD)
def test_bad_price_files_are_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=BAD[text]):
        series.read_price_months(path)


def test_a_monthly_series_has_the_recipe_of_monthly_means(tmp_path: Path) -> None:
    prices, path = monthly_prices(), tmp_path / "monthly.csv"
    path.write_text(as_csv(prices.months, prices.values, "month,usd"))
    for block in ("oil", "gas"):
        source = sources.open_source(block, path)
        assert isinstance(source, sources.MonthlyPrices) and source.first_origin() == 24
        result = backtest(source, "2020-01", "2020-06", horizons=(1, 12), paths=FEW)
        assert [each.outcomes.size for each in result.horizons] == [6, 6]
    with pytest.raises(DataError, match="needs daily prices"):
        sources.DailyPrices(series.read_price_months(path))
    assert sources.open_source("gas").first_origin() == (2015 - 1999) * 12 + 3 + 24, (
        "the European price from April 2015"
    )


def test_a_daily_series_is_averaged_for_gas(daily_file: Path) -> None:
    source = sources.open_source("gas", daily_file)
    assert isinstance(source, sources.MonthlyPrices) and str(source.months[0]) == "2001-02"


def test_the_command_writes_quantiles_in_the_form_of_the_design(daily_file: Path, tmp_path: Path) -> None:
    out = tmp_path / "Q.csv"
    command = ["backtest", "oil", "--data", str(daily_file), "--from", "2008", "--to", "2008-03", "-n", str(FEW)]
    command += ["-j", "1", "--quantiles-out", str(out)]
    done = CliRunner().invoke(application, [*command, "--json"])
    assert done.exit_code == 0, done.output
    summary = json.loads(done.stdout)
    assert (summary["first_target"], summary["last_target"], summary["paths"]) == ("2008-01", "2008-03", FEW)
    assert [row["targets"] for row in summary["horizons"]] == [3] * 7
    header, *lines = out.read_text().splitlines()
    assert header == "origin,horizon,quantile,value" and len(lines) == 3 * 7 * 23
    rows = [line.split(",") for line in lines]
    assert [float(row[2]) for row in rows[:23]] == list(LEVELS) and len(LEVELS) == 23
    assert {row[0] for row in rows if row[1] == "36"} == {"2005-01", "2005-02", "2005-03"}
    assert {row[0] for row in rows if row[1] == "1"} == {"2007-12", "2008-01", "2008-02"}
    values = np.array([float(row[3]) for row in rows]).reshape(-1, 23)
    assert np.all(np.diff(values, axis=1) > 0.0)
    again = CliRunner().invoke(application, command)
    assert again.exit_code != 0 and "--force" in again.output
    table = CliRunner().invoke(application, [*command, "--force"])
    assert table.exit_code == 0 and "ratio" in table.stdout and "2008-01 to 2008-03" in table.stdout


def test_wrong_options_are_refused(daily_file: Path) -> None:
    for options, sentence in (
        (["oil", "--storage", str(daily_file)], "belongs to backtest gas"),
        (["oil", "--from", "2010", "--to", "2009"], "is after --to"),
        (["oil", "--from", "10"], "write YYYY or YYYY-MM"),
        (["oil", "-n", "3"], "odd"),
        (["oil", "--data", str(daily_file), "--from", "2030"], "is after --to"),
        (["oil", "--data", str(daily_file), "--from", "2030", "--to", "2031"], "can be forecast and scored"),
    ):
        done = CliRunner().invoke(application, ["backtest", *options])
        assert done.exit_code != 0 and sentence in done.output, done.output


def test_every_shipped_outcome_has_a_source_and_a_licence() -> None:
    folder = series.outcome_file("sources.toml").parent
    register = series.register()
    assert {path.name for path in folder.glob("*.csv")} == set(register)
    assert set(sources.BLOCKS.values()) <= set(register)
    for outcome in register.values():
        assert outcome.source.strip() and outcome.licence and outcome.unit and outcome.date > dt.date(2026, 1, 1)


def test_the_page_puts_misses_first(daily_file: Path) -> None:
    source = sources.DailyPrices(series.read_price_months(daily_file))
    result = backtest(source, "2007-01", "2007-12", horizons=(1, 3), paths=FEW)
    bad = replace(
        result.horizons[1], crps=2.0 * result.horizons[1].benchmark, outcomes=0.0 * result.horizons[1].outcomes + 1e4
    )
    window = page.Window("oil", "Brent", "2007-01", "2007-12", True)
    worse = replace(result, horizons=(result.horizons[0], bad))
    found = dict(page.misses(window, worse))
    assert "at 3 months the CRPS is 100.0% above no change" in found["no change"]
    assert "at 3 months the 90% range held 0% of 12 outcomes, too narrow" in found["too narrow"]
    text = page.page([(window, worse)], storage=False)
    assert text.index("## Misses") < text.index("## Brent") and found["no change"] in text
    assert text.count(f"  - Reason: {page.NO_REASON}") == 2
    lines = page.miss_lines(page.WINDOWS[1], [("too narrow", "One."), ("too narrow", "Two.")])
    assert lines[:2] == ["- One.", "- Two."] and "April 2020" in lines[2] and len(lines) == 3
    rows = [line for line in text.partition("## Peers")[0].splitlines() if line.startswith("|")]
    assert len({row.count("|") for row in rows}) == 1 and len(rows) == 4


def test_the_page_in_docs_has_the_present_text_and_all_windows() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "backtest.md").read_text(encoding="utf-8")
    assert text.startswith(f"{page.NOTE}\n\n{page.INTRODUCTION}") and page.MISSES in text
    assert text.endswith("\n".join(page.data_lines()) + "\n")
    listed = text.partition("## Misses")[2].partition("\n## ")[0]
    assert page.NO_REASON not in text and listed.rstrip().splitlines()[-1].startswith("  - Reason: ")
    assert all(reason in listed for reason in series.reasons().values())
    section = text.partition("## Peers")[2].partition("\n## ")[0]
    ours = {(window.block, window.first): _ratios(text, window) for window in page.WINDOWS}
    assert section.strip() == "\n".join(page.peer_lines(ours)).partition("## Peers")[2].strip()
    assert {one.name for one in series.peers().peer} == {"GARCH-t", "ARIMA", "ETS", "Theta"}
    for window in page.WINDOWS:
        assert f"## {window.title}, targets {window.first} to {window.last}" in text


def _ratios(text: str, window: page.Window) -> dict[int, float]:
    """Ratios by horizon in the table of a window."""
    table = text.partition(f"## {window.title}, targets {window.first} to {window.last}")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("| ")]
    return {int(row[0]): float(row[page.COLUMNS.index("ratio")]) for row in rows if row[0].isdigit()}
