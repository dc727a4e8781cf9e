"""Newton's method with halved steps, for systems in logarithms."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

TOLERANCE = 1e-11
"""Largest relative error of a condition at which the method stops, after one more step that brings it to rounding."""
MOST_STEPS = 40
MOST_HALVINGS = 12
MOST_IN_ALL = 120
"""Steps after which a way along growing tariffs is given up."""
LONGEST = 2.0
"""Longest step in a logarithm: more than a factor of seven at once is beyond what a linear picture knows."""

Evaluate = Callable[[np.ndarray], tuple[np.ndarray, Any] | None]
"""Residuals at a point with whatever the Jacobian needs, or None where the model has no meaning."""


class Found(NamedTuple):
    """Where the method ended. ``state``: what ``evaluate`` gave there beside the residuals, None if the start has no
    meaning."""

    point: np.ndarray
    residuals: np.ndarray
    state: Any
    steps: int
    converged: bool


def newton(evaluate: Evaluate, jacobian: Callable[[Any], np.ndarray], start: np.ndarray) -> Found:
    """Solve ``residuals(point) = 0`` from ``start``. A step is halved until it stays where the model has a meaning and
    the largest residual falls.

    Far from the solution that keeps the iteration from running away; near it full steps converge quadratically.
    """
    point, first = start, evaluate(start)
    if first is None:
        return Found(start, np.full(start.shape, np.inf), None, 0, False)
    residuals, state = first
    norm = _norm(residuals)
    for steps in range(MOST_STEPS):
        close = norm <= TOLERANCE
        if norm == 0.0:
            return Found(point, residuals, state, steps, True)
        try:
            step = -np.linalg.solve(jacobian(state), residuals)
        except np.linalg.LinAlgError:
            return Found(point, residuals, state, steps, close)
        if not np.isfinite(step).all():
            return Found(point, residuals, state, steps, close)
        length = min(1.0, LONGEST / max(_norm(step), 1e-300))
        for _ in range(1 if close else MOST_HALVINGS):
            tried = evaluate(point + length * step)
            if tried is not None and _norm(tried[0]) < norm * (1.0 - 1e-4 * length):
                point = point + length * step
                residuals, state = tried
                break
            length *= 0.5
        else:
            return Found(point, residuals, state, steps, close)
        norm = _norm(residuals)
        if close:
            return Found(point, residuals, state, steps + 1, True)
    return Found(point, residuals, state, MOST_STEPS, norm <= TOLERANCE)


def _norm(values: np.ndarray) -> float:
    """Largest absolute value; infinite if any is not finite."""
    largest = float(np.abs(values).max()) if values.size else 0.0
    return largest if np.isfinite(largest) else np.inf


def along(solve: Callable[[float, np.ndarray], Found], start: np.ndarray, smallest: float = 1.0 / 64.0) -> Found:
    """Follow the solution of a family of systems from share 0, which ``start`` solves, to share 1.

    The whole way is tried in one go first; where that fails the way is halved, and doubled again where it goes well.
    """
    done, width, total = 0.0, 1.0, 0
    point = start
    while True:
        share = min(1.0, done + width)
        found = solve(share, point)
        total += found.steps
        if found.converged:
            if share == 1.0:
                return found._replace(steps=total)
            done, point, width = share, found.point, 2.0 * width
        else:
            width *= 0.5
            if width < smallest or total > MOST_IN_ALL:
                return found._replace(steps=total)
