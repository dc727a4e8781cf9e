"""How estimates are written: a scenario file (TOML) with the provenance of each value."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from detente.shared.messages import quoted


class Change(NamedTuple):
    """One value that an estimate changes."""

    table: str
    """Such as parameters.gas.mean_reversion."""
    value: float
    unit: str
    dist: str | None = None
    """The distribution's inline table without its braces; None leaves the value fixed."""


def normal(value: float, sd: float) -> str:
    """Around the value itself."""
    return f'kind = "normal", mean = {number(value)}, sd = {number(sd)}'


def lognormal(median: float, log_sd: float) -> str:
    return f'kind = "lognormal", median = {number(median)}, log_sd = {number(log_sd)}'


def tables(changes: Iterable[Change], source: str, as_of: object) -> list[str]:
    """Lines of one TOML table a change, each with the same source and date."""
    lines: list[str] = []
    for change in changes:
        lines += ["", f"[{change.table}]", f"value = {number(change.value)}"]
        if change.dist is not None:
            lines.append(f"dist = {{ {change.dist} }}")
        lines += [f'unit = "{change.unit}"', f"source = {text(source)}", 'confidence = "D"', f"as_of = {as_of}"]
    return lines


def named(path: Path) -> tuple[str, str]:
    """A file's name, safe to print, and the SHA-256 of its bytes."""
    return quoted(Path(path).name, marks=False), hashlib.sha256(Path(path).read_bytes()).hexdigest()


def text(value: str) -> str:
    """A TOML string; the text is printable already, so quotes and backslashes are all there is to escape."""
    return json.dumps(value, ensure_ascii=False)


def number(value: float) -> str:
    """Six significant digits, always with a point so that TOML reads a float."""
    shown = f"{value:.6g}"
    return shown if "." in shown or "e" in shown else shown + ".0"
