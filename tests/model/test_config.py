"""Layers, origins, the effective configuration and its digest."""

import datetime as dt
import os
import subprocess
import sys
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pytest
from detente.config.assembly import months_after
from detente.config.declarations import facts_files
from detente.config.loader import Config, load, scenario_titles
from detente.shared.errors import ConfigError, DataError
from detente.shared.paths import shipped_configs
from detente.shared.texts import normalised
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

SMALL = Path(__file__).parent / "small_configs"
SHIPPED = shipped_configs()
KEY = "oil.urals_discount_blocking"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the small configuration, free to be changed."""
    return copytree(SMALL, tmp_path / "configs")


def small(name: str | Path = "baseline", sets: Any = (), **options: Any) -> Config:
    return load(name, sets, configs=SMALL, **options)


def written(folder: Path, text: str, name: str = "mine.toml") -> Path:
    (folder / name).write_text(f"schema_version = 1\n{text}")
    return folder / name


def test_the_baseline_is_whole() -> None:
    config = small()
    assert (config.name, config.as_of, config.conflict_feedback) == ("baseline", dt.date(2026, 8, 31), True)
    assert (config.run.paths, config.run.horizon, config.run.step, config.run.seed) == (4096, 24, "month", 7)
    assert list(config.parameters) == sorted(config.parameters) and config.parameters[KEY].value == 14.0
    assert config.facts["gulf.state"].value == "disrupted"
    assert [instrument.key for instrument in config.instruments] == [
        "EU.crude-embargo",
        "EU.service-ban",
        "US.aviation",
        "US.oil-majors",
    ]
    assert config.report.compare == ("no-relief",)
    with pytest.raises(FrozenInstanceError):
        config.name = "x"


def test_layers_lie_in_order_facts_baseline_extends_scenario_set() -> None:
    config = small("us-first-snap-back")
    from_extended = config.parameters[KEY]
    assert from_extended.dist.median == 10.0 and from_extended.value == pytest.approx(10.0, abs=1e-5)
    assert [stage.eases["US"] for stage in config.stages] == [("aviation", "oil-majors")]
    assert [(str(event.date), dict(event.set)) for event in config.events] == [
        ("2026-10-01", {"sanctions.US.oil-majors": "licensed"}),
        ("2027-01-01", {"sanctions.EU.service-ban": "in force"}),
        ("2027-06-01", {"conflict.state": "war", "sanctions.US.oil-majors": "in force"}),
    ]
    assert config.title == "The US eases first and takes it back"
    again = small("us-first-snap-back", [f"parameters.{KEY}.value=8", f"parameters.{KEY}.value=9"])
    assert again.parameters[KEY].value == 9.0


def test_a_name_and_its_words_are_not_inherited(tmp_path: Path) -> None:
    config = small(written(tmp_path, 'extends = "us-first-relief"\n', "my-own.toml"))
    assert (config.name, config.title, config.description) == ("my-own", "My own", "")
    assert config.origins["title"] == "default"


def test_a_roadmap_replaces_and_an_empty_one_clears() -> None:
    assert small("no-relief").stages == ()
    assert small("us-first-relief", ["roadmap.stage=[]"]).stages == ()


def test_the_facts_are_those_of_the_as_of_date() -> None:
    config = small(sets=["as_of=2025-03-31"])
    assert (config.facts["oil.brent"].value, config.facts["gulf.state"].value) == (74.7, "open")
    cap = config.parameters["oil.price_cap"]
    assert (cap.value, cap.source, cap.as_of) == (60.0, "The cap of December 2022", dt.date(2025, 3, 31))
    assert config.origins["as_of"] == "--set as_of=2025-03-31"


def test_facts_know_of_events_beyond_the_horizon() -> None:
    assert dt.date(2031, 1, 1) not in {event.date for event in small().events}
    assert dt.date(2031, 1, 1) in {event.date for event in small(horizon=60).events}


def test_a_value_alone_fixes_and_a_distribution_alone_brings_its_centre() -> None:
    fixed = small(sets=[f"parameters.{KEY}.value=8"]).parameters[KEY]
    assert (fixed.value, fixed.dist, fixed.kind, fixed.drawn) == (8.0, None, "uncertain", False)
    drawn = small(sets=[f"parameters.{KEY}.dist={{kind='uniform', min=2, max=10}}"]).parameters[KEY]
    assert (drawn.value, drawn.dist.kind) == (6.0, "uniform")
    both = small(
        sets=[f"parameters.{KEY}={{value=5, dist={{kind='uniform', min=2, max=10}}, source='x', confidence='RC'}}"]
    ).parameters[KEY]
    assert (both.value, both.dist.kind, both.source, both.confidence) == (5.0, "uniform", "x", "RC")
    cut = small(sets=[f"parameters.{KEY}.dist={{kind='uniform', min=50, max=500, truncate=[50, 60]}}"]).parameters[KEY]
    assert cut.value == 55.0
    joint = small(sets=["parameters.oil.supply_elasticity.dist={kind='joint', table='elasticities'}"]).parameters[
        "oil.supply_elasticity"
    ]
    assert joint.value == 0.1


def test_a_change_on_the_command_line_is_a_judgement_and_says_where_it_comes_from() -> None:
    config = small(sets=["facts.oil.brent=55"], paths=10)
    brent = config.facts["oil.brent"]
    assert (brent.value, brent.source, brent.confidence, brent.as_of) == (
        55.0,
        "set by hand for this run",
        "J",
        config.as_of,
    )
    assert config.origins["facts.oil.brent.value"] == "--set facts.oil.brent=55"
    assert config.origins["facts.oil.brent.unit"].endswith("facts/2026-08-31.toml, line 5")
    assert config.origins["run.paths"] == "--paths 10"
    assert config.origins["run.horizon"] == "small_configs/baseline.toml, line 9"
    assert config.origins["conflict.feedback"] == "default"


def test_settings_take_toml_values_and_bare_words() -> None:
    config = small(
        sets=[
            "facts.gulf.state=open",
            "parameters.conflict.casualty_source=named dead",
            "conflict.feedback=false",
            "run.step=week",
            'title="A b"',
        ]
    )
    assert config.facts["gulf.state"].value == "open"
    assert config.parameters["conflict.casualty_source"].value == "named dead"
    assert (config.conflict_feedback, config.run.step, config.title) == (False, "week", "A b")
    mapped = small(
        sets={
            "facts.oil.brent": np.float64(55.5),
            "run.paths": np.int64(12),
            "as_of": dt.date(2026, 8, 31),
            "facts.gulf.state": "open",
        }
    )
    assert (mapped.facts["oil.brent"].value, mapped.run.paths) == (55.5, 12)


def test_a_later_layers_word_on_the_same_day_stands(tmp_path: Path) -> None:
    text = (
        'extends = "us-first-relief"\n[[event]]\ndate = 2026-10-01\n'
        'set = { sanctions.US.oil-majors = "suspended" }\nsource = "x"\n'
    )
    events = [event for event in small(written(tmp_path, text)).events if event.date == dt.date(2026, 10, 1)]
    assert [(dict(event.set), event.source) for event in events] == [({"sanctions.US.oil-majors": "suspended"}, "x")]


def test_an_empirical_column_is_read_into_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "seen.csv").write_text("month,discount\n2026-01,9.5\n2026-02,12\n2026-03,30\n")
    text = f'[parameters.{KEY}]\ndist = {{ kind = "empirical", csv = "seen.csv", column = "discount" }}\nsource = "x"\n'
    config = small(written(tmp_path, text))
    assert config.parameters[KEY].dist.values == (9.5, 12.0, 30.0)
    assert config.parameters[KEY].value == 12.0
    assert "values = [9.5, 12.0, 30.0]" in config.to_toml()


def test_an_edited_file_is_read_again_whatever_its_size_and_time(tree: Path) -> None:
    def edit(file: str, before: str, after: str) -> None:
        path = tree / file
        times = path.stat()
        text = path.read_text()
        assert before in text and len(before) == len(after)
        path.write_text(text.replace(before, after, 1))
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    first = load("us-first-relief", configs=tree)
    edit("parameters/oil.toml", "value = 14.0", "value = 15.0")
    edit("baseline.toml", "paths = 4096", "paths = 4095")
    second = load("us-first-relief", configs=tree)
    assert (first.run.paths, second.run.paths) == (4096, 4095)
    assert (load(configs=tree).parameters[KEY].value, first.digest() == second.digest()) == (15.0, False)
    edit("parameters/oil.toml", "value = 15.0", "value = 99.0")
    with pytest.raises(ConfigError, match="outside its bounds"):
        load(configs=tree)
    edit("parameters/oil.toml", "value = 99.0", "value = 14.0")
    edit("baseline.toml", "paths = 4095", "paths = 4096")
    assert load("us-first-relief", configs=tree) == first


def test_a_table_beside_a_parameter_file_is_read_each_time(tree: Path) -> None:
    path = tree / "parameters/oil.toml"
    old = 'dist = { kind = "lognormal", median = 14.0, log_sd = 0.35, truncate = [0.0, 60.0] }'
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, 'dist = { kind = "empirical", csv = "seen.csv", column = "d" }'))
    for highest in (20.0, 30.0):
        (tree / "parameters/seen.csv").write_text(f"d\n10\n{highest}\n")
        assert load(configs=tree).parameters[KEY].dist.values == (10.0, highest)


@pytest.mark.parametrize("name", ["baseline", "no-relief", "us-first-relief", "us-first-snap-back"])
def test_the_effective_configuration_is_complete_and_loads_to_the_same_digest(name: str, tmp_path: Path) -> None:
    config = small(name, ["facts.oil.brent=55", 'title="With \\"marks\\" and é"'], seed=11)
    (tmp_path / "config.toml").write_text(config.to_toml())
    again = load(tmp_path / "config.toml")
    assert again.digest() == config.digest()
    assert again == replace(config, origins=again.origins)
    assert load(tmp_path / "config.toml", ["facts.oil.brent=56"]).facts["oil.brent"].value == 56.0


def test_origins_stand_in_the_effective_configuration() -> None:
    text = small("us-first-relief", ["facts.oil.brent=55"]).to_toml()
    assert "value = 55.0  # --set facts.oil.brent=55" in text
    assert "[parameters.oil.volatility]  # small_configs/parameters/oil.toml, line 23" in text
    assert 'source = "A guess, for the test"  # small_configs/scenarios/us-first-relief.toml, line 8' in text
    assert "[[instrument]]  # small_configs/instruments.toml, line 1" in text


def test_the_digest_follows_numbers_and_nothing_else(tree: Path) -> None:
    before = load("us-first-relief", configs=tree).digest()
    for path in tree.rglob("*.toml"):
        path.write_text("# a comment\n\n" + path.read_text().replace(" = ", "  =  "))
    oil = (tree / "parameters/oil.toml").read_text()
    blocks = oil.split("\n\n")
    (tree / "parameters/oil.toml").write_text(
        "\n\n".join([blocks[0], *reversed(blocks[1:])]).replace("Cap on attested crude.", "Other words.")
    )
    assert load("us-first-relief", ["report.compare=[]", "title=Else"], configs=tree).digest() == before
    moved = tree.rename(tree.parent / "elsewhere")
    assert load("us-first-relief", configs=moved).digest() == before
    digests = [before] + [
        load("us-first-relief", [text], configs=moved).digest()
        for text in (
            "run.seed=8",
            "run.paths=5",
            f"parameters.{KEY}.value=8",
            "facts.gulf.state=open",
            "conflict.feedback=false",
            "roadmap.stage=[]",
        )
    ]
    assert len(set(digests)) == len(digests)


def test_the_canonical_form_is_plain_and_keeps_words_out() -> None:
    canonical = small("us-first-relief").canonical()
    assert set(canonical) == {
        "schema_version", "name", "as_of", "run", "conflict", "parameters", "facts", "joint", "correlation",
        "instrument", "roadmap", "event",
    }  # fmt: skip
    assert "doc" not in canonical["facts"]["oil.brent"] and "source" in canonical["facts"]["oil.brent"]


def test_a_users_own_scenario_is_found_by_name_and_extends_what_is_shipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "configs/scenarios").mkdir(parents=True)
    written(tmp_path / "configs/scenarios", 'extends = "no-relief"\n', "mine.toml")
    copytree(SMALL, tmp_path / "configs", dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    config = load("mine")
    assert config.stages == () and config.origins["run.paths"] == "configs/baseline.toml, line 8"
    assert scenario_titles()["no-relief"] == "Nothing is eased"


def test_months_are_counted_by_the_calendar() -> None:
    assert months_after(dt.date(2026, 8, 31), 6) == dt.date(2027, 2, 28)
    assert months_after(dt.date(2026, 12, 1), 12) == dt.date(2027, 12, 1)


def test_reading_a_configuration_needs_no_heavy_library() -> None:
    heavy = ("numba", "pandas", "matplotlib", "scipy", "numpy")
    code = (
        f"import sys, detente.config.loader, detente.catalog.templates; print([m for m in {heavy} if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


bounded = st.floats(0.001, 60.0)
dists = st.one_of(
    st.tuples(bounded, bounded)
    .filter(lambda pair: pair[0] < pair[1])
    .map(lambda pair: {"kind": "uniform", "min": pair[0], "max": pair[1]}),
    st.tuples(bounded, st.floats(0.01, 3.0)).map(
        lambda pair: {"kind": "lognormal", "median": pair[0], "log_sd": pair[1], "truncate": [0.0, 60.0]}
    ),
    st.tuples(bounded, bounded)
    .filter(lambda pair: pair[0] < pair[1])
    .map(lambda p: {"kind": "quantiles", "p5": p[0], "p95": p[1], "family": "normal", "truncate": [0.0, 60.0]}),
    st.lists(bounded, min_size=1, max_size=4).map(lambda values: {"kind": "empirical", "values": values}),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dist=dists,
    cap=st.floats(0.0, 200.0),
    seed=st.integers(0, 2**63 - 1),
    title=st.text(min_size=1, max_size=30).filter(
        lambda text: text.isprintable() and text.strip() and normalised(text) == text
    ),
    day=st.dates(dt.date(2026, 9, 1), dt.date(2028, 8, 31)),
    state=st.sampled_from(["open", "disrupted"]),
)
def test_any_valid_configuration_comes_back_from_its_effective_form(
    tmp_path: Path, dist: dict[str, Any], cap: float, seed: int, title: str, day: dt.date, state: str
) -> None:
    sets = {
        f"parameters.{KEY}.dist": dist,
        "parameters.oil.price_cap": cap,
        "event": [{"date": day, "set": {"gulf.state": state}}],
        "title": title,
    }
    config = small("us-first-relief", sets, seed=seed)
    (tmp_path / "config.toml").write_text(config.to_toml(), newline="")
    again = load(tmp_path / "config.toml")
    assert again.digest() == config.digest() and again.title == title


SOURCES = [
    "baseline.toml",
    "instruments.toml",
    "parameters/oil.toml",
    "facts/2026-08-31.toml",
    "scenarios/us-first-snap-back.toml",
    "scenarios/us-first-relief.toml",
]
PIECES = [
    "=",
    '"',
    "'",
    "[",
    "]",
    "{",
    "}",
    "\n",
    "-",
    ".",
    ",",
    "#",
    "0",
    "nan",
    "1e400",
    "true",
    "x",
    "[[event]]",
    "2026-01-01",
    "\\",
    "é",
    "\x00",
]
edits = st.tuples(
    st.sampled_from(SOURCES), st.integers(0, 3000), st.integers(0, 20), st.sampled_from(PIECES) | st.text(max_size=5)
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(edits, min_size=1, max_size=3))
def test_a_damaged_configuration_is_loaded_or_refused_with_a_sentence(
    tmp_path: Path, changes: list[tuple[str, int, int, str]]
) -> None:
    damaged = copytree(SMALL, tmp_path / "configs", dirs_exist_ok=True)
    for file, start, length, piece in changes:
        text = (damaged / file).read_text()
        start %= len(text)
        (damaged / file).write_text(
            text[:start] + piece + text[start + length :], encoding="utf-8", errors="surrogatepass"
        )
    try:
        config = load("us-first-snap-back", configs=damaged)
    except (ConfigError, DataError) as error:
        assert str(error).endswith(".") and ".toml" in str(error), error
    else:
        assert len(config.digest()) == 64


@settings(max_examples=150, deadline=None)
@example("#=0")
@given(
    st.text(max_size=40)
    | st.tuples(
        st.sampled_from(["run.paths", "facts.oil.brent", f"parameters.{KEY}.dist", "event", "as_of"]),
        st.text(max_size=20),
    ).map("=".join)
)
def test_any_setting_is_taken_or_refused_with_a_sentence(text: str) -> None:
    try:
        small(sets=[text])
    except (ConfigError, DataError) as error:
        assert str(error).startswith("--set ") and str(error).endswith(".")


@pytest.mark.parametrize("name", scenario_titles(SHIPPED))
def test_every_shipped_scenario_loads_and_comes_back(name: str, tmp_path: Path) -> None:
    config = load(name, configs=SHIPPED)
    assert config.name == name and config.title != name
    (tmp_path / "config.toml").write_text(config.to_toml())
    assert load(tmp_path / "config.toml").digest() == config.digest()


def test_every_as_of_date_has_facts_that_fit() -> None:
    for as_of in facts_files((SHIPPED,)):
        assert load("baseline", {"as_of": as_of}, configs=SHIPPED).as_of == as_of
