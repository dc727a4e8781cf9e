"""From the name of a scenario to its files: the baseline, the scenarios it extends, the scenario itself."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from detente.config.schema import SCHEMA_VERSION, Scenario
from detente.config.toml import Document, read
from detente.config.validation import check
from detente.shared.errors import ConfigError, DataError
from detente.shared.memo import Remembered
from detente.shared.messages import nearest, quoted, unknown
from detente.shared.paths import find, listing, shown

MAX_CHAIN = 8


@dataclass(frozen=True)
class Layer:
    """One layer over the declared parameters and facts."""

    document: Document
    scenario: Scenario
    command_line: bool = False


_scenario = Remembered(lambda document: check(Scenario, document), most=64)


def scenario_paths(roots: Iterable[Path]) -> dict[str, Path]:
    """Every scenario by name, the baseline first."""
    roots = tuple(roots)
    baseline = find("baseline.toml", roots)
    return ({"baseline": baseline} if baseline else {}) | listing("scenarios", roots)


def scenario_file(name_or_path: str | Path, roots: tuple[Path, ...]) -> Path:
    """The file of a scenario: a path as it is, a name among the scenarios, else NAME.toml in the working folder.

    ConfigError with the nearest name if there is none.
    """
    if isinstance(name_or_path, Path) or re.search(r"[/\\]|\.toml$", name_or_path):
        return _as_stored(Path(name_or_path))
    names = scenario_paths(roots)
    if name_or_path == "baseline" and name_or_path not in names:
        raise DataError(
            f"{shown(roots[-1] / 'baseline.toml', roots)}: there is no such file, and every scenario starts from it."
        )
    if name_or_path not in names:
        own = _as_stored(Path(f"{name_or_path}.toml"))
        if _is_file(own):
            return own
        if _is_file(Path(name_or_path)):
            raise ConfigError(
                f"{quoted(name_or_path)} is a file, but no scenario file, whose name ends in .toml; rename it."
            )
        raise ConfigError(
            f"There is no scenario {quoted(name_or_path)} and no file {quoted(own)}; {_remedy(name_or_path, names)}."
        )
    return names[name_or_path]


def _remedy(name: str, names: Iterable[str]) -> str:
    """What to do about an unknown scenario: the nearest name or file, else the two commands that help."""
    files = sorted(path.name for path in Path().glob("*.toml"))
    near = nearest(name, [*names, *files])
    if near is not None:
        return f"the nearest valid one is {quoted(near)}"
    return "detente list scenarios shows the valid names, and detente new writes a file to edit"


def _is_file(path: Path) -> bool:
    """Whether there is such a file; a text that is no file name is none."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _as_stored(path: Path) -> Path:
    """A path in the form of Unicode in which its file is stored: as typed, else composed, else decomposed."""
    forms = [path, *(Path(unicodedata.normalize(form, str(path))) for form in ("NFC", "NFD"))]
    return next((form for form in forms if _is_file(form)), path)


def read_document(path: Path, roots: tuple[Path, ...]) -> Document:
    """A scenario or effective configuration as a document, its schema version checked."""
    document = read(path, shown(path, roots))
    check_version(document)
    return document


def check_version(document: Document) -> None:
    """ConfigError if a document says no schema version, or another one than this détente reads."""
    version = document.data.get("schema_version")
    if version is None and not nearest("schema_version", document.data):
        document.fail(
            (), f"the key schema_version is missing; write schema_version = {SCHEMA_VERSION} on the first line."
        )
    if isinstance(version, bool) or (isinstance(version, int) and version != SCHEMA_VERSION):
        document.fail(
            ("schema_version",), f"this file has schema version {version}; this détente reads version {SCHEMA_VERSION}."
        )


def file_layers(document: Document, roots: tuple[Path, ...]) -> list[Layer]:
    """The layers of a scenario file, the baseline first.

    ConfigError for a circle, a chain that is too long, or a base outside the permitted folders.
    """
    baseline = find("baseline.toml", roots)
    if baseline is None:
        raise DataError(
            f"{shown(roots[-1] / 'baseline.toml', roots)}: there is no such file, and every scenario starts from it."
        )
    chain: list[Document] = []
    layers: list[Layer] = []
    while document.path is None or document.path.resolve() != baseline.resolve():
        if chain and "effective" in document.data:
            document.fail(
                ("effective",),
                "an effective configuration is complete and cannot be extended; extend the scenario it came from.",
            )
        layers.append(Layer(document, _scenario(document)))
        chain.append(document)
        following = _base(document, layers[-1].scenario.extends, baseline, roots)
        visited = [earlier.path.resolve() for earlier in chain if earlier.path]
        if following.resolve() in visited:
            circle = [*visited[visited.index(following.resolve()) :], following]
            route = " -> ".join(quoted(link.name, marks=False) for link in circle)
            document.fail(
                ("extends",), f"extends goes round in a circle, {route}; let one of them extend the baseline."
            )
        if len(chain) >= MAX_CHAIN:
            document.fail(("extends",), f"extends goes through more than {MAX_CHAIN} files; merge some of them.")
        document = read_document(following, roots)
    bottom = _scenario(document)
    if bottom.extends is not None:
        document.fail(
            ("extends",), "the baseline is what every scenario starts from and extends nothing; remove this line."
        )
    return [Layer(document, bottom), *reversed(layers)]


def _base(document: Document, extends: str | None, baseline: Path, roots: tuple[Path, ...]) -> Path:
    """The file a scenario extends, in the scenario's own folder or among the scenarios."""
    if extends in (None, "baseline"):
        return baseline
    own = (document.path or Path.cwd() / "scenario.toml").resolve().parent
    named = scenario_paths(roots)
    file = extends
    if not re.search(r"[/\\]|\.toml$", extends):
        beside = {path.stem for path in own.glob("*.toml")}
        if extends not in beside and extends in named:
            return named[extends]
        if extends not in beside:
            document.fail(("extends",), unknown("scenario", extends, sorted({*named, *beside})))
        file = f"{extends}.toml"
    try:
        target = (own / file).resolve()
        exists = target.is_file()
    except (OSError, ValueError, RuntimeError):
        document.fail(("extends",), f"{quoted(extends)} is not a file name.")
    if not any(target.is_relative_to(folder) for folder in (own, *((root / "scenarios").resolve() for root in roots))):
        document.fail(
            ("extends",),
            f"{quoted(extends)} lies outside the scenario's own folder and configs/scenarios; "
            "put a copy beside the scenario.",
        )
    if not exists:
        document.fail(("extends",), f"there is no file {quoted(extends)} to extend.")
    return target
