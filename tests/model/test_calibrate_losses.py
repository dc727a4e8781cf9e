"""Estimation of losses: H8 on the public claims, recovery of known parameters, no look-ahead, sentences for bad
input, the command."""

import datetime as dt
import json
import math
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from detente.calibrate import counts, losses
from detente.calibrate.losses_data import Claims
from detente.cli.app import application
from detente.config import loader
from detente.evaluation.series import outcome_file
from detente.shared.errors import DataError
from detente_kernels.attrition.losses import NOISE_SHARE

EXTRACT = Path(__file__).resolve().parents[1] / "data" / "losses" / "month-ends.csv"


@pytest.fixture(scope="module")
def claims(public_data):
    return losses.read_claims(public_data.claims, public_data.corrections)


@pytest.fixture(scope="module")
def shipped():
    """Every day of the shipped outcomes."""
    return losses.read_claims(*(outcome_file(name) for name in ("losses.csv", "losses-corrections.csv")))


# --- H8 on the public claims ------------------------------------------------------------------------------------------


def test_h8_the_recipe_beats_no_change_after_the_window_of_its_choice(shipped):
    """Targets 2025-07 to 2026-07, which no weight was chosen on: at most 0.95 of the log RMSE of no change at one month
    and 1.01 beyond; ranges that hold."""
    found = {one.horizon: one for one in losses.score(shipped, dt.date(2025, 7, 1), dt.date(2026, 7, 1))}
    assert all(one.months == 13 for one in found.values())
    assert found[1].rmse <= 0.95 * found[1].no_change
    assert all(found[horizon].rmse <= 1.01 * found[horizon].no_change for horizon in (3, 6))
    assert all(one.coverage >= 0.85 for one in found.values())


def test_h8_the_window_of_the_choice(shipped):
    """Targets 2023-06 to 2025-06. The last days gain less there than in 2022 or since; no change is hard to beat, and
    the recipe stays within 3% of it."""
    bars = {1: 0.1473, 3: 0.2414, 6: 0.3306}
    for one in losses.score(shipped, dt.date(2023, 6, 1), dt.date(2025, 6, 1)):
        assert one.months == 25
        assert one.no_change == pytest.approx(bars[one.horizon], abs=0.0005)
        assert one.rmse < 1.03 * one.no_change
        assert one.coverage >= 0.85


def test_corrections_are_taken_out_of_their_days(shipped, tmp_path):
    raw = losses.read_claims(outcome_file("losses.csv"))
    changed = {str(day): gone for day, gone in zip(raw.days, raw.counts - shipped.counts, strict=True) if gone}
    assert changed == {"2025-02-28": 1650.0, "2025-04-22": 160.0}
    wrong = tmp_path / "corrections.csv"
    wrong.write_text("date,personnel\n2025-02-28,9000\n")
    with pytest.raises(DataError, match="line 2: the correction of 9000 does not fit the claim of 2710 on 2025-02-28"):
        losses.read_claims(outcome_file("losses.csv"), wrong)


def test_months_are_the_differences_of_ends_of_month(claims):
    """Against pandas, from the totals at ends of month."""
    totals = pd.read_csv(EXTRACT, parse_dates=["date"], index_col="date")["personnel"]
    changes = totals[totals.index.is_month_end].diff().dropna()
    for month, persons in (("2025-02", 1650.0), ("2025-04", 160.0)):  # corrections
        changes.loc[month] -= persons
    months, rates = claims.rates()
    assert [str(month) for month in months] == [f"{day:%Y-%m}" for day in changes.index]
    assert rates * changes.index.days_in_month.to_numpy() == pytest.approx(changes.to_numpy())


def test_days_are_scattered_as_the_design_measured(public_data, claims):
    """The extract has every day of 2024."""
    measured = {2023: (55, 70), 2024: (60, 70), 2025: (40, 52)}
    for year in measured if public_data.complete else (2024,):
        low, high = measured[year]
        days = claims.counts[claims.days.astype("datetime64[Y]").astype(int) + 1970 == year]
        assert low < counts.fano(days) < high
        assert 0.45 < counts.lag_one(days) < 0.82
        size = days.mean() / (counts.fano(days) - 1.0)
        assert 10 < size < 28
    month_of = claims.days.astype("datetime64[M]")
    months = np.unique(month_of)[10:-1]
    if not public_data.complete:
        months = np.arange(np.datetime64("2023-04"), np.datetime64("2025-04"))
    for month in months:
        assert counts.dispersion_test(claims.counts[month_of == month]).p_value < 1e-6, month


@pytest.mark.parametrize(
    ("as_of", "origin"),
    [(dt.date(2026, 8, 31), dt.date(2026, 8, 8)), (dt.date(2025, 3, 31), dt.date(2025, 3, 31))],
    ids=["2026", "2025"],
)
def test_the_facts_and_parameters_of_both_dates_are_the_estimates(public_data, claims, as_of, origin):
    fitted = losses.estimate(claims, origin)
    loaded = loader.load("baseline", (f"as_of={as_of}",))
    value = {key: record.value for key, record in (loaded.parameters | loaded.facts).items()}
    near = pytest.approx
    assert value["attrition.level_now"] == near(fitted.level_now, abs=1e-4)
    assert value["attrition.recent_deviation"] == near(fitted.recent_deviation, abs=1e-4)
    assert value["attrition.level_noise"] == near(fitted.level_noise, abs=1e-4)
    assert value["attrition.long_run_level"] == near(fitted.long_run_level, abs=5e-3)
    if public_data.complete or as_of.year == 2025:  # days of the last two years
        assert value["attrition.daily_dispersion"] == near(fitted.daily_dispersion, abs=1e-4)
        assert value["attrition.daily_correlation"] == near(fitted.daily_correlation, abs=0.005)


