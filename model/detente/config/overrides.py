"""What the command line, or a caller, sets over the files: ``key.path=value`` and the run options."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from detente.config.layers import Layer
from detente.config.schema import SCHEMA_VERSION, Scenario
from detente.config.toml import MAX_DEPTH, Document, parse
from detente.config.validation import check
from detente.config.writing import dump_value, kind_first
from detente.shared.countries import respellings, respelt
from detente.shared.errors import ConfigError
from detente.shared.messages import number, quoted, unknown
from detente.shared.texts import normalised

IN_FILES_ONLY = ("schema_version", "extends", "effective")
_SHOWN_ANYWAY = ("schema_version", "run", "as_of", "name", "title", "description", "report")


def option_layer(name: str, value: Any, where: str = "") -> Layer:
    """A run option or the as-of date given by itself, such as ``--paths 1000``, or by whatever ``where`` names."""
    given = {name: value} if name == "as_of" else {"run": {name: value}}
    option = name.replace("_", "-")
    document = Document(
        where or f"--{option} {quoted(value, marks=False)}", {"schema_version": SCHEMA_VERSION, **given}
    )
    return Layer(document, check(Scenario, document), command_line=True)


def set_layers(sets: Iterable[str] | Mapping[str, Any], keys: Callable[[], Iterable[str]]) -> list[Layer]:
    """One layer for each ``key.path=value``; a mapping gives values as they are.

    ``keys`` lists the settable keys; an error names the nearest of them.
    """
    texts = [f"{key}={dump_value(value)}" for key, value in sets.items()] if isinstance(sets, Mapping) else sets
    return [_set_layer(text, keys) for text in texts]


def by_hand(layer: Layer) -> dict[str, str]:
    """Keys that a layer of the command line, a caller or a batch sets, each with its value as TOML.

    Left out is what every listing shows anyway: size and seed of the run, date, name, title and comparisons.
    """
    content = {key: value for key, value in layer.document.data.items() if key not in _SHOWN_ANYWAY}
    return {key: setting_text(value) for key, value in _leaves(content, "")}


def setting_text(value: Any) -> str:
    """A value as TOML, 55 rather than 55.0."""
    text = number(value) if isinstance(value, float) else ""
    return text if text and float(text) == value else dump_value(kind_first(value))


def _leaves(table: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for key, value in table.items():
        if isinstance(value, dict) and value and "kind" not in value:
            yield from _leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}".removesuffix(".value"), value


def setting_layer(key: str, value: Any, name: str, keys: Callable[[], Iterable[str]]) -> Layer:
    """A layer that sets one dotted key to a value; ``name`` is where it is said, for errors and origins."""
    return _layer(_key_path(key, name), value, name, keys)


def _set_layer(text: str, keys: Callable[[], Iterable[str]]) -> Layer:
    text = normalised(text)
    name = f"--set {quoted(text, marks=False, limit=120)}"
    key, equals, value = text.partition("=")
    key, value = key.strip(), value.strip()
    if not equals or not key or not value or "\n" in text or "\r" in text:
        raise ConfigError(f"{name}: write this as key.path=value.")
    return _layer(_key_path(_respelt(key, keys), name), _value(value, name), name, keys)


def _respelt(key: str, keys: Callable[[], Iterable[str]]) -> str:
    """A key that names a country in another spelling, as it is declared; any other as it is."""
    ending = next((ending for ending in (".value", ".dist") if key.endswith(ending)), "")
    stem = key.removesuffix(ending)
    if not any(True for _ in respellings(stem)):
        return key
    known = set(keys())
    return key if stem in known else (respelt(stem, known) or stem) + ending


def _layer(path: list[str], value: Any, name: str, keys: Callable[[], Iterable[str]]) -> Layer:
    document = Document(name, _nested(path, value))
    if path[0] not in Scenario.model_fields or path[0] in IN_FILES_ONLY:
        if path[0] in IN_FILES_ONLY:
            document.fail((), "this key stands in files only.")
        document.fail_unknown((), ".".join(path), unknown("key", ".".join(path), keys()))
    document.data["schema_version"] = SCHEMA_VERSION
    return Layer(document, check(Scenario, document), command_line=True)


def _key_path(key: str, name: str) -> list[str]:
    try:
        table: Any = parse(f"{key} = 0", name).data
    except ConfigError:
        table = {}
    if not table:  # no TOML, or nothing but a comment
        raise ConfigError(f"{name}: {quoted(key)} is not a key such as parameters.oil.name.value.")
    path: list[str] = []
    while isinstance(table, dict) and len(path) <= MAX_DEPTH:
        part = next(iter(table))
        path.append(part)
        table = table[part]
    return path


def _value(value: str, name: str) -> Any:
    """TOML, or a bare word such as ``week`` or ``partial truce``."""
    try:
        return parse(f"value = {value}", name).data["value"]
    except ConfigError as error:
        if "not valid TOML" not in str(error):
            raise ConfigError(str(error).replace(f"{name}, line 1: value ", f"{name}: the value ")) from None
        if re.fullmatch(r"[A-Za-z][\w .|-]*", value):
            return value
        raise ConfigError(
            f"{name}: {quoted(value)} is no TOML value; give a number, true or false, a date, or a string in quotes."
        ) from None


def _nested(path: list[str], value: Any) -> dict[str, Any]:
    """``parameters.oil.x = 8`` is short for ``parameters.oil.x.value = 8``."""
    if path[0] in ("parameters", "facts") and len(path) == 3 and not isinstance(value, dict):
        path = [*path, "value"]
    nested: dict[str, Any] = {path[-1]: value}
    for part in reversed(path[:-1]):
        nested = {part: nested}
    return nested
