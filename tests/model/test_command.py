"""The command as a process of its own: start-up, streams, signals, odd encodings."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import detente
import pytest

HEAVY = {
    "numba",
    "llvmlite",
    "numpy",
    "pandas",
    "pyarrow",
    "matplotlib",
    "scipy",
    "pydantic",
    "rich",
    "jinja2",
    "detente_kernels",
}
COMMAND = (sys.executable, "-m", "detente")


def command(*args: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*COMMAND, *args], cwd=cwd, capture_output=True, env=os.environ | environment, timeout=300)


@pytest.mark.parametrize(
    "args", [["--help"], ["--version"], ["run", "--help"], ["list", "--help"], ["reproduce", "--help"]]
)
def test_help_imports_nothing_heavy(args: list[str], tmp_path: Path) -> None:
    program = (
        "import sys\nfrom detente.cli import main\ntry:\n    main()\nfinally:\n    print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *args], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0 and ("détente" in done.stdout or "Usage" in done.stdout)
    assert HEAVY.isdisjoint(done.stderr.split())


def test_the_package_itself_imports_nothing_heavy(tmp_path: Path) -> None:
    program = "import sys, detente\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0 and HEAVY.isdisjoint(done.stdout.split())


def test_a_run_from_a_folder_with_a_space(small_run: detente.Run, tmp_path: Path) -> None:
    folder = tmp_path / "my forecasts, été"
    folder.mkdir()
    done = command("run", "-n", "256", "--horizon", "6", "--no-report", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode() == f"results/{small_run.folder.name}{os.linesep}"
    assert (
        b"paths/s" in done.stderr
        and b"\x1b" not in done.stderr
        and b"\r" not in done.stderr.replace(os.linesep.encode(), b"")
    )


@pytest.mark.skipif(os.name == "nt", reason="pipes and signals of Unix")
def test_a_reader_that_leaves_is_no_error(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "list", "variables", "--json"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None and process.stderr is not None
    process.stdout.close()
    with process:
        told = process.stderr.read()
        assert process.wait(timeout=60) == 0 and told == b""


@pytest.mark.skipif(os.name == "nt", reason="pipes and signals of Unix")
@pytest.mark.parametrize("closed", ["2>&-", ">&-", "<&- >&- 2>&-"])
def test_closed_streams_do_no_harm(closed: str, tmp_path: Path) -> None:
    script = f'exec "$0" -m detente run -n 256 --horizon 6 --no-report {closed}'
    assert subprocess.run(["sh", "-c", script, sys.executable], cwd=tmp_path, timeout=300).returncode == 0
    folder = next((tmp_path / "results").glob("baseline-*"))
    assert command("validate", str(folder), cwd=tmp_path).returncode == 0


@pytest.mark.parametrize(
    "environment",
    [{"LC_ALL": "C", "LANG": "C"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0"}],
)
def test_an_odd_encoding_does_not_crash(environment: dict[str, str], tmp_path: Path) -> None:
    version = command("--version", cwd=tmp_path, **environment)
    assert version.returncode == 0 and version.stdout.rstrip().endswith(f"tente {detente.__version__}".encode())
    assert command("list", "variables", "rkiye", cwd=tmp_path, **environment).returncode == 0
    refused = command("explain", "détente…", cwd=tmp_path, **environment)
    assert refused.returncode == 2 and b"Traceback" not in refused.stderr and b"Error" in refused.stderr


@pytest.mark.skipif(os.name == "nt", reason="pipes and signals of Unix")
def test_ctrl_c_leaves_nothing_behind(small_run: detente.Run, tmp_path: Path) -> None:
    process = subprocess.Popen(
        [*COMMAND, "run", "-n", "2e7", "--no-report"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.default_int_handler
        ),  # a test in the background of a shell inherits deaf ears
    )
    try:
        deadline = time.monotonic() + 120.0
        while (
            not list(tmp_path.glob("results/.*.partial/*/events.parquet"))
            and time.monotonic() < deadline
            and process.poll() is None
        ):
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, told = process.communicate(timeout=120)
    finally:
        process.kill()
    assert process.returncode == 130, told
    assert out == b"" and b"interrupted" in told and b"Traceback" not in told
    assert [path.name for path in (tmp_path / "results").iterdir() if not path.name.endswith(".lock")] == []


def test_no_colour_when_asked(tmp_path: Path) -> None:
    done = command("run", "nowhere.toml", cwd=tmp_path, NO_COLOR="1")
    assert done.returncode == 4 and b"\x1b" not in done.stderr


def test_bash_completes_commands_and_scenarios(tmp_path: Path) -> None:
    asked = {"_DETENTE_COMPLETE": "bash_complete", "COMP_CWORD": "2", "COMP_WORDS": "detente run no"}
    program = "import sys; sys.argv[0] = 'detente'; from detente.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env=os.environ | asked,
        timeout=60,
    )
    assert "plain,no-relief" in done.stdout.splitlines()


def test_json_of_a_process_is_json_alone(small_run: detente.Run, tmp_path: Path) -> None:
    done = command("run", "-n", "256", "--horizon", "6", "--no-report", "--json", "-v", cwd=tmp_path)
    assert done.returncode == 0 and json.loads(done.stdout)["id"] == small_run.id
