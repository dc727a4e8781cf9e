"""Figures: text that never overlaps, numbers that are the run's own, equal bytes, and history that was known by
then."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from pathlib import Path

import matplotlib
import numpy as np
import pandas as pd
import pytest
from detente.analysis.estimates import Reading
from detente.config import loader
from detente.report.context import Context
from detente.report.document import document
from detente.report.drawing import draw
from detente.report.figures import easing, oil, relief
from detente.report.plots import example_paths, history, labels, style, timeline
from detente.report.plots.picture import Picture
from detente.report.section import Figure
from detente.runs import comparison, runner
from detente.runs.run import Run
from detente.shared import formatting
from detente.shared.errors import ConfigError
from matplotlib.text import Text

QUIET = (
    *(f"parameters.conflict.{name}_rate.value=0.0" for name in ("war_to_truce", "ceasefire", "war_to_settlement")),
    *(
        f"parameters.sanctions.{name}.value=0.0"
        for name in ("us_tightening_rate", "eu_tightening_rate", "law_reversal_rate", "statute_repeal_rate")
    ),
    "parameters.gulf.disruption_rate.value=0.0",
)
"""Settings over no-relief after which nothing ever happens."""
SCENARIOS = sorted(path.stem for path in (Path(__file__).resolve().parents[2] / "configs" / "scenarios").glob("*.toml"))
OIL = {"brent", "urals", "discount", "revenue", "exports", "regimes", "incidence", "register"}
GAS = {"ttf", "storage", "russian-gas", "gas-effect", "europe"}
WAR = {"losses", "forces", "additions", "runway", "budget"}
FIGURES = OIL | GAS | WAR
TARIFFS = {"tariff-road", "tariff-welfare", "tariff-oil", "tariff-brent"}
"""Drawn where a run has something to say of tariffs."""
BESIDE = {"worth", "scenarios", "cost-incidence"}


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    """Small runs, each made once."""
    output, made = tmp_path_factory.mktemp("runs"), {}

    def run(name: str, sets: tuple[str, ...] = (), keep_paths: int = 2000, **options) -> Run:
        key = (name, sets, keep_paths, tuple(sorted(options.items())))
        if key not in made:
            made[key] = runner.run(loader.load(name, sets, **options), output=output, keep_paths=keep_paths, force=True)
        return made[key]

    return run


@pytest.fixture(scope="session")
def baseline(make: Callable[..., Run]) -> Run:
    return make("baseline", paths=512, horizon=24)


@pytest.fixture(scope="session")
def no_relief(make: Callable[..., Run]) -> Run:
    return make("no-relief", paths=512, horizon=24)


@cache
def figures(*runs: Run) -> dict[str, Figure]:
    """The figures of a report by name; their shared numbers are computed once."""
    return {figure.name: figure for figure in document(Context(runs)).figures}


def pictures(
    run: Run, against: list[Run], size: str, names: set[str] = FIGURES | BESIDE | TARIFFS
) -> Iterator[Picture]:
    """The figures of a run in memory, in the drawing's own settings."""
    for name, figure in figures(run, *against).items():
        if name not in names:
            continue
        with style.drawing(name):
            picture = figure.draw(style.SIZES[size])
            if picture is not None:
                yield picture


# --- Text ------------------------------------------------------------------


def check_looks(run: Run, against: list[Run], size: str) -> set[str]:
    """No text over another or off the page, no small print, at most six ticks an axis; returns the names of the
    figures seen."""
    seen = set()
    for picture in pictures(run, against, size):
        figure = picture.sheet.figure
        assert labels.faults(figure) == [], (picture.name, size)
        texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
        assert min(text.get_fontsize() for text in texts) >= (14.0 if size == "slide" else 9.0)
        for axes in figure.axes:
            assert len(axes.get_xticks()) <= 6 and len(axes.get_yticks()) <= 6
        assert re.search(r"\d", picture.alt) and picture.sheet.title and picture.sheet.subtitle
        assert run.id in texts_of(picture) and str(run.config.as_of.year) in texts_of(picture)
        seen.add(picture.name)
    return seen


def texts_of(picture: Picture) -> str:
    return " ".join(text.get_text() for text in picture.sheet.figure.findobj(Text))


@pytest.mark.parametrize("size", style.SIZES)
def test_text_never_overlaps(baseline: Run, no_relief: Run, size: str):
    assert check_looks(baseline, [no_relief], size) - TARIFFS == FIGURES | BESIDE


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_scenario_makes_text_overlap(make: Callable[..., Run], name: str):
    run = make(name, paths=512, horizon=24)
    assert check_looks(run, [], "slide") - TARIFFS == FIGURES


