"""Unit of an answer, and the check that added or compared numbers have the same unit."""

from typing import Any

from detente.questions import syntax
from detente.questions.errors import QuestionError
from detente.shared.messages import quoted

ANY, ONE = "", "1"
"""A plain number takes the unit of the other operand; the unit 1 is dimensionless."""


def unit_of(part: Any, text: str) -> str:
    """Unit of a numeric part or a level (QuestionError where different units are added or compared)."""
    match part:
        case syntax.Constant():
            return part.unit
        case syntax.Number():
            return ANY
        case syntax.Variable() | syntax.Column() | syntax.Parameter():
            return part.unit
        case syntax.Event():
            return "month"
        case syntax.Negative() | syntax.Timed():
            return unit_of(part.inner, text)
        case syntax.Binary():
            return _of_binary(part, text)
        case syntax.Aggregate():
            unit = unit_of(part.inner, text)
            return _summed(unit) if part.how == "sum" else unit
        case syntax.Share():
            check(part.inner, text)
            return ONE
        case syntax.Function():
            unit = unit_of(part.inner, text)
            return unit if part.name == "abs" else ANY if part.name == "plain" else ONE
        case syntax.Measure():
            if part.given is not None:
                check(part.given, text)
            if part.kind == "P":
                check(part.body, text)
                return ONE
            return unit_of(part.body, text) or ONE
    raise TypeError(f"no unit for {type(part).__name__}")


def check(part: Any, text: str) -> None:
    """Refuse a condition that compares different units."""
    match part:
        case syntax.Comparison():
            units = [(each, unit_of(each, text)) for each in part.parts]
            known = [(each, unit) for each, unit in units if unit != ANY]
            for each, unit in known[1:]:
                _same(known[0][1], unit, each.place, text)
        case syntax.Not():
            check(part.inner, text)
        case syntax.Both() | syntax.Either():
            check(part.left, text)
            check(part.right, text)


def _of_binary(part: syntax.Binary, text: str) -> str:
    left, right = unit_of(part.left, text), unit_of(part.right, text)
    if part.operator in "+-":
        if left != ANY and right != ANY:
            _same(left, right, part.right.place, text)
        return left or right
    if part.operator == "^":
        return ANY if left == ANY and right == ANY else ONE if left in (ANY, ONE) else f"({left})^…"
    if part.operator == "/" and left == right:
        return left if left == ANY else ONE
    if right in (ANY, ONE):
        return left if left != ANY else right
    if left in (ANY, ONE):
        return right if part.operator == "*" else f"1/({right})"
    return f"{left} {'x' if part.operator == '*' else 'per'} {right}"


def _summed(unit: str) -> str:
    """Unit of a sum over months."""
    if unit.endswith("/month"):
        return unit.removesuffix("/month") or ONE
    return f"{unit} x month" if unit not in (ANY, ONE) else "month"


def _same(first: str, second: str, place: int, text: str) -> None:
    if first != second:
        raise QuestionError(
            text, place, f"the unit {quoted(second)} does not match {quoted(first)}; convert one of them first."
        )
