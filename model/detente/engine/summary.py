"""From sums and counts to the long table of statistics, each with its Monte Carlo error.

Errors are one standard error each: ``mc_error`` of the mean, ``mc_error_q05`` of a quantile, ``mc_error_p_above_60`` of
a probability (``detente.engine.monte_carlo``; docs/method.md, "Monte Carlo error").
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from detente_kernels import exact, reductions

from detente.engine import monte_carlo
from detente.engine.outputs import Variable, events
from detente.engine.simulate import Reduction
from detente.shared.release import MODEL_NAME

QUANTILES = {
    "q01": 0.01,
    "q025": 0.025,
    "q05": 0.05,
    "q10": 0.10,
    "q25": 0.25,
    "q50": 0.50,
    "q75": 0.75,
    "q90": 0.90,
    "q95": 0.95,
    "q975": 0.975,
    "q99": 0.99,
}
CONSTANT = 4e-12
"""Variance relative to the squared mean up to which it is rounding: all paths agree."""
COLUMNS = ["model", "scenario", "region", "variable", "unit", "time", "statistic", "value"]


def summarise(reduction: Reduction, incidence: np.ndarray) -> pd.DataFrame:
    """The long table (COLUMNS) of a run: every variable at every step, and the cumulative probability of every event.

    ``incidence`` (events, steps) counts paths on which an event has happened by the end of a step.
    """
    plan = reduction.plan
    starts = plan.calendar.starts()
    blocks: list[tuple[str, str, str, dict[str, np.ndarray]]] = []
    moments = _moments(reduction)
    counted = 0
    limits = iter(range(len(plan.variables), plan.width))
    for v, variable in enumerate(plan.variables):
        statistics = {name: values[:, v] for name, values in moments.items() if variable.ranked or name != "sd"}
        if variable.ranked:
            statistics |= _of_constants(_ranked(reduction, counted, variable), statistics["mean"], statistics["sd"])
            for threshold in variable.thresholds:
                statistics |= _above(reduction, counted, threshold, next(limits))
            counted += 1
        blocks.append((variable.region, variable.name, variable.unit, statistics))
    valid = plan.grid.paths - reduction.failed
    for e, entry in enumerate(events()):
        if entry.kind == "date":
            p = incidence[e] / max(valid, 1)
            blocks.append(("World", entry.name, "1", {"mean": p, "mc_error": monte_carlo.binomial_error(p, valid)}))
    return _long(blocks, plan.config.name, starts)


def _moments(reduction: Reduction) -> dict[str, np.ndarray]:
    """Mean, standard deviation and error of the mean, (steps, variables) each. Shares keep mean and error only."""
    width = len(reduction.plan.variables)
    total, square = (sums[:, :, :width] for sums in (reduction.total, reduction.square))
    n = reduction.count.sum(axis=0)[:, None]
    mean = total.sum(axis=0) / np.maximum(n, 1)
    variance = np.maximum(square.sum(axis=0) / np.maximum(n, 1) - mean**2, 0.0)
    variance[variance <= CONSTANT * mean**2] = 0.0
    sampling = variance / np.maximum(n, 1)
    if reduction.plan.grid.paths >= reductions.UNIT:
        by_scramble = total / np.maximum(reduction.count, 1)[:, :, None]
        sampling = monte_carlo.combined(monte_carlo.between_scrambles(by_scramble, mean), sampling)
    deviation = _largest_deviations(reduction, mean, variance)
    error = np.sqrt(sampling + monte_carlo.one_more(deviation, n) ** 2)
    return {"mean": mean, "sd": np.sqrt(variance), "mc_error": error}


def _largest_deviations(reduction: Reduction, mean: np.ndarray, variance: np.ndarray) -> np.ndarray:
    """Largest distance of a path from the mean, (steps, variables).

    From the bins of ranked variables. Of a share it is the distance from the mean to the far end of 0 to 1, reduced by
    the ratio of its variance to that of a yes or no. Where all paths agree in a step, but not in every step, it is the
    largest of the other steps.
    """
    ranked = reduction.plan.ranked
    edges = reductions.edges()
    deviation = np.zeros_like(mean)
    for k in range(ranked):
        held = reduction.counts[:, k, :] > 0
        low = edges[held.argmax(axis=1)]
        high = edges[edges.size - 1 - held[:, ::-1].argmax(axis=1)]
        deviation[:, k] = np.maximum(high - mean[:, k], mean[:, k] - low)
    p = np.clip(mean[:, ranked:], 0.0, 1.0)
    near = np.minimum(p, 1.0 - p)
    with np.errstate(invalid="ignore", divide="ignore"):
        deviation[:, ranked:] = np.where(near > 0.0, np.sqrt(variance[:, ranked:] * (1.0 - near) / near), 0.0)
    deviation[variance == 0.0] = 0.0
    return np.where(variance > 0.0, deviation, deviation.max(axis=0))


def _above(reduction: Reduction, k: int, threshold: float, column: int) -> dict[str, np.ndarray]:
    """Probability of being above a threshold by the bins, and its error by the scrambles."""
    counts = reduction.counts[:, k, :].astype(np.int64)
    not_above = counts[:, : np.searchsorted(reductions.edges(), threshold)].sum(axis=1)
    total = counts.sum(axis=1)
    name = f"p_above_{threshold:g}"
    p = 1.0 - not_above / np.maximum(total, 1)
    if reduction.plan.grid.paths >= reductions.UNIT:
        error = monte_carlo.probability_error(reduction.total[:, :, column], reduction.count)
    else:
        error = monte_carlo.binomial_error(p, total)
    return {name: p, f"mc_error_{name}": error}


def _ranked(reduction: Reduction, k: int, variable: Variable) -> dict[str, np.ndarray]:
    """Quantiles with their errors."""
    counts = reduction.counts[:, k, :].astype(np.int64)
    total = counts.sum(axis=1)
    cumulative = np.concatenate([np.zeros((counts.shape[0], 1), np.int64), np.cumsum(counts, axis=1)], axis=1)
    edges = reductions.edges()
    levels = np.array(list(QUANTILES.values()))
    nodes = np.array([[monte_carlo.quantile_levels(p, int(n)) for p in levels] for n in total])
    asked = np.concatenate([np.broadcast_to(levels, nodes.shape[:2]), nodes.reshape(total.size, -1)], axis=1)
    at = _quantiles(cumulative, edges, total, asked)
    middle, around = at[:, : levels.size], at[:, levels.size :].reshape(nodes.shape)
    statistics = (
        _exact(reduction.exact[k]) if reduction.plan.exact else {name: middle[:, q] for q, name in enumerate(QUANTILES)}
    )
    errors = monte_carlo.quantile_error(around)
    return statistics | {f"mc_error_{name}": errors[:, q] for q, name in enumerate(QUANTILES)}


def quantiles_of(reduction: Reduction, k: int, levels: Sequence[float]) -> np.ndarray:
    """Quantiles of one ranked variable at any levels, from the counts of all paths.

    Parameters
    ----------
    reduction : a simulation.
    k : index of the variable among the ranked ones, which come first in ``plan.variables``.
    levels : probabilities, 0 to 1.

    Returns
    -------
    (steps, levels), in the unit of the variable; at a level of ``QUANTILES`` the number of the summary.
    """
    counts = reduction.counts[:, k, :].astype(np.int64)
    cumulative = np.concatenate([np.zeros((counts.shape[0], 1), np.int64), np.cumsum(counts, axis=1)], axis=1)
    asked = np.broadcast_to(np.asarray(levels, float), (counts.shape[0], len(levels)))
    values = _quantiles(cumulative, reductions.edges(), counts.sum(axis=1), asked)
    moments = _moments(reduction)
    mean, sd = moments["mean"][:, [k]], moments["sd"][:, [k]]
    return np.where(sd <= 2e-6 * np.abs(mean), mean, values)


def _of_constants(statistics: dict[str, np.ndarray], mean: np.ndarray, sd: np.ndarray) -> dict[str, np.ndarray]:
    """Where all paths agree, every quantile is that number: a bin's width is no spread."""
    constant = sd == 0.0
    replaced = {name: mean for name in QUANTILES} | {f"mc_error_{name}": np.zeros_like(mean) for name in QUANTILES}
    return {
        name: np.where(constant, replaced[name], values) if name in replaced else values
        for name, values in statistics.items()
    }