@pytest.mark.parametrize(
    "name, sets, options, sizes",
    [
        ("baseline", (), {"paths": 256, "horizon": 6}, "both"),
        ("baseline", (), {"paths": 256, "horizon": 1}, "one"),
        ("baseline", (), {"paths": 1, "horizon": 3}, "one"),
        ("baseline", (), {"paths": 256, "horizon": 12, "step": "week"}, "both"),
        ("baseline", (), {"paths": 256, "horizon": 120}, "one"),
        ("baseline", (), {"paths": 256, "horizon": 24, "keep_paths": 0}, "one"),
        ("baseline", ("as_of=2025-03-31",), {"paths": 256, "horizon": 24}, "one"),
        ("no-relief", QUIET, {"paths": 256, "horizon": 24}, "both"),
    ],
    ids=["six months", "one month", "one path", "weeks", "ten years", "no kept paths", "look back", "nothing happens"],
)
def test_extreme_runs_have_figures_too(
    make: Callable[..., Run], name: str, sets: tuple[str, ...], options: dict, sizes: str
):
    run = make(name, sets, **options)
    for size in ("column", "slide") if sizes == "both" else ("column",):
        assert check_looks(run, [], size) - TARIFFS == FIGURES - (
            {"runway"} if options.get("keep_paths") == 0 else set()
        )


def test_many_scenarios_fit_side_by_side(make: Callable[..., Run], baseline: Run, no_relief: Run):
    against = [no_relief, *(make(name, paths=512, horizon=24) for name in SCENARIOS if name != "no-relief")]
    for size in style.SIZES:
        seen = {picture.name: picture for picture in pictures(baseline, against, size, BESIDE)}
        assert seen.keys() == BESIDE
        assert all(labels.faults(picture.sheet.figure) == [] for picture in seen.values())


# --- Numbers ---------------------------------------------------------------


def data_of(run: Run, against: list[Run]) -> dict[str, pd.DataFrame]:
    return {picture.name: picture.data for picture in pictures(run, against, "a4")}


@pytest.fixture(scope="session")
def drawn_numbers(baseline: Run, no_relief: Run) -> dict[str, pd.DataFrame]:
    return data_of(baseline, [no_relief])


def test_fans_hold_the_summary_s_quantiles_and_the_kept_paths(baseline: Run, drawn_numbers: dict[str, pd.DataFrame]):
    for name, variable, region in (
        ("brent", "Price|Oil|Brent", "World"),
        ("urals", "Price|Oil|Urals|FOB", "Russian Federation"),
        ("discount", "Price|Oil|Urals|FOB Discount", "Russian Federation"),
        ("revenue", "Trade|Oil|Value", "Russian Federation"),
        ("ttf", "Price|Natural Gas|TTF", "European Union"),
        ("storage", "Storage|Natural Gas|Fill", "European Union"),
    ):
        table = drawn_numbers[name]
        model = table[table["series"] == "model"].pivot(index="time", columns="statistic", values="value")
        pd.testing.assert_frame_equal(
            model, baseline.fan(variable, region)[["q05", "q25", "q50", "q75", "q95"]], check_names=False
        )
        kept = baseline.kept_paths()
        for series, part in table[table["statistic"] == "path"].groupby("series"):
            number = int(str(series).removeprefix("path ").split(":")[0])
            values = kept.loc[kept["path"] == number, f"{region}|{variable}"].to_numpy(float)
            assert part["value"].to_numpy(float) == pytest.approx(values)


MONTH = "|".join(formatting.MONTHS)
DATE = re.compile(rf"\b(?:\d{{1,2}} )?(?:{MONTH}) \d{{4}}\b")
LEVEL = re.compile(r"\b(?:50|90)% range")
NUMBER = re.compile(rf"[<>+{formatting.MINUS}]?\d[\d,]*(?:\.\d+)?%?")
LONGEST_TITLE, USUAL_TITLE = 20, 14
"""Words of a title: at most, and of most figures."""


def numbers_of(text: str) -> list[str]:
    """Numbers of a title apart from dates and the levels of ranges."""
    return NUMBER.findall(LEVEL.sub("", DATE.sub("", text.replace("\u00a0", " "))))


def written(readings: tuple[Reading, ...]) -> set[str]:
    """All that the formatter makes of some readings: as a probability, or rounded by an error of the picture."""
    errors = {reading.error for reading in readings}
    texts = {formatting.percent(reading.value) for reading in readings}
    for reading, error, resolution in product(readings, errors, (0.001, 0.01, 0.1, 1.0, 100.0, 1000.0)):
        texts |= {
            formatting.rounded(abs(reading.value), error, resolution),
            formatting.rounded(reading.value, error, resolution, signed=True),
        }
    return texts | {f"{text}%" for text in texts}


