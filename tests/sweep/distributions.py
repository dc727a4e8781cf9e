"""Generated distributions: every kind, nested mixtures, truncations into far tails; drawn as declared, or refused.

A distribution that is valid by construction must be accepted, and what the kernels draw from it must have its
quantiles, after SciPy or numerical integration. One with a fault by construction must be refused in a sentence.

``python tests/sweep/distributions.py 20000 [SEED]`` tries that many and prints what went wrong.
"""

import datetime as dt
import math
import sys
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Any

import numpy as np
from detente.config.records import checked
from detente.config.schema import Record
from detente.config.toml import Document
from detente.config.validation import check
from detente.engine.quantiles import table
from detente.shared.errors import ConfigError
from detente_kernels.tools import sobol
from scipy import stats

KINDS = ("normal", "lognormal", "triangular", "beta", "gamma", "uniform", "quantiles", "empirical", "choice", "mixture")
LEVELS = np.array([0.0011, 0.0103, 0.0517, 0.137, 0.251, 0.4003, 0.5007, 0.6301, 0.7493, 0.871, 0.9503, 0.9902, 0.9989])
TOLERANCE = 1e-3
"""Of the interquartile range; of the range between the outer levels where that is zero."""
FAULTS = ("bounds", "ends", "weights", "truncation", "parameter")
Z95 = stats.norm.ppf(0.95)


@dataclass(frozen=True)
class Case:
    """A distribution as it would stand in a file, the bounds of its record, and its fault by construction if any."""

    dist: dict[str, Any]
    bounds: tuple[float, float]
    fault: str | None


def cases(count: int, seed: int = 1) -> list[Case]:
    """Generated cases; every sixth has a fault."""
    random = Random(seed)
    made: list[Case] = []
    while len(made) < count:
        dist = generated(random)
        low, high = reach(dist)
        case = Case(dist, (low, high), None) if len(made) % 6 else faulty(random, dist, (low, high))
        if case is not None:
            made.append(case)
    return made


def generated(random: Random, depth: int = 0) -> dict[str, Any]:
    """A valid distribution, truncated in two cases of five."""
    kind = random.choice(KINDS if depth < 3 else KINDS[:-1])
    dist = {"kind": kind, **_parameters(random, kind, depth)}
    if random.random() < 0.4:
        low, high = _limits(random, dist)
        if low < high and math.log(max(mass(dist, low, high), 1e-320)) > math.log(1e-290):
            dist["truncate"] = [low, high]
    return dist


def _parameters(random: Random, kind: str, depth: int) -> dict[str, Any]:
    size, centre = 10.0 ** random.uniform(-3, 3), random.uniform(-100, 100)
    if kind == "normal":
        return {"mean": centre, "sd": size}
    if kind == "lognormal":
        return {"median": size, "log_sd": 10.0 ** random.uniform(-3, 0.4)}
    if kind == "triangular":
        low, mode, high = sorted(centre + size * random.random() for _ in range(3))
        return {"min": low, "mode": random.choice([low, mode, high]), "max": high}
    if kind == "beta":
        shapes = {"a": 10.0 ** random.uniform(-1, 3), "b": 10.0 ** random.uniform(-1, 3)}
        return shapes | ({"min": centre, "max": centre + size} if random.random() < 0.5 else {})
    if kind == "gamma":
        return {"shape": 10.0 ** random.uniform(-1, 3), "rate": size}
    if kind == "uniform":
        return {"min": centre, "max": centre + size}
    if kind == "quantiles":
        family = random.choice(["normal", "lognormal"])
        low = centre if family == "normal" else abs(centre) + 0.1
        high = low + size
        middle = {"p50": low + size * random.uniform(0.1, 0.9)} if random.random() < 0.5 else {}
        return {"p5": low, **middle, "p95": high, "family": family}
    if kind == "empirical":
        return {
            "values": [round(random.gauss(centre, size), random.choice([0, 6])) for _ in range(random.randint(1, 60))]
        }
    parts = random.randint(1, 5)
    weights = [random.random() + 0.01 for _ in range(parts)]
    weights = [weight / math.fsum(weights) for weight in weights]
    if kind == "choice":
        values = random.sample(range(-1000, 1000), parts)
        return {"values": [size * value for value in values], "weights": weights}
    return {"components": [{"weight": weight, "dist": generated(random, depth + 1)} for weight in weights]}


