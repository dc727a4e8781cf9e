"""Whether a run folder is as it was written."""

from dataclasses import dataclass
from pathlib import Path

from detente import store
from detente.config import load
from detente.errors import DetenteError

FOREIGN = "a file that the run did not write."


@dataclass(frozen=True)
class Integrity:
    """``damage``: what is wrong, a sentence each; ``notes``: what is odd but harms nothing; ``files``: how many the manifest names."""

    damage: list[str]
    notes: list[str]
    files: int


def check(folder: Path) -> Integrity:
    """Compare every file with the manifest, and the configuration with its own digest (DataError if the folder is no run)."""
    manifest = store.read_manifest(folder)
    found = store.damage(folder, manifest)
    damage = [sentence for sentence in found if not sentence.endswith(FOREIGN)]
    notes = [sentence for sentence in found if sentence.endswith(FOREIGN)]
    path = folder / "config.toml"
    if not damage:
        try:
            same = load(path).digest() == manifest["config_digest"]
        except DetenteError as error:
            same = False
            notes.append(str(error))
        if not same:
            damage.append(f"{path}: the configuration is not the one that the manifest was written for; another version wrote it, or it was changed.")
    return Integrity(damage, notes, len(manifest["files"]) + len(manifest.get("report_files", {})))