@pytest.fixture(scope="session")
def titled(make: Callable[..., Run], baseline: Run, no_relief: Run) -> dict[str, list[Picture]]:
    """The figures of three scenarios beside the runs that they are compared with."""
    small = {"paths": 512, "horizon": 24}
    beside = {"coordinated-relief": [no_relief, baseline], "bill-on-all-buyers": [no_relief, baseline]}
    shown = {"baseline": list(pictures(baseline, [no_relief], "a4"))}
    return shown | {name: list(pictures(make(name, **small), runs, "a4")) for name, runs in beside.items()}


def test_each_number_of_a_title_is_a_reading_of_its_figure(titled: dict[str, list[Picture]]):
    for name, shown in titled.items():
        for picture in shown:
            missing = set(numbers_of(picture.sheet.title)) - written(picture.readings)
            assert not missing, (name, picture.name, picture.sheet.title, missing)
            for reading in picture.readings:
                assert reading.table and reading.row and reading.error >= 0.0, (name, picture.name)


def test_a_figure_and_a_sentence_about_the_same_row_hold_the_same_number(
    titled: dict[str, list[Picture]], baseline: Run, no_relief: Run
):
    findings = {
        (row.table, row.row): row
        for finding in document(Context([baseline, no_relief])).findings
        for row in finding.rows
    }
    both = [
        (reading, findings[reading.table, reading.row])
        for picture in titled["baseline"]
        for reading in picture.readings
        if (reading.table, reading.row) in findings
    ]
    assert len(both) >= 3
    for reading, row in both:
        assert reading.value == pytest.approx(row.value) and reading.error == pytest.approx(row.error), reading.row


def test_most_titles_state_a_number_in_few_words(titled: dict[str, list[Picture]]):
    for name, shown in titled.items():
        stated = [picture.name for picture in shown if numbers_of(picture.sheet.title)]
        assert len(stated) >= 2 / 3 * len(shown), name
        words = [len(picture.sheet.title.replace("\u00a0", " ").split()) for picture in shown]
        assert max(words) <= LONGEST_TITLE and np.median(words) <= USUAL_TITLE, name


def test_a_number_that_no_reading_holds_is_found():
    reading = Reading(72.6, 0.95, "summary.parquet", "Brent")
    title = "Median Brent falls to 73 USD/bbl by 31 August 2029; 45% above 80"
    assert numbers_of(title) == ["73", "45%", "80"]
    assert set(numbers_of(title)) - written((reading, Reading(0.449, 0.01, "t", "r"))) == {"80"}


QUAINT = (
    "witness", "looks on", "met by it", "nine in ten", "nine paths", "half of the paths", "same draws", "dear",
    "on all paths", "of paths", "hurt", "worth of", "turns on",
)  # fmt: skip


def test_figures_speak_the_field_s_terms(titled: dict[str, list[Picture]]):
    for name, shown in titled.items():
        for picture in shown:
            said = f"{texts_of(picture)} {picture.alt}".replace("\n", " ")
            assert not [phrase for phrase in QUAINT if phrase in said], (name, picture.name)
            assert not re.search(r"\de[+-]?\d\d", said.replace(picture.alt, "")), (name, picture.name)


def test_titles_say_the_run_s_numbers(baseline: Run):
    end = baseline.fan("Price|Oil|Brent").iloc[-1]
    fan = oil.brent(baseline)
    assert [reading.value for reading in fan.readings] == [end["q50"], end["q05"], end["q95"]]
    assert formatting.rounded(end["q50"], end["mc_error_q50"], 1.0) in fan.title


def test_exports_add_up_to_the_total(baseline: Run, drawn_numbers: dict[str, pd.DataFrame]):
    table = drawn_numbers["exports"]
    buyers = table[table["statistic"] == "mean"]
    total = buyers.groupby("time")["value"].sum().to_numpy()
    assert total == pytest.approx(baseline.fan("Trade|Oil|Volume", "Russian Federation")["mean"].to_numpy(), rel=1e-6)
    assert set(buyers["series"]) == {"China", "India", "Türkiye", "EU", "others"}


def test_regimes_add_up_to_one(baseline: Run, drawn_numbers: dict[str, pd.DataFrame]):
    shares = drawn_numbers["regimes"].groupby("time")["value"].sum()
    assert shares.to_numpy() == pytest.approx(1.0)
    assert shares.index[0].date() == baseline.config.as_of


