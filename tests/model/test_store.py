"""Run folders: whole or absent, every file hashed, damage named with place and fix."""

import dataclasses
import errno
import itertools
import json
import os
import shutil

import numpy as np
import pandas as pd
import pytest
from detente.config import loader
from detente.runs import hidden, manifest, runner, store
from detente.runs import run as results
from detente.runs.identity import identity
from detente.shared.errors import ConfigError, DataError

TINY = dict(paths=300, horizon=3)


@pytest.fixture(scope="module")
def original(tmp_path_factory):
    return runner.run(loader.load("baseline", **TINY), output=tmp_path_factory.mktemp("original"), keep_paths=20)


@pytest.fixture
def run(original, tmp_path):
    """A finished run of the test's own, to do harm to."""
    return results.load(shutil.copytree(original.folder, tmp_path / original.folder.name))


def test_a_finished_run_is_whole(run):
    assert store.damage(run.folder, run.manifest) == []
    names = {path.name for path in run.folder.iterdir()}
    assert names == {
        "manifest.json",
        "config.toml",
        "summary.parquet",
        "summary.csv",
        "events.parquet",
        "paths.parquet",
        "log.jsonl",
    }
    assert not [path for path in run.folder.parent.iterdir() if path.name.endswith(".partial")]


def test_the_effective_configuration_gives_the_same_run(run, tmp_path):
    again = loader.load(str(run.folder / "config.toml"))
    assert identity(again) == run.id


@pytest.mark.parametrize("name", ["summary.parquet", "events.parquet", "paths.parquet", "summary.csv", "config.toml"])
def test_a_flipped_byte_is_found(run, name):
    path = run.folder / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert store.damage(run.folder, run.manifest) == [f"{path}: the content is not what was written (SHA-256 differs)."]


def test_missing_and_foreign_files_are_found(run):
    (run.folder / "events.parquet").unlink()
    (run.folder / "notes.txt").write_text("mine")
    found = store.damage(run.folder, run.manifest)
    assert found == [
        f"{run.folder / 'events.parquet'}: the file is missing.",
        f"{run.folder / 'notes.txt'}: a file that the run did not write.",
    ]


@pytest.mark.parametrize("size", [0, 4, 100, 1000])
def test_a_truncated_table_is_refused_in_a_sentence(run, size):
    path = run.folder / "summary.parquet"
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(DataError, match="damaged") as caught:
        results.load(run.folder).summary()
    assert caught.value.exit_code == 4
    assert "--force makes it again" in str(caught.value)


def test_a_missing_table_is_named(run):
    (run.folder / "paths.parquet").unlink()
    with pytest.raises(DataError, match=r"paths\.parquet: the file is missing"):
        results.load(run.folder).kept_paths()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b'{"id": 1}'])
def test_a_damaged_manifest_is_refused(run, content):
    (run.folder / "manifest.json").write_bytes(content)
    with pytest.raises(DataError, match=r"manifest"):
        results.load(run.folder)


def test_a_folder_that_is_no_run(tmp_path):
    with pytest.raises(DataError, match="no finished"):
        results.load(tmp_path)
    with pytest.raises(DataError, match="no such run folder"):
        results.load(tmp_path / "absent")


def test_a_damaged_run_is_run_again(run, tmp_path):
    before = (run.folder / "summary.parquet").read_bytes()
    (run.folder / "summary.parquet").write_bytes(b"gone")
    said = []
    again = runner.run(loader.load("baseline", **TINY), output=tmp_path, keep_paths=20, talk=said.append)
    assert said == []
    assert (again.folder / "summary.parquet").read_bytes() == before


def test_a_whole_run_is_not_run_again(run, tmp_path):
    stamp = (run.folder / "manifest.json").stat().st_mtime_ns
    said = []
    runner.run(loader.load("baseline", **TINY), output=tmp_path, keep_paths=20, talk=said.append)
    assert (run.folder / "manifest.json").stat().st_mtime_ns == stamp
    assert "already there" in said[0]


