"""The command line within this process: what each command prints, writes and answers."""

import json
import re
from pathlib import Path

import detente
import numpy as np
import pytest
from click.testing import CliRunner, Result
from detente.cli.app import COMMANDS, application
from detente.engine import trade_surface
from detente.runs import runner, store
from detente.runs.find import finished
from detente.shared.paths import CACHE

SMALL = ("--paths", "256", "--horizon", "6")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Every test works in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list:
    """What the report module was asked to write, instead of drawing figures."""
    asked: list = []
    monkeypatch.setattr(
        "detente.report.write.write",
        lambda runs, formats: asked.append(([run.scenario for run in runs], tuple(formats))),
    )
    return asked


def call(*args: object) -> Result:
    return CliRunner().invoke(application, [str(arg) for arg in args], prog_name="detente")


def sentence(result: Result, code: int) -> str:
    """The one line on stderr of a command that failed with this code."""
    assert result.exit_code == code, result.output
    assert result.stderr.startswith("Error: ") and result.stderr.count("\n") == 1
    assert "Traceback" not in result.output
    return result.stderr


# --- Help -----------------------------------------------------------------------------------------------------------


def test_help_has_the_exit_codes_and_every_command() -> None:
    text = call("--help").stdout
    for code, meaning in (
        (0, "done"),
        (1, "unexpected"),
        (2, "bad usage"),
        (3, "saved"),
        (4, "missing"),
        (5, "check failed"),
        (130, "interrupted"),
    ):
        assert re.search(rf"^ +{code}  .*{meaning}", text, re.MULTILINE), code
    assert all(re.search(rf"^  {name} ", text, re.MULTILINE) for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_has_an_example_and_the_common_options(name: str) -> None:
    text = call(name, "-h").stdout
    assert "Example" in text and f"detente {name}" in text
    assert all(option in text for option in ("--json", "--quiet", "--verbose", "--debug", "--no-color"))


def test_the_default_of_kept_paths_in_help_is_the_real_one() -> None:
    assert f"[default: {runner.KEEP_PATHS}]" in re.sub(r"\s+", " ", call("run", "--help").stdout)


# --- run ------------------------------------------------------------------------------------------------------------


def test_run_prints_the_folder_and_talks_on_stderr(small_run: detente.Run) -> None:
    result = call("run", *SMALL, "--no-report")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"results/{small_run.folder.name}\n"
    assert re.search(r"baseline: 256 paths of 6 months in \d+\.\d s on \d+ cores?, [\d,]+ paths/s\.\n$", result.stderr)
    assert (Path(result.stdout.strip()) / "summary.csv").read_bytes() == (small_run.folder / "summary.csv").read_bytes()


def test_run_with_its_comparisons_and_report(reported: list) -> None:
    result = call("run", "us-first-relief", *SMALL, "--set", "facts.oil.brent=80", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert reported == [
        (["us-first-relief", "no-relief", "coordinated-relief", "us-first-relief-no-feedback"], ("html",))
    ]
    assert told["paths"] == 256 and told["report"].endswith("/report.html") and len(told["compared_with"]) == 2
    assert [detente.load(folder).config.conflict_feedback for folder in told["without_feedback"]] == [False]
    beside = [detente.load(folder).config for folder in told["compared_with"]]
    assert all(
        config.facts["oil.brent"].value == 80.0 and config.run == detente.load(told["run"]).config.run
        for config in beside
    )


def test_a_finished_run_is_not_run_again(run_copy: Path) -> None:
    again = call("run", *SMALL, "--no-report", "--keep-paths", "2000")
    assert again.exit_code == 0 and "already there" in again.stderr and "paths/s" not in again.stderr
    forced = call("run", *SMALL, "--no-report", "--force")
    assert forced.exit_code == 0 and "paths/s" in forced.stderr


def test_quiet_says_nothing(run_copy: Path) -> None:
    result = call("run", *SMALL, "--no-report", "--force", "-q")
    assert result.exit_code == 0 and result.stderr == "" and result.stdout == f"results/{run_copy.name}\n"


def test_dry_run_tells_sizes_and_writes_nothing(elsewhere: Path) -> None:
    result = call("run", "--dry-run", "--paths", "1e6", "--step", "week")
    assert result.exit_code == 0, result.output
    assert "1,000,000 paths of 157 steps (36 months by the week)" in result.stdout
    assert "an estimate" in result.stdout and "instruments" in result.stdout
    assert list(elsewhere.iterdir()) == []
    told = json.loads(call("run", "--dry-run", "--json").stdout)
    assert told["steps"] == 36 and told["parameters_drawn"] > 50 and told["memory"] > 1e8 and told["seconds"] > 0.0


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("run", "no-relieff"), 2, 'the nearest valid one is "no-relief"'),
        (("run", "--paths", "0"), 2, "run.paths must be at least 1"),
        (("run", "--set", "parameters.oil.opec_ofset=1"), 2, "opec_offset"),
        (("run", "missing.toml"), 4, "there is no such file"),
        (("run", *SMALL, "--no-report", "-o", "occupied/results"), 4, "cannot be written"),
        (("run", "-c", "nowhere"), 4, "no such configuration folder"),
        (("explain", "oil.urals_discont_blocking"), 2, 'the nearest valid one is "oil.urals_discount_blocking"'),
        (("explain", "qqqqqq"), 2, "detente list parameters"),
        (("report", "baseline-00000000"), 4, "no such run folder"),
        (("reproduce", "nowhere"), 4, "no such run folder"),
        (("validate", "missing.toml"), 4, "there is no such file"),
        (("validate", "results/baseline-00000000"), 4, "there is no such file"),
        (("validate", "."), 4, "manifest.json"),
        (("list", "runs", "-o", "nowhere"), 4, "no such folder"),
        (("new", "Not_a_name"), 2, "is not a valid scenario name"),
        (("calibrate", "oil", "--data", "missing.csv"), 4, "no such file"),
    ],
)
def test_errors_are_a_sentence_with_the_right_code(
    args: tuple[str, ...], code: int, words: str, elsewhere: Path
) -> None:
    (elsewhere / "occupied").write_text("a file where a folder is wanted")
    assert words in sentence(call(*args), code)


