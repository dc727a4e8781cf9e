"""Bytes that flip and files that end early in a run folder: each is found or harmless, and no reader crashes.

The bytes are chosen by a seed that is printed; ``DETENTE_DAMAGE_SEED`` sets another.
"""

import os
import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import detente
import pandas as pd
import pytest
from detente.report.page import index_page
from detente.runs import find, manifest
from detente.runs.comparison import compare
from detente.runs.integrity import check_all
from detente.runs.reproduce import configuration
from detente.shared.errors import DataError

FLIPS, TRUNCATIONS = 500, 100
SEED = int(os.environ.get("DETENTE_DAMAGE_SEED", "20260831"))
TABLES = ("summary.parquet", "events.parquet", "paths.parquet")
READERS: dict[str, Callable[[detente.Run], object]] = {
    "config.toml": lambda run: run.config,
    "summary.parquet": lambda run: run.summary(),
    "events.parquet": lambda run: run.events(),
    "paths.parquet": lambda run: run.kept_paths(),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of a few paths with a stand-in for its report, in a results folder of its own."""
    run = detente.run("baseline", paths=256, horizon=3, keep_paths=16, output=tmp_path_factory.mktemp("results")).folder
    (run / "figures").mkdir()
    for name in ("figures/worth.png", "figures/worth.csv", "report.html"):
        (run / name).write_bytes(name.encode() * 50)
    digests = {name: manifest.digest(run / name) for name in ("figures/worth.png", "figures/worth.csv", "report.html")}
    (run / "manifest.json").write_bytes(manifest.sealed(manifest.read_manifest(run) | {"report_files": digests}))
    return run


@contextmanager
def replaced(path: Path, content: bytes) -> Iterator[None]:
    """A file with other content for a while."""
    before = path.read_bytes()
    path.write_bytes(content)
    try:
        yield
    finally:
        path.write_bytes(before)


def read_everything(folder: Path) -> tuple[dict[str, object], list[str]]:
    """What each reader gives, and what those say that refuse; anything but a sentence with place and fix is a
    failure of the test."""
    given: dict[str, object] = {}
    refusals: list[str] = []
    try:
        run = detente.load(folder)
        given["manifest.json"] = run.manifest
        for name, reader in READERS.items():
            try:
                given[name] = reader(run)
            except DataError as error:
                refusals.append(str(error))
        for other in (compare, lambda a, b: configuration(a)):
            try:
                other(run, run)
            except DataError as error:
                refusals.append(str(error))
    except DataError as error:
        refusals.append(str(error))
    listed = find.finished(folder.parent)
    assert [Path(row["folder"]).name for row in listed] == [folder.name]
    assert (listed[0]["status"] == "damaged") == ("manifest.json" not in given)
    index_page.text(folder.parent)
    return given, refusals


def same(first: object, second: object) -> bool:
    return first.equals(second) if isinstance(first, pd.DataFrame) else first == second


def files(folder: Path) -> list[Path]:
    return [folder / name for name in ("manifest.json", *manifest.file_names(folder))]


def attack(folder: Path, name: Path, content: bytes, whole: dict[str, object]) -> bool:
    """Damage one file; returns whether ``validate`` finds it. What readers still give must be what they gave before."""
    with replaced(name, content):
        found = check_all([folder])[0].damage
        given, refusals = read_everything(folder)
    relative = name.relative_to(folder).as_posix()
    for sentence in (*found, *refusals):
        assert sentence.isprintable() and sentence.endswith(".") and str(folder) in sentence
    assert not any(relative in key for key in given) or relative not in (*READERS, "manifest.json")
    assert all(same(value, whole[key]) for key, value in given.items())
    assert all(
        "--force makes it again" in sentence or "run the scenario" in sentence or "restore it" in sentence
        for sentence in refusals
    )
    return any(relative in sentence for sentence in found)


def test_every_flipped_byte_is_found(folder: Path) -> None:
    chosen, whole = random.Random(SEED), read_everything(folder)[0]
    hit: dict[str, int] = {}
    for _ in range(FLIPS):
        path = chosen.choice(files(folder))
        content = bytearray(path.read_bytes())
        content[chosen.randrange(len(content))] ^= 1 << chosen.randrange(8)
        assert attack(folder, path, bytes(content), whole), path
        hit[path.name] = hit.get(path.name, 0) + 1
    print(f"{FLIPS} flips, seed {SEED}: {hit}, all found")
    assert len(hit) == len(files(folder)) and check_all([folder])[0].damage == []


def test_every_truncation_is_found(folder: Path) -> None:
    chosen, whole = random.Random(SEED + 1), read_everything(folder)[0]
    for number in range(TRUNCATIONS):
        path = files(folder)[number % len(files(folder))]
        content = path.read_bytes()
        end = chosen.choice((0, 1, len(content) // 2, len(content) - 1, chosen.randrange(len(content))))
        assert attack(folder, path, content[:end], whole), path
    print(f"{TRUNCATIONS} truncations, seed {SEED + 1}: all found")


def test_every_missing_file_is_found(folder: Path) -> None:
    whole = read_everything(folder)[0]
    for path in files(folder):
        kept = path.rename(folder.parent / ".kept")
        try:
            assert any(path.name in sentence for sentence in check_all([folder])[0].damage)
            given, _ = read_everything(folder)
            assert path.name not in given and all(same(value, whole[key]) for key, value in given.items())
        finally:
            kept.rename(path)


def test_files_that_are_something_else_are_found(folder: Path, tmp_path: Path) -> None:
    """A folder, a link or a pipe in the place of a file is named, and nobody waits for the pipe."""
    for name in TABLES:
        kept = (folder / name).rename(tmp_path / name)
        for make in (
            os.mkdir,
            os.mkfifo,
            lambda path: os.symlink(path, path),
            lambda path: os.symlink(tmp_path / "absent", path),
        ):
            make(folder / name)
            try:
                assert any(f"{name}: the file is missing" in sentence for sentence in check_all([folder])[0].damage)
                with pytest.raises(DataError, match="missing"):
                    READERS[name](detente.load(folder))
            finally:
                (folder / name).rmdir() if (folder / name).is_dir() else (folder / name).unlink()
        kept.rename(folder / name)
    for make in (os.mkfifo, lambda path: os.symlink("/", path)):
        make(folder / "odd")
        try:
            assert any(
                "odd: a file that the run did not write" in sentence for sentence in check_all([folder])[0].damage
            )
        finally:
            (folder / "odd").unlink()


def test_a_forged_manifest_makes_no_reader_leave_the_folder(folder: Path, tmp_path: Path) -> None:
    """Sealed anew by somebody who wants other files read: refused by name, whatever the content."""
    copy = Path(shutil.copytree(folder, tmp_path / "results" / folder.name))
    secret = tmp_path / "secret"
    secret.write_text("secret")
    honest = manifest.read_manifest(copy)
    for name in ("../../secret", str(secret), "figures/../../../secret", "..\\..\\secret"):
        for key in ("files", "report_files"):
            (copy / "manifest.json").write_bytes(
                manifest.sealed(honest | {key: honest[key] | {name: manifest.digest(secret)}})
            )
            with pytest.raises(DataError, match="is not a manifest"):
                detente.load(copy)
            assert "is not a manifest" in check_all([copy])[0].damage[0]


def test_a_deep_or_huge_manifest_is_refused(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "results" / folder.name))
    for content in (b'{"a":' * 100_000 + b"1" + b"}" * 100_000, b"[" * 100_000, b'"' + b"x" * 100_000):
        rest = content + b"\n"
        (copy / "manifest.json").write_bytes(manifest._seal(rest) + rest)
        with pytest.raises(DataError, match="the manifest is damaged"):
            detente.load(copy)
        assert find.finished(copy.parent)[0]["status"] == "damaged"
    monkeypatch.setattr(manifest, "MAX_BYTES", 1_000)
    with pytest.raises(DataError, match="the manifest is damaged"):
        detente.load(folder)
