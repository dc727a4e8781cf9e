"""A run under the user's views: probabilities, means and quantiles that its weighted simulations meet."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from detente.analysis.tilting import InfeasibleError, Tilt, tilt, weighted_quantiles
from detente.questions import estimators, syntax
from detente.questions.ask import ALL, KEPT, Answer
from detente.questions.errors import QuestionError
from detente.questions.evaluate import ARITHMETIC, Evaluator, needs_kept_paths, runs_named
from detente.questions.names import names
from detente.questions.parser import parse, parse_condition
from detente.questions.paths import NO_PATHS, Finished, Resolver, RunSet
from detente.questions.units import unit_of
from detente.questions.view_file import View
from detente.shared.errors import ConfigError

FEWEST = 100
"""Effective simulations below which a view is refused."""
LEVELS = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}


@dataclass(frozen=True)
class Target:
    """A view with the value of the run before, the target and the value achieved."""

    text: str
    sign: str
    before: float
    target: float
    achieved: float
    unit: str


@dataclass(frozen=True)
class _Weighted:
    """Simulations among the first ``paths``: numbers and weights, (n,), and the features that views fix, (n, k)."""

    paths: int
    numbers: np.ndarray
    weights: np.ndarray
    features: np.ndarray

    def influence(self, centred: np.ndarray) -> np.ndarray:
        """Influence of each simulation on a weighted mean, (n,), in which the views hold whatever is sampled.

        ``centred`` (n,) has weighted mean zero. What the features explain of it does not count.
        """
        if self.features.shape[1]:
            inner = self.features - self.weights @ self.features
            weighted = self.weights[:, None] * inner
            slopes = np.linalg.lstsq(weighted.T @ inner, weighted.T @ centred, rcond=None)[0]
            centred = centred - inner @ slopes
        return np.asarray(self.weights.size * self.weights * centred)


@dataclass(frozen=True)
class _Value:
    """A number, the influence of each simulation on it, and the number of simulations behind it."""

    value: float
    influence: np.ndarray
    used: int


def _combined(apply: Any, left: _Value, right: _Value) -> _Value:
    """Two numbers in arithmetic; the influence follows the derivatives."""
    a, b = left.value, right.value
    step_a, step_b = (1e-6 * max(abs(x), 1e-6) for x in (a, b))
    with np.errstate(all="ignore"):
        value = float(apply(a, b))
        slope_a = float(apply(a + step_a, b) - apply(a - step_a, b)) / (2.0 * step_a)
        slope_b = float(apply(a, b + step_b) - apply(a, b - step_b)) / (2.0 * step_b)
    return _Value(value, slope_a * left.influence + slope_b * right.influence, min(left.used, right.used))


class Viewed:
    """A run under views.

    Parameters
    ----------
    run : a finished run.
    views : what the weighted simulations must meet.
    resolve : opens runs that questions name in square brackets.

    Raises
    ------
    ConfigError : a view cannot be read, cannot be met, or leaves fewer than 100 effective simulations.

    Attributes
    ----------
    weights : (paths,) weights of the run's simulations, sum 1; all simulations, or the kept ones if a view concerns a
        variable.
    divergence : relative entropy to the run, in nats.
    effective : effective number of simulations.
    """

    def __init__(self, run: Finished, views: Sequence[View], resolve: Resolver) -> None:
        self.run = run
        self.views = tuple(views)
        self.data = RunSet(run, resolve)
        self.known = names(run.config, None)
        parsed = [self._parsed(view) for view in self.views]
        self.kept_only = any(needs_kept_paths(body) for body in parsed)
        self.paths = self.data.main.kept_paths if self.kept_only else self.data.main.paths
        if not self.paths:
            raise ConfigError(f"{run.folder.name}: {NO_PATHS}")
        self._values = [self._feature(view, body) for view, body in zip(self.views, parsed, strict=True)]
        self._support = self._pinned()
        tilted = self._tilted()
        self._multipliers = tilted.multipliers
        self.weights = np.zeros(self.paths)
        self.weights[self._support] = tilted.weights
        count = int(self.data.main.valid[: self.paths].sum())
        self.effective = tilted.effective
        self.divergence = tilted.divergence + float(np.log(count / max(int(self._support.sum()), 1)))
        if self.effective < FEWEST:
            raise ConfigError(
                f"the views leave {self.effective:.0f} effective simulations of {count:,}, fewer than {FEWEST}; "
                "choose milder views, or a run with more paths"
                + (" and a larger --keep-paths." if self.kept_only else ".")
            )

    def _parsed(self, view: View) -> Any:
        if view.probability is not None:
            return parse_condition(view.probability, self.known)
        level = parse(view.text, self.known)
        if not isinstance(level, syntax.Measure) or level.given is not None:
            raise ConfigError(f"the view {view.text} must be one number a simulation, without a condition.")
        if runs_named(level.body) - {""}:
            raise ConfigError(f"the view {view.text} names another run; views concern one run.")
        return level.body

    def _feature(self, view: View, body: Any) -> np.ndarray:
        """The feature whose expectation the view sets, (paths,); of a quantile, whether the number is at most it."""
        evaluator = Evaluator(self.data, view.text, self.paths)
        if view.probability is not None:
            values = evaluator.holds(body).astype(float)
        else:
            values = np.asarray(evaluator.number(body), float)
            if view.quantile is not None:
                values = (values <= view.target).astype(float)
        values = np.broadcast_to(values, (self.paths,))
        if not np.isfinite(values[self.data.main.valid[: self.paths]]).all():
            raise ConfigError(f"the view {view.text} has no number on some simulations; make it a probability.")
        return values

    def _goal(self, view: View) -> tuple[float, str]:
        """Expectation of the feature and its sign."""
        if view.quantile is None:
            return view.target, view.sign
        return view.quantile, {"=": "=", ">=": "<=", "<=": ">="}[view.sign]

    def _pinned(self) -> np.ndarray:
        """Simulations that agree with the probabilities of 0 and 1, (paths,) bool."""
        keep = self.data.main.valid[: self.paths].copy()
        for view, values in zip(self.views, self._values, strict=True):
            if self._pins(view):
                keep &= values == view.target
                if not keep.any():
                    raise ConfigError(f"no simulation of {self.run.folder.name} meets {view.text} = {view.target:g}.")
        return keep

    @staticmethod
    def _pins(view: View) -> bool:
        return view.probability is not None and view.sign == "=" and view.target in (0.0, 1.0)

    def _soft(self) -> list[int]:
        """The views that weights meet, other than those that leave simulations out."""
        return [k for k, view in enumerate(self.views) if not self._pins(view)]

    def _tilted(self) -> Tilt:
        """Tilt of the supported simulations."""
        soft = self._soft()
        features = np.column_stack(
            [self._values[k][self._support] for k in soft] or [np.zeros((int(self._support.sum()), 0))]
        )
        goals = [self._goal(self.views[k]) for k in soft]
        try:
            return tilt(features, [goal for goal, _ in goals], [sign for _, sign in goals])
        except InfeasibleError as error:
            if error.place is None:
                raise ConfigError("the views contradict one another in this run; drop one or move it.") from None
            view = self.views[soft[error.place]]
            values = features[:, error.place]
            reach = f"its values there reach from {values.min():g} to {values.max():g}"
            raise ConfigError(
                f"no weights of the simulations give {view.text} {view.sign} {view.target:g}; {reach}."
            ) from None

    def targets(self) -> list[Target]:
        """The views with their values in the run, their targets and the values achieved."""
        valid = self.data.main.valid[: self.paths]
        rows = []
        for view, values in zip(self.views, self._values, strict=True):
            if view.quantile is None:
                before, achieved = float(values[valid].mean()), float(self.weights @ values)
            else:
                before = self._plain(view.text)
                achieved = self.ask(view.text).value
            rows.append(Target(view.text, view.sign, before, view.target, achieved, self._unit(view.text)))
        return rows

    def _unit(self, text: str) -> str:
        return unit_of(parse(text, self.known), text)

    def _plain(self, text: str) -> float:
        from detente.questions.ask import Asker

        return Asker(self.run, self.data.resolve, self.known).ask(text).value

    def ask(self, question: str) -> Answer:
        """Answer a question under the views.

        Parameters
        ----------
        question : in the language of docs/questions.md.

        Returns
        -------
        The answer; its error rests on the influence of each simulation, and what the views fix has none.

        Raises
        ------
        QuestionError : the question cannot be read or answered.
        """
        level = parse(question, self.known)
        needs_paths = self.kept_only or needs_kept_paths(level)
        if needs_paths and not self.data.main.kept_paths:
            raise QuestionError(question, 0, f"{self.run.folder.name}: {NO_PATHS}")
        paths = self.data.main.kept_paths if needs_paths else self.paths
        weighted = self._weighted(paths)
        value = self._level(level, question, weighted)
        if not np.isfinite(value.value):
            raise QuestionError(question, 0, "the result is not finite under the views.")
        sample = estimators.Sample(weighted.numbers, paths)
        return Answer(
            question,
            value.value,
            estimators.mean(value.influence, sample).error if value.influence.any() else 0.0,
            self._unit(question),
            f"{KEPT if needs_paths else ALL}, under views",
            value.used,
            {"": self.run.folder.name},
        )

    def _weighted(self, paths: int) -> "_Weighted":
        """The simulations of positive weight among the first ``paths``, with the features whose means the views fix.

        Where a part of the simulations is used, the multipliers count as known.
        """
        numbers = np.flatnonzero(self.weights[:paths] > 0.0)
        weights = self.weights[numbers] / self.weights[numbers].sum()
        active = np.flatnonzero(self._multipliers) if paths == self.paths else np.empty(0, int)
        soft = self._soft()
        features = [self._values[soft[k]][numbers] for k in active]
        return _Weighted(
            paths, numbers, weights, np.column_stack(features) if features else np.zeros((numbers.size, 0))
        )

    def _level(self, part: Any, text: str, weighted: "_Weighted") -> "_Value":
        """Value of a measure or of arithmetic of several, with its influence function."""
        nothing = np.zeros(weighted.numbers.size)
        match part:
            case syntax.Number():
                return _Value(part.value, nothing, weighted.paths)
            case syntax.Negative():
                inner = self._level(part.inner, text, weighted)
                return _Value(-inner.value, -inner.influence, inner.used)
            case syntax.Binary():
                left, right = (self._level(each, text, weighted) for each in (part.left, part.right))
                return _combined(ARITHMETIC[part.operator], left, right)
            case syntax.Measure():
                return self._measure(part, text, weighted)
        raise TypeError(f"no answer for {type(part).__name__}")

    def _measure(self, measure: syntax.Measure, text: str, weighted: "_Weighted") -> "_Value":
        evaluator = Evaluator(self.data, text, weighted.paths)

        def on_simulations(values: np.ndarray) -> np.ndarray:
            return np.asarray(np.broadcast_to(values, (weighted.paths,))[weighted.numbers])

        given = np.ones(weighted.numbers.size, bool)
        if measure.given is not None:
            given = on_simulations(evaluator.holds(measure.given))
        total = float(weighted.weights[given].sum())
        if total <= 0.0:
            raise QuestionError(text, measure.place, "no simulation meets the condition under the views.")
        body = evaluator.holds(measure.body) if measure.kind == "P" else evaluator.number(measure.body)
        values = on_simulations(body).astype(float)
        used = int(given.sum())
        if not np.isfinite(values[given]).all() and measure.kind != "Q":
            raise QuestionError(text, measure.place, "the number is not finite on some simulations; add a condition.")
        if measure.kind == "Q":
            return self._quantile(measure.level, values, given, total, weighted, used)
        values = np.where(given, values, 0.0)
        value = float(weighted.weights @ values) / total
        if measure.kind == "P":
            value = min(max(value, 0.0), 1.0)
        return _Value(value, weighted.influence((values - value * given) / total), used)

    @staticmethod
    def _quantile(
        level: float, values: np.ndarray, given: np.ndarray, total: float, weighted: "_Weighted", used: int
    ) -> "_Value":
        """A quantile; its influence is that of the probability below it over the density there."""
        shares = weighted.weights[given] / total
        slack = np.sqrt(level * (1.0 - level) * np.sum(shares**2))
        low, value, high = weighted_quantiles(
            values[given], shares, np.clip([level - slack, level, level + slack], 0, 1)
        )
        below = np.where(given, (values <= value) - level, 0.0) / total
        return _Value(float(value), -weighted.influence(below) * (high - low) / (2.0 * slack), used)

    def fan(self, variable: str, region: str) -> pd.DataFrame:
        """Mean and quantiles of a variable at every step under the views, from the kept simulations.

        Returns
        -------
        DataFrame : index time (datetime64), columns mean, q05, q25, q50, q75, q95, in the unit of the variable.
        """
        data = self.data.main
        if not data.kept_paths:
            raise ConfigError(f"{self.run.folder.name}: {NO_PATHS}")
        count = min(self.paths, data.kept_paths)
        values = data.series(f"{region}|{variable}")[:count]
        numbers = np.flatnonzero(self.weights[:count] > 0.0)
        weights = self.weights[numbers] / self.weights[numbers].sum()
        rows = []
        for step in range(values.shape[1]):
            column = values[numbers, step]
            quantiles = weighted_quantiles(column, weights, list(LEVELS.values()))
            rows.append({"mean": float(weights @ column)} | dict(zip(LEVELS, map(float, quantiles), strict=True)))
        times = pd.to_datetime([dt.date.fromisoformat(str(day)) for day in data.calendar.starts()])
        return pd.DataFrame(rows, index=pd.Index(times, name="time"))
