"""What the summary of a run answers for all its paths, without a condition: means, the published quantiles and the
published thresholds."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from detente.engine.summary import QUANTILES
from detente.questions import syntax
from detente.questions.estimators import Estimate
from detente.questions.evaluate import runs_named
from detente.questions.paths import World, Worlds
from detente.questions.periods import window

NONE = np.empty(0)
Key = tuple[str, str, str]
"""Run, column and statistic."""


@dataclass(frozen=True)
class Linear:
    """A constant and weights (steps,) of statistics, keyed by run, column and statistic."""

    constant: float
    weights: dict[Key, np.ndarray]

    def times(self, factor: float) -> "Linear":
        return Linear(factor * self.constant, {key: factor * weight for key, weight in self.weights.items()})

    def plus(self, other: "Linear") -> "Linear":
        joined = dict(self.weights)
        for key, weight in other.weights.items():
            joined[key] = joined[key] + weight if key in joined else weight
        return Linear(self.constant + other.constant, joined)


def from_summary(measure: syntax.Measure, worlds: Worlds, text: str) -> Estimate | None:
    """The answer to a measure if the summary holds it exactly, for all paths; None if it does not."""
    several = len(worlds.paired(runs_named(measure.body))) > 1
    if measure.given is not None or (several and measure.kind != "E"):
        return None
    if measure.kind == "E":
        return _expectation(measure.body, worlds, text)
    if measure.kind == "Q":
        return _quantile(measure, worlds, text)
    return _probability(measure.body, worlds, text)


def _expectation(body: Any, worlds: Worlds, text: str) -> Estimate | None:
    form = linear(body, worlds, text, None)
    if form is None or not form.weights:
        return None
    value, error = form.constant, 0.0
    for (run, column, statistic), weight in form.weights.items():
        means = worlds.of(run).statistic(column, statistic)
        errors = _errors(worlds.of(run), column, statistic, means)
        if means is None or errors is None:
            return None
        value += float(weight @ means)
        error += float(np.abs(weight) @ errors)
    return Estimate(value, error, NONE)


def alone(body: Any, worlds: Worlds, text: str) -> bool:
    """Whether the error of an expectation is that of one statistic, and no bound on the error of several."""
    form = linear(body, worlds, text, None)
    return form is not None and sum(np.count_nonzero(weight) for weight in form.weights.values()) == 1


def linear(part: Any, worlds: Worlds, text: str, steps: slice | None) -> Linear | None:
    """A numeric part as a linear form in means of the summary; None if it is none. ``steps``: those over which an
    aggregate is taken."""
    match part:
        case syntax.Number():
            return Linear(part.value, {})
        case syntax.Negative():
            inner = linear(part.inner, worlds, text, steps)
            return inner and inner.times(-1.0)
        case syntax.Function(name="plain"):
            return linear(part.inner, worlds, text, steps)
        case syntax.Variable():
            assert part.period is not None
            return _of_variable(part, "mean", worlds, text)
        case syntax.Binary():
            return _of_binary(part, worlds, text, steps)
        case syntax.Aggregate(how="sum" | "mean") if steps is None:
            calendar = worlds.main.calendar
            found = window(part.period, calendar, text)  # type: ignore[arg-type]
            inner = linear(part.inner, worlds, text, found)
            length = found.stop - found.start
            return inner and inner.times(length * calendar.months_per_step if part.how == "sum" else 1.0)
        case syntax.Share() if steps is None:
            return _of_share(part, worlds, text)
    return None


def _of_variable(part: syntax.Variable, statistic: str, worlds: Worlds, text: str) -> Linear:
    """Mean over the steps of the variable's period; every step of an aggregate's period weighs the same, so this is
    its mean too."""
    calendar = worlds.of(part.run).calendar
    found = window(part.period, calendar, text)  # type: ignore[arg-type]
    weight = np.zeros(calendar.steps)
    weight[found] = 1.0 / (found.stop - found.start)
    return Linear(0.0, {(part.run, part.column, statistic): weight})


def _of_binary(part: syntax.Binary, worlds: Worlds, text: str, steps: slice | None) -> Linear | None:
    left, right = (linear(each, worlds, text, steps) for each in (part.left, part.right))
    if left is None or right is None:
        return None
    if part.operator in "+-":
        return left.plus(right if part.operator == "+" else right.times(-1.0))
    if part.operator == "*" and not (left.weights and right.weights):
        return left.times(right.constant) if not right.weights else right.times(left.constant)
    if part.operator == "/" and not right.weights and right.constant:
        return left.times(1.0 / right.constant)
    return None


def _of_share(part: syntax.Share, worlds: Worlds, text: str) -> Linear | None:
    found = _threshold(part.inner)
    return found and _of_variable(found[0], found[1], worlds, text)


def _threshold(part: Any) -> tuple[syntax.Variable, str] | None:
    """A variable that is compared with a number alone, and the statistic that would tell how often it is above it."""
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


def _probability(body: Any, worlds: Worlds, text: str) -> Estimate | None:
    """P of being above, or below, a published threshold at one step."""
    below = isinstance(body, syntax.Comparison) and _threshold(body) is None and len(body.parts) == 2
    if below:
        opposite = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(body.operators[0])
        found = opposite and _threshold(replace(body, operators=(opposite,)))
    else:
        found = _threshold(body)
    if not found:
        return None
    world = worlds.of(found[0].run)
    steps = window(found[0].period, world.calendar, text)  # type: ignore[arg-type]
    means = world.statistic(found[0].column, found[1])
    if means is None or steps.stop - steps.start > 1:
        return None
    value = float(means[steps.start])
    number = int(world.healthy.sum())
    error = float(np.sqrt(value * (1.0 - value) / max(number, 1))) or 1.0 / (number + 2.0)
    return Estimate(1.0 - value if below else value, error, NONE)


def _quantile(measure: syntax.Measure, worlds: Worlds, text: str) -> Estimate | None:
    """A published quantile of a variable at one step."""
    name = next((name for name, level in QUANTILES.items() if abs(level - measure.level) < 1e-12), None)
    if name is None or not isinstance(measure.body, syntax.Variable):
        return None
    world = worlds.of(measure.body.run)
    steps = window(measure.body.period, world.calendar, text)  # type: ignore[arg-type]
    values, errors = (world.statistic(measure.body.column, statistic) for statistic in (name, f"mc_error_{name}"))
    if values is None or errors is None or steps.stop - steps.start > 1:
        return None
    return Estimate(float(values[steps.start]), float(errors[steps.start]), NONE)


def _errors(world: World, column: str, statistic: str, means: np.ndarray | None) -> np.ndarray | None:
    if statistic == "mean" or means is None:
        return world.statistic(column, "mc_error")
    return np.sqrt(np.clip(means * (1.0 - means), 0.0, None) / max(int(world.healthy.sum()), 1))
