"""What the data files promise: the sanctions register, the facts by as-of date and the history agree with themselves
and with the law."""

import calendar
import csv
import math
import tomllib
from collections import Counter, defaultdict
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

CONFIGS = Path(__file__).parents[2] / "configs"
SENDERS = {"US", "EU", "UK", "CA", "JP"}
RULES = {"executive", "codified", "statute", "unanimity", "law", "cabinet"}
CHANNELS = {"crude_eu", "blocking", "fleet", "payment", "pipeline_gas_eu", "lng_eu", "technology"}
CONFIDENCE = {"V", "V2", "RC", "RU", "D", "J"}
DISTRIBUTIONS = {
    "normal",
    "lognormal",
    "triangular",
    "beta",
    "gamma",
    "uniform",
    "quantiles",
    "empirical",
    "choice",
    "mixture",
    "joint",
}
REQUIRED = {
    "sender", "name", "title", "act", "rule", "announced", "in_force", "status", "price_licence", "breadth",
    "licence_months", "renewal", "wind_down_days", "channels", "source", "confidence",
}  # fmt: skip
FACT_FILES = tuple(sorted(path.stem for path in (CONFIGS / "facts").glob("20*.toml")))
BUYERS = ("china", "india", "turkiye", "eu", "other")


@cache
def read(name: str) -> dict:
    return tomllib.loads((CONFIGS / name).read_text(encoding="utf-8"))


@cache
def instruments() -> dict[str, dict]:
    return {f"{row['sender']}.{row['name']}": row for row in read("instruments.toml")["instrument"]}


@cache
def facts(as_of: str) -> dict[str, dict]:
    blocks = read(f"facts/{as_of}.toml")["facts"]
    return {f"{block}.{name}": record for block, records in blocks.items() for name, record in records.items()}


def enacted() -> dict[str, dict]:
    return {key: row for key, row in instruments().items() if row["status"] == "in force"}


def weights() -> dict[str, dict[str, float]]:
    """Channel -> instrument -> weight, over the rows in force."""
    table: dict[str, dict[str, float]] = defaultdict(dict)
    for key, row in enacted().items():
        for channel, weight in row["channels"].items():
            table[channel][key] = weight
    return table


def share(channel: str, **wanted: str) -> float:
    rows = instruments()
    return sum(w for key, w in weights()[channel].items() if all(rows[key][k] == v for k, v in wanted.items()))


# --- register -------------------------------------------------------------------------------------------------------


def test_names_are_unique_and_enough():
    counts = Counter(f"{row['sender']}.{row['name']}" for row in read("instruments.toml")["instrument"])
    assert max(counts.values()) == 1
    assert len(enacted()) >= 20
    assert {row["sender"] for row in enacted().values()} == SENDERS
    assert {row["rule"] for row in enacted().values()} == RULES


@pytest.mark.parametrize("key", list(instruments()))
def test_row_is_complete(key):
    row = instruments()[key]
    assert set(row) - {"ends"} == REQUIRED
    assert row["sender"] in SENDERS and row["rule"] in RULES and row["confidence"] in CONFIDENCE
    assert row["status"] in {"in force", "proposed"} and row["breadth"] in {"first", "broad"}
    for word in ("title", "act", "source"):
        assert len(row[word].strip()) > 10, word
    assert set(row["channels"]) <= CHANNELS
    assert all(0 < weight <= 1 for weight in row["channels"].values())
    assert row["licence_months"] >= 0 and row["wind_down_days"] >= 0


@pytest.mark.parametrize("key", list(instruments()))
def test_row_dates_are_in_order(key):
    row = instruments()[key]
    assert date(2014, 3, 1) <= row["announced"] <= row["in_force"]
    assert row["announced"] <= date(2026, 8, 31)
    assert row.get("ends", date.max) > row["in_force"]
    for day in row["renewal"]:
        date(2027, *map(int, day.split("-")))
    assert bool(row["renewal"]) == (row["rule"] == "unanimity")


def test_rule_fits_sender():
    allowed = {
        "US": {"executive", "codified", "statute"},
        "EU": {"unanimity", "law"},
        "UK": {"cabinet"},
        "CA": {"cabinet"},
        "JP": {"cabinet"},
    }
    assert all(row["rule"] in allowed[row["sender"]] for row in instruments().values())


