"""The page ``index.html`` of a results folder.

Its runs and batches, the newest first, each with its headline figure and its report.
"""

import datetime as dt
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from filelock import Timeout

from detente.report.page.html import render
from detente.runs import find, store
from detente.runs import manifest as manifests
from detente.runs.manifest import FIGURES, PAGE
from detente.shared import files, formatting
from detente.shared.errors import DataError
from detente.shared.messages import quoted
from detente.shared.paths import shown

INDEX = "index.html"
MARK = b'<meta name="generator" content="detente index">'
"""In the head of every page of this kind: a page without it belongs to somebody else."""
HEADLINES = ("worth", "scenarios", "brent")
"""Headline figures in order of preference: the revenue effect of relief, the scenarios, Brent."""
MOST_SHOWN = 6
"""Values set by hand that an entry names."""
BATCH, BATCH_PAGE = "batch.json", "comparison.html"
PATIENCE = 60.0
"""Seconds to wait for another process that writes the page."""


@dataclass(frozen=True)
class Entry:
    """A run as the page shows it.

    ``report`` and ``picture`` are addresses within the results folder, "" if there is none.
    """

    title: str
    scenario: str
    id: str
    as_of: str
    size: str
    finished: str
    report: str
    picture: str
    by_hand: str


@dataclass(frozen=True)
class BatchEntry:
    """A batch as the page shows it."""

    title: str
    name: str
    state: str
    page: str


def write(results: Path) -> Path:
    """Write or replace ``index.html`` of a results folder and return its path.

    DataError if there is no such folder, it cannot be written, or another page has the name.
    """
    if not results.is_dir():
        raise DataError(f"{shown(results)}: there is no such folder; name one that holds run folders.")
    page = results / INDEX
    if os.path.lexists(page) and not _ours(page):
        raise DataError(f"{shown(page)}: was not written by détente, so it is not replaced; rename it.")
    try:
        with store.lock(results / ".index.lock", timeout=PATIENCE):
            store.replace_file(page, text(results).encode("utf-8"))
    except Timeout:
        raise DataError(f"{shown(page)}: another process is writing this page; try again when it is done.") from None
    except OSError as error:
        raise DataError(
            f"{shown(page)}: cannot be written ({error.strerror}); {files.remedy(error, 'make the folder writable')}."
        ) from error
    return page


def refresh(results: Path, say: Callable[[str], None]) -> None:
    """Write the page after a batch; a page that cannot be written is a message, not an error."""
    try:
        write(results)
    except DataError as error:
        say(f"The page of all runs is left as it is: {error}")


def _ours(page: Path) -> bool:
    """Whether a page carries the mark of this one."""
    if not files.plain_file(page):
        return False
    with page.open("rb") as handle:
        return MARK in handle.read(2_000)


def text(results: Path) -> str:
    """The page. Everything that comes from a configuration or a folder's name is escaped."""
    runs = find.read_all(results)
    entries = [_entry(one.folder, one.head) for one in runs if one.head is not None]
    damaged = [
        quoted(one.damage.replace(f"{results}{os.sep}", ""), marks=False, limit=500) for one in runs if one.head is None
    ]
    batches = list(_batches(results))
    parts = [formatting.plural(len(entries), "run")]
    parts += [formatting.plural(len(batches), "batch", "batches")] if batches else []
    parts += [f"{formatting.count(len(damaged))} damaged"] if damaged else []
    name = quoted(results.resolve().name or "results", marks=False)
    return render("index.html.j2", name=name, lead=", ".join(parts), entries=entries, batches=batches, damaged=damaged)


def _entry(folder: Path, head: dict[str, Any]) -> Entry:
    run, reported = head["run"], head.get("report_files", {})
    figures = (f"{FIGURES}/{name}.png" for name in HEADLINES)
    return Entry(
        title=formatting.one_line(head["title"]),
        scenario=head["scenario"],
        id=head["id"],
        as_of=_day(head["as_of"]),
        size=(
            f"{formatting.count(run['paths'])} paths, {formatting.plural(run['horizon'], 'month')}, seed {run['seed']}"
        ),
        finished=_moment(head["finished"]),
        report=_address(folder, PAGE, PAGE in reported),
        by_hand=formatting.by_hand(head.get("overrides", {}), MOST_SHOWN),
        picture=next((address for name in figures if (address := _address(folder, name, name in reported))), ""),
    )


def _address(folder: Path, name: str, listed: bool) -> str:
    """The address of a file of a run, relative to the results folder.

    "" unless the manifest lists the file and it exists.
    """
    return f"{quote(os.fsencode(folder.name))}/{quote(name)}" if listed and (folder / name).is_file() else ""


def _day(iso: str) -> str:
    try:
        return formatting.day(dt.date.fromisoformat(iso))
    except ValueError:
        return formatting.one_line(iso)


def _moment(iso: str) -> str:
    try:
        at = dt.datetime.fromisoformat(iso)
    except ValueError:
        return formatting.one_line(iso)
    return f"{formatting.day(at.date())}, {at:%H:%M} UTC"


def _batches(results: Path) -> Iterator[BatchEntry]:
    """Batches by the time of their last word, the newest first; a record that cannot be read is said to be damaged."""
    records = [path for path in results.glob(f"*/{BATCH}") if not path.parent.name.startswith(".") and path.is_file()]
    for path in sorted(records, key=lambda record: (-record.stat().st_mtime, record.parent.name)):
        name = quoted(path.parent.name, marks=False)
        try:
            content = manifests.unsealed(path.read_bytes())
            states = [str(unit["state"]) for unit in content["units"]]
            title = formatting.one_line(str(content["title"])) or name
        except (OSError, ValueError, KeyError, TypeError):
            yield BatchEntry(
                name, name, f"the record {BATCH} is damaged; give the batch again, and it is written anew", ""
            )
            continue
        done, failed = states.count("done"), states.count("failed")
        state = f"{formatting.count(done)} of {formatting.plural(len(states), 'unit')} finished" + (
            f", {formatting.count(failed)} failed" if failed else ""
        )
        yield BatchEntry(title, name, state, _address(path.parent, BATCH_PAGE, True))
