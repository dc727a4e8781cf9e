"""The manifest of a run folder: what was written, with a SHA-256 of every file and of the manifest itself.

The first key of ``manifest.json`` is ``digest``, the SHA-256 of all bytes after its line, so that no byte of the file
can change unseen. The effective configuration and the origins of its values, nine tenths of the text, stand last: a
list of a thousand runs reads what is before them. Nothing heavy is imported here.

Schema 1 had neither ``schema`` nor ``digests`` nor ``origins``; folders of that schema are still read.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from detente.engine.version import model_version
from detente.shared.errors import DataError
from detente.shared.messages import quoted
from detente.shared.paths import SLUG
from detente.shared.release import MODEL_NAME

MANIFEST = "manifest.json"
SCHEMA = 2
"""Schema of the manifests that are written; it rises when a reader of the old form would err."""
MAX_BYTES = 32_000_000
UNFINISHED = "report_unfinished"
"""Key of a manifest while a report is being replaced: until it is removed, report files may be absent or changed."""
PAGE, FIGURES = "report.html", "figures"
"""What a report adds to a run folder: a page and a folder."""
CLAIMS = ("claims.json", "claims.csv")
"""What ``detente claims`` adds: registered as the report's files are, and kept when a report is replaced."""
_TABLES_WRITTEN = ("events.parquet", "paths.parquet", "state.parquet", "summary.csv", "summary.parquet")
WRITTEN = ("config.toml", "log.jsonl", *_TABLES_WRITTEN, MANIFEST, PAGE, *CLAIMS)
"""Files that runs, reports and claims write into a run folder, beside the figures."""
_LITTER = re.compile(r"\.DS_Store|Thumbs\.db|desktop\.ini|\.(manifest\.json|claims\.\w+)\.[0-9a-f]{20}\.partial")
"""Files that a desktop writes into a folder, and what an interruption leaves of a file that was being replaced."""
_FIGURE = re.compile(rf"{FIGURES}/[\w.-]+\.(csv|png|svg)")

_NAME = re.compile(r"(?!\.\.?(?:/|$))[\w. -]+(?:/(?!\.\.?(?:/|$))[\w. -]+)*")
"""Relative, with slashes between plain names: no ``..``, no empty part, nothing that another system takes for a
drive or a folder."""
_CONFIG = b'\n "config": '
_LAST = ("config", "origins")
"""Keys after all others, one line each."""
_TEXTS = ("id", "scenario", "title", "model", "status", "finished", "config_digest", "as_of")
_COUNTS = ("failed_paths", "paths_per_second")
_TABLES = ("versions", "platform", "options", "run", "files")


def digest(path: Path) -> str:
    """SHA-256 of a file (DataError if it cannot be read)."""
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except OSError as error:
        raise DataError(
            f"{path}: the file cannot be read ({error.strerror}); correct its permissions or copy it from elsewhere."
        ) from error


def file_names(folder: Path) -> list[str]:
    """Every file of a folder but the manifest, by relative path with slashes, in order.

    Links are files, whatever they lead to.
    """
    return sorted(name for name in _walk(folder, "") if name != MANIFEST)


def _walk(folder: Path, prefix: str) -> Iterator[str]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _walk(folder / entry.name, f"{prefix}{entry.name}/")
            else:
                yield prefix + entry.name


def file_digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file of a folder but the manifest, by relative path."""
    return {name: digest(folder / name) for name in file_names(folder)}


def sealed(manifest: dict[str, Any]) -> bytes:
    """A manifest as it is written.

    Its own digest first, configuration and origins last, other keys in alphabetical order.
    """
    head = {key: value for key, value in manifest.items() if key not in (*_LAST, "digest")}
    parts = [_text(head)[:-2]]
    for key in _LAST:
        if key in manifest:
            text = json.dumps(manifest[key], sort_keys=True, ensure_ascii=False, allow_nan=False)
            parts.append(f' "{key}": {text}')
    rest = (",\n".join(parts)[2:] + "\n}\n").encode()
    return _seal(rest) + rest


def unsealed(raw: bytes) -> dict[str, Any]:
    """What ``sealed`` wrote (ValueError if a byte of it has changed)."""
    if raw[:SEAL_LENGTH] != _seal(raw[SEAL_LENGTH:]):
        raise ValueError("its content is not what was written")
    value = json.loads(raw)
    return value if isinstance(value, dict) else {}


def _text(value: dict[str, Any]) -> str:
    return json.dumps(value, indent=1, sort_keys=True, ensure_ascii=False, allow_nan=False)


def _seal(rest: bytes) -> bytes:
    return b'{\n "digest": "%s",\n' % hashlib.sha256(rest).hexdigest().encode()


SEAL_LENGTH = len(_seal(b""))


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run folder (DataError if there is none, or if a byte of it is not what was written)."""
    path = folder / MANIFEST
    manifest = _parsed(_bytes(folder), path)
    _refuse_newer(manifest, path)
    if not _shaped(manifest) or not _configured(manifest):
        raise DataError(_unreadable(manifest, path))
    return manifest


