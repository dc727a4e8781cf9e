"""The value of a part of a question on every path."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.questions import syntax
from detente.questions.errors import QuestionError
from detente.questions.paths import World, Worlds
from detente.questions.periods import SLACK, children, months, window

COMPARE = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "=": np.equal,
    "!=": np.not_equal,
}
ARITHMETIC = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power}
FUNCTIONS = {"abs": np.abs, "log": np.log, "exp": np.exp, "plain": np.asarray}
OVER_STEPS: dict[str, Any] = {"mean": np.mean, "min": np.min, "max": np.max}


def runs_named(part: Any) -> set[str]:
    """Names in square brackets within a part; "" where a name has none."""
    own = {part.run} if isinstance(part, syntax.Variable | syntax.Column | syntax.Parameter | syntax.Event) else set()
    return own.union(*(runs_named(each) for each in children(part)))


def needs_whole_paths(part: Any) -> bool:
    return isinstance(part, syntax.Variable) or any(needs_whole_paths(each) for each in children(part))


@dataclass
class Evaluator:
    """Evaluates parts on the first ``paths`` paths: on all of them, or on the kept ones if a variable is followed
    over time."""

    worlds: Worlds
    text: str
    paths: int
    steps: slice | None = None
    """Inside an aggregate: the steps that are followed one by one."""

    def number(self, part: Any) -> np.ndarray:
        """(paths,), or inside an aggregate an array that goes with (paths, steps)."""
        with np.errstate(all="ignore"):
            return self._number(part)

    def _number(self, part: Any) -> np.ndarray:
        match part:
            case syntax.Number():
                return np.array(part.value)
            case syntax.Variable():
                return self._variable(part)
            case syntax.Column():
                return self._stretch(self.worlds.of(part.run).event(part.field))
            case syntax.Event():
                return self._stretch(self._date(part))
            case syntax.Parameter():
                return self._stretch(self._known(part))
            case syntax.Negative():
                return -self._number(part.inner)
            case syntax.Binary():
                return ARITHMETIC[part.operator](self._number(part.left), self._number(part.right))
            case syntax.Aggregate():
                return self._stretch(self._aggregate(part))
            case syntax.Share():
                inner = self._over_time(part)
                return self._stretch(np.mean(self._whole(inner.holds(part.inner), inner), axis=1))
            case syntax.Function(name="rank"):
                return self._stretch(self._rank(part))
            case syntax.Function():
                apply: Any = FUNCTIONS[part.name]
                return apply(self._number(part.inner))
        raise TypeError(f"no value for {type(part).__name__}")

    def holds(self, part: Any) -> np.ndarray:
        """Whether a condition holds, bool, in the shape of ``number``."""
        with np.errstate(all="ignore"):
            match part:
                case syntax.Comparison():
                    sides = [self._number(each) for each in part.parts]
                    found = COMPARE[part.operators[0]](sides[0], sides[1])
                    return found & COMPARE[part.operators[1]](sides[1], sides[2]) if len(sides) > 2 else found
                case syntax.Happens():
                    return self._happens(part)
                case syntax.Not():
                    return ~self.holds(part.inner)
                case syntax.Both():
                    return self.holds(part.left) & self.holds(part.right)
                case syntax.Either():
                    return self.holds(part.left) | self.holds(part.right)
        raise TypeError(f"no truth value for {type(part).__name__}")

    def _stretch(self, values: np.ndarray) -> np.ndarray:
        """One number a path, (paths,); inside an aggregate (paths, 1)."""
        values = values[: self.paths]
        return values if self.steps is None else values[:, None]

    def _variable(self, part: syntax.Variable) -> np.ndarray:
        world = self.worlds.of(part.run)
        series = world.series(part.column)[: self.paths]
        assert part.period is not None
        return (
            series[:, window(part.period, world.calendar, self.text)].mean(axis=1)
            if self.steps is None
            else series[:, self.steps]
        )

    def _date(self, part: syntax.Event) -> np.ndarray:
        dates = self.worlds.of(part.run).event(part.field)
        return np.where(np.isnan(dates), np.inf, dates)

    def _known(self, part: syntax.Parameter) -> np.ndarray:
        world = self.worlds.of(part.run)
        try:
            return world.parameter(part.key)
        except KeyError:
            complaint = (
                f"{world.run.folder.name} has no {part.key}; it was made from another date or by another version."
            )
            raise QuestionError(self.text, part.place, complaint) from None

    def _over_time(self, part: Any) -> "Evaluator":
        """An evaluator that follows a period step by step; one period for all that is inside."""
        if self.steps is not None:
            raise QuestionError(self.text, part.place, "an aggregate cannot stand inside another one.")
        self._one_period(part.inner, part.period)
        worlds = self.worlds.paired(runs_named(part.inner))
        return Evaluator(self.worlds, self.text, self.paths, window(part.period, worlds[0].calendar, self.text))

    def _one_period(self, part: Any, period: syntax.Period) -> None:
        if isinstance(part, syntax.Variable) and part.period is not None and not part.period.same(period):
            raise QuestionError(
                self.text, part.place, "inside an aggregate every variable is followed over the same period."
            )
        for each in children(part):
            self._one_period(each, period)

    def _whole(self, values: np.ndarray, inner: "Evaluator") -> np.ndarray:
        assert inner.steps is not None
        return np.broadcast_to(values, (self.paths, inner.steps.stop - inner.steps.start))

    def _aggregate(self, part: syntax.Aggregate) -> np.ndarray:
        inner = self._over_time(part)
        values = self._whole(inner._number(part.inner), inner)
        if part.how == "sum":
            return values.sum(axis=1) * self.worlds.main.calendar.months_per_step
        return OVER_STEPS[part.how](values, axis=1)

    def _rank(self, part: syntax.Function) -> np.ndarray:
        """Place of each path among all by a number that does not vary over time, from 0 to 1; equal numbers share
        the middle of their places."""
        values = np.broadcast_to(Evaluator(self.worlds, self.text, self.paths)._number(part.inner), (self.paths,))
        ordered = np.sort(values)
        return (
            0.5 * (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / values.size
        )

    def _happens(self, part: syntax.Happens) -> np.ndarray:
        """Dates are known to the step, and what falls on a border counts as before it, as in the summary."""
        dates = self._date(part.event)
        world = self.worlds.of(part.event.run)
        if part.since is not None:
            wait = dates - self._date(part.since)
            found = (wait >= 0.0) & (wait <= (part.months or 0.0) + SLACK)
        elif part.earlier_than is not None:
            found = dates < self._date(part.earlier_than)
        elif part.later_than is not None:
            found = np.isfinite(dates) & (dates > self._date(part.later_than))
        elif part.months is not None:
            self._reachable(part.place, part.months, world)
            found = dates <= part.months + SLACK
        else:
            found = np.isfinite(dates) & self._between(part, dates, world)
        return self._stretch(found)

    def _between(self, part: syntax.Happens, dates: np.ndarray, world: World) -> np.ndarray:
        found = np.ones(dates.size, bool)
        last = world.calendar.start(world.calendar.steps)
        for period, day in (
            (part.after, part.after.first if part.after else None),
            (part.before, part.before.end if part.before else None),
        ):
            if period is not None and day is not None and not world.calendar.as_of < day <= last:
                raise QuestionError(
                    self.text,
                    period.place,
                    f"the run begins on {world.calendar.start(0)} and ends before {last}; it cannot tell.",
                )
        if part.after is not None and part.after.first is not None and part.after.first > world.calendar.start(0):
            found &= dates > months(part.after.first, world.calendar) + SLACK
        if part.before is not None and part.before.end is not None:
            found &= dates <= months(part.before.end, world.calendar) + SLACK
        return found

    def _reachable(self, place: int, number: float, world: World) -> None:
        if number > world.calendar.horizon + SLACK:
            raise QuestionError(
                self.text, place, f"the run ends after {world.calendar.horizon} months, so it cannot tell."
            )
