"""Command line. ``main`` is the entry point of ``detente``; commands import heavy packages when they run."""

import signal
from types import FrameType

from detente.cli.app import application


def _terminate(number: int, frame: FrameType | None) -> None:
    """Treat SIGTERM as Ctrl-C, so that no partial file remains."""
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line on this process's arguments and exit with its code."""
    from detente.cli.console import harden

    harden()
    signal.signal(signal.SIGTERM, _terminate)
    application(prog_name="detente")
