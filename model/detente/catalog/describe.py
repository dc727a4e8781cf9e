"""Records in words: values with units, distributions with their parameters, confidence tags."""

from detente.config import continuous, distributions
from detente.config.distributions import Distribution
from detente.config.schema import Joint, Record
from detente.shared import formatting
from detente.shared.messages import number

CONFIDENCE = {
    "V": "verified in a public page",
    "V2": "verified at second hand only",
    "RC": "recalled with confidence",
    "RU": "recalled, uncertain",
    "D": "derived from data",
    "J": "judgement",
}
LEAST_CUT = 0.0005
"""Smallest share removed by a truncation that is said."""
CURVED = (
    continuous.Normal,
    continuous.Lognormal,
    continuous.Quantiles,
    continuous.Triangular,
    continuous.Beta,
    continuous.Gamma,
    distributions.Mixture,
)
"""Distributions whose parameters do not show the range of values by themselves."""


def amount(value: bool | float | str, unit: str) -> str:
    """A value with its unit: ``14 USD/bbl``; a dimensionless value by itself."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return number(value) if unit == "1" else f"{number(value)} {unit}"


def distribution_text(dist: Distribution) -> str:
    """A distribution in words, e.g. ``lognormal: median 14, standard deviation of the log 0.35``."""
    text = _parameters(dist)
    if dist.truncate is None:
        return text
    low, high = (number(limit) for limit in dist.truncate)
    return f"{text}, truncated at {low} and {high}{_cut(dist)}"


def _cut(dist: Distribution) -> str:
    """The share that a truncation removes, in brackets; nothing where it rounds to zero. Imports scipy."""
    from detente.config import laws

    removed = 1.0 - laws.share_left(dist)
    return f" ({formatting.share(removed)} removed)" if removed >= LEAST_CUT else ""


def _parameters(dist: Distribution) -> str:
    n = number
    match dist:
        case continuous.Normal():
            return f"normal: mean {n(dist.mean)}, standard deviation {n(dist.sd)}"
        case continuous.Lognormal():
            return f"lognormal: median {n(dist.median)}, standard deviation of the log {n(dist.log_sd)}"
        case continuous.Triangular():
            return f"triangular: {n(dist.min)} to {n(dist.max)}, most likely {n(dist.mode)}"
        case continuous.Beta():
            return f"beta: shapes {n(dist.a)} and {n(dist.b)}, from {n(dist.min)} to {n(dist.max)}"
        case continuous.Gamma():
            return f"gamma: shape {n(dist.shape)}, rate {n(dist.rate)}, mean {n(dist.shape / dist.rate)}"
        case continuous.Uniform():
            return f"uniform: {n(dist.min)} to {n(dist.max)}"
        case continuous.Quantiles():
            middle = "" if dist.p50 is None else f", 50% below {n(dist.p50)}"
            return f"{dist.family}: 5% below {n(dist.p5)}{middle}, 5% above {n(dist.p95)}"
        case distributions.Empirical():
            return f"one of {len(dist.values or ())} observed values, equally likely"
        case distributions.Choice():
            return "one of " + ", ".join(
                f"{n(value)} ({formatting.percent(weight)})"
                for value, weight in zip(dist.values, dist.weights, strict=True)
            )
        case distributions.Mixture():
            return "mixture of " + "; ".join(
                f"{formatting.percent(part.weight)} {distribution_text(part.dist)}" for part in dist.components
            )
        case distributions.JointDraw():
            return f"joint with other parameters, a row of the table {dist.table}"


def spread(record: Record) -> str | None:
    """Central 90% of a distribution, e.g. ``7.87 to 24.9 USD/bbl``.

    None if its parameters show the range. Imports scipy.
    """
    if not isinstance(record.dist, CURVED):
        return None
    import numpy as np

    from detente.engine.quantiles import quantile

    low, high = quantile(record.dist, np.array([0.05, 0.95]))
    unit = "" if record.unit == "1" else f" {record.unit}"
    return f"{formatting.plain(low)} to {formatting.plain(high)}{unit}"


def joint_range(joint: Joint, key: str) -> str:
    """Content of a joint table for one parameter: ``8 values from 0.1 to 0.4``."""
    low, high = joint.support(key)
    return f"{len(joint.rows)} values from {number(low)} to {number(high)}"


def record_text(record: Record) -> str:
    """Value and distribution on one line: ``14 USD/bbl; lognormal: …``, or ``14 USD/bbl, fixed``."""
    value = amount(record.value, record.unit)
    if record.dist is None:
        return value if isinstance(record.value, str) else f"{value}, fixed"
    return f"{value}; {distribution_text(record.dist)}"


def confidence(tag: str) -> str:
    """A tag such as ``D/J`` in words."""
    return f"{tag} ({', '.join(CONFIDENCE[part] for part in tag.split('/'))})"
