"""Answers to questions: value, Monte Carlo error, and the paths and runs behind it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from detente.questions import estimators, syntax
from detente.questions.errors import QuestionError
from detente.questions.estimators import LEAST_BEYOND, Estimate
from detente.questions.evaluate import ARITHMETIC, Evaluator, needs_kept_paths, runs_named
from detente.questions.from_summary import from_summary, single_statistic
from detente.questions.names import Names, names
from detente.questions.parser import parse, parse_condition
from detente.questions.paths import NO_PATHS, Finished, Resolver, RunData, RunSet
from detente.questions.periods import readings
from detente.questions.units import unit_of

FEW = 30
"""Number of paths below which an answer carries a warning."""
SUMMARY, ALL, KEPT = "summary of all paths", "all paths", "kept paths"


@dataclass(frozen=True)
class Answer:
    """Answer to a question about a run.

    Parameters
    ----------
    question : the question as asked.
    value : the answer, in ``unit``.
    mc_error : its Monte Carlo standard error, in ``unit``.
    unit : unit of the answer; ``1`` for probabilities and ratios.
    source : data used: the summary, all paths or the kept paths.
    paths : number of paths used, after the condition.
    runs : folder of each run by its name in the question; ``""`` is the run asked.
    periods : how the times of the question are read, a sentence each.
    notes : warnings.
    """

    question: str
    value: float
    mc_error: float
    unit: str
    source: str
    paths: int
    runs: dict[str, str]
    periods: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Measured:
    estimate: Estimate
    source: str
    paths: int


def ask(
    run: Finished,
    question: str,
    resolve: Resolver,
    *,
    given: str = "",
    constants: Mapping[str, tuple[float, str]] | None = None,
) -> Answer:
    """Answer a question about a finished run, such as ``P(ceasefire before 2027-07)``.

    Parameters
    ----------
    run : the run asked.
    question : a question in the language of docs/questions.md.
    resolve : opens the run that a name in square brackets refers to.
    given : condition added to every measure.
    constants : numbers that the question may name, each with its unit.

    Returns
    -------
    The answer with its Monte Carlo error.

    Raises
    ------
    QuestionError : a ConfigError that marks the position of the error in the question.

    References
    ----------
    Shao and Tu (1995), The Jackknife and Bootstrap, chapter 2, for the errors.
    """
    return Asker(run, resolve, names(run.config, constants)).ask(question, given)


class Asker:
    """Answers several questions about the same runs, each read once."""

    def __init__(self, run: Finished, resolve: Resolver, known: Names) -> None:
        self.known = known
        self.data = RunSet(run, resolve)

    def ask(self, question: str, given: str = "") -> Answer:
        """Answer one question; ``given`` is a condition added to every measure."""
        level = parse(question, self.known)
        condition = parse_condition(given, self.known) if given else None
        asked = _Asked(self.data, question, condition)
        used = runs_named(level) | (runs_named(condition) if condition is not None else set())
        self.data.must_share_model(used)
        estimate = asked.level(level)
        if 0 < asked.paths < FEW:
            asked.notes.append(f"only {asked.paths} paths meet the condition")
        asked.notes += self.data.version_notes()
        return Answer(
            question,
            estimate.value,
            estimate.error,
            unit_of(level, question),
            " and ".join(dict.fromkeys(asked.sources)) or "no path",
            asked.paths,
            {name: self.data.of(name).run.folder.name for name in sorted(used or {""})},
            readings([level, *([condition] if condition is not None else [])], self.data.main.calendar, question),
            tuple(dict.fromkeys(asked.notes)),
        )


class _Asked:
    """Evaluation of the measures of one question."""

    def __init__(self, data: RunSet, text: str, given: syntax.Condition | None) -> None:
        self.data = data
        self.text = text
        self.given = given
        self.sources: list[str] = []
        self.notes: list[str] = []
        self.paths = 0

    def level(self, part: Any) -> Estimate:
        """A measure, or several measures in arithmetic."""
        match part:
            case syntax.Number():
                return Estimate(part.value, 0.0)
            case syntax.Measure():
                measured = self._measure(part)
                self.sources.append(measured.source)
                self.paths = measured.paths if not self.paths else min(self.paths, measured.paths)
                return measured.estimate
            case syntax.Negative():
                inner = self.level(part.inner)
                return replace(
                    inner,
                    value=-inner.value,
                    by_scramble=-inner.by_scramble,
                    by_group=-inner.by_group,
                    extra=inner.extra,
                )
            case syntax.Binary():
                return self._combined(part, self.level(part.left), self.level(part.right))
        raise TypeError(f"no answer for {type(part).__name__}")

    def _combined(self, part: syntax.Binary, left: Estimate, right: Estimate) -> Estimate:
        """Two estimates in arithmetic. The error is joint on the same paths, else the sum of both effects."""

        def applied(a: float | np.ndarray, b: float | np.ndarray) -> Any:
            with np.errstate(all="ignore"):
                return ARITHMETIC[part.operator](a, b)

        value = float(applied(left.value, right.value))
        if not np.isfinite(value):
            raise QuestionError(self.text, part.place, "the result is not finite: division by zero or overflow.")
        joint = estimators.combine(applied, left, right)
        if joint is not None:
            return joint
        shifts = [
            applied(left.value + left.error, right.value) - value,
            applied(left.value, right.value + right.error) - value,
        ]
        if left.error and right.error:
            self.notes.append("the errors of the parts are added, because they come from different paths")
        return Estimate(value, float(np.sum(np.abs(shifts))))

    def _measure(self, measure: syntax.Measure) -> _Measured:
        if self.given is None:
            estimate = from_summary(measure, self.data, self.text)
            if estimate is not None:
                return self._of_summary(measure, estimate)
        elif measure.given is None:
            measure = replace(measure, given=self.given)
        else:
            measure = replace(measure, given=syntax.Both(measure.place, measure.given, self.given))
        return self._of_paths(measure)

    def _of_summary(self, measure: syntax.Measure, estimate: Estimate) -> _Measured:
        """Estimate from the summary.

        A mean of several statistics takes the error of the kept paths, scaled to all paths, if it is below the bound.
        """
        runs = self.data.paired(runs_named(measure.body))
        paths = int(runs[0].valid.sum())
        if (
            measure.kind == "E"
            and not single_statistic(measure.body, self.data, self.text)
            and all(run.kept_paths for run in runs)
        ):
            sample = self._of_paths(measure)
            scaled = sample.estimate.error * np.sqrt(sample.paths / max(paths, 1))
            estimate = Estimate(estimate.value, min(estimate.error, float(scaled)))
        return _Measured(estimate, SUMMARY, paths)

    def _of_paths(self, measure: syntax.Measure) -> _Measured:
        parts = [part for part in (measure.body, measure.given) if part is not None]
        runs = self.data.paired(set().union(*(runs_named(part) for part in parts)))
        kept_only = any(needs_kept_paths(part) for part in parts)
        paths = min(_kept_paths(run, self.text, measure.place) if kept_only else run.paths for run in runs)
        evaluator = Evaluator(self.data, self.text, paths)
        chosen = np.logical_and.reduce([run.valid[:paths] for run in runs])
        if measure.given is not None:
            chosen = chosen & evaluator.holds(measure.given)
        numbers = np.flatnonzero(np.broadcast_to(chosen, (paths,)))
        if numbers.size == 0:
            raise QuestionError(
                self.text,
                measure.place,
                f"none of {paths:,} paths meets the condition; use a more likely condition or run more paths.",
            )
        drawn_from = estimators.Sample(numbers, paths)
        if measure.kind == "P":
            holds = np.broadcast_to(evaluator.holds(measure.body), (paths,))[numbers]
            estimate = estimators.mean(holds, drawn_from, share=True)
        else:
            values = np.broadcast_to(evaluator.number(measure.body), (paths,))[numbers].astype(float)
            estimate = self._of_numbers(measure, values, drawn_from)
        return _Measured(estimate, KEPT if kept_only else ALL, numbers.size)

    def _of_numbers(self, measure: syntax.Measure, values: np.ndarray, drawn_from: estimators.Sample) -> Estimate:
        if np.isnan(values).any() or (measure.kind == "E" and np.isinf(values).any()):
            missing = int(np.count_nonzero(~np.isfinite(values)))
            raise QuestionError(
                self.text,
                measure.place,
                f"the number is not finite on {missing:,} of {values.size:,} paths: an event that does not happen has "
                "no date or route, and division by zero has no result; add a condition after |.",
            )
        n = values.size
        if measure.kind == "E":
            if n < 2:
                raise QuestionError(
                    self.text,
                    measure.place,
                    "only 1 path meets the condition, and a mean of one path has no error; "
                    "use a more likely condition or run more paths.",
                )
            return estimators.mean(values, drawn_from)
        beyond = min(measure.level, 1.0 - measure.level)
        if n * beyond < LEAST_BEYOND:
            needed = float(f"{LEAST_BEYOND / beyond:.2g}")
            raise QuestionError(
                self.text,
                measure.level_place,
                f"{n:,} paths hold no quantile at this level; it needs {needed:,.0f} paths, or a level from "
                f"{LEAST_BEYOND / n:.1g} to 1 - {LEAST_BEYOND / n:.1g}.",
            )
        estimate = estimators.quantile(values, measure.level, drawn_from)
        if not np.isfinite(estimate.value):
            raise QuestionError(
                self.text, measure.place, "this quantile lies beyond the end of the run, where the event is still open."
            )
        if not np.isfinite(estimate.error):
            raise QuestionError(
                self.text,
                measure.place,
                "this quantile lies so near the end of the run that its error reaches beyond it; "
                "ask for a lower level or use more paths.",
            )
        return estimate


def _kept_paths(run: RunData, text: str, place: int) -> int:
    if not run.kept_paths:
        raise QuestionError(text, place, f"{run.run.folder.name}: {NO_PATHS}")
    return run.kept_paths