def _limits(random: Random, dist: dict[str, Any]) -> tuple[float, float]:
    """Limits of a truncation: around the body, on one side, or far out in a tail."""
    low, high = reach(dist)
    way = random.random()
    if way < 0.4:
        return tuple(sorted(random.uniform(low, high) for _ in range(2)))  # type: ignore[return-value]
    if way < 0.7:
        middle = quantile(dist, random.uniform(0.2, 0.8))
        return (middle, high + 1.0) if random.random() < 0.5 else (low - 1.0, middle)
    spread = high - low
    start = high + random.uniform(-0.3, 0.6) * spread
    return start, start + random.uniform(0.01, 3.0) * spread


def faulty(random: Random, dist: dict[str, Any], bounds: tuple[float, float]) -> Case | None:
    """The distribution with one fault, or None where it cannot have it."""
    fault, kind = random.choice(FAULTS), dist["kind"]
    if fault == "bounds":
        cut = quantile(dist, random.uniform(0.02, 0.98))
        inside = (bounds[0], math.nextafter(cut, -math.inf)) if random.random() < 0.5 else (cut, bounds[1])
        lost = 1.0 - mass(dist, *inside)
        return Case(dist, inside, fault) if inside[0] < inside[1] and lost > 1e-6 else None
    if fault == "ends" and kind in ("uniform", "triangular"):
        return Case(dist | {"min": dist["max"], "max": dist["min"]}, bounds, fault)
    if fault == "weights" and kind in ("choice", "mixture"):
        if kind == "choice":
            return Case(dist | {"weights": [weight * 0.9 for weight in dist["weights"]]}, bounds, fault)
        return Case(
            dist | {"components": [p | {"weight": p["weight"] * 0.9} for p in dist["components"]]}, bounds, fault
        )
    if fault == "truncation":
        beyond = bounds[1] + 10.0 * (bounds[1] - bounds[0]) + 1.0
        if mass(dist | {"truncate": None}, beyond, 2.0 * beyond + 1.0) == 0.0:
            return Case(dist | {"truncate": [beyond, 2.0 * abs(beyond) + 1.0]}, bounds, fault)
    if fault == "parameter":
        wrong = {"normal": "sd", "lognormal": "log_sd", "beta": "a", "gamma": "rate"}.get(kind)
        return Case(dist | {wrong: -1.0}, bounds, fault) if wrong else None
    return None


# The reference: SciPy's distributions, and integrals of their densities where little is left of them.


def frozen(dist: dict[str, Any]) -> Any:
    """SciPy's distribution of a continuous kind; two halves of a normal for percentiles."""
    return _frozen(tuple(sorted((key, value) for key, value in dist.items() if key != "truncate")))


@lru_cache(maxsize=5_000)
def _frozen(items: tuple[tuple[str, Any], ...]) -> Any:
    dist = dict(items)
    match dist["kind"]:
        case "normal":
            return stats.norm(dist["mean"], dist["sd"])
        case "lognormal":
            return stats.lognorm(dist["log_sd"], scale=dist["median"])
        case "triangular":
            width = dist["max"] - dist["min"]
            return stats.triang((dist["mode"] - dist["min"]) / width, dist["min"], width)
        case "beta":
            low, high = dist.get("min", 0.0), dist.get("max", 1.0)
            return stats.beta(dist["a"], dist["b"], low, high - low)
        case "gamma":
            return stats.gamma(dist["shape"], scale=1.0 / dist["rate"])
        case "uniform":
            return stats.uniform(dist["min"], dist["max"] - dist["min"])
    logs = dist["family"] == "lognormal"
    low, high = (math.log(dist[p]) if logs else dist[p] for p in ("p5", "p95"))
    middle = (low + high) / 2.0 if "p50" not in dist else math.log(dist["p50"]) if logs else dist["p50"]
    halves = [stats.norm(middle, (middle - low) / Z95), stats.norm(middle, (high - middle) / Z95)]
    return Halves(*halves, middle, logs)


