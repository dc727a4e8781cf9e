"""Which runs may be set against one another, or against the installed model: a rule for manifests."""

from typing import Any

from detente.runs.identity import model_digests, versions
from detente.shared.errors import ConfigError

NAMED = ("python", "numpy", "scipy", "numba", "pandas", "pyarrow")
"""Versions that are named beside a result where they differ: the others do not touch numbers."""


def must_pair(a: dict[str, Any], b: dict[str, Any], names: tuple[str, str]) -> None:
    """Refuse two manifests whose paths do not pair (ConfigError).

    Path number i has common random numbers in both runs only if they agree in seed, as-of date, horizon, step and
    number of paths, and in the model that made them.
    """
    for key in ("seed", "horizon", "step", "paths"):
        mine, theirs = a["config"]["run"][key], b["config"]["run"][key]
        if mine != theirs:
            raise ConfigError(
                f"{names[0]} and {names[1]} differ in run.{key} ({mine} and {theirs}); "
                "run both with the same value to pair them."
            )
    if a["config"]["as_of"] != b["config"]["as_of"]:
        raise ConfigError(
            f"{names[0]} and {names[1]} start from different as-of dates; run both from the same one to pair them."
        )
    must_share_model(a, b, names)


def must_share_model(a: dict[str, Any], b: dict[str, Any], names: tuple[str, str]) -> None:
    """Refuse two manifests of different models, whose numbers are never set against one another (ConfigError)."""
    difference = model_difference(a, b)
    if difference:
        raise ConfigError(
            f"{names[0]} and {names[1]} were made by {difference}, so they cannot be compared; "
            "run both again with one installation."
        )


def model_difference(a: dict[str, Any], b: dict[str, Any]) -> str:
    """What two manifests say of the model that differs: source or probe values; empty if they agree in both.

    A manifest of the first schema holds no digests; of it the model version alone is compared.
    """
    mine, theirs = a["versions"]["model"], b["versions"]["model"]
    digests = [manifest.get("digests", {}) for manifest in (a, b)]
    source, probe = ([one.get(name) for one in digests] for name in ("source", "probe"))
    if mine != theirs or (None not in source and source[0] != source[1]):
        shown = (mine, theirs) if mine != theirs else (source[0][:16], source[1][:16])
        return f"different versions of the model ({shown[0]} and {shown[1]})"
    if None not in probe and probe[0] != probe[1]:
        return f"the same model with different probe values (digests {probe[0][:8]} and {probe[1][:8]})"
    return ""


def installed() -> dict[str, Any]:
    """The installed model in the form of a manifest: versions and digests."""
    return {"versions": versions(), "digests": model_digests()}


def must_match_installed(manifest: dict[str, Any], name: str) -> None:
    """Refuse a run whose numbers the installed model would not draw again (ConfigError)."""
    here = installed()
    difference = model_difference(manifest, here)
    if difference:
        raise ConfigError(
            f"{name}: the run and this installation have {difference}, so neither its draws nor a run to compare it "
            "with can be computed; run it again."
        )


def version_differences(a: dict[str, Any], b: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Libraries whose versions differ between two manifests: name, version in ``a``, version in ``b``."""
    mine, theirs = a["versions"], b["versions"]
    return [(name, mine[name], theirs[name]) for name in NAMED if name in mine and mine[name] != theirs.get(name)]


def named(differences: list[tuple[str, str, str]]) -> str:
    """Version differences in a sentence: ``numpy 2.1 and 2.4, scipy 1.15 and 1.17``."""
    return ", ".join(f"{name} {mine} and {theirs}" for name, mine, theirs in differences)