@pytest.mark.parametrize(
    "args",
    [
        ("runn",),
        ("run", "--path-count", "3"),
        ("run", "--paths", "many"),
        ("run", "-j", "0"),
        ("list", "things"),
        ("explain",),
    ],
)
def test_bad_usage_ends_with_two_and_shows_usage(args: tuple[str, ...]) -> None:
    result = call(*args)
    assert (
        result.exit_code == 2
        and result.stdout == ""
        and "Usage: detente" in result.stderr
        and "Error: " in result.stderr
    )


@pytest.mark.parametrize("text", ["1024", "1_024", "1.024e3"])
def test_numbers_of_paths_may_be_written_as_people_do(text: str) -> None:
    assert json.loads(call("run", "--dry-run", "--json", "--paths", text).stdout)["paths"] == 1024


def test_an_unexpected_failure_is_a_sentence_and_debug_shows_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detente.config.loader.load", lambda *args, **options: 1 // 0)
    assert "ZeroDivisionError" in sentence(call("run"), 1)
    debugged = call("run", "--debug")
    assert debugged.exit_code == 1 and "Traceback" in debugged.stderr and debugged.stdout == ""


def test_interruption_is_a_sentence_and_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*args: object, **options: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("detente.runs.runner.run", interrupted)
    assert "interrupted" in sentence(call("run", *SMALL, "--no-report"), 130)


def test_no_memory_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*args: object, **options: object) -> None:
        raise MemoryError

    monkeypatch.setattr("detente.runs.runner.run", exhausted)
    assert "reduce --paths" in sentence(call("run", *SMALL, "--no-report"), 1)


# --- report, list, explain ------------------------------------------------------------------------------------------


def test_report_of_a_run_named_by_folder_name_or_id(run_copy: Path, reported: list) -> None:
    for name in (run_copy, run_copy.name, run_copy.name.rpartition("-")[2]):
        result = call("report", name)
        assert result.exit_code == 0 and result.stdout.strip().endswith(f"{run_copy.name}/report.html"), result.output
        assert ("no-relief: 256 paths" in result.stderr) is (name == run_copy)  # simulated once, then loaded
    assert reported[0][0][:2] == ["baseline", "no-relief"] and reported == [reported[0]] * 3


def test_a_report_alone_has_no_comparison_runs(run_copy: Path, reported: list) -> None:
    assert call("report", run_copy, "--alone").exit_code == 0
    assert reported == [(["baseline"], ("html",))] and len(list(run_copy.parent.glob("*-*"))) == 1


def test_report_refuses_a_format_it_does_not_have(run_copy: Path) -> None:
    result = call("report", run_copy, "--format", "html,docx")
    assert result.exit_code == 2 and "'docx'" in result.stderr


@pytest.mark.parametrize("kind", ["scenarios", "parameters", "variables", "instruments", "sources"])
def test_lists_agree_as_table_and_as_json(kind: str) -> None:
    table, rows = call("list", kind), json.loads(call("list", kind, "--json").stdout)
    assert table.exit_code == 0 and table.stdout.count("\n") == len(rows) + 1 and len(rows) > 5
    assert all(row.get("source", "x") and row.get("doc", "x") for row in rows)


