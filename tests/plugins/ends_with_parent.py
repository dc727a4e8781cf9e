"""What a test starts ends with it, killed or not.

On Linux the kernel kills a process when the one that started it ends.

As a pytest plugin it does so for every process that ``subprocess`` starts, and for the workers of pytest-xdist. Run as
a program, ``python ends_with_parent.py PID COMMAND...`` becomes COMMAND, tied to its parent PID.
"""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

LINUX = sys.platform.startswith("linux")
PR_SET_PDEATHSIG = 1


def end_with(parent: int) -> None:
    """Ask the kernel to kill this process when ``parent`` ends; end at once if it has ended already."""
    if not LINUX:
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(128 + signal.SIGKILL)


def tied(command: Sequence[Any]) -> list[Any]:
    """The command that becomes ``command`` and ends with this process."""
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), *command]


def pytest_configure() -> None:
    """Tie a worker to its controller, and every process that a test starts to the process of the test."""
    if not LINUX:
        return
    if "PYTEST_XDIST_WORKER" in os.environ:
        end_with(os.getppid())
    original = subprocess.Popen.__init__

    def start(self: Any, args: Any, *rest: Any, **options: Any) -> None:
        plain = isinstance(args, list | tuple) and not options.get("shell") and not options.get("executable")
        original(self, tied(args) if plain else args, *rest, **options)

    if original.__name__ != start.__name__:
        subprocess.Popen.__init__ = start


if __name__ == "__main__":
    end_with(int(sys.argv[1]))
    try:
        os.execvp(sys.argv[2], sys.argv[2:])
    except OSError as error:
        print(f"{sys.argv[2]}: {error.strerror}", file=sys.stderr)
        sys.exit(127)
