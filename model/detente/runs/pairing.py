"""When two runs may be compared path by path."""

from typing import Any

from detente.shared.errors import ConfigError


def must_pair(a: dict[str, Any], b: dict[str, Any], names: tuple[str, str]) -> None:
    """Refuse two manifests whose runs differ in seed, as-of date, horizon, step or paths: only if these agree is
    path i the same luck in both."""
    for key in ("seed", "horizon", "step", "paths"):
        mine, theirs = a["config"]["run"][key], b["config"]["run"][key]
        if mine != theirs:
            raise ConfigError(
                f"{names[0]} and {names[1]} differ in run.{key} ({mine} and {theirs}); run both with the same value to pair them."
            )
    if a["config"]["as_of"] != b["config"]["as_of"]:
        raise ConfigError(
            f"{names[0]} and {names[1]} start from different as-of dates; run both from the same one to pair them."
        )
