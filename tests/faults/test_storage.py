"""Runs on file systems that refuse what Linux grants: folders that cannot be opened or flushed, no permissions, full
disks, and working folders that vanish."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner
from detente.cli import application
from detente.config import loader
from detente.report import write
from detente.report.page import index_page
from detente.report.sections.finding import finding
from detente.runs import checkpoints, runner, store
from detente.shared import arrays, files, paths
from detente.shared.errors import DataError

TINY = dict(paths=16, horizon=1)
REFUSALS = ("EACCES", "EINVAL", "EBADF", "ENOTSUP")


def refuse(monkeypatch: pytest.MonkeyPatch, what: str, number: int, of: Callable[[os.stat_result], bool]) -> list[str]:
    """Let ``os.open`` or ``os.fsync`` fail for files or folders; returns the list of refused calls."""
    refused: list[str] = []
    original = getattr(os, what)

    def patched(subject: object, *rest: object, **options: object) -> object:
        try:
            mode = os.stat(subject)
        except OSError:
            mode = None
        if mode is not None and of(mode):
            refused.append(str(subject))
            raise OSError(number, os.strerror(number))
        return original(subject, *rest, **options)

    monkeypatch.setattr(os, what, patched)
    return refused


def is_folder(status: os.stat_result) -> bool:
    return stat.S_ISDIR(status.st_mode)


def is_file(status: os.stat_result) -> bool:
    return stat.S_ISREG(status.st_mode)


@pytest.mark.parametrize("name", REFUSALS)
@pytest.mark.parametrize("call", ["open", "fsync"])
def test_a_run_is_stored_where_folders_cannot_be_opened_or_flushed(
    call: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = getattr(errno, name)
    monkeypatch.setattr(checkpoints, "units_between", lambda steps: 1)
    with monkeypatch.context() as patch:
        refused = refuse(patch, call, number, is_folder)
        run = runner.run(loader.load("baseline", paths=2_100, horizon=1), output=tmp_path, keep_paths=0, jobs=1)
        index_page.write(tmp_path)
        assert refused, "folders were tried"
    assert store.damage(run.folder, run.manifest) == []
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".") and not path.name.endswith(".lock")]


@pytest.mark.parametrize("name", ["EINVAL", "ENOTSUP"])
def test_a_run_is_stored_where_files_cannot_be_flushed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = refuse(monkeypatch, "fsync", getattr(errno, name), is_file)
    run = runner.run(loader.load("baseline", **TINY), output=tmp_path)
    assert refused and store.damage(run.folder, run.manifest) == []


def test_files_are_flushed_through_a_handle_that_may_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Windows flushes no other; a handle to read with is an error there (EBADF)."""
    fcntl = pytest.importorskip("fcntl")
    modes: list[int] = []
    original = os.fsync

    def fsync(handle: int) -> None:
        if is_file(os.fstat(handle)):
            modes.append(fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE)
        original(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    runner.run(loader.load("baseline", **TINY), output=tmp_path)
    index_page.write(tmp_path)
    arrays.write(tmp_path / "arrays.parquet", {})
    assert len(modes) > 8 and set(modes) == {os.O_RDWR}


def test_a_failing_disk_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse(monkeypatch, "fsync", errno.EIO, is_folder)
    with pytest.raises(DataError, match=r"Input/output error.*choose another folder") as caught:
        runner.run(loader.load("baseline", **TINY), output=tmp_path)
    assert "space" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("ENOSPC", "free some space, or choose another folder with --output."),
        ("EDQUOT", "free some space, or choose another folder with --output."),
        ("EACCES", "; choose another folder with --output."),
        ("EROFS", "; choose another folder with --output."),
    ],
)
def test_the_advice_after_a_simulation_fits_the_error(
    name: str, advice: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(getattr(errno, name), os.strerror(getattr(errno, name)))

    monkeypatch.setattr(store, "write_table", fail)
    with pytest.raises(DataError) as caught:
        runner.run(loader.load("baseline", **TINY), output=tmp_path)
    assert str(caught.value).endswith(advice) and caught.value.exit_code == 4
    assert ("space" in advice) == ("free some space" in str(caught.value))


def test_a_report_that_cannot_be_written_gives_advice_that_fits(
    run_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import detente

    monkeypatch.setattr("detente.report.document.SECTIONS", (finding,))
    for number, told in ((errno.EROFS, False), (errno.ENOSPC, True)):
        with monkeypatch.context() as patch:
            patch.setattr(files, "flush", lambda path, number=number: (_ for _ in ()).throw(OSError(number, "no")))
            with pytest.raises(DataError, match="the run is as it was") as caught:
                write.write([detente.load(run_copy)])
        assert ("free some space" in str(caught.value)) == told


def test_a_file_system_without_permissions_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def chmod(self: Path, mode: int, **_: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    path = tmp_path / "file"
    path.write_text("")
    os.chmod(path, 0o666)
    monkeypatch.setattr(Path, "chmod", chmod)
    paths.tighten(path)
    files.replace(path, b"new")
    assert path.read_bytes() == b"new"


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps a folder that is in use")
def test_a_deleted_working_folder_has_its_own_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    for arguments in (["list", "scenarios"], ["run", "-n", "16"], ["index"], ["ask", "a", "P(ceasefire)"]):
        done = CliRunner().invoke(application, arguments)
        assert done.exit_code == 4
        assert done.stderr == (
            "Error: the working folder does not exist any more; change to an existing folder and repeat the command.\n"
        )
    with pytest.raises(DataError, match="working folder does not exist"):
        loader.load("baseline")
    with pytest.raises(DataError, match="working folder does not exist"):
        paths.results_root()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_output_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "detente", "list", "scenarios"],
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            text=True,
        )
    assert done.returncode == 4 and done.stderr.count("\n") == 1 and "free some space" in done.stderr