def test_list_keeps_rows_with_all_words() -> None:
    keys = [row["key"] for row in json.loads(call("list", "parameters", "URALS", "blocking", "--json").stdout)]
    assert "oil.urals_discount_blocking" in keys and len(keys) < 10
    nothing = call("list", "parameters", "zzz")
    assert nothing.exit_code == 0 and nothing.stdout == "" and "There are no parameters with zzz." in nothing.stderr


def test_list_schema_is_a_json_schema() -> None:
    schema = json.loads(call("list", "schema").stdout)
    assert (
        schema["$schema"].startswith("https://json-schema.org")
        and "oil" in schema["properties"]["parameters"]["properties"]
    )


def test_list_runs_shows_whole_and_damaged_ones(run_copy: Path) -> None:
    broken = run_copy.with_name("broken-00000000")
    broken.mkdir()
    (broken / "manifest.json").write_text("{")
    rows = json.loads(call("list", "runs", "--json").stdout)
    assert [(Path(row["folder"]).name, row["status"]) for row in rows] == [
        (run_copy.name, "complete"),
        (broken.name, "damaged"),
    ]
    assert call("list", "runs").exit_code == 0
    assert rows == finished()


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (
            "oil.urals_discount_blocking",
            ("USD/bbl", "lognormal: median", "90% range", "configs/parameters/oil.toml, line"),
        ),
        ("parameters.oil.urals_discount_blocking.value", ("parameters.oil.urals_discount_blocking (parameter)",)),
        ("urals_discount_blocking", ("bounds",)),
        ("oil.supply_elasticity", ("joint with oil.demand_elasticity",)),
        ("facts.oil.brent", ("(fact)", "none, fixed", "configs/facts/2025-03-31.toml")),
        ("conflict.state", ("choices", "partial truce")),
        ("US.oil-majors", ("(instrument)", "lifted by", "Executive Order")),
        ("sanctions.US.oil-majors", ("(instrument)",)),
        ("Price|Oil|Brent", ("(output)", "USD/bbl", "p_above_100")),
        ("conflict.first_ceasefire", ("(output)", "events.parquet")),
        ("no-relief", ("(scenario)", "changes", "extends")),
        ("run.horizon", ("(run option)", "36")),
    ],
)
def test_explain_finds_every_kind_of_key(key: str, words: tuple[str, ...]) -> None:
    result = call("explain", key)
    assert result.exit_code == 0, result.output
    flat = re.sub(r"\s+", " ", result.stdout)
    assert all(word in flat for word in words), result.stdout
    assert json.loads(call("explain", key, "--json").stdout)["key"] in result.stdout


# --- new, validate, calibrate ---------------------------------------------------------------------------------------


def test_new_writes_a_valid_scenario_and_never_overwrites(elsewhere: Path) -> None:
    made = call("new", "my-idea")
    assert made.exit_code == 0 and made.stdout == "my-idea.toml\n"
    before = (elsewhere / "my-idea.toml").read_text()
    assert "exists" in sentence(call("new", "my-idea"), 2)
    assert call("new", "my-idea.toml", "--force").exit_code == 0 and (elsewhere / "my-idea.toml").read_text() == before
    checked = call("validate", "my-idea.toml")
    assert checked.exit_code == 0 and checked.stdout == "" and "valid; no effective differences" in checked.stderr


def test_validate_lists_effective_differences_with_their_places(elsewhere: Path) -> None:
    (elsewhere / "mine.toml").write_text(
        'schema_version = 1\n[parameters.oil.opec_offset]\nvalue = 0.25\nsource = "A test."\n[run]\nhorizon = 12\n'
    )
    result = call("validate", "mine.toml", "--json")
    assert result.exit_code == 0, result.output
    found = {row["key"]: row for row in json.loads(result.stdout)["differences"]}
    assert set(found) == {"run.horizon", "parameters.oil.opec_offset"}
    assert found["parameters.oil.opec_offset"]["after"] == "0.25, fixed" and found["run.horizon"]["before"] == "36"
    assert found["parameters.oil.opec_offset"]["where"] == "mine.toml, line 3"
    assert "mine.toml, line 3" in call("validate", "mine.toml").stdout


def test_validate_names_file_line_and_nearest_key(elsewhere: Path) -> None:
    (elsewhere / "mine.toml").write_text("schema_version = 1\n[run]\nhorizont = 12\n")
    assert "mine.toml, line 3" in (told := sentence(call("validate", "mine.toml"), 2)) and '"run.horizon"' in told


def test_validate_finds_damage_in_a_run(run_copy: Path) -> None:
    assert call("validate", run_copy).exit_code == 0
    assert call("validate", run_copy.name).exit_code == 0
    (run_copy / "notes.txt").write_text("mine")
    assert "notes.txt: a file that the run did not write." in sentence(call("validate", run_copy), 5)
    (run_copy / "notes.txt").unlink()
    with (run_copy / "summary.csv").open("a") as stream:
        stream.write("1\n")
    damaged = call("validate", run_copy, "--json")
    assert (
        damaged.exit_code == 5
        and "summary.csv" in json.loads(damaged.stdout)["damage"][0]
        and "summary.csv" in damaged.stderr
    )


