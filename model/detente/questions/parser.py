"""From the text of a question to its parts. The grammar stands in grammar.lark; what a name means is looked up,
never guessed."""

import calendar
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from lark import Lark, Token, Transformer, Tree, UnexpectedCharacters, UnexpectedEOF, UnexpectedToken, v_args
from lark.exceptions import VisitError
from lark.lexer import PatternRE, TerminalDef

from detente.questions import syntax
from detente.questions.errors import QuestionError
from detente.questions.names import Names
from detente.questions.periods import settled

GRAMMAR = Path(__file__).with_name("grammar.lark")
LONGEST = 4_000
DEEPEST = 60
"""Brackets in brackets; nobody asks more, and a program that reads itself by recursion must stop somewhere."""
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
"""What to say of the terminals that a question may go on with; of others nothing is said."""


class _Meanings:
    """Gives every NAME the terminal of what it names; ``text`` is the question that is being read."""

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
                    raise QuestionError(self.text, place, self.names.complaint(self.text[place:]))
                token = Token.new_borrow_pos(name.kind, token, token)
            yield token


@cache
def _grammar() -> str:
    return GRAMMAR.read_text(encoding="utf-8")


def _parsed(text: str, names: Names) -> Tree:
    """The tree of a question by the grammar; its reader is built once for the same names."""
    if not names.readers:
        names.readers["meanings"] = _Meanings(names)
        names.readers["lark"] = _reader(names, names.readers["meanings"])
    names.readers["meanings"].text = text
    return names.readers["lark"].parse(text)


def _reader(names: Names, meanings: _Meanings) -> Lark:
    def known(terminal: TerminalDef) -> TerminalDef:
        if terminal.name == "NAME":
            terminal.pattern = PatternRE(names.pattern.pattern, ("i",))
        return terminal

    return Lark(
        _grammar(), parser="lalr", lexer="basic", postlex=meanings, edit_terminals=known, propagate_positions=True
    )


def parse(text: str, names: Names) -> syntax.Level:
    """Read a question such as ``P(ceasefire before 2027-07)`` (QuestionError that points to the place)."""
    return _read(text, names)


def parse_condition(text: str, names: Names) -> syntax.Condition:
    """Read a condition such as ``ceasefire AND rank(oil.x) < 1/3``, as it stands inside P(...)."""
    found = _read(f"P({text})", names)
    if not isinstance(found, syntax.Measure) or found.given is not None:
        raise QuestionError(text, 0, "a condition is wanted, such as ceasefire before 2027-07.")
    return found.body  # type: ignore[return-value]


def _read(text: str, names: Names) -> Any:
    if len(text) > LONGEST:
        raise QuestionError(text, LONGEST, f"the question is longer than {LONGEST} characters; ask less at once.")
    depth = 0
    for place, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth > DEEPEST:
            raise QuestionError(text, place, f"more than {DEEPEST} brackets within each other; ask less at once.")
    if sum(map(text.count, "+-*/^")) + len(re.findall(r"\b(?:not|and|or)\b", text, re.IGNORECASE)) > MOST_OPERATORS:
        raise QuestionError(text, 0, f"more than {MOST_OPERATORS} operators; ask less at once.")
    try:
        return settled(_Builder(names, text).transform(_parsed(text, names)), text)
    except VisitError as error:
        if isinstance(error.orig_exc, QuestionError):
            raise error.orig_exc from None
        if isinstance(error.orig_exc, RecursionError):
            raise QuestionError(text, 0, "the question is too deeply nested; ask less at once.") from None
        raise
    except UnexpectedCharacters as error:
        raise QuestionError(text, error.pos_in_stream or 0, names.complaint(text[error.pos_in_stream or 0 :])) from None
    except UnexpectedEOF as error:
        raise QuestionError(text, len(text), f"the question ends too early; {_wanted(error.expected)}") from None
    except UnexpectedToken as error:
        if error.token.type == "$END":
            raise QuestionError(
                text, len(text), f"the question ends too early; {_wanted(error.accepts or error.expected)}"
            ) from None
        place = error.token.start_pos or 0
        raise QuestionError(
            text, place, f"{str(error.token)!r} does not fit here; {_wanted(error.accepts or error.expected)}"
        ) from None
    except RecursionError:
        raise QuestionError(text, 0, "the question is too deeply nested; ask less at once.") from None


def _wanted(expected: Any) -> str:
    said = [words for terminal, words in EXPECTED.items() if terminal in set(expected or ())]
    if not said:
        return "see docs/questions.md for examples."
    return f"it could go on with {', '.join(said[:-1])}{' or ' if len(said) > 1 else ''}{said[-1]}."