def test_each_channel_is_shared_out_whole():
    table = weights()
    assert set(table) == CHANNELS
    for channel, rows in table.items():
        assert sum(rows.values()) == pytest.approx(1.0, abs=1e-9), channel


def test_eu_holds_the_european_market():
    assert share("crude_eu", sender="EU") >= 0.85
    assert share("crude_eu", sender="US") <= 0.05  # so US relief alone leaves it shut
    assert 0.7 <= share("blocking", sender="US") <= 0.8


def test_gas_ban_is_law_and_not_a_sanction():
    assert share("lng_eu", sender="EU", rule="law") >= 0.9
    assert share("pipeline_gas_eu", sender="EU", rule="law") >= 0.9
    assert instruments()["EU.lng-phase-out"]["in_force"] == date(2027, 1, 1)
    assert instruments()["EU.pipeline-gas-phase-out"]["in_force"] == date(2027, 9, 30)


def test_assets_and_trade_status_have_no_energy_channel():
    assert instruments()["EU.central-bank-assets"]["channels"] == {}
    assert instruments()["US.trade-status"]["channels"] == {}


def test_price_licences_are_for_us_oil_blocking_and_payment():
    licensed = {key for key, row in instruments().items() if row["price_licence"]}
    assert "US.oil-majors" in licensed
    for key in licensed:
        row = instruments()[key]
        assert (row["sender"], row["rule"]) == ("US", "executive") and row["licence_months"] == 1.0
        assert set(row["channels"]) & {"blocking", "payment", "fleet"}


def test_early_steps_weigh_little():
    for key, row in instruments().items():
        if row["breadth"] == "first":
            assert all(weight <= 0.05 for weight in row["channels"].values()), key
    assert {"US.entities", "US.aviation", "US.agriculture"} <= {
        key for key, row in instruments().items() if row["breadth"] == "first"
    }


def test_the_past_does_not_know_the_october_2025_listings():
    known = {key for key, row in instruments().items() if row["announced"] <= date(2025, 3, 31)}
    assert "US.oil-producers" in known and "US.oil-majors" not in known and "EU.lng-phase-out" not in known


# --- facts ----------------------------------------------------------------------------------------------------------


def test_fact_files_have_equal_keys():
    assert FACT_FILES == ("2024-06-30", "2025-03-31", "2025-09-30", "2026-02-28", "2026-08-31")
    first, *others = (facts(as_of) for as_of in FACT_FILES)
    for other in others:
        assert list(first) == list(other)
        assert all(first[key]["unit"] == other[key]["unit"] and first[key]["doc"] == other[key]["doc"] for key in first)


@pytest.mark.parametrize("as_of", FACT_FILES)
def test_fact_records(as_of):
    assert read(f"facts/{as_of}.toml")["as_of"] == date.fromisoformat(as_of)
    for key, record in facts(as_of).items():
        assert record["kind"] == "fact" and set(record["confidence"].split("/")) <= CONFIDENCE, key
        assert record["doc"].strip() and record["source"].strip() and record["unit"].strip(), key
        assert record["as_of"] <= record.get("carried_from", date.fromisoformat(as_of)), key
        if isinstance(record["value"], str):
            assert record["value"] in record["choices"] and "bounds" not in record, key
            continue
        low, high = record["bounds"]
        assert low <= record["value"] <= high, key
        if "dist" in record:
            dist = record["dist"]
            assert dist["kind"] in DISTRIBUTIONS, key
            support = dist.get("truncate") or [dist.get("min", low), dist.get("max", high)]
            assert low <= support[0] <= record["value"] <= support[1] <= high, key


@pytest.mark.parametrize("as_of", FACT_FILES)
def test_a_carried_record_repeats_the_file_that_it_names(as_of):
    marks = ("value", "dist", "source", "confidence", "as_of")
    for key, record in facts(as_of).items():
        if "carried_from" in record:
            assert str(record["carried_from"]) in FACT_FILES and str(record["carried_from"]) != as_of, key
            origin = facts(str(record["carried_from"]))[key]
            assert "carried_from" not in origin, key
            assert [record.get(name) for name in marks] == [origin.get(name) for name in marks], key


