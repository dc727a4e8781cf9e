"""An answer: which numbers of the run it rests on, how many paths, and how much it would differ with other luck."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.questions import estimators, syntax
from detente.questions.errors import QuestionError
from detente.questions.estimators import Estimate
from detente.questions.evaluate import Evaluator, needs_whole_paths, runs_named
from detente.questions.from_summary import alone, from_summary
from detente.questions.names import Names, names
from detente.questions.parser import parse, parse_condition
from detente.questions.paths import Finished, Resolver, World, Worlds
from detente.questions.units import unit_of

FEW = 30
"""Paths under which an answer carries a warning."""
SUMMARY, ALL, KEPT = "summary of all paths", "all paths", "kept whole paths"


@dataclass(frozen=True)
class Answer:
    """``value`` and ``mc_error`` in ``unit``; ``source``: what it was taken from; ``paths`` it rests on, those that
    meet the condition; ``runs``: folders by the name in the question, "" for the run that is asked; ``notes``: what
    to know before it is used."""

    question: str
    value: float
    mc_error: float
    unit: str
    source: str
    paths: int
    runs: dict[str, str]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Found:
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
    """Answer a question about a finished run; see docs/questions.md for the language.

    ``resolve`` opens the run that a name in square brackets stands for; ``given`` is a condition put on every measure;
    ``constants`` are numbers with their unit that the question may name. QuestionError (a ConfigError) points to what
    is wrong.
    """
    known = names(run.config, constants)
    return Asker(run, resolve, known).ask(question, given)


class Asker:
    """Answers several questions on the same runs, which are read once."""

    def __init__(self, run: Finished, resolve: Resolver, known: Names) -> None:
        self.known = known
        self.worlds = Worlds(run, resolve)

    def ask(self, question: str, given: str = "") -> Answer:
        level = parse(question, self.known)
        condition = parse_condition(given, self.known) if given else None
        asked = _Asked(self.worlds, question, condition, given)
        estimate = asked.level(level)
        used = runs_named(level) | (runs_named(condition) if condition is not None else set())
        notes = list(asked.notes)
        if 0 < asked.paths < FEW:
            notes.append(f"only {asked.paths} paths meet the condition")
        runs = {name: self.worlds.of(name).run.folder.name for name in sorted(used or {""})}
        sources = list(dict.fromkeys(asked.sources))
        unit = unit_of(level, question)
        source = " and ".join(sources) or "no path"
        return Answer(
            question, estimate.value, estimate.error, unit, source, asked.paths, runs, tuple(dict.fromkeys(notes))
        )


class _Asked:
    """The measures of one question."""

    def __init__(self, worlds: Worlds, text: str, given: syntax.Condition | None, given_text: str) -> None:
        self.worlds = worlds
        self.text = text
        self.given = given
        self.given_text = given_text
        self.sources: list[str] = []
        self.notes: list[str] = []
        self.paths = 0

    def level(self, part: Any) -> Estimate:
        """A measure, or several of them in arithmetic."""
        match part:
            case syntax.Number():
                return Estimate(part.value, 0.0, np.empty(0))
            case syntax.Measure():
                found = self._measure(part)
                self.sources.append(found.source)
                self.paths = found.paths if not self.paths else min(self.paths, found.paths)
                return found.estimate
            case syntax.Negative():
                inner = self.level(part.inner)
                return Estimate(-inner.value, inner.error, -inner.without)
            case syntax.Binary():
                return self._combined(part, self.level(part.left), self.level(part.right))
        raise TypeError(f"no answer for {type(part).__name__}")

    def _combined(self, part: syntax.Binary, left: Estimate, right: Estimate) -> Estimate:
        def applied(a, b):
            with np.errstate(all="ignore"):
                return {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power}[part.operator](
                    a, b
                )

        value = float(applied(left.value, right.value))
        if not np.isfinite(value):
            raise QuestionError(
                self.text, part.place, "this has no finite value: a division by nought, or a number too large."
            )
        constants = [each.error == 0.0 for each in (left, right)]
        if any(constants) or (left.joint and right.joint and left.without.size == right.without.size):
            sides = [
                each.value if constant and not each.joint else each.without
                for each, constant in zip((left, right), constants, strict=True)
            ]
            without = np.atleast_1d(applied(*sides))
            if without.size > 1 and np.isfinite(without).any():
                return Estimate(value, estimators.jackknife(without), without)
        shifts = [
            applied(left.value + left.error, right.value) - value,
            applied(left.value, right.value + right.error) - value,
        ]
        if not any(constants):
            self.notes.append("the errors of its parts are added up, for they were not taken from the same paths")
        return Estimate(value, float(np.sum(np.abs(shifts))), np.empty(0))

    def _measure(self, measure: syntax.Measure) -> _Found:
        if self.given is None:
            found = from_summary(measure, self.worlds, self.text)
            if found is not None:
                return self._of_summary(measure, found)
        elif measure.given is None:
            measure = syntax.Measure(measure.place, measure.kind, measure.body, self.given, measure.level)
        else:
            measure = syntax.Measure(
                measure.place,
                measure.kind,
                measure.body,
                syntax.Both(measure.place, measure.given, self.given),
                measure.level,
            )
        return self._of_paths(measure)

    def _of_summary(self, measure: syntax.Measure, found: Estimate) -> _Found:
        """A mean of several statistics has the error of the kept paths, scaled to all of them, where that is less
        than the bound."""
        worlds = self.worlds.paired(runs_named(measure.body))
        number = int(worlds[0].healthy.sum())
        if (
            measure.kind == "E"
            and not alone(measure.body, self.worlds, self.text)
            and all(world.kept for world in worlds)
        ):
            kept = self._of_paths(measure)
            scaled = kept.estimate.error * np.sqrt(kept.paths / max(number, 1))
            found = Estimate(found.value, min(found.error, float(scaled)), found.without)
        return _Found(found, SUMMARY, number)

    def _of_paths(self, measure: syntax.Measure) -> _Found:
        parts = [part for part in (measure.body, measure.given) if part is not None]
        worlds = self.worlds.paired(set().union(*(runs_named(part) for part in parts)))
        whole = any(needs_whole_paths(part) for part in parts)
        paths = min(_kept(world, self.text, measure.place) if whole else world.paths for world in worlds)
        evaluator = Evaluator(self.worlds, self.text, paths)
        chosen = np.logical_and.reduce([world.healthy[:paths] for world in worlds])
        if measure.given is not None:
            chosen = chosen & evaluator.holds(measure.given)
        numbers = np.flatnonzero(np.broadcast_to(chosen, (paths,)))
        if numbers.size == 0:
            raise QuestionError(
                self.text,
                measure.place,
                f"none of {paths:,} paths meets the condition; ask for a likelier one or run more paths.",
            )
        group = estimators.groups(numbers, paths)
        if measure.kind == "P":
            holds = np.broadcast_to(evaluator.holds(measure.body), (paths,))[numbers]
            estimate = estimators.share(holds, group)
        else:
            values = np.broadcast_to(evaluator.number(measure.body), (paths,))[numbers].astype(float)
            estimate = self._of_numbers(measure, values, group)
        return _Found(estimate, KEPT if whole else ALL, numbers.size)

    def _of_numbers(self, measure: syntax.Measure, values: np.ndarray, group: np.ndarray) -> Estimate:
        if np.isnan(values).any() or (measure.kind == "E" and np.isinf(values).any()):
            raise QuestionError(
                self.text,
                measure.place,
                f"on {int(np.count_nonzero(~np.isfinite(values))):,} of {values.size:,} paths this is no finite number: something that never "
                "happens has no date and no route, and nought divides nothing; add a condition after |.",
            )
        found = (
            estimators.mean(values, group) if measure.kind == "E" else estimators.quantile(values, measure.level, group)
        )
        if not np.isfinite(found.value):
            raise QuestionError(
                self.text, measure.place, "this quantile lies where the event has not happened by the end of the run."
            )
        return found


def _kept(world: World, text: str, place: int) -> int:
    if not world.kept:
        raise QuestionError(
            text,
            place,
            f"{world.run.folder.name} kept no whole paths, which this needs; run it again with --keep-paths 2000.",
        )
    return world.kept