def test_routes_add_up_to_the_summary_s_incidence(baseline: Run):
    line = timeline.timeline(baseline)
    adjective = {"US": "US", "EU": "EU", "UK": "UK", "CA": "Canadian", "JP": "Japanese"}
    for sender, word in adjective.items():
        by_route = easing.by_route(baseline, sender, line)
        assert by_route.sum(axis=0) == pytest.approx(baseline.fan(f"Event|First {word} relief")["mean"].to_numpy())


def test_incidence_of_weeks_adds_up_too(make: Callable[..., Run]):
    run = make("baseline", paths=256, horizon=12, step="week")
    by_route = easing.by_route(run, "US", timeline.timeline(run))
    assert by_route.sum(axis=0) == pytest.approx(run.fan("Event|First US relief")["mean"].to_numpy())


def test_the_register_shows_strengths_and_legal_dates(baseline: Run, drawn_numbers: dict[str, pd.DataFrame]):
    table = drawn_numbers["register"]
    row = table[(table["sanctioning_country"] == "EU") & (table["instrument"] == "lng-phase-out")]
    assert row.loc[row["statistic"] == "enters into force", "time"].dt.date.tolist() == [dt.date(2027, 1, 1)]
    row = table[(table["sanctioning_country"] == "EU") & (table["instrument"] == "crude-embargo")]
    assert row.loc[row["statistic"] == "renewal", "time"].dt.date.tolist() == [
        dt.date(2027, 1, 31),
        dt.date(2027, 7, 31),
        dt.date(2028, 1, 31),
        dt.date(2028, 7, 31),
    ]
    title = next(one.title for one in baseline.config.instruments if one.key == f"EU.{row['instrument'].iloc[0]}")
    strength = baseline.fan(f"Sanctions|EU|{title}|Strength")["mean"]
    assert row.loc[row["statistic"] == "mean", "value"].to_numpy() == pytest.approx(strength.to_numpy())
    assert table.groupby("sanctioning_country")["instrument"].nunique().sum() == len(baseline.config.instruments)


def test_relief_is_worth_the_paired_difference(baseline: Run, no_relief: Run, drawn_numbers: dict[str, pd.DataFrame]):
    table = drawn_numbers["worth"].pivot(index="part", columns="statistic", values="value")
    paired = comparison.compare(baseline, no_relief).revenue()
    assert table["mean"].to_dict() == pytest.approx(paired["mean"].to_dict())
    assert table["mean"].drop("total").sum() == pytest.approx(table.loc["total", "mean"], abs=1e-9)
    assert table.loc["discount", "start"] == pytest.approx(table.loc[["volume", "Brent"], "mean"].sum())
    assert table.loc["total", "start"] == 0.0


def test_relief_needs_a_run_without_it_of_the_same_draws(make: Callable[..., Run], baseline: Run, no_relief: Run):
    assert relief.worth(baseline, []) == {}
    assert relief.worth(baseline, [make("no-relief", paths=256, horizon=6)]) == {}
    assert list(relief.worth(no_relief, [baseline])) == ["baseline"]


# --- Example paths ---------------------------------------------------------


def test_example_paths_tell_different_stories_and_what_happens_in_them(make: Callable[..., Run], baseline: Run):
    for run in (baseline, make("coordinated-relief", paths=512, horizon=24)):
        found = example_paths.stories(run)
        assert found == example_paths.stories(run)
        assert 3 <= len(found) <= 4
        assert len({story.path for story in found}) == len({story.name for story in found}) == len(found)
        assert sum(story.share for story in found) <= 1.0
        calendar = timeline.timeline(run).calendar
        events = run.events().set_index("path")
        for story in found:
            months = events.loc[story.path, "conflict.first_ceasefire"]
            named = re.search(r"ceasefire (\w{3} \d{4})", story.name)
            if named:
                assert named[1] == formatting.short_month(calendar.date_at(float(months) + example_paths.ROUNDING))
            elif example_paths.QUIET in story.name:
                assert np.isnan(months) and np.isnan(events.loc[story.path, "sanctions.first_oil_relief"])


def test_a_dated_ceasefire_is_named_by_its_month(make: Callable[..., Run]):
    for step in ("month", "week"):
        run = make("coordinated-relief", paths=256, horizon=12, step=step)
        named = [re.search(r"ceasefire (\w{3} \d{4})", story.name) for story in example_paths.stories(run)]
        assert any(match and match[1] == "Dec 2026" for match in named)


