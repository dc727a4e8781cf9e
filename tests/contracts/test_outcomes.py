"""Observed outcomes and event questions that ship: complete, consistent, and in the language of questions."""

import csv
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest
from detente.config import loader
from detente.evaluation.series import register
from detente.questions.names import Names, names
from detente.questions.parser import parse

CONFIGS = Path(__file__).parents[2] / "configs"
CONFIDENCE = {"V", "V2", "RC", "RU", "D", "J"}


def rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader((CONFIGS / "outcomes" / name).read_text(encoding="utf-8").splitlines()))


@cache
def words(origin: str) -> Names:
    return names(loader.load("baseline", [f"as_of={origin}"]))


def test_every_file_has_a_source() -> None:
    assert set(register()) == {path.name for path in (CONFIGS / "outcomes").glob("*.csv")}


def test_observed_months_are_consistent() -> None:
    seen = set()
    for row in rows("observed.csv"):
        key = row["series"], row["month"]
        assert key not in seen and not seen.add(key)
        first, last = (date.fromisoformat(f"{month}-01") for month in (row["month"], row["to"] or row["month"]))
        assert date(2024, 1, 1) <= first <= last <= date(2026, 8, 1), key
        low, high = (float(row[name] or row["value"]) for name in ("low", "high"))
        assert 0.0 < low <= float(row["value"]) <= high, key
        assert row["unit"] and row["source"] and row["confidence"] in CONFIDENCE, key


@pytest.mark.parametrize(
    "first, last, total",
    [("2024-01", "2024-12", 11_130.0), ("2025-01", "2025-11", 8_029.0), ("2025-01", "2025-12", 8_480.0)],
)
def test_recalled_months_of_the_budget_sum_to_published_totals(first: str, last: str, total: float) -> None:
    months = [row for row in rows("observed.csv") if row["series"] == "oil_gas_budget_revenue"]
    assert sum(float(row["value"]) for row in months if first <= row["month"] <= last) == pytest.approx(total, rel=5e-4)


def test_flows_agree_with_their_annual_totals() -> None:
    spans = [
        row for row in rows("observed.csv") if row["series"] == "pipeline_gas_to_europe" and "2025" in row["month"]
    ]
    total = 1.41  # March by difference: 11.5 bcm to August less the seven months observed
    for row in spans:
        first = date.fromisoformat(f"{row['month']}-01")
        last = (date.fromisoformat(f"{row['to'] or row['month']}-01") + timedelta(days=31)).replace(day=1)
        total += float(row["value"]) * (last - first).days / 365.25
    assert total == pytest.approx(18.0, abs=0.3)


@pytest.mark.parametrize("row", rows("events.csv"), ids=lambda row: row["id"])
def test_a_question_is_read_and_dated(row: dict[str, str]) -> None:
    parse(row["model"], words(row["origin"]))
    assert date.fromisoformat(row["origin"]) <= date.fromisoformat(row["asked"]) < date.fromisoformat(row["by"])
    assert row["outcome"] in ("0", "1") and row["source"] and row["confidence"] in CONFIDENCE
    assert 0.0 < float(row["base_rate"]) < 1.0 and row["base_rate_source"]
    assert bool(row["crowd"]) == bool(row["who"])


def test_questions_have_both_answers_and_the_crowd_its_score() -> None:
    table = rows("events.csv")
    assert len({row["id"] for row in table}) == len(table)
    crowd = [row for row in table if row["crowd"]]
    plain = [row["outcome"] for row in table if not row["crowd"]]
    assert len(crowd) == 6 and len(plain) >= 20 and min(plain.count("0"), plain.count("1")) >= 10
    brier = sum((float(row["crowd"]) - float(row["outcome"])) ** 2 for row in crowd) / len(crowd)
    assert brier == pytest.approx(0.1421, abs=5e-5)
