"""Standard streams: data to stdout, messages to stderr; closed or badly encoded streams cause no failure."""

import contextlib
import os
import sys
from collections.abc import Iterable, Sequence
from typing import IO, Any

import click

from detente.shared.messages import printable


def harden() -> None:
    """Make the standard streams safe for writing, and new files not world-writable under any user mask.

    A closed stream is opened on the null device, so that no result file takes its file descriptor. Characters that
    the encoding lacks are escaped.
    """
    os.umask(os.umask(0o022) | 0o002)
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, _nowhere("r" if name == "stdin" else "w"))
        elif name != "stdin" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


def _nowhere(mode: str) -> IO[Any]:
    return open(os.devnull, mode, encoding="utf-8")


def silence_stdout() -> None:
    """Discard further output after the reader of stdout has closed it (``| head``)."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        sys.stdout = _nowhere("w")


class Talk:
    """Messages to the user on stderr, at the chosen verbosity."""

    def __init__(self) -> None:
        self.quiet = False
        self.verbose = False
        self.debug = False
        self.compiled = False
        """Whether this command has compiled the model."""
        self.no_color = bool(os.environ.get("NO_COLOR"))

    def say(self, sentence: str) -> None:
        """Print a message unless ``--quiet``."""
        if not self.quiet:
            self._write(sentence)

    def detail(self, sentence: str) -> None:
        """Print a message with ``--verbose`` only."""
        if self.verbose and not self.quiet:
            self._write(sentence)

    def error(self, sentence: str) -> None:
        """Print an error message, whatever the options."""
        self._write(click.style("Error:", fg="red", bold=True) + f" {sentence}")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # a closed stderr must not end a run
            click.echo(text, err=True, color=False if self.no_color else None)

    @property
    def animated(self) -> bool:
        """Whether to show a progress bar."""
        return not self.quiet and sys.stderr is not None and sys.stderr.isatty()


def cores(jobs: int | None) -> str:
    """``1 core``, ``2 cores``: the number requested, or all."""
    from detente.shared.machine import threads

    number = threads(jobs)
    return "1 core" if number == 1 else f"{number} cores"


def put(text: str) -> None:
    """Data to stdout."""
    click.echo(text, color=False)


def put_json(value: Any) -> None:
    """Data to stdout, as JSON."""
    import json

    put(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def put_table(rows: Sequence[dict[str, Any]], columns: Iterable[str]) -> None:
    """Print rows as aligned columns under a heading; lines are cut to the width of a terminal."""
    import shutil

    names = list(columns)
    cells = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[k]) for line in cells) for k in range(len(names))]
    terminal = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    for line in cells:
        text = "  ".join(
            [*(cell.ljust(width) for cell, width in zip(line[:-1], widths, strict=False)), line[-1]]
        ).rstrip()
        put(text if terminal is None or len(text) <= terminal else text[: max(terminal - 1, 20)] + "…")


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else printable(str(value))
