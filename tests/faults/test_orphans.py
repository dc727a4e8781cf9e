"""What a test starts ends with it, killed or not."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PLUGINS = Path(__file__).resolve().parents[1] / "plugins"
WAITING = """
import subprocess, sys, time

def test_something_slow():
    child = subprocess.Popen([sys.executable, "-c", "import time; print(1, flush=True); time.sleep(600)"],
                             stdout=subprocess.PIPE)
    child.stdout.read(1)
    with open("child", "w") as file:
        file.write(str(child.pid))
    open("begun", "w").close()
    time.sleep(600)
"""
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel ties processes on Linux only")


def wait_for(condition, seconds: float = 60.0) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def runs(pid: int) -> bool:
    """Whether a process is there and not merely waiting to be collected."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


@pytest.mark.parametrize("workers", [0, 1], ids=["one process", "workers"])
def test_a_killed_session_leaves_no_process_behind(tmp_path, workers):
    (tmp_path / "test_slow.py").write_text(WAITING)
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "ends_with_parent", "-p", "no:cacheprovider"]
    command += ["-n", str(workers), "test_slow.py"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    session = subprocess.Popen(
        command,
        cwd=tmp_path,
        env=environment | {"PYTHONPATH": os.pathsep.join([str(PLUGINS), environment.get("PYTHONPATH", "")])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert wait_for((tmp_path / "begun").exists)
        child = int((tmp_path / "child").read_text())
        assert runs(child)
        os.kill(session.pid, signal.SIGKILL)
        session.wait()
        assert wait_for(lambda: not runs(child)), "the process that the test started goes on"
    finally:
        session.kill()
        session.wait()


def test_a_failed_command_says_so():
    done = subprocess.run(["no-such-command-at-all"], capture_output=True, text=True)
    assert done.returncode == 127 and "no-such-command-at-all" in done.stderr
    assert subprocess.run([sys.executable, "-c", "import sys; sys.exit(5)"]).returncode == 5