@dataclass(frozen=True)
class Halves:
    """A normal in two halves, plain or in logs."""

    left: Any
    right: Any
    middle: float
    logs: bool

    def _scaled(self, x: Any) -> Any:
        with np.errstate(divide="ignore"):
            return np.log(np.maximum(x, 0.0)) if self.logs else np.asarray(x, float)

    def _of(self, name: str, x: Any) -> Any:
        y = self._scaled(x)
        return np.where(y < self.middle, getattr(self.left, name)(y), getattr(self.right, name)(y))

    def cdf(self, x: Any) -> Any:
        return self._of("cdf", x)

    def sf(self, x: Any) -> Any:
        return self._of("sf", x)

    def logpdf(self, x: Any) -> Any:
        y = self._scaled(x)
        scale = np.where(y < self.middle, self.left.kwds.get("scale", self.left.args[-1]), self.right.args[-1])
        return stats.norm.logpdf((y - self.middle) / scale) - np.log(scale) - (y if self.logs else 0.0)

    def ppf(self, p: float) -> float:
        y = (self.left if p < 0.5 else self.right).ppf(p)
        return math.exp(y) if self.logs else float(y)


def mass(dist: dict[str, Any], low: float, high: float) -> float:
    """Probability from ``low`` to ``high``, both included, given the distribution's own truncation."""
    own = dist.get("truncate")
    plain = {key: value for key, value in dist.items() if key != "truncate"}
    if own is not None:
        low, high = max(low, own[0]), min(high, own[1])
        if low > high:
            return 0.0
        if dist["kind"] in KINDS[:7]:
            return _share(frozen(plain), low, high, *own)
        return mass(plain, low, high) / mass(plain, *own)
    if low > high:
        return 0.0
    if dist["kind"] == "mixture":
        return math.fsum(part["weight"] * mass(part["dist"], low, high) for part in dist["components"])
    if dist["kind"] in ("choice", "empirical"):
        count = len(dist["values"])
        pairs = zip(dist["values"], dist.get("weights", [1.0 / count] * count), strict=True)
        return math.fsum(weight for value, weight in pairs if low <= value <= high)
    return _plain(frozen(plain), low, high)


def _plain(law: Any, low: float, high: float) -> float:
    if float(law.cdf(low)) > 0.5:
        return float(law.sf(low) - law.sf(high))
    return float(law.cdf(high) - law.cdf(low))


def _share(law: Any, low: float, high: float, first: float, last: float) -> float:
    """Share of the probability between ``first`` and ``last`` that lies between ``low`` and ``high``."""
    whole = _plain(law, first, last)
    if whole > 1e-3:
        return _plain(law, low, high) / whole
    peak = float(np.max(law.logpdf(_grid(first, last))))
    part, rest = (_integral(law, peak, *limits) for limits in ((low, high), (first, last)))
    return part / rest


def _integral(law: Any, peak: float, low: float, high: float) -> float:
    """Integral of the density over that at its peak."""
    grid = _grid(low, high)
    density = np.exp(np.array(law.logpdf(grid), float) - peak)
    return float(np.sum(0.5 * (density[1:] + density[:-1]) * np.diff(grid)))


def _grid(first: float, last: float) -> np.ndarray:
    """Points from ``first`` to ``last``, ever closer towards both ends."""
    near = np.geomspace(1e-12, 0.5, 6_000)
    width = last - first
    return np.unique(np.clip(np.r_[first, first + width * near, last - width * near, last], first, last))


def reach(dist: dict[str, Any]) -> tuple[float, float]:
    """Limits that nothing that can be drawn exceeds."""
    if "truncate" in dist:
        low, high = support({key: value for key, value in dist.items() if key != "truncate"}, *dist["truncate"])
        return low, high
    if dist["kind"] == "mixture":
        ends = [reach(part["dist"]) for part in dist["components"]]
        return min(low for low, _ in ends), max(high for _, high in ends)
    if dist["kind"] in ("choice", "empirical"):
        return min(dist["values"]), max(dist["values"])
    law = frozen(dist)
    if isinstance(law, Halves):
        low, high = (law.middle - 7.5 * law.left.std(), law.middle + 7.5 * law.right.std())
        return (math.exp(low), math.exp(high)) if law.logs else (low, high)
    low, high = law.support()
    if math.isinf(high):
        high = float(law.isf(1e-13))
    return (float(law.ppf(1e-13)) if math.isinf(low) else float(low)), float(high)


