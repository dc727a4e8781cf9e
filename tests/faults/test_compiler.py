"""The compiler: settings it cannot work with, no place for its cache, and caches that others may write."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from detente.cli import progress
from detente.cli.console import Talk
from detente.runs import warmup
from detente_kernels.tools import trust
from detente_kernels.tools.trust import UntrustedCacheError

unix = pytest.mark.skipif(not hasattr(os, "getuid"), reason="no user numbers")
TINY = """
import sys
sys.path.insert(0, {folder!r})
{before}
import tiny
print(tiny.double(21.0), tiny.jit.cached(tiny.double), tiny.jit.compiled(tiny.double))
"""


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    """A cache folder as it should be; folders of pytest are the user's own."""
    folder = tmp_path / "above" / "cache"
    folder.mkdir(parents=True)
    for name in ("kernel.nbi", "kernel.1.nbc", "notes.txt"):
        (folder / name).write_bytes(b"code")
        os.chmod(folder / name, 0o644)
    os.chmod(folder, 0o755)
    os.chmod(folder.parent, 0o755)
    trust.check.cache_clear()
    return folder


def command(folder: Path, *arguments: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "detente", *arguments],
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("name", "value"), [("NUMBA_DISABLE_JIT", "1"), ("NUMBA_NUM_THREADS", "0"), ("NUMBA_NUM_THREADS", "many")]
)
def test_settings_that_numba_cannot_work_with_are_named(tmp_path: Path, name: str, value: str) -> None:
    done = command(tmp_path, "run", "-n", "16", **{name: value})
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith(f'Error: {name} is "{value}"') and f"unset {name}\n" in done.stderr
    assert done.stderr.count("\n") == 1
    code = "import detente\ntry:\n    detente.run\nexcept detente.shared.errors.ConfigError as error:\n    print(error)"
    library = subprocess.run(
        [sys.executable, "-c", f"import detente.shared.errors\n{code}"],
        env=os.environ | {name: value},
        capture_output=True,
        text=True,
    )
    assert library.returncode == 0 and f"unset {name}" in library.stdout


def test_settings_that_numba_can_work_with_are_accepted(monkeypatch: pytest.MonkeyPatch) -> None:
    from detente.shared.compiler import check_environment

    for name, value in (("NUMBA_DISABLE_JIT", "0"), ("NUMBA_DISABLE_JIT", ""), ("NUMBA_NUM_THREADS", "1")):
        monkeypatch.setenv(name, value)
        check_environment()


# --- A cache that others may write ------------------------------------------------------------------------------------


def tiny(folder: Path, before: str = "", **environment: str) -> "subprocess.CompletedProcess[str]":
    """A kernel of its own, compiled and called in another process."""
    (folder / "tiny.py").write_text(
        "from detente_kernels.tools import jit\n\n\n@jit.kernel\ndef double(x):\n    return 2.0 * x\n"
    )
    code = TINY.format(folder=str(folder), before=before)
    return subprocess.run(
        [sys.executable, "-c", code], env=os.environ | environment, capture_output=True, text=True, cwd=folder
    )


@unix
def test_a_closed_folder_is_accepted(closed: Path) -> None:
    trust.check(str(closed))
    os.chmod(closed / "notes.txt", 0o666)
    os.chmod(closed.parent, 0o1777)
    trust.check.cache_clear()
    trust.check(str(closed))


@unix
@pytest.mark.parametrize(
    ("place", "mode"),
    [(place, mode) for place in ("", "..", "kernel.nbi", "kernel.1.nbc") for mode in (0o777, 0o757)] + [("", 0o1777)],
)
def test_what_others_may_write_is_refused_and_the_advice_works(closed: Path, place: str, mode: int) -> None:
    path = (closed / place).resolve()
    before = stat.S_IMODE(path.stat().st_mode)
    os.chmod(path, mode)
    with pytest.raises(UntrustedCacheError) as caught:
        trust.check(str(closed))
    sentence, _, advice = str(caught.value).partition("; run: ")
    assert sentence == f"{path}: other users may write there, and compiled code is read from there"
    assert subprocess.run(advice, shell=True, cwd=closed).returncode == 0
    trust.check.cache_clear()
    trust.check(str(closed))
    os.chmod(path, before)


