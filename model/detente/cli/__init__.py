"""Command line. ``main`` is the entry point of ``detente``; commands import heavy packages when they run."""

import signal
from types import FrameType

from detente.cli.app import application


def _terminate(number: int, frame: FrameType | None) -> None:
    """Treat the end of a session or a request to end as Ctrl-C, so that no partial file remains."""
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line on this process's arguments and exit with its code."""
    from detente.cli.console import harden

    harden()
    for name in ("SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        # What nohup has set to be ignored stays ignored.
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _terminate)
    application(prog_name="detente")