def read_head(folder: Path) -> dict[str, Any]:
    """The manifest without configuration and origins, some thirty times as fast to read; checked in the same way."""
    path = folder / MANIFEST
    before, separator, _ = _bytes(folder).partition(_CONFIG)
    head = _parsed(before.rstrip(b",") + b"}", path) if separator else {}
    _refuse_newer(head, path)
    if not _shaped(head):
        raise DataError(_unreadable(head, path))
    return head


def _unreadable(manifest: dict[str, Any], path: Path) -> str:
    """The sentence on a manifest of another shape, which an earlier version may have written."""
    versions = manifest.get("versions")
    writer = versions.get("detente") if isinstance(versions, dict) else None
    model = versions.get("model") if isinstance(versions, dict) else None
    earlier = manifest.get("schema", 1) != SCHEMA or (isinstance(model, str) and model != model_version())
    if isinstance(model, str) and earlier:
        by = f"version {quoted(writer, marks=False, limit=20)}" if isinstance(writer, str) else "an earlier version"
        return (
            f"{path}: was written by {by} of {MODEL_NAME} (model {quoted(model, marks=False, limit=40)}) in a form "
            f"that this version does not read; {_again(path.parent)}."
        )
    return f"{path}: is not a manifest of {MODEL_NAME}; {_again(path.parent)}."


def _refuse_newer(manifest: dict[str, Any], path: Path) -> None:
    schema = manifest.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        raise DataError(
            f"{path}: has schema {schema}, and this version reads schemas up to {SCHEMA}; install a newer version."
        )


def _bytes(folder: Path) -> bytes:
    path = folder / MANIFEST
    try:
        raw = path.read_bytes() if path.stat().st_size <= MAX_BYTES else b""
    except (FileNotFoundError, NotADirectoryError):
        if not folder.is_dir():
            raise DataError(
                f"{folder}: there is no such run folder; detente list runs shows those under results."
            ) from None
        raise DataError(
            f"{folder}: has no {MANIFEST}, so it is no finished run; name a folder such as results/baseline-1a2b3c4d."
        ) from None
    except OSError as error:
        raise DataError(f"{path}: the manifest cannot be read ({error.strerror}); {_again(folder)}.") from error
    if raw[:SEAL_LENGTH] != _seal(raw[SEAL_LENGTH:]):
        if _unsealed_manifest(raw):
            raise DataError(
                f"{path}: the manifest is damaged or of an earlier version of {MODEL_NAME}, for it has no digest of "
                f"itself; {_again(folder)}."
            )
        raise DataError(f"{path}: the manifest is damaged, its content is not what was written; {_again(folder)}.")
    return raw


