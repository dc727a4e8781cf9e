"""Rolling-origin backtest: a recipe estimated and simulated from every month's end, scored on what came.

A forecast from an origin uses the data up to the end of that month only. The benchmark is no change from the last value
known, lognormal, with the standard deviation of the last 60 monthly log changes times the root of the horizon.
"""

import math
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from detente.evaluation import scores
from detente.evaluation.recipes import PATHS
from detente.evaluation.sources import Source
from detente.runs.exchange import HUB_LEVELS as LEVELS
from detente.shared.errors import DataError

__all__ = ["HORIZONS", "LEVELS", "Backtest", "Horizon", "backtest"]

HORIZONS = (1, 3, 6, 12, 18, 24, 36)
RANGES = (0.5, 0.8, 0.9, 0.95)
CHANGES = 60
"""Monthly log changes behind the standard deviation of the benchmark."""


@dataclass(frozen=True)
class Horizon:
    """Forecasts of one horizon with their targets and scores; n targets in order of time."""

    horizon: int
    origins: np.ndarray
    """(n,) datetime64[M], last month whose data were known."""
    outcomes: np.ndarray
    """(n,) what came."""
    quantiles: np.ndarray
    """(n, levels) forecast quantiles at LEVELS."""
    crps: np.ndarray
    """(n,) fair CRPS of the ensemble."""
    pit: np.ndarray
    """(n,) share of the ensemble below the outcome."""
    benchmark: np.ndarray
    """(n,) CRPS of no change."""
    no_change: np.ndarray
    """(n,) median of no change."""

    @property
    def targets(self) -> np.ndarray:
        """Months forecast, datetime64[M], (n,)."""
        return self.origins + self.horizon

    def range(self, level: float) -> tuple[np.ndarray, np.ndarray]:
        """Central forecast range, (n,) each end."""
        low, high = round((1.0 - level) / 2.0, 3), round((1.0 + level) / 2.0, 3)
        return self.quantiles[:, LEVELS.index(low)], self.quantiles[:, LEVELS.index(high)]

    def summary(self) -> dict[str, object]:
        """All scores of the horizon as plain numbers; None for a test that the targets are too few for."""
        ends = scores.ratio_interval(self.crps, self.benchmark, self.horizon)
        p_value = scores.diebold_mariano(self.crps, self.benchmark, self.horizon).p_value
        median = self.quantiles[:, LEVELS.index(0.5)]
        deciles = np.bincount(np.minimum((10.0 * self.pit).astype(int), 9), minlength=10)
        ranges = {level: self.range(level) for level in RANGES}
        return {
            "horizon": self.horizon,
            "targets": int(self.outcomes.size),
            "crps": float(self.crps.mean()),
            "crps_no_change": float(self.benchmark.mean()),
            "ratio": scores.ratio(self.crps, self.benchmark),
            "ratio_90": None if math.isnan(ends[0]) else list(ends),
            "diebold_mariano_p": None if math.isnan(p_value) else p_value,
            "pinball": float(scores.pinball(self.quantiles, LEVELS, self.outcomes).mean()),
            "interval_score_90": float(scores.interval(*ranges[0.9], self.outcomes, 0.9).mean()),
            "coverage": {f"{level:g}": scores.coverage(*both, self.outcomes) for level, both in ranges.items()},
            "below_5": float(np.mean(self.pit < 0.05)),
            "above_95": float(np.mean(self.pit > 0.95)),
            "pit_deciles": deciles.tolist(),
            "log_rmse": _log_rmse(median, self.outcomes),
            "log_rmse_no_change": _log_rmse(self.no_change, self.outcomes),
            "squared_error_ratio": float(
                np.mean((median - self.outcomes) ** 2) / np.mean((self.no_change - self.outcomes) ** 2)
            ),
        }


@dataclass(frozen=True)
class Backtest:
    """A backtest: the series, the window of target months, and one entry a horizon that has targets."""

    recipe: str
    unit: str
    first: np.datetime64
    last: np.datetime64
    paths: int
    horizons: tuple[Horizon, ...]

    def summary(self) -> dict[str, object]:
        """Everything but the forecasts themselves, as plain values."""
        return {
            "recipe": self.recipe,
            "unit": self.unit,
            "first_target": str(self.first),
            "last_target": str(self.last),
            "paths": self.paths,
            "horizons": [each.summary() for each in self.horizons],
        }

    def quantile_rows(self) -> Iterator[tuple[str, int, float, float]]:
        """Origin (YYYY-MM), horizon (months), level and value of every forecast, in that order."""
        rows = [
            (str(origin), each.horizon, values)
            for each in self.horizons
            for origin, values in zip(each.origins, each.quantiles, strict=True)
        ]
        for origin, horizon, values in sorted(rows, key=lambda row: row[:2]):
            for level, value in zip(LEVELS, values.tolist(), strict=True):
                yield origin, horizon, level, value

    def quantiles_csv(self) -> str:
        """The forecasts as CSV: origin, horizon, quantile, value."""
        lines = (f"{origin},{horizon},{level:g},{value:.6g}" for origin, horizon, level, value in self.quantile_rows())
        return "\n".join(["origin,horizon,quantile,value", *lines]) + "\n"