def test_nothing_after_the_origin_is_used(claims):
    origin = dt.date(2025, 3, 31)
    later = Claims(claims.days, np.where(claims.days > np.datetime64(origin), 10.0, claims.counts))
    assert losses.estimate(claims, origin) == losses.estimate(later, origin)


# --- known parameters -------------------------------------------------------------------------------------------------


def made_claims(size=50.0, correlation=0.3, noise=0.1, years=8, seed=5):
    """Days from the recipe's own law."""
    rng = np.random.default_rng(seed)
    days = np.arange(np.datetime64("2022-04-01"), np.datetime64(f"{2022 + years}-04-01"))
    month = days.astype("datetime64[M]").astype(int)
    kinds = np.unique(month)
    level = 7.0 + np.cumsum(math.sqrt(0.7) * noise * rng.standard_normal(kinds.size))
    level += math.sqrt(NOISE_SHARE) * 0.6 * noise * rng.standard_normal(kinds.size)
    return Claims(days, counts.simulate_days(np.exp(level[month - kinds[0]]), size, correlation, rng))


def test_known_parameters_come_back():
    found = [losses.estimate(made_claims(seed=seed), dt.date(2030, 3, 31)) for seed in range(6)]

    def mean(name: str) -> float:
        return float(np.mean([getattr(one, name) for one in found]))

    assert mean("daily_dispersion") == pytest.approx(1 / 50, rel=0.1)
    assert mean("daily_correlation") == pytest.approx(0.3, abs=0.04)
    assert mean("level_noise") == pytest.approx(0.1, rel=0.25)


def test_medians_and_spreads_go_on_from_the_estimate():
    fitted = losses.estimate(made_claims(), dt.date(2030, 3, 31))
    assert fitted.last_month == dt.date(2030, 3, 1) and fitted.months == 96
    kept = 0.5 ** (1 / 240)
    level = fitted.long_run_level + (fitted.level_now - fitted.long_run_level) * kept
    assert fitted.median(1) == pytest.approx(level + fitted.recent_deviation)
    spreads = [fitted.spread(h) for h in (1, 3, 6, 36)]
    assert spreads == sorted(spreads)
    assert fitted.spread(1) == pytest.approx(fitted.level_noise * math.sqrt(0.85), rel=0.01)


# --- files ------------------------------------------------------------------------------------------------------------


def write(path, claims):
    total = np.concatenate([[1000], 1000 + np.cumsum(claims.counts)]).astype(int)
    days = np.concatenate([[claims.days[0] - 1], claims.days])
    entries = [
        {"date": str(day), "personnel": int(value), "personnel*": "about"}
        for day, value in zip(days, total, strict=True)
    ]
    if path.suffix == ".json":
        path.write_text(json.dumps(entries))
    else:
        path.write_text("date,personnel\n" + "\n".join(f"{entry['date']},{entry['personnel']}" for entry in entries))
    return path


def test_json_and_csv_hold_the_same(tmp_path):
    made = made_claims(years=2)
    first, second = (losses.read_claims(write(tmp_path / name, made)) for name in ("claims.json", "claims.csv"))
    assert np.array_equal(first.counts, made.counts) and np.array_equal(first.days, made.days)
    assert np.array_equal(first.counts, second.counts)


BAD = {
    "[]": "two days of claims are needed",
    "{}": "not a list",
    "[1]": "not a list",
    "{": "not readable JSON",
    '[{"date": "2024-01-01"}]': "entry 1: personnel is missing",
    '[{"date": "2024-01-01", "personnel": 5}, {"date": "2024-01-03", "personnel": 6}]': "the day 2024-01-03 follows",
    '[{"date": "2024-01-01", "personnel": 5}, {"date": "2024-01-02", "personnel": 4}]': "falls from 5 to 4",
    '[{"date": "1 May", "personnel": 5}]': "not of the form",
    '[{"date": "2024-01-01", "personnel": "many"}]': "not a number",
}


@pytest.mark.parametrize("text", BAD)
def test_a_bad_file_is_rejected(tmp_path, text):
    path = tmp_path / "claims.json"
    path.write_text(text)
    with pytest.raises(DataError, match=BAD[text]):
        losses.read_claims(path)


def test_too_few_months_are_rejected(tmp_path):
    with pytest.raises(DataError, match="needs 8"):
        losses.estimate(made_claims(years=1), dt.date(2022, 8, 15))
    with pytest.raises(DataError, match="no such file"):
        losses.read_claims(tmp_path / "none.json")


def test_the_command_writes_a_scenario_that_runs(tmp_path):
    data, out = write(tmp_path / "claims.json", made_claims(years=4)), tmp_path / "losses-now.toml"
    done = CliRunner().invoke(application, ["calibrate", "losses", "--data", str(data), "-o", str(out)])
    assert done.exit_code == 0, done.output
    written = tomllib.loads(out.read_text())
    assert set(written["facts"]["attrition"]) == {"level_now", "recent_deviation"}
    loaded = loader.load(str(out), (), paths=128, horizon=3)
    assert (
        loaded.parameters["attrition.level_noise"].value == written["parameters"]["attrition"]["level_noise"]["value"]
    )
    assert "sha256" in out.read_text()
    refused = CliRunner().invoke(application, ["calibrate", "oil", "--data", str(data), "--corrections", str(data)])
    assert refused.exit_code == 2 and "for losses only" in refused.output
    refused = CliRunner().invoke(application, ["calibrate", "losses", "--data", str(data), "--storage", str(data)])
    assert refused.exit_code == 2
