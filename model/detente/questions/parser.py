"""Parser of questions: text to syntax tree, by the grammar in grammar.lark and the names a run knows."""

import calendar
import datetime as dt
import math
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, Tree, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken, v_args
from lark.exceptions import VisitError
from lark.lexer import PatternRE, TerminalDef
from lark.tree import Meta

from detente.questions import syntax
from detente.questions.errors import QuestionError
from detente.questions.form import check_form
from detente.questions.names import Name, Names
from detente.questions.periods import with_periods
from detente.shared.texts import normalised

GRAMMAR = Path(__file__).with_name("grammar.lark")
LONGEST = 4_000
DEEPEST = 60
"""Limit on nested brackets, below the recursion limit."""
MOST_OPERATORS = 150
EXPECTED = {
    "COMPARE": "a comparison such as < 25",
    "LPAR": "an opening bracket",
    "RPAR": "a closing bracket",
    "NUMBER": "a number",
    "VARIABLE": "a variable",
    "EVENT": "an event",
    "PROBABILITY": "P(...), E(...) or Q(...)",
    "DAY": "a date such as 2027-12",
    "MONTHS": "the word months",
    "AND": "AND, OR",
    "BAR": "a condition after |",
    "AT": "a time such as at 2027-12",
    "BEFORE": "before, by, within or after",
}
"""Words for the terminals named in error messages; other terminals are not named."""


class _NameResolver:
    """Replaces every NAME token by the terminal of what it names; ``text`` is the question being read."""

    always_accept = ("NAME",)

    def __init__(self, names: Names) -> None:
        self.names = names
        self.text = ""

    def process(self, stream: Iterator[Token]) -> Iterator[Token]:
        for token in stream:
            if token.type == "NAME":
                name = self.names.find(token)
                if name is None:
                    place = token.start_pos or 0
                    raise QuestionError(self.text, place, self.names.unknown(self.text[place:]))
                token = Token.new_borrow_pos(name.kind, token, token)
            yield token


@cache
def _grammar() -> str:
    return GRAMMAR.read_text(encoding="utf-8")


def _parsed(text: str, names: Names) -> Tree[Token]:
    """Parse tree of a question. The parser is built once for the same names."""
    if names.parser is None:
        resolver = _NameResolver(names)
        names.parser = resolver, _parser(names, resolver)
    resolver, parser = names.parser
    resolver.text = text
    tree: Tree[Token] = parser.parse(text)
    return tree


def _parser(names: Names, resolver: _NameResolver) -> Lark:
    def known(terminal: TerminalDef) -> TerminalDef:
        if terminal.name == "NAME":
            terminal.pattern = PatternRE(names.pattern.pattern, ("i",))
        return terminal

    return Lark(
        _grammar(), parser="lalr", lexer="basic", postlex=resolver, edit_terminals=known, propagate_positions=True
    )


def parse(text: str, names: Names) -> syntax.Level:
    """Read a question such as ``P(ceasefire before 2027-07)``.

    Parameters
    ----------
    text : the question.
    names : names that it may use.

    Returns
    -------
    A measure, or several measures in arithmetic.

    Raises
    ------
    QuestionError : the text is not a question; the message marks the position.
    """
    level: syntax.Level = _read(normalised(text), names)
    return level


def parse_condition(text: str, names: Names) -> syntax.Condition:
    """Read a condition such as ``ceasefire AND rank(oil.x) < 1/3``, without P(...) around it.

    Raises
    ------
    QuestionError : the text is not a condition.
    """
    measure = _read(f"P({normalised(text)})", names)
    if not isinstance(measure, syntax.Measure) or measure.given is not None:
        raise QuestionError(text, 0, "expected a condition such as ceasefire before 2027-07.")
    condition: syntax.Condition = measure.body  # type: ignore[assignment]  # the body of P is a condition
    return condition


def _read(text: str, names: Names) -> Any:
    if len(text) > LONGEST:
        raise QuestionError(text, LONGEST, f"the question is longer than {LONGEST} characters; split it.")
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth > DEEPEST:
            raise QuestionError(text, place, f"brackets are nested more than {DEEPEST} deep; split the question.")
    check_form(text)
    if sum(map(text.count, "+-*/^")) + len(re.findall(r"\b(?:not|and|or)\b", text, re.IGNORECASE)) > MOST_OPERATORS:
        raise QuestionError(text, 0, f"more than {MOST_OPERATORS} operators; split the question.")
    try:
        return with_periods(_Builder(names, text).transform(_parsed(text, names)), text)
    except VisitError as error:
        if isinstance(error.orig_exc, QuestionError):
            raise error.orig_exc from None
        if isinstance(error.orig_exc, RecursionError):
            raise QuestionError(text, 0, "the question is nested too deeply; split it.") from None
        raise
    except UnexpectedCharacters as error:
        raise QuestionError(text, error.pos_in_stream or 0, names.unknown(text[error.pos_in_stream or 0 :])) from None
    except UnexpectedEOF as error:
        raise QuestionError(text, len(text), f"the question ends too early; {_wanted(error.expected)}") from None
    except UnexpectedToken as error:
        if error.token.type == "$END":
            raise QuestionError(
                text, len(text), f"the question ends too early; {_wanted(error.accepts or error.expected)}"
            ) from None
        place = error.token.start_pos or 0
        raise QuestionError(
            text, place, f"{str(error.token)!r} is not valid here; {_wanted(error.accepts or error.expected)}"
        ) from None
    except RecursionError:
        raise QuestionError(text, 0, "the question is nested too deeply; split it.") from None