def _unsealed_manifest(raw: bytes) -> bool:
    """Whether the bytes are a manifest without its digest, as the first versions wrote it."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and "digest" not in value and {"id", "scenario", "versions"} <= value.keys()


def _parsed(raw: bytes, path: Path) -> dict[str, Any]:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        raise DataError(f"{path}: the manifest is damaged, it is no JSON; {_again(path.parent)}.") from None
    return value if isinstance(value, dict) else {}


def _again(folder: Path) -> str:
    config = folder / "config.toml"
    return f"detente run {config} --force makes it again" if config.is_file() else "run the scenario again"


def _shaped(head: dict[str, Any]) -> bool:
    """Whether a manifest has the parts that its readers rely on, and names no file outside its folder."""
    schema = head.get("schema", 1)
    if not _whole(schema) or not 1 <= schema <= SCHEMA or (schema > 1 and not _digested(head.get("digests"))):
        return False
    if not all(isinstance(head.get(key), str) for key in _TEXTS) or not all(_whole(head.get(key)) for key in _COUNTS):
        return False
    if not all(isinstance(head.get(key), dict) for key in _TABLES) or not isinstance(
        head.get("report_files", {}), dict
    ):
        return False
    run, files, reports = head["run"], head["files"], head.get("report_files", {})
    return (
        re.fullmatch(r"[0-9a-f]{8}", head["id"]) is not None
        and re.fullmatch(SLUG, head["scenario"]) is not None
        and all(_within(name) and isinstance(value, str) for name, value in (*files.items(), *reports.items()))
        and all(isinstance(value, str) for value in head["versions"].values())
        and _texts(head.get("overrides", {}))
        and _whole(head.get("guarded_paths", 0))
        and "model" in head["versions"]
        and all(_whole(run.get(key)) for key in ("paths", "horizon", "seed"))
        and run.get("step") in ("month", "week")
        and _whole(head["options"].get("keep_paths"))
        and isinstance(head["options"].get("exact"), bool)
        and isinstance(head.get("wall_seconds"), int | float)
    )


def _configured(manifest: dict[str, Any]) -> bool:
    config, origins = manifest.get("config"), manifest.get("origins", {})
    return (
        isinstance(config, dict)
        and config.get("run") == manifest["run"]
        and config.get("as_of") == manifest["as_of"]
        and isinstance(origins, dict)
        and all(isinstance(value, str) for value in origins.values())
    )


def _texts(table: Any) -> bool:
    return isinstance(table, dict) and all(isinstance(value, str) for value in table.values())


def _digested(digests: Any) -> bool:
    """Whether the digests of source and probe values are there."""
    return isinstance(digests, dict) and all(
        re.fullmatch(r"[0-9a-f]{64}", str(digests.get(name))) for name in ("source", "probe")
    )


def _whole(value: Any) -> bool:
    """Whether a value is a whole number."""
    return isinstance(value, int) and not isinstance(value, bool)


def _within(name: str) -> bool:
    """Whether a name leads to a file inside the folder that holds the manifest, on every system."""
    return _NAME.fullmatch(name) is not None


def check_file(folder: Path, name: str, manifest: dict[str, Any]) -> None:
    """Refuse a file of a run that is missing or not what was written (DataError with the fix)."""
    path = folder / name
    if not path.is_file():
        raise DataError(f"{path}: the file is missing; run the scenario again, or see detente validate {folder}.")
    if digest(path) != manifest["files"].get(name):
        again = "run the scenario" if name == "config.toml" else f"detente run {folder / 'config.toml'}"
        raise DataError(
            f"{path}: the file is damaged, its content is not what was written; {again} --force makes it again."
        )


def damage(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """What is wrong with a run folder, a sentence each.

    Missing and changed files, of the run and of its report, and foreign ones.
    """
    sentences = run_damage(folder, manifest)
    unfinished = UNFINISHED in manifest
    reports = manifest.get("report_files", {})
    if not unfinished:
        sentences += _differing(folder, reports)
    known = {*manifest["files"], *reports}
    for name in file_names(folder):
        if name not in known and not _litter(name) and not (unfinished and _reported(name)):
            sentences.append(f"{folder / quoted(name, marks=False)}: a file that the run did not write.")
    return sentences


def strangers(folder: Path) -> list[str]:
    """Files of a run folder that no run, report or claims have written, by relative path; links too.

    Without a readable manifest, figures and tables are told by their names.
    """
    try:
        head = read_head(folder)
        known = {*head["files"], *head.get("report_files", {}), MANIFEST}
        unfinished = UNFINISHED in head
    except DataError:
        known, unfinished = set(), True

    def ours(name: str) -> bool:
        figure = unfinished and _FIGURE.fullmatch(name) is not None
        return name in known or name in WRITTEN or figure or _litter(name)

    return [name for name in sorted(_walk(folder, "")) if not ours(name) or (folder / name).is_symlink()]


def _litter(name: str) -> bool:
    return _LITTER.fullmatch(name.rpartition("/")[2]) is not None


def run_damage(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """What is wrong with the files of the run itself; its report and foreign files are not checked."""
    return _differing(folder, manifest["files"])


def _differing(folder: Path, files: dict[str, str]) -> list[str]:
    sentences = []
    for name, expected in files.items():
        path = folder / name
        if not path.is_file():
            sentences.append(f"{path}: the file is missing.")
        elif digest(path) != expected:
            sentences.append(f"{path}: the content is not what was written (SHA-256 differs).")
    return sentences


def notes(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """Harmless irregularities of a run folder, a sentence each."""
    if UNFINISHED in manifest:
        return [f"{folder}: writing its report was interrupted; detente report {folder} writes it."]
    return []


def _reported(name: str) -> bool:
    return name == PAGE or name in CLAIMS or name.startswith(f"{FIGURES}/")
