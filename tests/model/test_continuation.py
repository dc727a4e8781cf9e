"""Runs that go on from a smaller run or from their own checkpoint end in the bytes of a run made in one go."""

import hashlib
import json

import pytest
from detente.config import loader
from detente.runs import checkpoints, runner
from detente.shared.errors import DataError

FILES = ("summary.parquet", "summary.csv", "events.parquet", "paths.parquet")
SIZE = dict(horizon=3)
LARGE = 9_000


def hashes(run):
    return {name: hashlib.sha256((run.folder / name).read_bytes()).hexdigest() for name in FILES}


def make(output, paths, **options):
    options = {"jobs": 1, "keep_paths": 30} | options
    return runner.run(loader.load("baseline", paths=paths, **SIZE), output=output, **options)


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    return hashes(make(tmp_path_factory.mktemp("reference"), LARGE))


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return make(tmp_path_factory.mktemp("small"), 5_000, keep_state=True).folder.parent


@pytest.fixture
def results(small, tmp_path):
    import shutil

    return shutil.copytree(small, tmp_path / "results")


def test_a_larger_run_goes_on_from_a_smaller_one(results, reference):
    said = []
    large = make(results, LARGE, talk=said.append)
    assert hashes(large) == reference
    assert large.manifest["continued"]["paths"] == 4_096
    assert "4,096 of 9,000 paths" in said[0]


def test_a_run_goes_on_from_the_largest_that_fits(results, reference):
    make(results, 7_000, keep_state=True)
    make(results, 20_000, keep_state=True)
    large = make(results, LARGE)
    assert hashes(large) == reference and large.manifest["continued"]["paths"] == 6_144


def test_a_run_of_as_many_whole_units_goes_on_too(results, reference):
    make(results, 8_200, keep_state=True)
    large = make(results, LARGE, keep_state=True)
    assert hashes(large) == reference and large.manifest["continued"]["paths"] == 8_192
    assert (large.folder / checkpoints.STATE).is_file()


@pytest.mark.parametrize(
    ("change", "options"),
    [
        ({"seed": 9}, {}),
        ({"horizon": 4}, {}),
        ({}, {"keep_paths": 40}),
        ({}, {"exact": True}),
        ({}, {"resume": False}),
        ({}, {"force": True}),
    ],
)
def test_a_run_of_another_kind_begins_at_its_first_path(results, change, options):
    chosen = {"jobs": 1, "keep_paths": 30} | options
    run = runner.run(loader.load("baseline", paths=LARGE, **(SIZE | change)), output=results, **chosen)
    assert "continued" not in run.manifest


@pytest.mark.parametrize("name", [checkpoints.STATE, "events.parquet", "paths.parquet"])
def test_a_damaged_state_is_left_aside_and_said_so(results, reference, name):
    path = next(results.glob("baseline-*")) / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    said = []
    large = make(results, LARGE, talk=said.append)
    assert hashes(large) == reference and "continued" not in large.manifest
    assert "damaged" in said[0] and "begins at its first path" in said[0]


def interrupted(output, after, **options):
    def stop(done, of):
        if done > after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(output, LARGE, progress=stop, chunk_units=1, **options)


@pytest.fixture
def often(monkeypatch):
    monkeypatch.setattr(checkpoints, "units_between", lambda steps: 1)


def test_an_interrupted_run_goes_on_from_its_checkpoint(tmp_path, reference, often):
    interrupted(tmp_path, 4_500)
    interrupted(tmp_path, 8_000)
    run = make(tmp_path, LARGE)
    assert hashes(run) == reference and run.manifest["continued"] == {"paths": 6_144, "source": "its last checkpoint"}
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".checkpoint")] == []


def test_a_checkpoint_follows_on_a_smaller_run(results, reference, often):
    interrupted(results, 7_000)
    run = make(results, LARGE)
    assert hashes(run) == reference and run.manifest["continued"] == {"paths": 6_144, "source": "its last checkpoint"}


@pytest.mark.parametrize("damage", ["events-00000.parquet", "checkpoint.json", "state-3.parquet"])
def test_a_damaged_checkpoint_is_left_aside(tmp_path, reference, often, damage):
    interrupted(tmp_path, 8_000)
    path = next(tmp_path.glob(".*.checkpoint")) / damage
    path.write_bytes(path.read_bytes()[:-9])
    run = make(tmp_path, LARGE)
    assert hashes(run) == reference and "continued" not in run.manifest


def test_checkpoints_that_nothing_goes_on_from_are_swept(tmp_path, often, monkeypatch):
    interrupted(tmp_path, 8_000)
    (folder,) = tmp_path.glob(".*.checkpoint")
    runner.tidy(tmp_path)
    assert folder.is_dir()
    monkeypatch.setattr(checkpoints, "model_version", lambda: "another")
    runner.tidy(tmp_path)
    assert not folder.exists()


def test_a_short_run_writes_no_checkpoint():
    assert (
        checkpoints.units_between(36) * 2_048 * 36
        <= checkpoints.PATH_STEPS
        < 2 * checkpoints.units_between(36) * 2_048 * 36
    )
    assert checkpoints.units_between(10**9) == 8


def test_events_of_too_few_paths_are_refused(results):
    folder = next(results.glob("baseline-*"))
    from detente.engine import outputs, simulate

    made = simulate.plan(loader.load("baseline", paths=LARGE, **SIZE), keep_paths=30)
    columns = [(entry.field, entry.kind) for entry in outputs.events()]
    begun = checkpoints.from_run(folder, made, columns)
    assert begun is not None and sum(failed.size for _, failed in begun.events()) == 4_096
    with pytest.raises(DataError, match="events are missing"):
        list(checkpoints.Start(begun.state, begun.incidence, (), columns, "x").events())


def rewritten(folder, **changes):
    """The checkpoint with other digests or versions."""
    path = next(folder.glob(".*.checkpoint")) / checkpoints.CHECKPOINT
    content = json.loads(path.read_bytes())
    for key, value in changes.items():
        content[key] |= value
    path.write_text(json.dumps(content))


def test_a_checkpoint_with_other_probe_values_is_refused_by_name(tmp_path, reference, often):
    interrupted(tmp_path, 8_000)
    rewritten(tmp_path, digests={"probe": "0" * 64})
    sentences = []
    run = make(tmp_path, LARGE, talk=sentences.append)
    assert hashes(run) == reference and "continued" not in run.manifest
    assert any("different probe values" in text and "begins at its first path" in text for text in sentences)


def test_a_checkpoint_of_other_libraries_is_continued_and_names_them(tmp_path, reference, often):
    interrupted(tmp_path, 8_000)
    rewritten(tmp_path, versions={"numpy": "2.0.1"})
    sentences = []
    run = make(tmp_path, LARGE, talk=sentences.append)
    assert hashes(run) == reference and run.manifest["continued"]["source"] == checkpoints.OWN
    assert any("made with numpy 2.0.1 and " in text for text in sentences)
