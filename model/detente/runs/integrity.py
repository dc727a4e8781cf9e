"""Checks that run folders are as they were written."""

from dataclasses import dataclass
from pathlib import Path

from detente.config.loader import load
from detente.runs import manifest as manifests
from detente.shared.errors import DataError, DetenteError


@dataclass(frozen=True)
class Integrity:
    """The result of checking a run folder.

    ``damage``: what is wrong, a sentence each; ``notes``: harmless irregularities; ``files``: how many there should be.
    """

    folder: Path
    damage: list[str]
    notes: list[str]
    files: int


def check(folder: Path) -> Integrity:
    """Compare every file with the manifest, and the configuration with its own digest.

    DataError if there is no valid manifest.
    """
    manifest = manifests.read_manifest(folder)
    damage, notes = manifests.damage(folder, manifest), manifests.notes(folder, manifest)
    path = folder / "config.toml"
    if not damage:
        try:
            same = load(path).digest() == manifest["config_digest"]
        except DetenteError as error:
            same = False
            notes.append(str(error))
        if not same:
            damage.append(
                f"{path}: the configuration is not the one that the manifest was written for; "
                "another version wrote it, or it was changed."
            )
    return Integrity(folder, damage, notes, 1 + len(manifest["files"]) + len(manifest.get("report_files", {})))


def check_all(folders: list[Path]) -> list[Integrity]:
    """The same for many runs; one whose manifest cannot be read is damaged too."""
    checks = []
    for folder in folders:
        try:
            checks.append(check(folder))
        except DataError as error:
            checks.append(Integrity(folder, [str(error)], [], 0))
    return checks
