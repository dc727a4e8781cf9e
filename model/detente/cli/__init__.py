"""The command line. ``main`` is what the ``detente`` command calls; nothing heavy is imported before a command needs it."""

from detente.cli.app import application


def main() -> None:
    """Run the command line on this process's arguments and exit with its code."""
    from detente.cli.streams import harden

    harden()
    application(prog_name="detente")