def test_output_that_cannot_be_a_folder(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        runner.run(loader.load("baseline", **TINY), output=tmp_path / "file")


def test_a_full_disk_leaves_nothing_half_written(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(store, "write_table", full)
    with pytest.raises(DataError, match="No space left"):
        runner.run(loader.load("baseline", **TINY), output=tmp_path)
    assert [path for path in tmp_path.iterdir() if not path.name.endswith(".lock")] == []


def test_an_interrupt_leaves_nothing_half_written(tmp_path, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(store, "write_csv", interrupt)
    with pytest.raises(KeyboardInterrupt):
        runner.run(loader.load("baseline", **TINY), output=tmp_path)
    assert [path for path in tmp_path.iterdir() if not path.name.endswith(".lock")] == []


def test_the_leftover_of_a_killed_run_is_cleared(run, tmp_path):
    leftover = hidden.create(run.folder, hidden.WRITING)
    (leftover / "summary.parquet").write_bytes(b"half")
    runner.run(loader.load("baseline", **TINY), output=tmp_path, force=True)
    assert not leftover.exists()


def test_two_writers_of_one_folder(run, tmp_path):
    from filelock import FileLock

    with FileLock(tmp_path / f".{run.folder.name}.lock"), pytest.raises(DataError, match="another run is writing"):
        runner.run(loader.load("baseline", **TINY), output=tmp_path, force=True)


def test_no_nan_and_no_infinity_is_published(run):
    values = run.summary()["value"].to_numpy()
    assert np.isfinite(values).all()
    json.loads((run.folder / "manifest.json").read_text(), parse_constant=lambda word: pytest.fail(word))


def test_failed_paths_are_counted_and_kept(tmp_path):
    """A rouble beyond any bound overflows on some paths: they are counted, named and left out, not dropped
    silently."""
    said = []
    config = loader.load("baseline", paths=512, horizon=12)
    noise = config.parameters["fiscal.rouble_noise"].model_copy(update={"value": 150.0, "dist": None})
    absurd = dataclasses.replace(config, parameters=config.parameters | {"fiscal.rouble_noise": noise})
    run = runner.run(absurd, output=tmp_path, talk=said.append)
    failed = run.events()["failed_at_step"] > 0
    assert run.manifest["failed_paths"] == failed.sum() and 0 < failed.sum() < 512
    assert "left out of all averages" in said[0]
    assert np.isfinite(run.summary()["value"]).all()


def test_event_files_do_not_show_their_chunks(tmp_path):
    columns = [("a", "date"), ("b", "route"), ("c", "total")]
    values = np.random.default_rng(1).normal(5, 2, (3, 150_000))
    values[1] = np.round(np.abs(values[1])) % 5
    values[0, ::3] = np.nan
    failed = np.zeros(150_000, np.int64)
    written = []
    for sizes in ([150_000], [70_000, 80_000], [1, 65_535, 65_536, 18_928]):
        path = tmp_path / f"{len(sizes)}.parquet"
        writer = store.EventWriter(path, columns, {"run": "x"})
        edges = np.cumsum([0, *sizes])
        for low, high in itertools.pairwise(edges):
            writer.add(values[:, low:high], failed[low:high])
        writer.close()
        written.append(path.read_bytes())
    assert written[0] == written[1] == written[2]
    frame = store.read_table(path)
    assert frame["a"].isna().sum() == 50_000
    assert len(frame) == 150_000


def test_fan_names_the_nearest_variable(run):
    with pytest.raises(ConfigError, match=r"Price\|Oil\|Brent"):
        run.fan("Price|Oil|Brend")
    with pytest.raises(ConfigError, match="several regions"):
        run.fan("Trade|Oil|Crude|Volume")
    fan = run.fan("Price|Oil|Brent")
    assert list(fan.index) == sorted(fan.index)
    assert (fan["q05"] <= fan["q50"]).all() and (fan["q50"] <= fan["q95"]).all()


def test_summary_columns_are_the_contract(run):
    assert list(run.summary().columns) == [
        "model",
        "scenario",
        "region",
        "variable",
        "unit",
        "time",
        "statistic",
        "value",
    ]
    csv = pd.read_csv(run.folder / "summary.csv")
    assert len(csv) == len(run.summary())
    assert csv["time"].iloc[0] == "2026-09-01"


def test_time_is_datetime64_in_every_table(run):
    for time in (run.summary()["time"], run.kept_paths()["time"], run.fan("Price|Oil|Brent").index):
        assert time.dtype == "datetime64[ms]"
    assert run.summary()["time"].min() == pd.Timestamp("2026-09-01")


def test_time_that_a_file_holds_as_text_is_read_as_datetime64(tmp_path):
    path = tmp_path / "old.parquet"
    pd.DataFrame({"time": ["2026-09-01", "2026-10-01"], "value": [1.0, 2.0]}).to_parquet(path)
    time = store.read_table(path)["time"]
    assert time.dtype == "datetime64[ms]"
    assert time.iloc[1] == pd.Timestamp("2026-10-01")


def test_leftovers_of_killed_runs_are_swept_but_not_those_of_living_ones(tmp_path):
    from filelock import FileLock

    dead, living = (
        hidden.create(tmp_path / name, hidden.WRITING) for name in ("baseline-11111111", "baseline-22222222")
    )
    with FileLock(tmp_path / ".baseline-22222222.lock"):
        store.sweep(tmp_path)
    assert not dead.exists()
    assert living.exists()


def test_a_flipped_byte_is_refused_by_every_reader(run):
    path = run.folder / "summary.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="damaged"):
        results.load(run.folder).summary()


@pytest.mark.parametrize(
    "part",
    [{"files": []}, {"config": 3}, {"config": {}}, {"config": {"run": 1}}, {"versions": None}, {"files": {"a": 1}}]
    + [{"id": "../../x"}, {"finished": 3}, {"scenario": "a/b"}, {"run": {}}, {"title": None}, {"wall_seconds": "long"}]
    + [{"options": {"keep_paths": "9"}}]
    + [{"files": {name: "0" * 64}} for name in ("../x", "/etc/passwd", "a/../../x", "a\\x", "C:x")]
    + [{"files": {name: "0" * 64}} for name in (".", "", "a//b", "a\nb")]
    + [{"report_files": {"../x": "0" * 64}}],
)  # fmt: skip
def test_a_manifest_of_another_shape_is_refused(run, part):
    (run.folder / "manifest.json").write_bytes(store.sealed(run.manifest | part))
    with pytest.raises(DataError, match="is not a manifest"):
        results.load(run.folder)


def test_a_manifest_without_its_digest_is_refused(run):
    (run.folder / "manifest.json").write_text(json.dumps(run.manifest))
    with pytest.raises(DataError, match="the manifest is damaged"):
        results.load(run.folder)


def test_the_head_of_a_manifest_is_the_manifest_without_its_configuration(run):
    complete = store.read_manifest(run.folder)
    head = {key: value for key, value in complete.items() if key not in ("config", "origins")}
    assert manifest.read_head(run.folder) == head
    assert store.sealed(complete) == (run.folder / "manifest.json").read_bytes()
