"""Scores of one output of a hindcast: simulated paths against what came, month by month."""

import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from detente.evaluation import scores
from detente.evaluation.outcomes import FEWEST_CHANGES, Observation, Observed, Target

__all__ = ["LEVELS", "RANGES", "Benchmark", "OutputScore", "benchmark", "score"]

LEVELS = (0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975)
RANGES = (0.5, 0.8, 0.9, 0.95)
WALK, SEASON, NUMBER = "walk", "season", "number"


@dataclass(frozen=True)
class Benchmark:
    """No change for every outcome: its kind, medians (n,), and scores (n,)."""

    kind: str
    medians: np.ndarray
    crps: np.ndarray


@dataclass(frozen=True)
class OutputScore:
    """An output of one origin with its n outcomes in order of time."""

    target: Target
    points: tuple[Observation, ...]
    fitted: np.ndarray
    """(n,) bool: a parameter of the run was fitted on the outcome, which is then not scored."""
    quantiles: np.ndarray
    """(n, levels) quantiles of the paths at LEVELS."""
    crps: np.ndarray
    """(n,) fair CRPS in the unit of the output."""
    pit: np.ndarray
    """(n,) share of the paths below the outcome."""
    noisy_inside: np.ndarray
    """(n,) bool: inside the 90% range with the error of the observation."""
    no_change: Benchmark | None
    effective: tuple[float, float]
    """Independent outcomes that the scored ones are worth: for the 90% range, and for the side of the median."""

    @property
    def outcomes(self) -> np.ndarray:
        """(n,) what came."""
        return np.array([point.value for point in self.points])

    @property
    def scored(self) -> np.ndarray:
        """(n,) bool: outcomes that count."""
        return ~self.fitted

    def inside(self, level: float) -> np.ndarray:
        """(n,) bool: whether each outcome is inside the central range, ends included."""
        low, high = (1.0 - level) / 2.0, (1.0 + level) / 2.0
        ends = [min(range(len(LEVELS)), key=lambda k: abs(LEVELS[k] - p)) for p in (low, high)]
        lower, upper = self.quantiles[:, ends[0]], self.quantiles[:, ends[1]]
        return np.asarray((lower <= self.outcomes) & (self.outcomes <= upper))

    def ratio(self, chosen: np.ndarray) -> float | None:
        """Mean CRPS over that of no change, of chosen outcomes; None without either."""
        if self.no_change is None or not chosen.any() or not self.no_change.crps[chosen].mean() > 0.0:
            return None
        return scores.ratio(self.crps[chosen], self.no_change.crps[chosen])

    def tests(self) -> dict[str, float | None]:
        """Two-sided p-values with the effective number of outcomes: 90% range (binomial), side of the median (sign)."""
        use = self.scored
        if not use.any():
            return {"coverage_p": None, "sign_p": None}
        above = float(np.mean(self.pit[use] > 0.5))
        shares = (float(self.inside(0.9)[use].mean()), 0.9), (above, 0.5)
        p_values = [
            float(stats.binomtest(round(share * max(round(number), 1)), max(round(number), 1), expected).pvalue)
            for (share, expected), number in zip(shares, self.effective, strict=True)
        ]
        return {"coverage_p": p_values[0], "sign_p": p_values[1]}

    def summary(self) -> dict[str, Any]:
        """All scores as plain values; the counts without the outcomes that parameters were fitted on."""
        use, every = self.scored, np.ones(len(self.points), bool)
        number = int(use.sum())
        return {
            "output": self.target.key,
            "title": self.target.title,
            "unit": self.target.unit,
            "first": str(self.points[0].first),
            "last": str(self.points[-1].last),
            "outcomes": len(self.points),
            "fitted": int(self.fitted.sum()),
            "scored": number,
            "inside": {f"{level:g}": int(self.inside(level)[use].sum()) for level in RANGES},
            "inside_90_all": int(self.inside(0.9).sum()),
            "inside_90_with_error": int(self.noisy_inside[use].sum()),
            "above_median": int((self.pit[use] > 0.5).sum()),
            "crps": float(self.crps[use].mean()) if number else None,
            "no_change": self.no_change.kind if self.no_change else None,
            "ratio": self.ratio(use),
            "ratio_all": self.ratio(every),
            "effective": [round(value, 1) for value in self.effective],
            **self.tests(),
        }

    def rows(self) -> list[dict[str, Any]]:
        """One row an outcome: months, value, quantiles, PIT, CRPS and no change."""
        inside = self.inside(0.9)
        return [
            {
                "output": self.target.key,
                "month": str(point.first),
                "to": str(point.last),
                "unit": self.target.unit,
                "outcome": point.value,
                **{f"q{100.0 * level:g}": float(value) for level, value in zip(LEVELS, self.quantiles[k], strict=True)},
                "pit": float(self.pit[k]),
                "inside_90": bool(inside[k]),
                "crps": float(self.crps[k]),
                "crps_no_change": float(self.no_change.crps[k]) if self.no_change else None,
                "fitted": bool(self.fitted[k]),
            }
            for k, point in enumerate(self.points)
        ]


