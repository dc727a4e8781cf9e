"""Forecasts of others: what a run shows of them, beside its own, and that their definitions and dates are stated."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from detente.analysis.estimates import Readings
from detente.catalog.outside import OutsideLevel, known, latest_levels
from detente.config import loader
from detente.report.context import Context
from detente.report.figures import gas, oil
from detente.report.outside import ours, outside_of, outside_table, span_name
from detente.report.plots import fan
from detente.report.plots.style import SIZES, drawing
from detente.report.tables import Table
from detente.runs import runner
from detente.runs.run import Run
from detente.shared.errors import ConfigError, DataError

NOW, END = dt.date(2026, 8, 31), dt.date(2029, 8, 31)
DATES = [dt.date(2024, 6, 30), dt.date(2025, 3, 31), dt.date(2025, 9, 30), dt.date(2026, 2, 28), NOW]
BRENT = "Price|Oil|Brent"
EVENT = """
[[event]]
who = "A market"
kind = "market"
dated = 2026-06-01
event = "Event|First ceasefire"
by = 2026-12-31
value = 0.3
differs = "None."
source = "Test"
confidence = "V"
"""
LEVEL = """
[[level]]
who = "A bank"
kind = "bank"
dated = 2026-06-01
output = "Price|Oil|Brent"
begin = "2027-01"
end = "2027-12"
value = 70.0
unit = "USD/bbl"
source = "Test"
confidence = "V"
"""


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[[int], Run]:
    output = tmp_path_factory.mktemp("outside")
    return lambda horizon: runner.run(loader.load("baseline", paths=256, horizon=horizon), output=output, keep_paths=8)


@pytest.fixture(scope="module")
def baseline(make: Callable[[int], Run]) -> Run:
    return make(24)


@pytest.fixture(scope="module")
def table(baseline: Run) -> Table:
    return outside_table(Readings(baseline), Context([baseline]).columns)


@pytest.mark.parametrize("as_of", DATES)
def test_entries_are_known_on_the_date_and_a_year_old_at_most(as_of: dt.date) -> None:
    held = known(as_of, dt.date(as_of.year + 3, as_of.month, 28))
    assert held.levels
    for one in (*held.events, *held.levels):
        assert as_of - dt.timedelta(days=366) <= one.dated <= as_of
        assert one.source and one.confidence
    assert all(one.by > as_of and one.differs.strip() for one in held.events)
    assert all(one.first > as_of for one in held.levels)


def test_entries_beyond_the_run_are_left_out() -> None:
    assert {one.by.month for one in known(NOW, dt.date(2026, 11, 30)).events} == {10}
    reach = [{span_name(one) for one in known(NOW, dt.date(2027, 12, day)).levels} for day in (30, 31)]
    assert reach == [{"Q4 2026"}, {"Q4 2026", "2027"}]


def test_each_source_shows_its_newest_forecasts() -> None:
    held = known(dt.date(2025, 9, 30), dt.date(2028, 9, 30))
    assert {str(one.dated) for one in held.levels if one.output == BRENT} == {"2025-03-06", "2025-09-09"}
    newest = latest_levels(held, BRENT)
    assert [(span_name(one), one.value) for one in newest[:2]] == [("Q4 2025", 59.41), ("Q1 2026", 49.97)]
    assert len(newest) == 5


def test_the_table_states_the_difference_between_a_truce_and_a_ceasefire(baseline: Run, table: Table) -> None:
    rows = [[(cell.text, cell.note) for cell in row] for row in table.rows]
    market = next(row for row in rows if row[2] == ("Polymarket", "30 Jun 2026") and row[1][0] == "31 Dec 2026")
    assert market[0][0] == "Ceasefire" and market[3][0] == "43%"
    assert "general truce or pause" in market[5][0] and "here a ceasefire must be in force" in market[5][0]
    assert next(row for row in rows if row[2][1] == "27 Apr 2026")[3][0] == "26% to 30%"
    cell = next(row[4] for row in table.rows if row[1].text == "31 Dec 2026")
    assert cell.sort == (baseline.events()["conflict.first_ceasefire"] <= 4).mean()
    assert "not used by the model" in table.note and "12 months" in table.note


def test_our_level_is_the_average_over_the_same_months(baseline: Run, table: Table) -> None:
    one = next(level for level in outside_of(Readings(baseline)).levels if span_name(level) == "Q4 2026")
    medians = baseline.fan(BRENT, "World")["q50"]
    average = medians[(medians.index >= "2026-10-01") & (medians.index < "2027-01-01")].mean()
    assert ours(one, Readings(baseline), "q50").value == pytest.approx(average)
    row = next(row for row in table.rows if row[1].text == "Q4 2026" and row[0].text == "Brent")
    assert row[4].sort == pytest.approx(average) and row[3].text == "90"


def test_the_fans_mark_them_with_source_and_date(baseline: Run) -> None:
    shown = oil.brent(baseline)
    assert "diamonds, Goldman Sachs (27 Apr 2026); squares, US EIA (10 Mar 2026)" in shown.note
    with drawing("brent"):
        picture = fan.draw(baseline, shown, [], SIZES["a4"])
    marked = picture.data[picture.data["series"].str.startswith("outside:")]
    assert marked["value"].tolist() == [90.0, 64.67] and set(marked["unit"]) == {"USD/bbl"}
    assert "Goldman Sachs (24 Jan 2026)" in gas.ttf(baseline).note


def test_a_run_without_entries_has_neither_table_nor_marks(make: Callable[[int], Run]) -> None:
    run = make(1)
    assert outside_table(Readings(run), Context([run]).columns) is None
    assert oil.brent(run).note == "" and oil.brent(run).beside is None


@pytest.mark.parametrize(
    "text, said",
    [
        (EVENT.replace("differs = ", "note = "), "note"),
        (EVENT.replace('differs = "None."\n', ""), "the key event[1].differs is missing|differs is missing"),
        (EVENT.replace("2026-12-31", "2026-05-31"), "by must be after dated"),
        (EVENT.replace("value = 0.3", "value = 0.3\nlow = 0.4\nhigh = 0.5"), "between low and high"),
        (EVENT.replace("value = 0.3", "value = 0.3\nlow = 0.2"), "low and high come together"),
        (EVENT.replace("First ceasefire", "First truce"), "unknown event"),
        (LEVEL.replace("Oil|Brent", "Oil|Brend"), "unknown output .*Price\\|Oil\\|Brent"),
        (LEVEL.replace("USD/bbl", "EUR/bbl"), "unit must be"),
        (LEVEL.replace('end = "2027-12"', 'end = "2026-12"'), "end must not be before begin"),
        (LEVEL.replace("2027-01", "2027-13"), "begin"),
    ],
)
def test_a_broken_file_is_refused(tmp_path: Path, text: str, said: str) -> None:
    assert text not in (EVENT, LEVEL)
    (tmp_path / "outside.toml").write_text(f"schema_version = 1\n{text}", encoding="utf-8")
    with pytest.raises(ConfigError, match=said):
        known(NOW, END, tmp_path)


def test_names_of_months() -> None:
    def level(begin: str, end: str) -> OutsideLevel:
        held = known(NOW, END).levels[0]
        return held.model_copy(update={"begin": begin, "end": end})

    spans = [("2027-01", "2027-12"), ("2026-10", "2026-12"), ("2026-07", "2026-12")]
    assert [span_name(level(*span)) for span in spans] == ["2027", "Q4 2026", "Jul 2026 to Dec 2026"]


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"outside\.toml"):
        known(NOW, END, tmp_path)