def support(dist: dict[str, Any], first: float, last: float) -> tuple[float, float]:
    """Lowest and highest possible value between two limits."""
    if "truncate" in dist:
        first, last = max(first, dist["truncate"][0]), min(last, dist["truncate"][1])
    if dist["kind"] == "mixture":
        ends = [support(part["dist"], first, last) for part in dist["components"]]
        ends = [(low, high) for low, high in ends if low <= high]
        return min((low for low, _ in ends), default=math.inf), max((high for _, high in ends), default=-math.inf)
    if dist["kind"] in ("choice", "empirical"):
        values = [value for value in dist["values"] if first <= value <= last]
        return min(values, default=math.inf), max(values, default=-math.inf)
    law = frozen(dist)
    low, high = ((0.0 if law.logs else -math.inf), math.inf) if isinstance(law, Halves) else law.support()
    return max(float(low), first), min(float(high), last)


def quantile(dist: dict[str, Any], p: float) -> float:
    """A value with about the probability ``p`` below it, by halving."""
    low, high = reach(dist)
    start = low
    for _ in range(60):
        middle = 0.5 * (low + high)
        if mass(dist, start, middle) < p:
            low = middle
        else:
            high = middle
    return high


# The product


def drawn(case: Case) -> np.ndarray:
    """Values that a path would draw at LEVELS; ConfigError if the distribution is refused."""
    document = Document("case.toml", {"x": {"dist": case.dist}})
    data = {
        "value": 0.0,
        "dist": case.dist,
        "unit": "1",
        "bounds": list(case.bounds),
        "doc": "d",
        "source": "s",
        "confidence": "J",
        "as_of": dt.date(2026, 8, 31),
        "kind": "uncertain",
    }
    record = check(Record, document, ("x",), data)
    assert record.dist is not None
    record = record.model_copy(update={"value": record.dist.centre()})
    record = checked(record, "oil.x", document, ("x",), {})
    nodes, knots = table(record, None, "oil.x")
    z = stats.norm.ppf(LEVELS)
    if knots.shape[1] == 0:
        return np.array([sobol.look_up(nodes, value) for value in z])
    places, values = knots[0].copy(), knots[1].copy()
    return np.array([sobol.between_knots(places, values, 0, places.size, value) for value in z])


def wrong(case: Case, values: np.ndarray) -> list[str]:
    """What is wrong with drawn values, a sentence a level."""
    low = reach(case.dist)[0]
    scale = values[LEVELS.searchsorted(0.74)] - values[LEVELS.searchsorted(0.25)]
    if scale <= 1e-12 * max(abs(values)):
        scale = values[-1] - values[0]
    tolerance = TOLERANCE * scale + 1e-11 * np.abs(values)
    start = low - abs(low) - 1.0
    found = []
    for level, value, slack in zip(LEVELS, values, tolerance, strict=True):
        if mass(case.dist, start, value - slack) > level + 1e-7 or mass(case.dist, start, value + slack) < level - 1e-7:
            found.append(f"{level:.2%} quantile {value:.8g}, truth about {quantile(case.dist, level):.8g}, {scale:.3g}")
    return found


def sweep(count: int, seed: int = 1) -> tuple[Counter[str], list[str]]:
    """Counts of valid, refused and faulty cases, and what went wrong."""
    counts: Counter[str] = Counter()
    problems: list[str] = []
    for case in cases(count, seed):
        counts["faulty" if case.fault else "valid"] += 1
        try:
            values = drawn(case)
        except ConfigError as error:
            if case.fault is None:
                problems.append(f"refused: {case.dist} within {case.bounds}: {error}")
            continue
        if case.fault:
            problems.append(f"accepted with a fault ({case.fault}): {case.dist} within {case.bounds}")
        else:
            counts["compared"] += 1
            problems += [f"{case.dist}: {sentence}" for sentence in wrong(case, values)]
    return counts, problems


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:]] or [5_000]
    tally, problems = sweep(*arguments)
    print(dict(tally), f"{len(problems)} problems")
    print("\n".join(problems[:50]))
    sys.exit(bool(problems))
