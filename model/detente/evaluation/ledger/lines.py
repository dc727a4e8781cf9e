"""The file of the ledger: lines that are added and never changed, each with the hash of the one before.

``ledger.jsonl`` holds one JSON object a line in canonical form. ``hash`` is the SHA-256 of the line without it, and
``previous`` the hash of the line before when the line was written (empty: the first). ``ledger.jsonl.hashes`` lists the
hashes in the order of the file, so that a line lost at the end is found as well. Copies that grew apart are joined by
``merged``; their lines then share an earlier line as ``previous``.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from detente.runs.store import replace_file
from detente.shared.errors import CheckError, DataError
from detente.shared.paths import make_folder

Line = dict[str, Any]
HASHES = ".hashes"
WAIT = 10.0
"""Seconds to wait for another process that writes to the ledger."""
ATTRIBUTES = "*.jsonl merge=union\n*.jsonl.hashes merge=union\n"
"""Git keeps the lines of both sides when two copies of the ledger are merged."""


def canonical(content: Line) -> str:
    """The one text of a line: keys in order, no spaces, no line break."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def digest(content: Line) -> str:
    """SHA-256 of a line without its ``hash``."""
    return hashlib.sha256(canonical({k: v for k, v in content.items() if k != "hash"}).encode()).hexdigest()


def faults(path: Path) -> list[str]:
    """What is wrong with a ledger, a sentence each; empty if every line is as it was written, in its order.

    A hash may be missing from the list only for the last lines, which an interruption can cause.
    """
    text, listed = _text(path), _text(_hashes(path)).splitlines()
    problems: list[str] = []
    known_at: dict[str, int] = {}
    order: list[str] = []
    for number, line in enumerate(text.split("\n")[:-1], 1):
        content = _parsed(line)
        if content is None or content.get("hash") != digest(content) or canonical(content) != line:
            problems.append(f"line {number} was changed after it was written")
            continue
        own, previous = content["hash"], content.get("previous")
        if own in known_at:
            problems.append(f"line {number} repeats line {known_at[own]}")
        elif previous and previous not in known_at:
            problems.append(f"line {number} follows a line that is missing, changed or stands later")
        elif not previous and number > 1 and own not in listed:
            problems.append(f"line {number} begins a ledger of its own and is not in the list of hashes")
        known_at.setdefault(own, number)
        order.append(own)
    if text and not text.endswith("\n"):
        problems.append("the last line is cut off")
    problems += [f"the line with the hash {one[:12]}… was lost" for one in dict.fromkeys(listed) if one not in known_at]
    known = set(listed)
    listed_here = [one for one in order if one in known]
    if not problems and listed_here != [one for one in dict.fromkeys(listed) if one in known_at]:
        problems.append("the lines stand in another order than they were written")
    if not problems and order[: len(listed_here)] != listed_here:
        problems.append("a line in the middle is not in the list of hashes")
    return problems


def read_lines(path: Path) -> list[Line]:
    """The lines of a ledger; empty if there is none.

    Raises
    ------
    CheckError : the ledger is not as it was written.
    DataError : it cannot be read.
    """
    problems = faults(path)
    if problems:
        raise CheckError(
            f"{path}: {'; '.join(problems[:3])}{'; and more' if len(problems) > 3 else ''}. Restore the ledger and "
            f"{_hashes(path).name} from a copy or from version control."
        )
    return [json.loads(line) for line in _text(path).splitlines()]


def append(path: Path, contents: Sequence[Line]) -> list[Line]:
    """Add lines at the end, each chained to the one before, and return them as written.

    Raises
    ------
    CheckError : the ledger is not as it was written; nothing is added.
    DataError : it cannot be written, or another process is writing to it.
    """
    with _locked(path):
        lines = read_lines(path)
        previous = lines[-1]["hash"] if lines else ""
        new = []
        for content in contents:
            line = content | {"previous": previous}
            previous = digest(line)
            new.append(line | {"hash": previous})
        _write(path, [*lines, *new])
    return new


def merged(path: Path, other: Path) -> list[Line]:
    """Add the lines of another copy that this one lacks, unchanged and in their order.

    Returns
    -------
    The lines added.

    Raises
    ------
    CheckError : one of the two is not as it was written.
    DataError : there is no other copy, or this one cannot be written.
    """
    if not other.is_file():
        raise DataError(f"{other}: there is no such ledger.")
    with _locked(path):
        lines = read_lines(path)
        known = {line["hash"] for line in lines}
        new = [line for line in read_lines(other) if line["hash"] not in known]
        _write(path, [*lines, *new])
    return new


def _write(path: Path, lines: Iterable[Line]) -> None:
    """Replace the ledger and its list of hashes in one step each; the list comes second."""
    lines = list(lines)
    attributes = path.parent / ".gitattributes"
    try:
        if not attributes.exists():
            attributes.write_text(ATTRIBUTES, encoding="utf-8", newline="\n")
    except OSError as error:
        raise DataError(f"{path.parent}: cannot be written ({error.strerror}).") from error
    replace_file(path, "".join(canonical(line) + "\n" for line in lines).encode())
    replace_file(_hashes(path), "".join(line["hash"] + "\n" for line in lines).encode())


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    lock = FileLock(path.parent / f".{path.name}.lock", timeout=WAIT)
    try:
        make_folder(path.parent)
        lock.acquire()
    except Timeout:
        raise DataError(f"{path}: another process is writing to the ledger; try again.") from None
    except OSError as error:
        raise DataError(f"{path}: cannot be written ({error.strerror}); choose another file with --ledger.") from error
    try:
        yield
    finally:
        lock.release()


def _hashes(path: Path) -> Path:
    return path.with_name(path.name + HASHES)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", errors="replace") if path.exists() else ""
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}).") from error


def _parsed(line: str) -> Line | None:
    try:
        content = json.loads(line)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
