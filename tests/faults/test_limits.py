"""Limits on threads and units, ends of sessions, and run folders that another version or program has written."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import detente
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from detente.batches import schema
from detente.batches.schema import MAX_UNITS, counted, read_batch
from detente.cli import application
from detente.config import loader
from detente.runs import hidden, manifest, runner, store
from detente.runs.find import finished
from detente.shared import machine
from detente.shared.errors import ConfigError, DataError


def call(*arguments: object) -> Result:
    return CliRunner().invoke(application, [str(one) for one in arguments])


# --- Threads ----------------------------------------------------------------------------------------------------------


def test_more_threads_than_cores_are_not_started(tmp_path: Path) -> None:
    cores = machine.available_cores()
    arguments = ["run", "-n", 16, "--horizon", 1, "--no-report", "-o", tmp_path]
    done = call(*arguments, "-j", 1000)
    assert done.exit_code == 0 and "--jobs 1000 is more than there are; using " in done.stderr
    assert detente.load(next(tmp_path.glob("baseline-*"))).manifest["jobs"] == cores
    assert "more than there are" not in call(*arguments, "-j", cores).stderr
    run = runner.run(loader.load("baseline", paths=16, horizon=1), output=tmp_path / "library", jobs=1000)
    assert run.manifest["jobs"] == cores
    assert call(*arguments, "-j", 0).exit_code == 2


def test_cores_are_those_that_the_process_may_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 3, 5}, raising=False)
    assert [machine.threads(jobs) for jobs in (None, 1, 3, 4, 10**6)] == [3, 1, 3, 3, 3]


# --- Ends of sessions -------------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="signals of Unix")
@pytest.mark.parametrize(("name", "ignored"), [("SIGHUP", False), ("SIGHUP", True)])
def test_an_end_of_the_session_leaves_nothing_behind(
    small_run: detente.Run, tmp_path: Path, name: str, ignored: bool
) -> None:
    """Closing a terminal clears what Ctrl-C clears; under nohup the run goes on."""
    number = getattr(signal, name)
    paths = "2e4" if ignored else "2e7"
    process = subprocess.Popen(
        [sys.executable, "-m", "detente", "run", "-n", paths, "--horizon", "6", "--no-report"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(number, signal.SIG_IGN if ignored else signal.SIG_DFL),
    )
    try:
        deadline = time.monotonic() + 120.0
        while (
            not list(tmp_path.glob("results/.*.partial/*/events.parquet"))
            and time.monotonic() < deadline
            and process.poll() is None
        ):
            time.sleep(0.02)
        process.send_signal(number)
        _, said = process.communicate(timeout=120)
    finally:
        process.kill()
    left = [path.name for path in (tmp_path / "results").iterdir() if not path.name.endswith(".lock")]
    if ignored:
        assert process.returncode == 0 and len(left) == 1
    else:
        assert process.returncode == 130 and left == [], said
        assert b"interrupted" in said and b"Traceback" not in said


# --- Units of a batch -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("seeds = [{hundred}]\n[grid]\n'facts.oil.brent' = [{hundred}]\n'facts.gas.ttf' = [{hundred}]", 10**6),
        ("[grid.facts]\noil.brent = [{hundred}]\ngas.ttf = [{hundred}]\n[zip]\n'a.b' = [{hundred}]", 10**6),
        ("overrides = [{hundred}]\nseeds = [{hundred}]\n[zip]\n'a.b' = [{hundred}]\n'c.d' = [1]", 10**6),
        ("[[case]]\n" * 20_000, 20_001),
        ("seeds = 3", 1),
        ("grid = 3\nzip = [1]\ncase = 'x'", 1),
    ],
)  # fmt: skip
def test_units_are_counted_before_anything_is_expanded(
    tmp_path: Path, text: str, units: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    hundred = ", ".join(map(str, range(100)))
    path = tmp_path / "large.toml"
    path.write_text("schema_version = 1\nscenarios = ['baseline']\n" + text.replace("{hundred}", hundred))
    monkeypatch.setattr(schema, "check", lambda *_: pytest.fail("checked before it was counted") if units > 1 else "")
    if units > MAX_UNITS:
        with pytest.raises(ConfigError, match=f"the batch has {units:,} units; the maximum is {MAX_UNITS:,}"):
            read_batch(path)
    else:
        assert counted(read_batch(path)[0].data) == units


def test_many_names_are_compared_in_one_pass(tmp_path: Path) -> None:
    path = tmp_path / "cases.toml"
    path.write_text(
        "schema_version = 1\n" + "".join(f"[[case]]\nname = 'c{number}'\n" for number in [*range(5_000), 17, 9])
    )
    with pytest.raises(ConfigError, match="two overrides or cases have the name c17"):
        read_batch(path)


# --- Folders of other versions and other programs ---------------------------------------------------------------------


def resealed(folder: Path, name: str, table: pd.DataFrame) -> None:
    """Put another table in the place of a file, with a manifest that vouches for it."""
    store.write_table(table, folder / name, {})
    content = manifest.read_manifest(folder)
    content["files"][name] = store.digest(folder / name)
    (folder / "manifest.json").write_bytes(manifest.sealed(content))


@pytest.mark.parametrize("change", ["renamed", "one less", "text", "fewer rows", "other"])
@pytest.mark.parametrize("name", ["events.parquet", "summary.parquet", "paths.parquet"])
def test_a_table_with_other_columns_is_refused_by_every_reader(run_copy: Path, name: str, change: str) -> None:
    table = store.read_table(run_copy / name)
    column = {"events.parquet": "failed_at_step", "summary.parquet": "value", "paths.parquet": "path"}[name]
    event = "conflict.first_ceasefire" if name == "events.parquet" else column
    if change == "fewer rows" and name != "events.parquet":
        table = pd.DataFrame({"x": [1]})
    changed = {
        "renamed": table.rename(columns={column: "x"}),
        "one less": table.drop(columns=event, errors="ignore"),
        "text": table.assign(**{column: "x"}) if column in table else table,
        "fewer rows": table.iloc[:-1],
        "other": pd.DataFrame({"path": [0], "x": [1.0]}),
    }[change]
    resealed(run_copy, name, changed)
    reader = {"events.parquet": "events", "summary.parquet": "summary", "paths.parquet": "kept_paths"}[name]
    with pytest.raises(DataError, match="--force makes it again") as caught:
        getattr(detente.load(run_copy), reader)()
    assert str(caught.value).startswith(f"{run_copy / name}: ") and "\n" not in str(caught.value)
    if change != "renamed":
        return
    question = "P(ceasefire)" if name == "events.parquet" else "E(Price|Oil|Brent at 2026-09)"
    for arguments in (["ask", run_copy, question], ["report", run_copy, "--alone"]):
        if name == "paths.parquet" and arguments[0] == "ask":
            continue
        done = call(*arguments)
        assert done.exit_code == 4 and "Traceback" not in done.output, done.output
        assert done.stderr.startswith("Error: ") and done.stderr.count("\n") == 1


def test_kept_paths_of_another_number_are_refused(run_copy: Path) -> None:
    resealed(run_copy, "paths.parquet", store.read_table(run_copy / "paths.parquet").iloc[:-1])
    done = call("ask", run_copy, "P(Price|Oil|Brent > 50 at 2026-09 | Price|Oil|Brent > 40 at 2026-10)")
    assert done.exit_code == 4 and "rows, not 256 paths of 6 steps" in done.stderr, done.output


@pytest.mark.parametrize(
    "change", [{"digests": None}, {"schema": 1, "options": None}, {"run": {"paths": 16}}, {"files": ["summary.csv"]}]
)
def test_a_manifest_of_an_earlier_version_is_called_so(run_copy: Path, change: dict) -> None:
    content = manifest.read_manifest(run_copy) | change
    content["versions"] |= {"detente": "0.0.3", "model": "0.0.3+12345678"}
    (run_copy / "manifest.json").write_bytes(manifest.sealed(content))
    for load in (detente.load, manifest.read_head):
        with pytest.raises(DataError) as caught:
            load(run_copy)
        sentence = str(caught.value)
        assert "was written by version 0.0.3 of détente (model 0.0.3+12345678)" in sentence
        assert f"detente run {run_copy / 'config.toml'} --force makes it again." in sentence
    assert finished(run_copy.parent)[0]["status"] == "damaged"
    done = call("ask", run_copy, "P(ceasefire)")
    assert done.exit_code == 4 and "was written by version 0.0.3" in done.stderr and done.stderr.count("\n") == 1


def test_the_advice_on_an_earlier_manifest_works(run_copy: Path) -> None:
    content = manifest.read_manifest(run_copy) | {"digests": None}
    content["versions"] |= {"model": "0.0.3+12345678"}
    (run_copy / "manifest.json").write_bytes(manifest.sealed(content))
    done = call("run", run_copy / "config.toml", "--force", "--no-report", "-o", run_copy.parent)
    assert done.exit_code == 0, done.output
    assert manifest.read_manifest(run_copy)["id"] == run_copy.name.rpartition("-")[2]
    assert not hidden.owned(hidden.place(run_copy, hidden.REPLACED))


# --- Reproduction of incomplete folders -------------------------------------------------------------------------------


@pytest.mark.parametrize("listed", [True, False], ids=["in the manifest", "not in the manifest"])
def test_a_folder_without_its_csv_is_not_called_equal(run_copy: Path, listed: bool) -> None:
    (run_copy / "summary.csv").unlink()
    if not listed:
        content = manifest.read_manifest(run_copy)
        del content["files"]["summary.csv"]
        (run_copy / "manifest.json").write_bytes(manifest.sealed(content))
    done = call("reproduce", run_copy)
    assert done.exit_code == 5, done.output
    assert "has no summary.csv, so it cannot be compared in full" in done.stderr
    assert "bytes only" not in done.stderr and "byte for byte" not in done.stderr


def test_another_csv_of_the_same_run_is_not_called_equal(run_copy: Path) -> None:
    path = run_copy / "summary.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("mean,9", "mean,8", 1), encoding="utf-8")
    content = manifest.read_manifest(run_copy)
    content["files"]["summary.csv"] = store.digest(path)
    (run_copy / "manifest.json").write_bytes(manifest.sealed(content))
    done = call("reproduce", run_copy)
    assert done.exit_code == 5 and "is not the summary that the run has" in done.stderr, done.output


def test_a_damaged_table_is_not_called_equal(run_copy: Path) -> None:
    shutil.copy(run_copy / "summary.parquet", run_copy / "events.parquet")
    done = call("reproduce", run_copy)
    assert done.exit_code == 5 and "cannot be compared" in done.stderr and "events.parquet" in done.stderr
