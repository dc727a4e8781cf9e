"""From pydantic's errors to sentences: file, line, key, what is wrong, and the nearest valid word."""

import datetime as dt
import types
from enum import StrEnum
from typing import Annotated, Any, NoReturn, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from detente.config.toml import Document
from detente.shared.messages import KeyPath, dotted, nearest, number, one_of, quoted, unknown

Model = TypeVar("Model", bound=BaseModel)


def check(model: type[Model], document: Document, path: KeyPath = (), data: Any = None) -> Model:
    """Validate a table of a document: all of it, or ``data`` at ``path``.

    ConfigError with one sentence if it does not fit.
    """
    try:
        return model.model_validate(_frozen(document.data if data is None else data))
    except ValidationError as error:
        details = error.errors(include_url=False)
        details.sort(key=lambda detail: {"extra_forbidden": 0, "missing": 2}.get(detail["type"], 1))
        _complain(model, document, path, document.data if data is None else data, details[0])


def _frozen(value: Any) -> Any:
    """Lists become tuples, so that what is validated cannot be changed behind the models."""
    if isinstance(value, dict):
        return {key: _frozen(item) for key, item in value.items()}
    return tuple(_frozen(item) for item in value) if isinstance(value, list | tuple) else value


def _complain(model: type[BaseModel], document: Document, prefix: KeyPath, data: Any, detail: ErrorDetails) -> NoReturn:
    location, kind = detail["loc"], detail["type"]
    path = (*prefix, *_key_path(location, data, missing=kind == "missing"))
    if kind == "union_tag_invalid":
        path = (*path, "kind")
    name = dotted(path) or "the file"
    if kind == "extra_forbidden":
        word = str(location[-1])
        parent = _model_at(model, location[:-1])
        known = getattr(parent, "elsewhere", {}).get(word)
        within = dotted(path[:-1])
        if known:
            document.fail(path, known)
        full_key = ".".join(str(part) for part in path if not isinstance(part, int))
        before = f"{within}." if within else ""
        document.fail_unknown(path, full_key, unknown("key", word, parent.model_fields if parent else (), before))
    if kind == "missing":
        if isinstance(location[-1], int):
            document.fail(path[:-1], f"{dotted(path[:-1])} has too few items: {location[-1]}.")
        document.fail(path[:-1], f"the key {name} is missing{_hint(model, location)}.")
    if kind == "value_error":
        message = str(detail["ctx"]["error"])
        document.fail(path, f"{name} {message}" if message.startswith(("must", "is ")) else f"{name}: {message}")
    document.fail(path, f"{name} {_phrase(detail)}")


def _key_path(location: tuple[int | str, ...], data: Any, *, missing: bool) -> KeyPath:
    """The location within the data: pydantic puts the kind of a distribution into it, and a mark behind a bad key."""
    path: list[int | str] = []
    for number_of, part in enumerate(location, 1):
        inside = (
            part in data
            if isinstance(data, dict)
            else isinstance(data, list | tuple) and isinstance(part, int) and part < len(data)
        )
        if inside:
            data = data[part]
            path.append(part)
        elif missing and number_of == len(location):
            path.append(part)
    return tuple(path)


def _model_at(annotation: Any, location: tuple[int | str, ...]) -> type[BaseModel] | None:
    """The model that a location leads to, following fields, dictionaries, lists and kinds."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _model_at(get_args(annotation)[0], location)
    if origin in (Union, types.UnionType):
        members = [member for member in get_args(annotation) if member is not type(None)]
        if len(members) == 1:
            return _model_at(members[0], location)
        for member in members:
            field = getattr(member, "model_fields", {}).get("kind")
            if location and field is not None and location[0] in get_args(field.annotation):
                return _model_at(member, location[1:])
            model = _model_at(member, location) if get_origin(member) is Annotated else None
            if model is not None:
                return model
        return None
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not location:
            return annotation
        field = annotation.model_fields.get(str(location[0]))
        return _model_at(field.annotation, location[1:]) if field is not None else None
    if origin in (dict, tuple) and location:
        return _model_at(get_args(annotation)[-1 if origin is dict else 0], location[1:])
    return None


def _hint(model: type[BaseModel], location: tuple[int | str, ...]) -> str:
    """For a missing key with a fixed choice of words: which ones."""
    parent = _model_at(model, location[:-1])
    field = parent.model_fields.get(str(location[-1])) if parent else None
    words = _choices(field.annotation) if field else []
    return f"; it is {one_of(words)}" if words else ""


def _choices(annotation: Any) -> list[str]:
    """The words of a fixed choice: of a Literal or an enumeration."""
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return [str(word) for word in annotation]
    return [str(word) for word in get_args(annotation) if isinstance(word, str)]


_TYPES = {
    "float": "a number",
    "int": "a whole number",
    "bool": "true or false",
    "string": "a string in quotes",
    "date": "a date such as 2026-08-31, without quotes",
    "tuple": "a list in square brackets",
    "dict": "a table",
    "model": "a table",
}


def _phrase(detail: ErrorDetails) -> str:
    """What is wrong with a value, after its name."""
    kind, given, context = detail["type"], detail["input"], detail.get("ctx", {})
    family = kind.split("_")[0]
    limits = {
        "greater_than": "greater than",
        "greater_than_equal": "at least",
        "less_than": "less than",
        "less_than_equal": "at most",
    }
    if kind in limits:
        return f"must be {limits[kind]} {number(next(iter(context.values())))}, not {quoted(given, marks=False)}."
    if kind in ("literal_error", "enum", "union_tag_invalid"):
        words = _words(str(context.get("expected", context.get("expected_tags"))))
        if words == ["True"] or all(word.isdigit() for word in words):
            return f"must be {' or '.join(words).lower()}, not {_described(given)}."
        word = context.get("tag", given)
        near = nearest(word, words) if isinstance(word, str) else None
        suggestion = f" (did you mean {quoted(near)}?)" if near and near != word else ""
        return f"must be {one_of(words)}, not {_described(word)}{suggestion}."
    if kind == "union_tag_not_found":
        return 'needs a key kind that names the distribution, such as kind = "normal".'
    if kind == "int_from_float":
        return f"must be a whole number, not {given}."
    if kind == "string_too_short":
        return "must not be empty."
    if kind in ("too_short", "too_long", "string_too_long"):
        limit = context.get("min_length", context.get("max_length"))
        items = ("character" if family == "string" else "item") + ("" if limit == 1 else "s")
        return f"needs at least {limit} {items}." if "min_length" in context else f"must have {limit} {items} at most."
    if kind.endswith("_type") and family in _TYPES:
        return f"must be {_TYPES[family]}, not {_described(given)}."
    return f"is wrong: {detail['msg'][:1].lower()}{detail['msg'][1:]}."


def _words(listed: str) -> list[str]:
    """The words of pydantic's ``'a', 'b' or 'c'``."""
    return [part.strip().strip("'") for part in listed.replace(" or ", ", ").split(",") if part.strip()]


def _described(value: Any) -> str:
    """A value as it stands in TOML, or its type if it is large."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dt.datetime | dt.time):
        return f"the time {value.isoformat()}"
    return quoted(value) if isinstance(value, str) else quoted(value, marks=False)