def _wanted(expected: Any) -> str:
    """The expected continuations as a sentence."""
    terminals = set(expected or ())
    words = [text for terminal, text in EXPECTED.items() if terminal in terminals]
    if not words:
        return "see docs/questions.md for examples."
    return f"expected {', '.join(words[:-1])}{' or ' if len(words) > 1 else ''}{words[-1]}."


@v_args(meta=True)
class _Builder(Transformer[Token, Any]):
    """Turns the parse tree into syntax nodes, one method a grammar rule."""

    def __init__(self, names: Names, text: str) -> None:
        super().__init__()
        self.names = names
        self.text = text

    def _name(self, token: Token) -> Name:
        name = self.names.find(token)
        assert name is not None
        return name

    def _number(self, token: Token) -> float:
        text = str(token)
        value = float(text[:-1]) / 100.0 if text.endswith("%") else float(text)
        if not math.isfinite(value):
            raise QuestionError(self.text, token.start_pos or 0, "the number is too large; write one below 1e300.")
        return value

    def start(self, meta: Meta, children: list[Any]) -> Any:
        return children[0]

    # --- numbers and names

    def number(self, meta: Meta, children: list[Any]) -> Any:
        return syntax.Number(meta.start_pos, self._number(children[0]))

    def variable(self, meta: Meta, children: list[Any]) -> Any:
        name = self._name(children[0])
        return syntax.Variable(meta.start_pos, name.key, name.unit, _run(children[1]))

    def total(self, meta: Meta, children: list[Any]) -> Any:
        name = self._name(children[0])
        return syntax.Column(meta.start_pos, name.key, name.unit, _run(children[1]))

    route = total

    def parameter(self, meta: Meta, children: list[Any]) -> Any:
        name = self._name(children[0])
        return syntax.Parameter(meta.start_pos, name.key, name.unit, _run(children[1]))

    def constant(self, meta: Meta, children: list[Any]) -> Any:
        name = self._name(children[0])
        return syntax.Constant(meta.start_pos, name.value, name.unit)

    def event(self, meta: Meta, children: list[Any]) -> Any:
        return syntax.Event(meta.start_pos, self._name(children[0]).key, _run(children[1]))

    def waiting(self, meta: Meta, children: list[Any]) -> Any:
        return children[-1]

    # --- arithmetic

    def negative(self, meta: Meta, children: list[Any]) -> Any:
        return syntax.Negative(meta.start_pos, children[0])

    def _binary(self, operator: str, meta: Meta, children: list[Any]) -> syntax.Binary:
        return syntax.Binary(meta.start_pos, operator, children[0], children[1])

    def plus(self, meta: Meta, children: list[Any]) -> Any:
        return self._binary("+", meta, children)

    def minus(self, meta: Meta, children: list[Any]) -> Any:
        return self._binary("-", meta, children)

    def times(self, meta: Meta, children: list[Any]) -> Any:
        return self._binary("*", meta, children)

    def ratio(self, meta: Meta, children: list[Any]) -> Any:
        return self._binary("/", meta, children)

    def power(self, meta: Meta, children: list[Any]) -> Any:
        return self._binary("^", meta, children)

    def aggregate(self, meta: Meta, children: list[Any]) -> Any:
        return syntax.Aggregate(meta.start_pos, str(children[0]), children[1])

    def share(self, meta: Meta, children: list[Any]) -> Any:
        return syntax.Share(meta.start_pos, children[1])

    def function(self, meta: Meta, children: list[Any]) -> Any:
        return syntax.Function(meta.start_pos, str(children[0]), children[1])

    def timed(self, meta: Meta, children: list[Any]) -> Any:
        return syntax.Timed(meta.start_pos, children[0], children[1])

    # --- conditions

    def comparison(self, meta: Meta, children: list[Any]) -> Any:
        present = [child for child in children if child is not None]
        return syntax.Comparison(meta.start_pos, tuple(present[::2]), tuple(str(sign) for sign in present[1::2]))

    def negation(self, meta: Meta, children: list[Any]) -> Any:
        return syntax.Not(meta.start_pos, children[-1])

    def both(self, meta: Meta, children: list[Any]) -> Any:
        return syntax.Both(meta.start_pos, children[0], children[-1])

    def either(self, meta: Meta, children: list[Any]) -> Any:
        return syntax.Either(meta.start_pos, children[0], children[-1])

    def happening(self, meta: Meta, children: list[Any]) -> Any:
        return syntax.Happens(meta.start_pos, children[0])

    def before(self, meta: Meta, children: list[Any]) -> Any:
        event, moment = children[0], children[-1]
        if isinstance(moment, syntax.Event):
            return syntax.Happens(meta.start_pos, event, earlier_than=moment)
        return syntax.Happens(meta.start_pos, event, before=replace(moment, end=moment.first))

    def by(self, meta: Meta, children: list[Any]) -> Any:
        return syntax.Happens(meta.start_pos, children[0], before=children[-1])

    def after(self, meta: Meta, children: list[Any]) -> Any:
        event, moment = children[0], children[-1]
        if isinstance(moment, syntax.Event):
            return syntax.Happens(meta.start_pos, event, later_than=moment)
        return syntax.Happens(meta.start_pos, event, after=replace(moment, first=moment.end))

    def during(self, meta: Meta, children: list[Any]) -> Any:
        return syntax.Happens(meta.start_pos, children[0], after=children[-1], before=children[-1])

    def between(self, meta: Meta, children: list[Any]) -> Any:
        first, last = self._in_order(children[2], children[-1])
        return syntax.Happens(meta.start_pos, children[0], after=first, before=last)

    def within(self, meta: Meta, children: list[Any]) -> Any:
        return syntax.Happens(meta.start_pos, children[0], months=self._number(children[2]))

    def within_of(self, meta: Meta, children: list[Any]) -> Any:
        return syntax.Happens(meta.start_pos, children[0], months=self._number(children[2]), since=children[-1])

    # --- time

    def date(self, meta: Meta, children: list[Any]) -> Any:
        token = children[0]
        try:
            first, end = _days(str(token))
        except ValueError:
            raise QuestionError(
                self.text, meta.start_pos, f"{str(token)!r} is not a date; write 2027, 2027-Q1, 2027-12 or 2027-12-31."
            ) from None
        return syntax.Period(meta.start_pos, first, end, single=token.type == "DAY")

    def at(self, meta: Meta, children: list[Any]) -> Any:
        return children[-1]

    def at_month(self, meta: Meta, children: list[Any]) -> Any:
        month = self._number(children[-1])
        return syntax.Period(meta.start_pos, months=(month, month))

    def span(self, meta: Meta, children: list[Any]) -> Any:
        first, last = self._in_order(children[1], children[-1])
        return syntax.Period(meta.start_pos, first.first, last.end)

    def _in_order(self, first: syntax.Period, last: syntax.Period) -> tuple[syntax.Period, syntax.Period]:
        assert first.first is not None and last.end is not None
        if last.end <= first.first:
            raise QuestionError(self.text, last.place, "the period ends before it starts.")
        return first, last

    def first_months(self, meta: Meta, children: list[Any]) -> Any:
        return syntax.Period(meta.start_pos, months=(1.0, self._number(children[1])))

    def months_span(self, meta: Meta, children: list[Any]) -> Any:
        first, last = self._number(children[2]), self._number(children[-1])
        if last < first:
            raise QuestionError(self.text, children[-1].start_pos or 0, "the period ends before it starts.")
        return syntax.Period(meta.start_pos, months=(first, last))

    # --- measures

    def _measure(
        self, kind: str, meta: Meta, body: Any, given: Any, level: float = 0.5, level_place: int = 0
    ) -> syntax.Measure:
        return syntax.Measure(meta.start_pos, kind, body, given, level, level_place)

    def probability(self, meta: Meta, children: list[Any]) -> Any:
        return self._measure("P", meta, children[1], children[3] if len(children) > 2 else None)

    def expectation(self, meta: Meta, children: list[Any]) -> Any:
        return self._measure("E", meta, children[1], children[3] if len(children) > 2 else None)

    def quantile(self, meta: Meta, children: list[Any]) -> Any:
        level = self._number(children[1])
        if not 0.0 < level < 1.0:
            raise QuestionError(
                self.text,
                children[1].start_pos or 0,
                "the level of a quantile must lie between 0 and 1, such as 0.05 or 5%.",
            )
        given = children[4] if len(children) > 3 else None
        return self._measure("Q", meta, children[2], given, level, children[1].start_pos or 0)

    def __default__(self, data: str, children: list[Any], meta: Meta) -> Tree[Token]:
        return Tree(data, children, meta)


def _run(token: Token | None) -> str:
    return "" if token is None else str(token)[1:-1].strip()


def _days(text: str) -> tuple[dt.date, dt.date]:
    """First day of a year, quarter, month or day, and the day after its last (ValueError if there is no such date)."""
    parts = text.upper().split("-")
    year = int(parts[0])
    if len(text.split("-")[0]) != 4 or not 1990 <= year <= 2200:
        raise ValueError(text)
    if len(parts) == 3:
        day = dt.date(year, int(parts[1]), int(parts[2]))
        return day, day + dt.timedelta(days=1)
    first, number = (
        (1, 12)
        if len(parts) == 1
        else (3 * int(parts[1][1]) - 2, 3)
        if parts[1].startswith("Q")
        else (int(parts[1]), 1)
    )
    begin = dt.date(year, first, 1)
    last = first + number - 1
    return begin, dt.date(year, last, calendar.monthrange(year, last)[1]) + dt.timedelta(days=1)
