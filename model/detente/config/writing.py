"""Values as TOML text."""

import datetime as dt
import json
import operator
import re
from typing import Any

from pydantic import BaseModel


def dump_key(key: str) -> str:
    """A key as TOML: bare where it may be, else quoted."""
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else dump_value(key)


def dump_value(value: Any) -> str:
    """A value as TOML on one line.

    Floats by repr, so that reading gives the same number again. None inside a table is left out.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "__index__"):
        return repr(operator.index(value))
    if isinstance(value, float):
        return repr(float(value))
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dict):
        inner = ", ".join(f"{dump_key(key)} = {dump_value(item)}" for key, item in value.items() if item is not None)
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(dump_value(item) for item in value)}]"
    return json.dumps(str(value))


def kind_first(value: Any) -> Any:
    """Tables in reading order: the kind of a distribution first, its truncation last."""
    if isinstance(value, dict):
        order = sorted(value, key=lambda key: (key != "kind", key == "truncate")) if "kind" in value else list(value)
        return {key: kind_first(value[key]) for key in order}
    return [kind_first(item) for item in value] if isinstance(value, list | tuple) else value


def inline(model: BaseModel) -> str:
    """A model as an inline table, keys that are absent left out."""
    return dump_value(kind_first(model.model_dump(exclude_none=True)))
