"""A run under the user's views: probabilities, means and quantiles that its weighted simulations meet."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from pydantic import Field, model_validator

from detente.analysis.tilting import InfeasibleError, Tilt, tilt, weighted_quantiles
from detente.config.fields import Real, Strict, Title, require
from detente.config.toml import read
from detente.config.validation import check
from detente.questions import estimators, syntax
from detente.questions.ask import ALL, KEPT, Answer
from detente.questions.errors import QuestionError
from detente.questions.evaluate import ARITHMETIC, Evaluator, needs_kept_paths, runs_named
from detente.questions.names import names
from detente.questions.parser import parse, parse_condition
from detente.questions.paths import NO_PATHS, Finished, Resolver, RunSet
from detente.questions.units import unit_of
from detente.shared.errors import ConfigError, DataError

FEWEST = 100
"""Effective simulations below which a view is refused."""
LEVELS = {"q05": 0.05, "q25": 0.25, "q50": 0.5, "q75": 0.75, "q95": 0.95}


class View(Strict):
    """One view: a probability, a mean or a quantile, and what it is, or at least or at most is.

    ``probability`` is a condition and ``mean`` and ``of`` are numbers of the language of questions. A probability of 0
    or 1 leaves out the simulations that disagree.
    """

    probability: Title | None = None
    mean: Title | None = None
    quantile: float | None = Field(default=None, gt=0.0, lt=1.0)
    of: Title | None = None
    is_: Real | None = Field(default=None, alias="is")
    at_least: Real | None = None
    at_most: Real | None = None
    source: Title | None = None

    @model_validator(mode="after")
    def _one_form(self) -> "View":
        forms = [self.probability is not None, self.mean is not None, self.quantile is not None]
        require(sum(forms) == 1, "needs one of probability, mean and quantile.")
        require((self.quantile is None) == (self.of is None), "needs quantile and of together.")
        given = [each for each in (self.is_, self.at_least, self.at_most) if each is not None]
        require(len(given) == 1, "needs one of is, at_least and at_most.")
        require(self.probability is None or 0.0 <= given[0] <= 1.0, "a probability must lie between 0 and 1.")
        return self

    @property
    def target(self) -> float:
        """The number of the view."""
        return next(each for each in (self.is_, self.at_least, self.at_most) if each is not None)

    @property
    def sign(self) -> str:
        """``=``, ``>=`` or ``<=``."""
        return "=" if self.is_ is not None else ">=" if self.at_least is not None else "<="

    @property
    def text(self) -> str:
        """The measure in the language of questions."""
        if self.probability is not None:
            return f"P({self.probability})"
        return f"E({self.mean})" if self.mean is not None else f"Q({self.quantile:g}, {self.of})"


class ViewsFile(Strict):
    """A file of views."""

    schema_version: Literal[1] = 1
    view: tuple[View, ...] = Field(min_length=1)


def read_views(path: Path) -> tuple[View, ...]:
    """The views of a TOML file.

    Raises
    ------
    ConfigError : an entry is not valid; the message names file, line and key.
    DataError : there is no such file.
    """
    if not path.is_file():
        raise DataError(f"{path}: there is no such file of views.")
    return check(ViewsFile, read(path)).view


def views_of(values: dict[str, float]) -> tuple[View, ...]:
    """Views from measures and their values, such as ``{"P(ceasefire before 2027-07)": 0.4}``.

    Raises
    ------
    ConfigError : a key is not P(condition) or E(number).
    """
    views = []
    for text, value in values.items():
        kind, inner = text.strip()[:2], text.strip()[2:-1]
        if kind not in ("P(", "E(") or not text.strip().endswith(")"):
            raise ConfigError(f"{text!r} is not a view; write P(condition) or E(number).")
        views.append(View.model_validate({{"P(": "probability", "E(": "mean"}[kind]: inner, "is": float(value)}))
    return tuple(views)


@dataclass(frozen=True)
class Target:
    """A view with the value of the run before, the target and the value achieved."""

    text: str
    sign: str
    before: float
    target: float
    achieved: float
    unit: str


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
        tilted = self._tilted(np.ones(int(self._support.sum()), bool))
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

    def _tilted(self, chosen: np.ndarray) -> Tilt:
        """Tilt of the supported simulations, of which ``chosen`` (support,) are used."""
        soft = [k for k, view in enumerate(self.views) if not self._pins(view)]
        features = np.column_stack(
            [self._values[k][self._support][chosen] for k in soft] or [np.zeros((chosen.sum(), 0))]
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

    @cached_property
    def _without(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Paths and their weights with each scramble left out in turn, for errors; the views are met anew each time."""
        numbers = np.flatnonzero(self._support)
        group = estimators.groups(numbers, self.paths)
        parts = []
        for each in np.unique(group):
            chosen = group != each
            try:
                parts.append((numbers[chosen], self._tilted(chosen).weights))
            except ConfigError:
                continue
        return parts

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
        The answer; its error is the jackknife over scrambles, with the views met anew in each part.

        Raises
        ------
        QuestionError : the question cannot be read or answered.
        """
        level = parse(question, self.known)
        needs_paths = self.kept_only or needs_kept_paths(level)
        if needs_paths and not self.data.main.kept_paths:
            raise QuestionError(question, 0, f"{self.run.folder.name}: {NO_PATHS}")
        paths = self.data.main.kept_paths if needs_paths else self.paths
        numbers = np.flatnonzero(self.weights[:paths] > 0.0)
        value, used = self._level(level, question, paths, numbers, self.weights[numbers])
        parts = []
        for inside, weights in self._without:
            chosen = inside < paths
            part, _ = self._level(level, question, paths, inside[chosen], weights[chosen])
            parts.append(part)
        if not np.isfinite(value):
            raise QuestionError(question, 0, "the result is not finite under the views.")
        return Answer(
            question,
            value,
            estimators.jackknife(np.array(parts)),
            self._unit(question),
            f"{KEPT if needs_paths else ALL}, under views",
            used,
            {"": self.run.folder.name},
        )

    def _level(self, part: Any, text: str, paths: int, numbers: np.ndarray, weights: np.ndarray) -> tuple[float, int]:
        """Value of a measure or arithmetic of several, and the fewest simulations behind it."""
        match part:
            case syntax.Number():
                return part.value, paths
            case syntax.Negative():
                value, used = self._level(part.inner, text, paths, numbers, weights)
                return -value, used
            case syntax.Binary():
                left, right = (self._level(each, text, paths, numbers, weights) for each in (part.left, part.right))
                with np.errstate(all="ignore"):
                    return float(ARITHMETIC[part.operator](left[0], right[0])), min(left[1], right[1])
            case syntax.Measure():
                return self._measure(part, text, paths, numbers, weights)
        raise TypeError(f"no answer for {type(part).__name__}")

    def _measure(
        self, measure: syntax.Measure, text: str, paths: int, numbers: np.ndarray, weights: np.ndarray
    ) -> tuple[float, int]:
        evaluator = Evaluator(self.data, text, paths)
        if measure.given is not None:
            holds = np.broadcast_to(evaluator.holds(measure.given), (paths,))[numbers]
            numbers, weights = numbers[holds], weights[holds]
        total = float(weights.sum())
        if not numbers.size or total <= 0.0:
            raise QuestionError(text, measure.place, "no simulation meets the condition under the views.")
        shares = weights / total
        if measure.kind == "P":
            holds = np.broadcast_to(evaluator.holds(measure.body), (paths,))[numbers]
            return float(np.clip(shares @ holds, 0.0, 1.0)), numbers.size
        values = np.broadcast_to(evaluator.number(measure.body), (paths,))[numbers].astype(float)
        if measure.kind == "E":
            return float(shares @ values), numbers.size
        return float(weighted_quantiles(values, shares, [measure.level])[0]), numbers.size

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
