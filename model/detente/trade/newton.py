"""Newton's method with step halving, for systems in logarithms."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

TOLERANCE = 1e-11
"""Largest relative error at convergence; one further step follows."""
MOST_STEPS = 40
MOST_HALVINGS = 12
MOST_IN_ALL = 1_000
"""Largest total number of steps along increasing tariffs."""
SMALLEST = 1.0 / 4096.0
"""Smallest part of the tariffs by which they are increased."""
LONGEST = 2.0
"""Longest step in a logarithm, a factor of about seven."""

Evaluate = Callable[[np.ndarray], tuple[np.ndarray, Any] | None]
"""Residuals at a point and the state for the Jacobian, or None where the model is undefined."""


class Solution(NamedTuple):
    """End point of the method. ``state``: from ``evaluate`` at that point, None if the start is undefined."""

    point: np.ndarray
    residuals: np.ndarray
    state: Any
    steps: int
    converged: bool


def newton(evaluate: Evaluate, jacobian: Callable[[Any], np.ndarray], start: np.ndarray) -> Solution:
    """Solve ``residuals(point) = 0`` from ``start``.

    Each step is halved until the model is defined and the largest residual falls. Near the solution full steps converge
    quadratically.
    """
    point, first = start, evaluate(start)
    if first is None:
        return Solution(start, np.full(start.shape, np.inf), None, 0, False)
    residuals, state = first
    norm = _norm(residuals)
    for steps in range(MOST_STEPS):
        close = norm <= TOLERANCE
        if norm == 0.0:
            return Solution(point, residuals, state, steps, True)
        try:
            step = -np.linalg.solve(jacobian(state), residuals)
        except np.linalg.LinAlgError:
            return Solution(point, residuals, state, steps, close)
        if not np.isfinite(step).all():
            return Solution(point, residuals, state, steps, close)
        length = min(1.0, LONGEST / max(_norm(step), 1e-300))
        for _ in range(1 if close else MOST_HALVINGS):
            tried = evaluate(point + length * step)
            if tried is not None and _norm(tried[0]) < norm * (1.0 - 1e-4 * length):
                point = point + length * step
                residuals, state = tried
                break
            length *= 0.5
        else:
            return Solution(point, residuals, state, steps, close)
        norm = _norm(residuals)
        if close:
            return Solution(point, residuals, state, steps + 1, True)
    return Solution(point, residuals, state, MOST_STEPS, norm <= TOLERANCE)


def _norm(values: np.ndarray) -> float:
    """Largest absolute value; infinite if any is not finite."""
    largest = float(np.abs(values).max()) if values.size else 0.0
    return largest if np.isfinite(largest) else np.inf


def along(solve: Callable[[float, np.ndarray], Solution], start: np.ndarray) -> Solution:
    """Continuation of a family of systems from share 0, solved by ``start``, to share 1.

    The full step is tried first. A failed step is reduced to a quarter, and the next one doubled after success. A step
    starts from the straight line through the last two solutions.
    """
    done, width, total = 0.0, 1.0, 0
    point = slope = start
    while True:
        share = min(1.0, done + width)
        solution = solve(share, point + (share - done) * slope if done else point)
        total += solution.steps
        if solution.converged:
            if share == 1.0:
                return solution._replace(steps=total)
            slope = (solution.point - point) / (share - done)
            done, point, width = share, solution.point, 2.0 * width
        else:
            width *= 0.25
            if width < SMALLEST or total > MOST_IN_ALL:
                if solution.state is None:  # the straight line left the model: say what holds beside the last solution
                    solution = solve(share, point)
                return solution._replace(steps=total)
