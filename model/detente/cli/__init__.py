"""The command line. ``main`` is what the ``detente`` command calls; nothing heavy is imported before a command needs
it."""

import signal
from types import FrameType

from detente.cli.app import application


def _terminate(number: int, frame: FrameType | None) -> None:
    """A polite end (SIGTERM) is treated as Ctrl-C: nothing half-written stays."""
    raise KeyboardInterrupt


def main() -> None:
    """Run the command line on this process's arguments and exit with its code."""
    from detente.cli.console import harden

    harden()
    signal.signal(signal.SIGTERM, _terminate)
    application(prog_name="detente")
