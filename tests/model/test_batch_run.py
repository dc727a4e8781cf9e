"""Working through a batch: nothing finished is run again, nothing wrong hides the rest, and what spans the units is
written."""

import errno
import json
import os

import detente
import pandas as pd
import pytest
from detente.batches import batch as batches
from detente.batches import execute
from detente.runs import runner, store
from detente.shared.errors import BusyError, DataError
from filelock import FileLock

FILE = """schema_version = 1
title = "Two <scenarios> & a case"
scenarios = ["baseline", "no-relief"]
overrides = [{}, { name = "cheap", set = { "facts.oil.brent" = 55.0 } }]
[run]
paths = 200
horizon = 3
keep_paths = 5
[[case]]
name = "other-seed"
seed = 3
run = { paths = 150 }
"""


@pytest.fixture(autouse=True)
def _working_folder(tmp_path, monkeypatch):
    """Sentences name files as they are seen from here, however deep the folder lies."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "small.toml"
    path.write_text(FILE, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def finished_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("batch")
    (folder / "small.toml").write_text(FILE, encoding="utf-8")
    detente.batch(folder / "small.toml", output=folder / "results", jobs=1)
    return folder


@pytest.fixture
def finished(finished_folder, tmp_path):
    """The file and the results folder of a finished batch, to be changed."""
    import shutil

    shutil.copytree(finished_folder, tmp_path / "copy")
    return tmp_path / "copy" / "small.toml", tmp_path / "copy" / "results"


def reasons(file, output, **options):
    opened = batches.open_batch(file, output=output, closely=True, **options)
    return {
        name: [str(reason) for reason in status.reasons] for name, status in opened.statuses.items() if not status.done
    }


def stamps(output):
    return {path.parent.name: path.stat().st_mtime_ns for path in output.glob("*/manifest.json")}


def test_what_a_batch_leaves(finished):
    file, output = finished
    batch = detente.batch(file, output=output)
    assert batch.failures == {} and list(batch.runs) == batch.units
    assert batch.units == ["baseline", "baseline+cheap", "no-relief", "no-relief+cheap", "other-seed"]
    table = batch.summary()
    assert list(table.columns) == [
        "batch_unit",
        "model",
        "scenario",
        "region",
        "variable",
        "unit",
        "time",
        "statistic",
        "value",
    ]
    for name, run in batch.runs.items():
        mine = table[table["batch_unit"] == name].drop(columns="batch_unit").reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, run.summary())
    short = pd.read_csv(batch.path / "summary.csv")
    assert set(short["statistic"]) == {"mean", "mc_error", "q05", "q25", "q50", "q75", "q95"}
    assert short["value"].sum() == pytest.approx(table[table["statistic"].isin(set(short["statistic"]))]["value"].sum())
    units = pd.read_csv(batch.path / "units.csv")
    assert units["batch_unit"].tolist() == batch.units
    assert units["facts.oil.brent"].tolist()[1] == 55.0 and pd.isna(units["facts.oil.brent"].tolist()[0])
    page = (batch.path / "comparison.html").read_text(encoding="utf-8")
    assert "Two &lt;scenarios&gt; &amp; a case" in page and "no-relief+cheap" in page and "5 finished" in page
    assert [
        path.name for path in output.iterdir() if path.name.startswith(".") and not path.name.endswith(".lock")
    ] == []


def test_a_finished_batch_is_not_run_again(finished):
    file, output = finished
    before, record = stamps(output), (output / "small-batch" / "summary.parquet").stat().st_mtime_ns
    detente.batch(file, output=output)
    assert stamps(output) == before
    assert (output / "small-batch" / "summary.parquet").stat().st_mtime_ns == record
    assert reasons(file, output) == {}


def test_comments_order_and_formatting_change_nothing(finished):
    file, output = finished
    text = FILE.replace("paths = 200\nhorizon = 3", "# a comment\nhorizon   = 3\npaths = 200").replace("55.0", "55")
    file.write_text(
        text.replace(
            'name = "cheap", set = { "facts.oil.brent" = 55 }', 'set = { facts.oil.brent = 55 }, name = "cheap"'
        ),
        encoding="utf-8",
    )
    assert reasons(file, output) == {}


def test_explain_names_the_key_that_was_changed(finished):
    file, output = finished
    file.write_text(FILE.replace("55.0", "56.0"), encoding="utf-8")
    found = reasons(file, output)
    assert set(found) == {"baseline+cheap", "no-relief+cheap"}
    assert (
        found["baseline+cheap"][0].startswith("facts.oil.brent.value: 55.0 -> 56.0 (")
        and "small.toml, line 4" in found["baseline+cheap"][0]
    )


def test_explain_names_a_model_that_was_changed_and_a_key_beside_it(finished, monkeypatch):
    file, output = finished
    from detente.batches import status as module
    from detente.runs import identity

    file.write_text(FILE.replace("paths = 200", "paths = 250"), encoding="utf-8")
    for place in (identity, module):
        monkeypatch.setattr(place, "model_version", lambda: "0.1.0+another1")
    found = reasons(file, output)
    assert len(found) == 5
    assert any(
        text.startswith("the model: 0.1.0+") and text.endswith("-> 0.1.0+another1") for text in found["baseline"]
    )
    assert any(text.startswith("run.paths: 200 -> 250") for text in found["baseline"])
    assert not any("run.paths" in text for text in found["other-seed"])


def test_explain_survives_a_batch_that_was_edited_and_then_killed(finished, monkeypatch):
    """The record knows the new runs already, none of which exists; what each unit was before is still known."""
    file, output = finished
    file.write_text(FILE.replace("55.0", "56.0"), encoding="utf-8")

    def kill(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(runner, "_Job", kill)
        detente.batch(file, output=output)
    assert reasons(file, output)["no-relief+cheap"][0].startswith("facts.oil.brent.value: 55.0 -> 56.0")


def test_other_output_options_and_damage_are_reasons_too(finished):
    file, output = finished
    file.write_text(FILE.replace("keep_paths = 5", "keep_paths = 6"), encoding="utf-8")
    assert set(map(tuple, reasons(file, output).values())) == {("keep_paths: 5 -> 6",)}
    file.write_text(FILE, encoding="utf-8")
    damaged = next(output.glob("baseline-*")) / "summary.csv"
    damaged.write_bytes(b"x")
    (found,) = reasons(file, output).values()
    assert "SHA-256 differs" in found[0]
    detente.batch(file, output=output)
    assert reasons(file, output) == {}


def test_force_runs_all_again(finished):
    file, output = finished
    before = stamps(output)
    detente.batch(file, output=output, force=True)
    assert all(stamps(output)[name] != stamp for name, stamp in before.items())


def test_a_damaged_record_harms_nothing(finished):
    file, output = finished
    (output / "small-batch" / "batch.json").write_bytes(b'{"units": 3')
    before = stamps(output)
    batch = detente.batch(file, output=output)
    assert stamps(output) == before and not batch.failures
    assert json.loads((batch.path / "batch.json").read_bytes())["units"][0]["state"] == "done"


def failing(which):
    original = runner.run

    def run(config, **options):
        if config.run.seed == which:
            raise ZeroDivisionError("of a sudden")
        return original(config, **options)

    return run


def test_a_failed_unit_does_not_hide_the_others(file, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(execute.runner, "run", failing(3))
        batch = detente.batch(file, output=tmp_path / "results", jobs=1)
    assert list(batch.failures) == ["other-seed"] and "ZeroDivisionError: of a sudden" in batch.failures["other-seed"]
    assert len(batch.runs) == 4
    traceback = batch.folder.error_file("other-seed").read_text(encoding="utf-8")
    assert "in run" in traceback and "ZeroDivisionError: of a sudden" in traceback and "seed" in traceback
    units = pd.read_csv(batch.path / "units.csv").set_index("batch_unit")
    assert units.loc["other-seed", "state"] == "failed" and units.loc["baseline", "state"] == "done"
    assert "What went wrong" in (batch.path / "comparison.html").read_text(encoding="utf-8")
    assert "failed last time" in reasons(file, tmp_path / "results")["other-seed"][0]
    again = detente.batch(file, output=tmp_path / "results", jobs=1)
    assert again.failures == {} and len(again.runs) == 5
    assert not (again.path / "errors").exists()


def test_fail_fast_stops_at_the_first(file, tmp_path, monkeypatch):
    monkeypatch.setattr(execute.runner, "run", failing(20_260_831))
    batch = detente.batch(file, output=tmp_path / "results", jobs=1, fail_fast=True)
    assert list(batch.failures) == ["baseline"] and dict(batch.runs) == {}
    assert batch.summary().empty


def test_a_full_disk_stops_the_batch_and_the_same_call_goes_on(file, tmp_path, monkeypatch):
    made = []
    original = store.write_csv

    def full(frame, path):
        if len(made) == 2:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        made.append(path)
        original(frame, path)

    with monkeypatch.context() as patch, pytest.raises(DataError, match="No space left"):
        patch.setattr(store, "write_csv", full)
        detente.batch(file, output=tmp_path / "results", jobs=1)
    before = stamps(tmp_path / "results")
    assert len(before) == 2
    batch = detente.batch(file, output=tmp_path / "results", jobs=1)
    assert len(batch.runs) == 5
    assert {name: stamps(tmp_path / "results")[name] for name in before} == before


def test_an_output_that_cannot_be_written(file, tmp_path):
    (tmp_path / "taken").write_text("")
    with pytest.raises(DataError, match="choose another folder with --output"):
        detente.batch(file, output=tmp_path / "taken")


def test_a_unit_that_another_process_is_running_is_waited_for(file, tmp_path, monkeypatch):
    """The lock of the first unit is held until the others are done; then the unit is run."""
    output = tmp_path / "results"
    first = batches.open_batch(file, output=output).tasks[0]
    output.mkdir()
    lock = FileLock(output / f".{first.folder.name}.lock")
    lock.acquire()
    said, order = [], []

    class Watching(execute.Silent):
        def end(self, task, run, error):
            order.append(task.name)

        def say(self, sentence):
            said.append(sentence)
            lock.release()

    batch = detente.batch(file, output=output, jobs=1, watcher=Watching())
    assert order[-1] == "baseline" and len(order) == 5 and batch.failures == {}
    assert "Waiting for 1 unit" in said[0]


def test_a_held_lock_is_a_busy_run(file, tmp_path):
    opened = batches.open_batch(file, output=tmp_path)
    with FileLock(tmp_path / f".{opened.tasks[0].folder.name}.lock"), pytest.raises(BusyError):
        runner.run(opened.work.configurer.config(opened.tasks[0].unit), output=tmp_path)


def test_a_stale_lock_file_is_no_obstacle(file, tmp_path):
    opened = batches.open_batch(file, output=tmp_path)
    for task in opened.tasks:
        (tmp_path / f".{task.folder.name}.lock").write_text("4242\nhost\n")
    (tmp_path / ".small-batch.lock").write_text("4242\nhost\n")
    assert detente.batch(file, output=tmp_path, jobs=1).failures == {}


def test_another_number_of_paths_for_all(finished):
    file, output = finished
    assert {task.run.paths for task in batches.open_batch(file, output=output, paths=64).tasks} == {64}