def backtest(
    source: Source, first: str, last: str, *, horizons: Sequence[int] = HORIZONS, paths: int = PATHS, jobs: int = 1
) -> Backtest:
    """Forecast and score every target month of a window at every horizon.

    Parameters
    ----------
    source : the series and its recipe.
    first, last : target months, YYYY-MM; origins reach back by the longest horizon.
    horizons : months ahead.
    paths : ensemble members.
    jobs : threads; the numbers do not depend on it.

    Returns
    -------
    Scores and forecasts. Targets whose origin has too few data, and targets after the end of the series, are left out.

    Raises
    ------
    DataError : no target of the window has a forecast.
    """
    begin, end = np.datetime64(first, "M"), np.datetime64(last, "M")
    months, ahead = source.months, tuple(sorted(horizons))
    inside = {
        h: [k for k in range(source.first_origin(), months.size - h) if begin <= months[k + h] <= end] for h in ahead
    }
    origins = sorted({origin for places in inside.values() for origin in places})
    if not origins:
        raise DataError(
            f"No month from {begin} to {end} can be forecast and scored with data from {months[0]} to {months[-1]}; "
            "choose another window or a longer series."
        )
    table = dict(zip(origins, _forecasts(source, origins, ahead, paths, jobs), strict=True))
    outcomes = source.outcomes()
    entries = []
    for column, h in enumerate(ahead):
        if not inside[h]:
            continue
        chosen = np.array(inside[h])
        observed = outcomes[chosen + h]
        still = np.array([source.no_change(k, k + h) for k in inside[h]])
        spreads = np.array([np.std(source.log_changes(k)[-CHANGES:], ddof=1) for k in inside[h]]) * math.sqrt(h)
        entries.append(
            Horizon(
                horizon=h,
                origins=months[chosen],
                outcomes=observed,
                quantiles=np.array([table[k].quantiles[column] for k in inside[h]]),
                crps=np.array([table[k].crps[column] for k in inside[h]]),
                pit=np.array([table[k].pit[column] for k in inside[h]]),
                benchmark=scores.crps_lognormal(still, spreads, observed),
                no_change=still,
            )
        )
    return Backtest(source.recipe, source.unit, begin, end, paths, tuple(entries))


@dataclass(frozen=True)
class _Forecast:
    """Forecasts from one origin: quantiles (horizons, levels), and CRPS and PIT (horizons,), NaN without an outcome."""

    quantiles: np.ndarray
    crps: np.ndarray
    pit: np.ndarray


def _forecasts(
    source: Source, origins: Sequence[int], horizons: Sequence[int], paths: int, jobs: int
) -> Iterator[_Forecast]:
    if jobs <= 1:
        return (_forecast(source, origin, horizons, paths) for origin in origins)
    _forecast(source, origins[0], horizons, paths)  # compiles, and draws the random numbers that all origins share
    with ThreadPoolExecutor(min(jobs, len(origins))) as pool:
        tasks = [pool.submit(_forecast, source, origin, horizons, paths) for origin in origins]
        return iter([task.result() for task in tasks])


def _forecast(source: Source, origin: int, horizons: Sequence[int], paths: int) -> _Forecast:
    members = source.ensemble(origin, horizons, paths)
    observed = source.outcomes()
    crps, pit = np.full(len(horizons), np.nan), np.full(len(horizons), np.nan)
    known = [k for k, h in enumerate(horizons) if origin + h < observed.size]
    if known:
        values = observed[[origin + horizons[k] for k in known]]
        crps[known] = scores.crps_ensemble(members[known], values)
        pit[known] = scores.pit(members[known], values)
    return _Forecast(np.quantile(members, LEVELS, axis=1).T, crps, pit)


def _log_rmse(forecast: np.ndarray, outcomes: np.ndarray) -> float:
    return math.sqrt(float(np.mean(np.log(forecast / outcomes) ** 2)))