def test_where_nothing_happens_the_examples_are_dear_and_cheap_oil(make: Callable[..., Run]):
    run = make("no-relief", QUIET, paths=256, horizon=24)
    found = example_paths.stories(run)
    assert all(story.name.startswith(example_paths.QUIET) for story in found)
    kept = run.kept_paths().groupby("path")["World|Price|Oil|Brent"]
    for word, extreme in (("over", kept.max()), ("under", kept.min())):
        said = [
            (story.path, float(re.search(rf"Brent {word} (\d+)", story.name)[1]))
            for story in found
            if f"Brent {word}" in story.name
        ]
        assert said
        assert all(extreme[path] > price if word == "over" else extreme[path] < price for path, price in said)


# --- History ---------------------------------------------------------------


def test_only_what_was_known_is_drawn():
    july = dt.date(2026, 7, 16)
    assert history.observed("brent", dt.date(2026, 8, 5))["date"].iloc[-1] == july
    assert history.observed("brent", dt.date(2026, 8, 4))["date"].iloc[-1] < july.replace(day=1)
    days = history.observed("urals_discount_observed", dt.date(2025, 11, 14))["date"].tolist()
    assert days[-1] == dt.date(2025, 11, 10)
    assert history.observed("brent", dt.date(2000, 1, 1)).empty


def test_no_figure_of_a_look_back_shows_later_points(make: Callable[..., Run]):
    run = make("baseline", ("as_of=2025-03-31",), paths=256, horizon=24)
    for name, table in data_of(run, []).items():
        if {"statistic", "time"} <= {*table}:
            seen = table[table["statistic"] == "observed"]
            assert all(date <= dt.date(2025, 3, 31) for date in seen["time"].dt.date), name


def test_urals_at_the_port_is_brent_less_the_quoted_discount():
    table = history.urals_fob(dt.date(2026, 8, 31)).set_index("date")["value"]
    assert table[dt.date(2025, 12, 16)] == pytest.approx(62.54 - 26.48)


# --- Files -----------------------------------------------------------------


def test_equal_runs_give_equal_bytes_whatever_the_user_s_settings(baseline: Run, no_relief: Run, tmp_path: Path):
    first = draw(figures(baseline, no_relief).values(), tmp_path / "first")
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context({"font.size": 30.0, "axes.grid": True, "svg.hashsalt": "other"}):
        mine = dict(matplotlib.rcParams)
        second = draw(figures(baseline, no_relief).values(), tmp_path / "second")
        assert dict(matplotlib.rcParams) == mine
    assert dict(matplotlib.rcParams) == before
    assert {drawn.name for drawn in first} - TARIFFS == FIGURES | BESIDE
    for one, other in zip(first, second, strict=True):
        for ending in ("png", "svg", "csv"):
            assert getattr(one, ending).read_bytes() == getattr(other, ending).read_bytes()
        svg = one.svg.read_text(encoding="utf-8")
        assert "<dc:date>" not in svg and matplotlib.__version__ not in svg.partition("<defs>")[0]
        assert one.png.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        table = pd.read_csv(one.csv)
        assert len(table) and "value" in table and "unit" in table


def test_each_size_has_its_files(baseline: Run, tmp_path: Path):
    chosen = [figure for name, figure in figures(baseline).items() if name in ("brent", "regimes", "scenarios")]
    drawn = draw(chosen, tmp_path, sizes=("a4", "slide"))
    assert len(chosen) == 3, "the figure of scenarios has nothing to show for one run"
    assert [(one.name, one.size) for one in drawn] == [
        ("brent", "a4"),
        ("brent", "slide"),
        ("regimes", "a4"),
        ("regimes", "slide"),
    ]
    assert [one.png.name for one in drawn] == ["brent.png", "brent-slide.png", "regimes.png", "regimes-slide.png"]
    assert len(list(tmp_path.iterdir())) == 12


def test_an_unknown_size_is_refused(baseline: Run, tmp_path: Path):
    with pytest.raises(ConfigError, match="poster is no size of a figure"):
        draw(figures(baseline).values(), tmp_path / "figures", sizes=("poster",))
    assert not (tmp_path / "figures").exists()


# --- Words -----------------------------------------------------------------


def test_numbers_in_words():
    assert formatting.amount(-0.04, 1) == "0.0"
    assert formatting.amount(-1234.5, 1) == "−1,234.5"
    assert formatting.amount(2.0, 1, signed=True) == "+2.0"
    assert formatting.span(-1.0, 2.0, resolution=0.1, signed=True) == "−1.0 to +2.0"
    assert [formatting.percent(p) for p in (0.0, 0.001, 0.5, 0.999, 1.0)] == ["0%", "<1%", "50%", ">99%", "100%"]
    assert formatting.slug_in_words("us-first-relief") == "US-first relief"
    assert formatting.short_month(dt.date(2027, 3, 1)) == "Mar 2027"