@v_args(meta=True)
class _Builder(Transformer):
    """Makes parts of the grammar's rules."""

    def __init__(self, names: Names, text: str) -> None:
        super().__init__()
        self.names = names
        self.text = text

    def _name(self, token: Token):
        found = self.names.find(token)
        assert found is not None
        return found

    def start(self, meta, children):
        return children[0]

    # --- numbers and names

    def number(self, meta, children):
        return syntax.Number(meta.start_pos, _number(children[0]))

    def variable(self, meta, children):
        name = self._name(children[0])
        return syntax.Variable(meta.start_pos, name.key, name.unit, _run(children[1]))

    def total(self, meta, children):
        name = self._name(children[0])
        return syntax.Column(meta.start_pos, name.key, name.unit, _run(children[1]))

    route = total

    def parameter(self, meta, children):
        name = self._name(children[0])
        return syntax.Parameter(meta.start_pos, name.key, name.unit, _run(children[1]))

    def constant(self, meta, children):
        name = self._name(children[0])
        return syntax.Constant(meta.start_pos, name.value, name.unit)

    def event(self, meta, children):
        return syntax.Event(meta.start_pos, self._name(children[0]).key, _run(children[1]))

    def waiting(self, meta, children):
        return children[-1]

    # --- arithmetic

    def negative(self, meta, children):
        return syntax.Negative(meta.start_pos, children[0])

    def _binary(self, operator, meta, children):
        return syntax.Binary(meta.start_pos, operator, children[0], children[1])

    def plus(self, meta, children):
        return self._binary("+", meta, children)

    def minus(self, meta, children):
        return self._binary("-", meta, children)

    def times(self, meta, children):
        return self._binary("*", meta, children)

    def ratio(self, meta, children):
        return self._binary("/", meta, children)

    def power(self, meta, children):
        return self._binary("^", meta, children)

    def aggregate(self, meta, children):
        return syntax.Aggregate(meta.start_pos, str(children[0]), children[1])

    def share(self, meta, children):
        return syntax.Share(meta.start_pos, children[1])

    def function(self, meta, children):
        return syntax.Function(meta.start_pos, str(children[0]), children[1])

    def timed(self, meta, children):
        return syntax.Timed(meta.start_pos, children[0], children[1])

    # --- conditions

    def comparison(self, meta, children):
        kept = [child for child in children if child is not None]
        return syntax.Comparison(meta.start_pos, tuple(kept[::2]), tuple(str(sign) for sign in kept[1::2]))

    def negation(self, meta, children):
        return syntax.Not(meta.start_pos, children[-1])

    def both(self, meta, children):
        return syntax.Both(meta.start_pos, children[0], children[-1])

    def either(self, meta, children):
        return syntax.Either(meta.start_pos, children[0], children[-1])

    def happening(self, meta, children):
        return syntax.Happens(meta.start_pos, children[0])

    def before(self, meta, children):
        event, moment = children[0], children[-1]
        if isinstance(moment, syntax.Event):
            return syntax.Happens(meta.start_pos, event, earlier_than=moment)
        return syntax.Happens(meta.start_pos, event, before=replace(moment, end=moment.first))

    def by(self, meta, children):
        return syntax.Happens(meta.start_pos, children[0], before=children[-1])

    def after(self, meta, children):
        event, moment = children[0], children[-1]
        if isinstance(moment, syntax.Event):
            return syntax.Happens(meta.start_pos, event, later_than=moment)
        return syntax.Happens(meta.start_pos, event, after=replace(moment, first=moment.end))

    def during(self, meta, children):
        return syntax.Happens(meta.start_pos, children[0], after=children[-1], before=children[-1])

    def between(self, meta, children):
        return syntax.Happens(meta.start_pos, children[0], after=children[2], before=children[-1])

    def within(self, meta, children):
        return syntax.Happens(meta.start_pos, children[0], months=_number(children[2]))

    def within_of(self, meta, children):
        return syntax.Happens(meta.start_pos, children[0], months=_number(children[2]), since=children[-1])

    # --- time

    def date(self, meta, children):
        token = children[0]
        try:
            first, end = _days(str(token))
        except ValueError:
            raise QuestionError(
                self.text, meta.start_pos, f"{str(token)!r} is no date; write 2027, 2027-Q1, 2027-12 or 2027-12-31."
            ) from None
        return syntax.Period(meta.start_pos, first, end, single=token.type == "DAY")

    def at(self, meta, children):
        return children[-1]

    def at_month(self, meta, children):
        month = _number(children[-1])
        return syntax.Period(meta.start_pos, months=(month, month))

    def span(self, meta, children):
        first, last = children[1], children[-1]
        if last.end <= first.first:
            raise QuestionError(self.text, last.place, "the period ends before it begins.")
        return syntax.Period(meta.start_pos, first.first, last.end)

    def first_months(self, meta, children):
        return syntax.Period(meta.start_pos, months=(1.0, _number(children[1])))

    def months_span(self, meta, children):
        return syntax.Period(meta.start_pos, months=(_number(children[2]), _number(children[-1])))

    # --- measures

    def _measure(self, kind, meta, body, given, level=0.5):
        return syntax.Measure(meta.start_pos, kind, body, given, level)

    def probability(self, meta, children):
        return self._measure("P", meta, children[1], children[3] if len(children) > 2 else None)

    def expectation(self, meta, children):
        return self._measure("E", meta, children[1], children[3] if len(children) > 2 else None)

    def quantile(self, meta, children):
        level = _number(children[1])
        if not 0.0 < level < 1.0:
            raise QuestionError(
                self.text,
                children[1].start_pos or 0,
                "the level of a quantile lies between 0 and 1, such as 0.05 or 5%.",
            )
        return self._measure("Q", meta, children[2], children[4] if len(children) > 3 else None, level)

    def __default__(self, data, children, meta):
        return Tree(data, children, meta)


def _run(token: Token | None) -> str:
    return "" if token is None else str(token)[1:-1].strip()


def _number(token: Token) -> float:
    text = str(token)
    return float(text[:-1]) / 100.0 if text.endswith("%") else float(text)


def _days(text: str) -> tuple[dt.date, dt.date]:
    """First day of a year, quarter, month or day, and the day after its last one (ValueError if there is none such)."""
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