def score(
    observed: Observed, points: Sequence[Observation], paths: np.ndarray, origin: np.datetime64, fitted: np.ndarray
) -> OutputScore:
    """Score the paths of one output.

    Parameters
    ----------
    observed : outcomes of the output; those up to the origin give no change.
    points : the n outcomes to score, after the origin.
    paths : (n, m) simulated values of the same months, means where an outcome is a mean.
    origin : month of the as-of date.
    fitted : (n,) bool, outcomes that a parameter of the run was fitted on.

    Returns
    -------
    Scores of all outcomes.
    """
    target = observed.target
    values = np.array([point.value for point in points])
    members = np.sort(paths, axis=1)
    quantiles = np.quantile(members, LEVELS, axis=1).T
    noisy = _with_error(target, paths)
    ends = np.quantile(noisy, (0.05, 0.95), axis=1)
    use = ~fitted if (~fitted).any() else np.ones(len(points), bool)
    low, high = quantiles[:, LEVELS.index(0.05)], quantiles[:, LEVELS.index(0.95)]
    inside = (paths >= low[:, None]) & (paths <= high[:, None])
    above = paths > quantiles[:, LEVELS.index(0.5)][:, None]
    return OutputScore(
        target=target,
        points=tuple(points),
        fitted=fitted,
        quantiles=quantiles,
        crps=scores.crps_ensemble(members, values),
        pit=scores.pit(members, values),
        noisy_inside=(ends[0] <= values) & (values <= ends[1]),
        no_change=benchmark(observed, points, origin),
        effective=(effective_number(inside[use]), effective_number(above[use])),
    )


def effective_number(indicators: np.ndarray) -> float:
    """Independent outcomes with the same variance of the share as n dependent ones.

    Parameters
    ----------
    indicators : (n, m) bool, what would be counted if path j came: the model's own dependence between months.

    Returns
    -------
    Between 1 and n.
    """
    table = indicators.astype(float)
    share = float(table.mean())
    variance = float(table.mean(axis=0).var())
    number = table.shape[0]
    if variance <= 0.0:
        return float(number)
    return float(min(max(share * (1.0 - share) / variance, 1.0), number))


def _with_error(target: Target, paths: np.ndarray) -> np.ndarray:
    """Paths with the error of the observation; the draws depend on the output's key only."""
    if target.error == 0.0:
        return paths
    noise = np.random.default_rng(zlib.crc32(target.key.encode())).standard_normal(paths.shape)
    scale = target.error * (np.abs(paths) if target.error_kind == "relative" else 1.0)
    return np.asarray(paths + scale * noise)


def benchmark(observed: Observed, points: Sequence[Observation], origin: np.datetime64) -> Benchmark | None:
    """No change from the origin.

    Lognormal with the spread of the last monthly changes times the root of the horizon; or, for a season, normal around
    the same month of the last known year with the spread of yearly changes. With too few changes known at the origin it
    is a single number, and its score is the absolute error.

    Returns
    -------
    None where no value was known within a year before the origin.
    """
    values = np.array([point.value for point in points])
    ahead = np.array([float((point.last - origin).astype(int)) for point in points])
    kind = observed.target.no_change
    if kind == "season":
        months = observed.months
        years = np.ceil(ahead / 12.0)
        before = [months.get(p.last - int(12 * y)) for p, y in zip(points, years, strict=True)]
        changes = observed.yearly_changes(origin)
        if changes.size < FEWEST_CHANGES or any(value is None for value in before):
            return None
        medians = np.array(before, float)
        spread = np.sqrt(np.mean(changes**2)) * np.sqrt(years)
        return Benchmark(SEASON, medians, _crps_normal(medians, spread, values))
    last = observed.last_value(origin)
    if last is None:
        return None
    medians = np.full(values.size, last)
    changes = observed.changes(origin)
    if kind == "walk" and changes.size >= FEWEST_CHANGES and min(last, values.min()) > 0.0:
        spread = np.std(changes, ddof=1) * np.sqrt(ahead)
        return Benchmark(WALK, medians, scores.crps_lognormal(medians, spread, values))
    return Benchmark(NUMBER, medians, np.abs(values - last))


def _crps_normal(means: np.ndarray, sds: np.ndarray, values: np.ndarray) -> np.ndarray:
    import scoringrules

    return np.asarray(scoringrules.crps_normal(values, means, sds), float)


def combined(entries: Sequence[OutputScore]) -> dict[str, Any]:
    """Counts over all outputs and months of one or more origins."""
    inside = sum(int(each.inside(0.9)[each.scored].sum()) for each in entries)
    number = sum(int(each.scored.sum()) for each in entries)
    ratios = [ratio for each in entries if (ratio := each.ratio(each.scored)) is not None]
    return {
        "scored": number,
        "inside_90": inside,
        "fitted": sum(int(each.fitted.sum()) for each in entries),
        "median_ratio": float(np.median(ratios)) if ratios else math.nan,
    }