def test_only_the_oldest_facts_know_the_future():
    later = {day: [key for key, record in facts(day).items() if str(record["as_of"]) > day] for day in FACT_FILES}
    assert [day for day, keys in later.items() if keys] == ["2024-06-30"]
    known = ("oil.brent", "oil.urals_discount", "oil.crude_share_india", "gas.ttf", "gas.storage")
    assert not set(known) & set(later["2024-06-30"])


def test_facts_agree_with_the_published_series():
    tables = [(CONFIGS / "outcomes" / name).read_text().splitlines() for name in ("brent.csv", "gas-europe.csv")]
    brent, gas = ({next(iter(row.values())): row for row in csv.DictReader(lines)} for lines in tables)
    fill = {
        str(point["date"]): point["value"] for point in read("facts/history.toml")["series"]["eu_storage"]["points"]
    }
    for as_of in FACT_FILES[:-1]:
        known, month = facts(as_of), as_of[:7]
        before = f"{date.fromisoformat(month + '-01') - timedelta(days=1)}"[:7]
        assert known["oil.brent"]["value"] == float(brent[month]["last"]), as_of
        change = math.log(float(brent[month]["last"]) / float(brent[before]["last"]))
        assert known["oil.last_return"]["value"] == pytest.approx(change, abs=5e-5), as_of
        assert known["gas.ttf"]["value"] == pytest.approx(float(gas[month]["gas_europe_eur_mwh"]), abs=0.02), as_of
        assert known["gas.storage"]["value"] == fill[as_of], as_of


@pytest.mark.parametrize("as_of", FACT_FILES)
@pytest.mark.parametrize("product", ["crude", "product"])
def test_shares_by_buyer_sum_to_one(as_of, product):
    total = sum(facts(as_of)[f"oil.{product}_share_{buyer}"]["value"] for buyer in BUYERS)
    assert total == pytest.approx(1.0, abs=1e-9)


@pytest.mark.parametrize("as_of", FACT_FILES)
def test_clocks_match_the_calendar(as_of):
    """The war's clock is months of 30.44 days to the as-of date."""
    day = date.fromisoformat(as_of)
    war = (day - date(2022, 2, 24)) / timedelta(days=30.4375)
    assert facts(as_of)["conflict.months_in_state"]["value"] == pytest.approx(war, abs=0.1)


@pytest.mark.parametrize("as_of", FACT_FILES)
def test_gulf_severity_fits_its_state(as_of):
    table = facts(as_of)
    assert (table["gulf.severity"]["value"] > 0) == (table["gulf.state"]["value"] == "disrupted")


# --- history --------------------------------------------------------------------------------------------------------


def last_day(month: str) -> date:
    year, number = map(int, month.split("-"))
    return date(year, number, calendar.monthrange(year, number)[1])


def when(point: dict) -> date:
    return last_day(point["month"]) if "month" in point else point["date"]


@pytest.mark.parametrize("name", list(read("facts/history.toml")["series"]))
def test_history_is_sorted_positive_and_known(name):
    history = read("facts/history.toml")
    series = history["series"][name]
    for word in ("title", "unit", "basis", "source", "licence"):
        assert series[word].strip(), word
    days = [when(point) for point in series["points"]]
    assert all(earlier < later for earlier, later in pairwise(days))
    assert days[-1] + timedelta(days=series["known_after_days"]) <= history["as_of"]
    assert all(point["value"] > 0 for point in series["points"])
    assert {point.get("confidence", "V") for point in series["points"]} <= CONFIDENCE


def test_brent_history_has_no_hole():
    months = [point["month"] for point in read("facts/history.toml")["series"]["brent"]["points"]]
    assert months == [f"{2021 + n // 12}-{n % 12 + 1:02d}" for n in range(len(months))]


def test_ministry_discount_is_brent_less_urals():
    series = read("facts/history.toml")["series"]
    brent, urals, discount = (
        {p["month"]: p["value"] for p in series[n]["points"]}
        for n in ("brent", "urals_ministry", "urals_discount_ministry")
    )
    assert set(discount) == set(urals) <= set(brent)
    for month, value in discount.items():
        assert value == pytest.approx(brent[month] - urals[month], abs=0.006), month


def test_urals_basis_codes_are_explained():
    series = read("facts/history.toml")["series"]["urals_ministry"]
    assert {point["basis"] for point in series["points"]} == set(series["basis_codes"])