@unix
def test_a_group_that_is_the_users_own_is_no_other(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chmod(closed, 0o775)
    for private in (True, False):
        monkeypatch.setattr(trust, "_private", lambda group, private=private: private)
        trust.check.cache_clear()
        if private:
            trust.check(str(closed))
        else:
            with pytest.raises(UntrustedCacheError, match="chmod go-w"):
                trust.check(str(closed))


@unix
@pytest.mark.parametrize("place", ["", "..", "kernel.nbi"])
def test_what_belongs_to_another_user_is_refused(closed: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = (closed / place).resolve()
    real = trust._check

    def check(one: str, status: os.stat_result, *, above: bool) -> None:
        fields = list(status)
        fields[4] = 54321 if one == str(path) else fields[4]
        real(one, os.stat_result(fields), above=above)

    monkeypatch.setattr(trust, "_check", check)
    with pytest.raises(UntrustedCacheError, match=r"belongs to another user.*NUMBA_CACHE_DIR") as caught:
        trust.check(str(closed))
    assert str(caught.value).startswith(f"{path}: ")


def test_systems_without_user_numbers_are_not_checked(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chmod(closed, 0o777)
    monkeypatch.delattr(os, "getuid", raising=False)
    trust.check(str(closed))
    os.chmod(closed, 0o755)


@unix
def test_nothing_is_read_from_a_folder_that_others_may_write(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    folder.mkdir()
    os.chmod(folder, 0o755)
    assert tiny(tmp_path, NUMBA_CACHE_DIR=str(folder)).stdout == "42.0 True True\n"
    (index,) = folder.rglob("*.nbi")
    mark = tmp_path / "run by somebody else"
    index.write_bytes(f"cposix\nsystem\n(Vtouch '{mark}'\ntR.".encode())
    tiny(tmp_path, NUMBA_CACHE_DIR=str(folder))
    assert mark.exists(), "whoever writes the index runs programs"
    mark.unlink()
    os.chmod(folder, 0o777)
    done = tiny(tmp_path, NUMBA_CACHE_DIR=str(folder))
    assert done.returncode != 0 and "other users may write there" in done.stderr and not mark.exists()
    refused = command(tmp_path, "warmup", NUMBA_CACHE_DIR=str(folder))
    assert refused.returncode == 4 and refused.stderr.count("\n") <= 2
    assert f"Error: {folder}: other users may write there" in refused.stderr and not mark.exists()


# --- No place for a cache ---------------------------------------------------------------------------------------------


def test_without_a_place_for_the_cache_kernels_compile_in_memory(tmp_path: Path) -> None:
    nowhere = "import numba.core.caching as caching\ncaching.CacheImpl._locator_classes = []"
    done = tiny(tmp_path, nowhere)
    assert done.stdout == "42.0 False False\n", done.stderr


def test_a_command_without_a_cache_says_so_once(monkeypatch: pytest.MonkeyPatch) -> None:
    talk, said, warmed = Talk(), [], []
    monkeypatch.setattr(talk, "say", said.append)
    monkeypatch.setattr(warmup, "cold", lambda: True)
    monkeypatch.setattr(warmup, "unsolved", lambda: False)
    monkeypatch.setattr(warmup, "uncached", lambda: True)
    monkeypatch.setattr(warmup, "warm", lambda configs: warmed.append(1) or 1.0)
    for _ in range(3):
        progress.compile_first(talk)
    assert len(warmed) == 1 and len(said) == 1
    assert "NUMBA_CACHE_DIR" in said[0] and "every command compiles again" in said[0]
