"""Parameter overlays of the calibration as scenario files (TOML)."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from detente.config.loader import load
from detente.shared.errors import DataError
from detente.shared.messages import file_name, quoted
from detente.shared.reading import read_bytes


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Within, an error about the content of a file as a whole names the file."""
    try:
        yield
    except DataError as error:
        sentence = str(error)
        shown = file_name(Path(path).as_posix())
        if sentence.startswith(shown):
            raise
        raise DataError(f"{shown}: {sentence[:1].lower()}{sentence[1:]}") from None


class Change(NamedTuple):
    """One parameter or fact changed by an estimate."""

    table: str
    """Dotted key, such as parameters.gas.mean_reversion."""
    value: float
    unit: str
    dist: str | None = None
    """The distribution's inline table without its braces; None leaves the value fixed."""


def normal(value: float, sd: float) -> str:
    """Inline table of a normal distribution around the value, without braces."""
    return f'kind = "normal", mean = {number(value)}, sd = {number(sd)}'


def lognormal(median: float, log_sd: float) -> str:
    """Inline table of a lognormal distribution, without braces."""
    return f'kind = "lognormal", median = {number(median)}, log_sd = {number(log_sd)}'


def tables(changes: Iterable[Change], source: str, as_of: object) -> list[str]:
    """Lines of TOML, one table a change, each with the same source and date.

    A distribution is truncated as the declared one is, so that nothing outside the bounds can be drawn.
    """
    config = load("baseline")
    declared = {f"parameters.{key}": record for key, record in config.parameters.items()}
    declared |= {f"facts.{key}": record for key, record in config.facts.items()}
    lines: list[str] = []
    for change in changes:
        lines += ["", f"[{change.table}]", f"value = {number(change.value)}"]
        if change.dist is not None:
            record = declared[change.table]
            limits = record.dist.truncate if record.dist is not None else None
            limits = limits or record.bounds
            cut = f", truncate = [{number(limits[0])}, {number(limits[1])}]" if limits is not None else ""
            lines.append(f"dist = {{ {change.dist}{cut} }}")
        lines += [f'unit = "{change.unit}"', f"source = {text(source)}", 'confidence = "D"', f"as_of = {as_of}"]
    return lines


def name_and_digest(path: Path) -> tuple[str, str]:
    """Name of a file, safe to print, and the SHA-256 of its content."""
    return quoted(Path(path).name, marks=False), hashlib.sha256(read_bytes(Path(path))).hexdigest()


def text(value: str) -> str:
    """A TOML string from printable text, with quotes and backslashes escaped."""
    return json.dumps(value, ensure_ascii=False)


def number(value: float) -> str:
    """Six significant digits, always with a decimal point so that TOML reads a float."""
    shown = f"{value:.6g}"
    return shown if "." in shown or "e" in shown else shown + ".0"
