"""Unconditional answers from the summary of all paths: means, published quantiles and published thresholds."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from detente.engine.calendar import Calendar
from detente.engine.summary import QUANTILES
from detente.questions import syntax
from detente.questions.estimators import LEAST_BEYOND, Estimate
from detente.questions.evaluate import runs_named
from detente.questions.paths import RunSet
from detente.questions.periods import window

Key = tuple[str, str, str]
"""Run, column and statistic."""


@dataclass(frozen=True)
class Linear:
    """A constant and weights (steps,) of statistics, keyed by run, column and statistic."""

    constant: float
    weights: dict[Key, np.ndarray]

    def times(self, factor: float) -> "Linear":
        """The form multiplied by a number."""
        return Linear(factor * self.constant, {key: factor * weight for key, weight in self.weights.items()})

    def plus(self, other: "Linear") -> "Linear":
        """The sum of two forms."""
        joined = dict(self.weights)
        for key, weight in other.weights.items():
            joined[key] = joined[key] + weight if key in joined else weight
        return Linear(self.constant + other.constant, joined)


def from_summary(measure: syntax.Measure, runs: RunSet, text: str) -> Estimate | None:
    """Answer to a measure from the summary; None if the summary does not hold it exactly."""
    several = len(runs.paired(runs_named(measure.body))) > 1
    if measure.given is not None or (several and measure.kind != "E"):
        return None
    if measure.kind == "E":
        return _expectation(measure.body, runs, text)
    if measure.kind == "Q":
        return _quantile(measure, runs, text)
    return _probability(measure.body, runs, text)


def _expectation(body: Any, runs: RunSet, text: str) -> Estimate | None:
    form = linear(body, runs, text, None)
    if form is None or not form.weights:
        return None
    value, error = form.constant, 0.0
    for (run, column, statistic), weight in form.weights.items():
        means = runs.of(run).statistic(column, statistic)
        errors = runs.of(run).statistic(column, "mc_error" if statistic == "mean" else f"mc_error_{statistic}")
        if means is None or errors is None:
            return None
        value += float(weight @ means)
        error += float(np.abs(weight) @ errors)
    return Estimate(value, error)


def single_statistic(body: Any, runs: RunSet, text: str) -> bool:
    """Whether an expectation rests on one statistic, so that its error is exact and not a bound."""
    form = linear(body, runs, text, None)
    return form is not None and sum(np.count_nonzero(weight) for weight in form.weights.values()) == 1


def linear(part: Any, runs: RunSet, text: str, steps: slice | None) -> Linear | None:
    """A numeric part as a linear form in means of the summary, None if it is not linear.

    ``steps``: those of the enclosing aggregate.
    """
    match part:
        case syntax.Number():
            return Linear(part.value, {})
        case syntax.Negative():
            inner = linear(part.inner, runs, text, steps)
            return inner and inner.times(-1.0)
        case syntax.Function(name="plain"):
            return linear(part.inner, runs, text, steps)
        case syntax.Variable():
            assert part.period is not None
            return _of_variable(part, "mean", runs, text)
        case syntax.Binary():
            return _of_binary(part, runs, text, steps)
        case syntax.Aggregate(how="sum" | "mean") if steps is None:
            calendar = runs.main.calendar
            steps = _window(part.period, calendar, text)
            inner = linear(part.inner, runs, text, steps)
            length = steps.stop - steps.start
            return inner and inner.times(length * calendar.months_per_step if part.how == "sum" else 1.0)
        case syntax.Share() if steps is None:
            return _of_share(part, runs, text)
    return None


def _of_variable(part: syntax.Variable, statistic: str, runs: RunSet, text: str) -> Linear:
    """Mean over the steps of the variable's period; the steps of an aggregate weigh the same."""
    calendar = runs.of(part.run).calendar
    steps = _window(part.period, calendar, text)
    weight = np.zeros(calendar.steps)
    weight[steps] = 1.0 / (steps.stop - steps.start)
    return Linear(0.0, {(part.run, part.column, statistic): weight})


def _of_binary(part: syntax.Binary, runs: RunSet, text: str, steps: slice | None) -> Linear | None:
    left, right = (linear(each, runs, text, steps) for each in (part.left, part.right))
    if left is None or right is None:
        return None
    if part.operator in "+-":
        return left.plus(right if part.operator == "+" else right.times(-1.0))
    if part.operator == "*" and not (left.weights and right.weights):
        return left.times(right.constant) if not right.weights else right.times(left.constant)
    if part.operator == "/" and not right.weights and right.constant:
        return left.times(1.0 / right.constant)
    return None


def _of_share(part: syntax.Share, runs: RunSet, text: str) -> Linear | None:
    threshold = _threshold(part.inner)
    return threshold and _of_variable(*threshold, runs, text)


def _window(period: syntax.Period | None, calendar: Calendar, text: str) -> slice:
    """Steps of a period that parsing has set."""
    assert period is not None
    return window(period, calendar, text)


def _threshold(part: Any) -> tuple[syntax.Variable, str] | None:
    """The variable of a comparison with a number, and the statistic for the probability of exceeding that number."""
    if not isinstance(part, syntax.Comparison) or len(part.parts) > 2:
        return None
    first, second = part.parts
    if isinstance(first, syntax.Number) and isinstance(second, syntax.Variable) and part.operators[0] in ("<", "<="):
        first, second = second, first
    elif part.operators[0] not in (">", ">="):
        return None
    if isinstance(first, syntax.Variable) and isinstance(second, syntax.Number):
        return first, f"p_above_{second.value:g}"
    return None


def _probability(body: Any, runs: RunSet, text: str) -> Estimate | None:
    """Probability of lying above, or below, a published threshold at one step."""
    below = isinstance(body, syntax.Comparison) and _threshold(body) is None and len(body.parts) == 2
    if below:
        opposite = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(body.operators[0])
        threshold = _threshold(replace(body, operators=(opposite,))) if opposite else None
    else:
        threshold = _threshold(body)
    if threshold is None:
        return None
    variable, statistic = threshold
    data = runs.of(variable.run)
    steps = _window(variable.period, data.calendar, text)
    means = data.statistic(variable.column, statistic)
    if means is None or steps.stop - steps.start > 1:
        return None
    errors = data.statistic(variable.column, f"mc_error_{statistic}")
    if errors is None:
        return None
    value = float(means[steps.start])
    return Estimate(1.0 - value if below else value, float(errors[steps.start]))


def _quantile(measure: syntax.Measure, runs: RunSet, text: str) -> Estimate | None:
    """Published quantile of a variable at one step."""
    name = next((name for name, level in QUANTILES.items() if abs(level - measure.level) < 1e-12), None)
    if name is None or not isinstance(measure.body, syntax.Variable):
        return None
    data = runs.of(measure.body.run)
    steps = _window(measure.body.period, data.calendar, text)
    values, errors = (data.statistic(measure.body.column, statistic) for statistic in (name, f"mc_error_{name}"))
    if values is None or errors is None or steps.stop - steps.start > 1:
        return None
    if min(measure.level, 1.0 - measure.level) * int(data.valid.sum()) < LEAST_BEYOND:
        return None
    return Estimate(float(values[steps.start]), float(errors[steps.start]))
