"""Keys that were renamed, split or dropped, and what to write instead: ``configs/renamed.toml``."""

from pathlib import Path

from pydantic import Field

from detente.config.fields import Strict, Text
from detente.config.toml import UnknownKeyError, read
from detente.config.validation import check
from detente.shared.errors import ConfigError, DataError
from detente.shared.messages import quoted
from detente.shared.paths import shipped_configs, shown

FILE = "renamed.toml"


class Renamed(Strict):
    """A key that is no longer valid.

    ``since``: the version that changed it; ``replaced_by``: the keys to use instead, none for a dropped key;
    ``sentence``: what to consider when the file is changed.
    """

    key: Text
    since: Text
    replaced_by: tuple[Text, ...] = ()
    sentence: Text

    def message(self) -> str:
        """The end of an error message on a file that uses the key."""
        if not self.replaced_by:
            change = "was dropped"
        elif len(self.replaced_by) == 1:
            change = f"is now {quoted(self.replaced_by[0])}"
        else:
            keys = [quoted(key) for key in self.replaced_by]
            change = f"was split into {', '.join(keys[:-1])} and {keys[-1]}"
        return f"the key {quoted(self.key)} {change} since version {self.since}; {self.sentence}"


class RenamedFile(Strict):
    """The content of ``configs/renamed.toml``."""

    schema_version: int = 1
    renamed: tuple[Renamed, ...] = Field(default=())


def renamed_keys(roots: tuple[Path, ...]) -> dict[str, Renamed]:
    """Every renamed key of the configuration folders and of the shipped configuration, the first entry for each."""
    entries: dict[str, Renamed] = {}
    for root in dict.fromkeys((*roots, _shipped(roots[-1]))):
        path = root / FILE
        if path.is_file():
            for entry in check(RenamedFile, read(path, shown(path, roots))).renamed:
                entries.setdefault(entry.key, entry)
    return entries


def _shipped(otherwise: Path) -> Path:
    try:
        return shipped_configs()
    except DataError:
        return otherwise


def explained(error: UnknownKeyError, roots: tuple[Path, ...]) -> ConfigError:
    """The error that quotes ``renamed.toml`` if it lists the key or a table that holds the key; else the same error."""
    entries = renamed_keys(roots)
    parts = error.key.split(".")
    for end in range(len(parts), 0, -1):
        entry = entries.get(".".join(parts[:end]))
        if entry is not None:
            return ConfigError(f"{error.place}: {entry.message()}")
    return ConfigError(str(error))
