"""Words of a finished run: title and description can change without a number changing, so the run takes them up."""

import hashlib
from pathlib import Path

from detente.config.loader import Config, load_effective
from detente.runs import manifest as manifests
from detente.runs import store
from detente.shared.errors import DetenteError


def take_up_words(folder: Path, config: Config) -> bool:
    """Give a complete run the title and description of an equal configuration; whether they differed."""
    file = folder / "config.toml"
    try:
        before = load_effective(file.read_text(encoding="utf-8"), file.as_posix())
    except (OSError, DetenteError):
        return False  # written by another version; only a new run makes it readable
    if (before.title, before.description) == (config.title, config.description):
        return False
    text = config.to_toml().encode()
    manifest = manifests.read_manifest(folder)
    manifest["title"] = config.title
    manifest["files"] = manifest["files"] | {file.name: hashlib.sha256(text).hexdigest()}
    store.replace_file(file, text)
    store.replace_file(folder / store.MANIFEST, store.sealed(manifest))
    return True
