"""Standard streams: data to stdout, talk to stderr; a closed or oddly encoded stream is no reason to fail."""

import contextlib
import os
import sys
from collections.abc import Iterable, Sequence
from typing import IO, Any

import click

from detente.shared.messages import printable


def harden() -> None:
    """Make the process's streams safe to write to, and its new files not writable for all, whatever the user's mask.

    A closed one is opened on the null device, so that no file of ours gets its number and with it whatever a library
    prints. A character that an encoding lacks is written as an escape.
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
    """After the reader of stdout has left (``| head``): nothing more is written, not even by the interpreter at its
    end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except (OSError, ValueError, AttributeError):
        sys.stdout = _nowhere("w")


class Talk:
    """What is said to the user, on stderr, at the loudness that the options ask for."""

    def __init__(self) -> None:
        self.quiet = False
        self.verbose = False
        self.debug = False
        self.no_color = bool(os.environ.get("NO_COLOR"))

    def say(self, sentence: str) -> None:
        """A sentence for everyone but ``--quiet``."""
        if not self.quiet:
            self._write(sentence)

    def detail(self, sentence: str) -> None:
        """A sentence for ``--verbose``."""
        if self.verbose and not self.quiet:
            self._write(sentence)

    def error(self, sentence: str) -> None:
        """A sentence that is said whatever the options."""
        self._write(click.style("Error:", fg="red", bold=True) + f" {sentence}")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):  # nobody listens, which is no reason to lose a run
            click.echo(text, err=True, color=False if self.no_color else None)

    @property
    def animated(self) -> bool:
        """Whether a progress bar has somebody to look at it."""
        return not self.quiet and sys.stderr is not None and sys.stderr.isatty()


def cores(jobs: int | None) -> str:
    """``1 core``, ``2 cores``: as many as asked for, or all."""
    number = jobs or os.cpu_count() or 1
    return "1 core" if number == 1 else f"{number} cores"


def put(text: str) -> None:
    """Data to stdout."""
    click.echo(text, color=False)


def put_json(value: Any) -> None:
    """Data to stdout, as JSON."""
    import json

    put(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def put_table(rows: Sequence[dict[str, Any]], columns: Iterable[str]) -> None:
    """Rows as aligned columns under a heading; on a terminal a line is cut to the width, elsewhere it is whole."""
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
