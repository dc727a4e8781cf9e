"""Values of the parts of a question on every path."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from detente.questions import syntax
from detente.questions.errors import QuestionError
from detente.questions.paths import RunData, RunSet
from detente.questions.periods import SLACK, children, months, window
from detente.shared.formatting import plural

COMPARE = {
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
    "=": np.equal,
    "!=": np.not_equal,
}
ARITHMETIC = {"+": np.add, "-": np.subtract, "*": np.multiply, "/": np.divide, "^": np.power}
FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "abs": np.abs,
    "log": np.log,
    "exp": np.exp,
    "plain": np.asarray,
}
OVER_STEPS: dict[str, Any] = {"mean": np.mean, "min": np.min, "max": np.max}


def runs_named(part: Any) -> set[str]:
    """Run names in square brackets within a part; "" for the run asked."""
    own = {part.run} if isinstance(part, syntax.Variable | syntax.Column | syntax.Parameter | syntax.Event) else set()
    return own.union(*(runs_named(each) for each in children(part)))


def needs_kept_paths(part: Any) -> bool:
    """Whether a part uses a variable, which only kept paths hold."""
    return isinstance(part, syntax.Variable) or any(needs_kept_paths(each) for each in children(part))


@dataclass
class Evaluator:
    """Evaluates parts on the first ``paths`` paths: all paths, or the kept ones if a variable is used."""

    runs: RunSet
    text: str
    paths: int
    steps: slice | None = None
    """Inside an aggregate: its steps."""

    def number(self, part: Any) -> np.ndarray:
        """(paths,); inside an aggregate an array that broadcasts to (paths, steps)."""
        with np.errstate(all="ignore"):
            return self._number(part)

    def _number(self, part: Any) -> np.ndarray:
        match part:
            case syntax.Number():
                return np.array(part.value)
            case syntax.Variable():
                return self._variable(part)
            case syntax.Column():
                return self._per_path(self.runs.of(part.run).event(part.field))
            case syntax.Event():
                return self._per_path(self._date(part))
            case syntax.Parameter():
                return self._per_path(self._parameter(part))
            case syntax.Negative():
                return -self._number(part.inner)
            case syntax.Binary():
                return np.asarray(ARITHMETIC[part.operator](self._number(part.left), self._number(part.right)))
            case syntax.Aggregate():
                return self._per_path(self._aggregate(part))
            case syntax.Share():
                inner = self._over_time(part)
                return self._per_path(np.mean(self._by_step(inner.holds(part.inner), inner), axis=1))
            case syntax.Function(name="rank"):
                return self._per_path(self._rank(part))
            case syntax.Function():
                return np.asarray(FUNCTIONS[part.name](self._number(part.inner)))
        raise TypeError(f"no value for {type(part).__name__}")

    def holds(self, part: Any) -> np.ndarray:
        """Whether a condition holds, bool, in the shape of ``number``."""
        with np.errstate(all="ignore"):
            match part:
                case syntax.Comparison():
                    sides = [self._number(each) for each in part.parts]
                    holds = [
                        COMPARE[operator](left, right)
                        for operator, left, right in zip(part.operators, sides[:-1], sides[1:], strict=True)
                    ]
                    return np.asarray(holds[0] & holds[1] if len(holds) > 1 else holds[0])
                case syntax.Happens():
                    return self._happens(part)
                case syntax.Not():
                    return np.asarray(~self.holds(part.inner))
                case syntax.Both():
                    return np.asarray(self.holds(part.left) & self.holds(part.right))
                case syntax.Either():
                    return np.asarray(self.holds(part.left) | self.holds(part.right))
        raise TypeError(f"not a condition: {type(part).__name__}")

    def _per_path(self, values: np.ndarray) -> np.ndarray:
        """One value a path, (paths,); inside an aggregate (paths, 1)."""
        values = values[: self.paths]
        return values if self.steps is None else values[:, None]

    def _variable(self, part: syntax.Variable) -> np.ndarray:
        data = self.runs.of(part.run)
        series = data.series(part.column)[: self.paths]
        if self.steps is not None:
            return series[:, self.steps]
        assert part.period is not None
        return np.asarray(series[:, window(part.period, data.calendar, self.text)].mean(axis=1))

    def _date(self, part: syntax.Event) -> np.ndarray:
        dates = self.runs.of(part.run).event(part.field)
        return np.where(np.isnan(dates), np.inf, dates)

    def _parameter(self, part: syntax.Parameter) -> np.ndarray:
        data = self.runs.of(part.run)
        try:
            return data.parameter(part.key)
        except KeyError:
            message = f"{data.run.folder.name} has no {part.key}; its date or model version differs."
            raise QuestionError(self.text, part.place, message) from None

    def _over_time(self, part: Any) -> "Evaluator":
        """Evaluator over the steps of an aggregate; all variables inside share one period."""
        if self.steps is not None:
            raise QuestionError(self.text, part.place, "an aggregate cannot contain another aggregate.")
        self._one_period(part.inner, part.period)
        runs = self.runs.paired(runs_named(part.inner))
        return Evaluator(self.runs, self.text, self.paths, window(part.period, runs[0].calendar, self.text))

    def _one_period(self, part: Any, period: syntax.Period) -> None:
        if isinstance(part, syntax.Variable) and part.period is not None and not part.period.same(period):
            raise QuestionError(self.text, part.place, "all variables inside an aggregate must have the same period.")
        for each in children(part):
            self._one_period(each, period)

    def _by_step(self, values: np.ndarray, inner: "Evaluator") -> np.ndarray:
        assert inner.steps is not None
        return np.broadcast_to(values, (self.paths, inner.steps.stop - inner.steps.start))

    def _aggregate(self, part: syntax.Aggregate) -> np.ndarray:
        inner = self._over_time(part)
        values = self._by_step(inner._number(part.inner), inner)
        if part.how == "sum":
            return np.asarray(values.sum(axis=1) * self.runs.main.calendar.months_per_step)
        return np.asarray(OVER_STEPS[part.how](values, axis=1))

    def _rank(self, part: syntax.Function) -> np.ndarray:
        """Rank of each path among all by a number constant over time, 0 to 1; ties share their mean rank."""
        values = np.broadcast_to(Evaluator(self.runs, self.text, self.paths)._number(part.inner), (self.paths,))
        ordered = np.sort(values)
        below, upto = (np.searchsorted(ordered, values, side) for side in ("left", "right"))
        return np.asarray(0.5 * (below + upto) / values.size)

    def _happens(self, part: syntax.Happens) -> np.ndarray:
        """Whether an event happens as stated. A date on a period boundary counts as before it, as in the summary."""
        dates = self._date(part.event)
        data = self.runs.of(part.event.run)
        if part.since is not None:
            wait = dates - self._date(part.since)
            happens = (wait >= 0.0) & (wait <= (part.months or 0.0) + SLACK)
        elif part.earlier_than is not None:
            happens = dates < self._date(part.earlier_than)
        elif part.later_than is not None:
            happens = np.isfinite(dates) & (dates > self._date(part.later_than))
        elif part.months is not None:
            self._reachable(part.place, part.months, data)
            happens = dates <= part.months + SLACK
        else:
            happens = np.isfinite(dates) & self._between(part, dates, data)
        return self._per_path(happens)

    def _between(self, part: syntax.Happens, dates: np.ndarray, data: RunData) -> np.ndarray:
        inside = np.ones(dates.size, bool)
        last = data.calendar.start(data.calendar.steps)
        for period, day in (
            (part.after, part.after.first if part.after else None),
            (part.before, part.before.end if part.before else None),
        ):
            if period is not None and day is not None and not data.calendar.as_of < day <= last:
                raise QuestionError(
                    self.text, period.place, f"the run covers {data.calendar.start(0)} to before {last}, not this date."
                )
        if part.after is not None and part.after.first is not None and part.after.first > data.calendar.start(0):
            inside &= dates > months(part.after.first, data.calendar) + SLACK
        if part.before is not None and part.before.end is not None:
            inside &= dates <= months(part.before.end, data.calendar) + SLACK
        return inside

    def _reachable(self, place: int, number: float, data: RunData) -> None:
        if number > data.calendar.horizon + SLACK:
            raise QuestionError(
                self.text,
                place,
                f"the run ends after {plural(data.calendar.horizon, 'month')}, before this period does.",
            )
