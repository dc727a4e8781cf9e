"""Status of a unit: finished, or to be run because a configuration key, a version or data have changed.

The comparison covers the effective configuration, the model version and the data, not text, comments or file order.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from detente.batches.record import Entry, Folder
from detente.batches.tasks import Task
from detente.config.loader import Config
from detente.engine.version import model_version
from detente.runs import hidden, store
from detente.runs.checkpoints import CHECKPOINT
from detente.runs.identity import data_digests
from detente.runs.runner import Options, objections
from detente.shared.errors import DataError
from detente.shared.paths import run_folder

ABSENT = "absent"
SHORT = 60


@dataclass(frozen=True)
class Reason:
    """Why a unit has to be run: ``key`` was ``before`` and is ``after``, as set in file and line ``where``."""

    key: str
    before: str = ""
    after: str = ""
    where: str = ""

    def __str__(self) -> str:
        change = f"{self.key}: {self.before} -> {self.after}" if self.before or self.after else self.key
        return f"{change} ({self.where})" if self.where else change


@dataclass(frozen=True)
class Status:
    """``done``, or the reasons why the unit has to be run."""

    done: bool
    reasons: tuple[Reason, ...] = ()


def status(task: Task, options: Options, entry: Entry | None, folder: Folder, config: Config | None = None) -> Status:
    """Whether the run of a task exists and is complete; with its ``config``, reasons are given key by key."""
    if task.folder.is_dir():
        reasons = objections(task.folder, options)
        if options.force:
            return Status(False, (Reason("--force"),))
        return Status(not reasons, tuple(Reason(text) for text in reasons))
    return Status(False, tuple(_missing(task, entry, folder, config)))


def _missing(task: Task, entry: Entry | None, folder: Folder, config: Config | None) -> Iterator[Reason]:
    """Why there is no run folder with that id."""
    earlier = [] if entry is None else [run for run in (entry.run, *entry.earlier) if run != task.id]
    if (hidden.place(task.folder, hidden.CHECKPOINT) / CHECKPOINT).is_file():
        yield Reason("interrupted; resumes from its last checkpoint")
    elif folder.error_file(task.name).is_file():
        yield Reason(f"failed last time, see {folder.error_file(task.name)}")
    elif not earlier:
        yield Reason("not finished yet" if entry is not None else "new")
    for run in earlier:
        old = run_folder(entry.scenario if entry else task.scenario, run, folder.path.parent)
        try:
            manifest = store.read_manifest(old)
        except DataError:
            continue
        yield from changes(manifest, task, config)
        return
    if earlier:
        yield Reason("changed; the earlier run no longer exists")


def changes(manifest: dict[str, Any], task: Task, config: Config | None) -> Iterator[Reason]:
    """Differences between an earlier run of a unit and its present run."""
    before = manifest["versions"]["model"]
    if before != model_version():
        yield Reason("the model", before, model_version())
    data = data_digests()
    for name, digest in manifest.get("data", {}).items():
        if data.get(name) != digest:
            yield Reason(f"data of {name}", digest, data.get(name, ABSENT))
    if manifest["config_digest"] != task.digest:
        if config is None:
            yield Reason("the configuration")
        else:
            yield from compared(manifest["config"], config)


def compared(before: dict[str, Any], config: Config) -> Iterator[Reason]:
    """Effective keys that differ, sorted by name."""
    was, now = outline(before), outline(config.canonical())
    for key in sorted({*was, *now}):
        if was.get(key) != now.get(key):
            yield Reason(key, was.get(key, ABSENT), now.get(key, ABSENT), _origin(config, key))


def outline(canonical: Any, prefix: str = "") -> dict[str, str]:
    """A canonical configuration as dotted keys with short texts; list items are keyed by name, date or number."""
    if isinstance(canonical, dict) and canonical:
        parts = {f"{prefix}.{key}" if prefix else key: value for key, value in canonical.items()}
    elif isinstance(canonical, list) and canonical and all(isinstance(item, dict) for item in canonical):
        labels = [str(item.get("name") or item.get("date") or number) for number, item in enumerate(canonical, 1)]
        parts = {
            f"{prefix}.{label}{f'#{k + 1}' if label in labels[:k] else ''}": canonical[k]
            for k, label in enumerate(labels)
        }
    else:
        text = json.dumps(canonical, ensure_ascii=False)
        return {prefix: text if len(text) <= SHORT else f"{text[:SHORT]}… #{_digits(text)}"}
    texts: dict[str, str] = {}
    for key, value in parts.items():
        texts |= outline(value, key)
    return texts


def _digits(text: str) -> str:
    """Six digits that distinguish long texts with the same beginning."""
    return hashlib.sha256(text.encode()).hexdigest()[:6]


def _origin(config: Config, key: str) -> str:
    """File and line of a key, or of the closest table above it."""
    parts = key.split(".")
    for end in range(len(parts), 0, -1):
        name = ".".join(parts[:end])
        if name in config.origins:
            return config.origins[name]
    return ""