def test_calibrate_writes_a_scenario_and_never_overwrites(elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import datetime as dt
    import math

    day, level, lines = dt.date(2010, 1, 4), math.log(80.0), ["Date,Price"]
    for index in range(2600):
        level += 0.02 * math.sin(1.7 * index * index)
        lines.append(f"{day},{math.exp(level):.2f}")
        day += dt.timedelta(days=3 if day.weekday() == 4 else 1)
    (elsewhere / "brent.csv").write_text("\n".join(lines) + "\n")
    result = call("calibrate", "oil", "--data", "brent.csv", "--origin", "2019-06-28", "-o", "fitted.toml")
    assert result.exit_code == 0, result.output
    assert result.stdout == "fitted.toml\n" and "2019-06-28" in (elsewhere / "fitted.toml").read_text()
    assert "exists" in sentence_after(call("calibrate", "oil", "--data", "brent.csv", "-o", "fitted.toml"))
    assert call("calibrate", "--data", "brent.csv", "-q").stdout.startswith("# Written by: detente calibrate oil")


def sentence_after(result: Result) -> str:
    """The last line of stderr of a command that was refused after it had begun to talk."""
    assert result.exit_code == 2
    return result.stderr.splitlines()[-1]


# --- reproduce, warmup ----------------------------------------------------------------------------------------------


def rewrite(folder: Path, change: float, metadata: str) -> None:
    """Change one number of a run's summary (or only what the file says of itself), hashes included."""
    table = store.read_table(folder / "summary.parquet")
    row = table.index[(table["variable"] == "Price|Oil|Brent") & (table["statistic"] == "mean")][0]
    table.loc[row, "value"] += change
    store.write_table(table, folder / "summary.parquet", {"run": metadata})
    manifest = store.read_manifest(folder)
    manifest["files"]["summary.parquet"] = store.digest(folder / "summary.parquet")
    manifest["versions"]["numba"] = "0.1"
    (folder / "manifest.json").write_bytes(store.sealed(manifest))


def test_reproduce_the_same(run_copy: Path) -> None:
    result = call("reproduce", run_copy.name, "--keep", "again")
    assert result.exit_code == 0 and "byte for byte" in result.stderr, result.output
    assert (Path("again") / run_copy.name / "summary.csv").read_bytes() == (run_copy / "summary.csv").read_bytes()


def test_reproduce_shows_what_differs(run_copy: Path) -> None:
    rewrite(run_copy, 0.5, "x")
    result = call("reproduce", run_copy)
    assert result.exit_code == 5 and re.search(
        r"summary\.parquet +1 +0\.5 .*World\|Price\|Oil\|Brent\n", result.stdout
    ), result.output
    assert "numba was 0.1 and is " in result.stderr and "1 variables differ" in result.stderr
    told = call("reproduce", run_copy, "--json")
    assert told.exit_code == 5 and json.loads(told.stdout)["same_numbers"] is False


def test_reproduce_tells_bytes_from_numbers(run_copy: Path) -> None:
    rewrite(run_copy, 0.0, "written by another version")
    result = call("reproduce", run_copy)
    assert result.exit_code == 0 and result.stdout == "" and "equal numbers; summary.parquet" in result.stderr, (
        result.output
    )


def test_reproduce_refuses_a_changed_configuration(run_copy: Path) -> None:
    path = run_copy / "config.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("horizon = 6", "horizon = 5"), encoding="utf-8")
    result = call("reproduce", run_copy)
    assert result.exit_code == 4 and "changed after the run" in result.stderr


def test_warmup_says_how_long_it_took(small_run: detente.Run) -> None:
    told = json.loads(call("warmup", "--json").stdout)
    assert told["compiled"] is False and told["solved"] is False and 0.0 < told["seconds"] < 60.0
    assert "seconds" in call("warmup").stdout


@pytest.mark.parametrize(
    "command", [("warmup",), ("run", "no-relief", "--paths", "128", "--horizon", "1", "--no-report")]
)
def test_the_first_command_on_a_machine_says_that_trade_effects_are_solved(
    small_run: detente.Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, command: tuple[str, ...]
) -> None:
    monkeypatch.setenv(CACHE, str(tmp_path / "another cache"))
    monkeypatch.setattr(
        trade_surface,
        "solve",
        lambda table, rates, elasticities, sets: np.zeros((len(sets), len(rates), len(elasticities), 13)),
    )
    trade_surface.surface.cache_clear()
    try:
        assert call(*command).stderr.count("Solving trade effects for all sets of buyers, first run only") == 1
        assert "Solving" not in call(*command).stderr
    finally:
        trade_surface.surface.cache_clear()