def _quantiles(cumulative: np.ndarray, edges: np.ndarray, total: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Quantiles (steps, levels) at the probabilities ``p`` of the same shape.

    They are interpolated linearly inside the bin that holds each.
    """
    target = p * total[:, None]
    cell = np.empty(p.shape, np.int64)
    for t, row in enumerate(cumulative):
        # The bin that holds the target; at target 0, the first bin that holds anything.
        cell[t] = np.where(
            target[t] > 0, np.searchsorted(row, target[t], side="left"), np.searchsorted(row, target[t], side="right")
        )
    cell = np.clip(cell - 1, 0, edges.size - 2)
    start = np.take_along_axis(cumulative, cell, axis=1)
    inside = np.take_along_axis(cumulative, cell + 1, axis=1) - start
    share = np.where(inside > 0, (target - start) / np.maximum(inside, 1), 0.0)
    low, high = edges[cell], edges[cell + 1]
    return np.where((low < 0.0) & (high > 0.0), 0.0, low + share * (high - low))


def _exact(values: np.ndarray) -> dict[str, np.ndarray]:
    """Quantiles of stored values (steps, paths) float32 as exact order statistics.

    They are interpolated linearly between neighbours.
    """
    steps, n = values.shape
    position = np.array([p * (n - 1) for p in QUANTILES.values()])
    low = np.floor(position).astype(np.int64)
    ranks = np.unique(np.concatenate([low, np.minimum(low + 1, n - 1)]))
    ordered_bits = np.empty((steps, ranks.size), np.uint32)
    for t in range(steps):
        exact.order_statistics(np.ascontiguousarray(values[t]).view(np.uint32), ranks, ordered_bits[t])
    ordered = ordered_bits.view(np.float32).astype(float)
    below = ordered[:, np.searchsorted(ranks, low)]
    above = ordered[:, np.searchsorted(ranks, np.minimum(low + 1, n - 1))]
    quantiles = below + (position - low) * (above - below)
    return {name: quantiles[:, k] for k, name in enumerate(QUANTILES)}


def _long(
    blocks: list[tuple[str, str, str, dict[str, np.ndarray]]], scenario: str, starts: list[dt.date]
) -> pd.DataFrame:
    columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
    numbers: list[np.ndarray] = []
    steps = len(starts)
    for region, variable, unit, statistics in blocks:
        for statistic, values in statistics.items():
            columns["region"] += [region] * steps
            columns["variable"] += [variable] * steps
            columns["unit"] += [unit] * steps
            columns["time"] += starts
            columns["statistic"] += [statistic] * steps
            numbers.append(values)
    rows = len(columns["region"])
    columns["model"] = [MODEL_NAME] * rows
    columns["scenario"] = [scenario] * rows
    return pd.DataFrame(columns | {"value": np.concatenate(numbers)})[COLUMNS]
