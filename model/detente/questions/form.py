"""The form of a question: what can be said about a text before any run is read."""

import re

from detente.questions.errors import QuestionError
from detente.shared.messages import nearest, quoted
from detente.shared.texts import normalised

MEASURES = {"P": "P(condition)", "E": "E(number)", "Q": "Q(level, number)"}
INSIDE = ("sum", "mean", "min", "max", "share", "abs", "log", "exp", "rank", "plain")
WORDS = ("and", "or", "not", "given")
INSTEAD = {
    "median": "Q(0.5, …)",
    "quantile": "Q(0.05, …)",
    "percentile": "Q(5%, …)",
    "probability": "P(…)",
    "prob": "P(…)",
    "p": "P(…)",
    "q": "Q(0.05, …)",
    "e": "E(…)",
    "expectation": "E(…)",
    "average": "E(…), or mean(…) over time inside it",
    "avg": "E(…), or mean(…) over time inside it",
}
"""Names that other languages use for what a measure does."""
CALL = re.compile(r"(?<![\w.|>])([^\W\d_]\w*)\s*\(")


def check_form(text: str) -> None:
    """Check what needs no name of a run: brackets, functions, and that the question asks for P, E or Q.

    QuestionError with the place.
    """
    text = normalised(text)
    if not text.strip():
        raise QuestionError(text, 0, "the question is empty; expected P(…), E(…) or Q(…).")
    _brackets(text)
    for call in CALL.finditer(text):
        _function(text, call.start(1), call[1], measured=_measure_open(text, call.start()))
    if not re.search(r"(?<![\w.|>])[PEQ]\s*\(", text) and not re.fullmatch(r"[\s0-9.eE+\-*/^()%]*", text):
        raise QuestionError(text, 0, "expected P(condition), E(number) or Q(level, number).")


def _function(text: str, place: int, name: str, *, measured: bool) -> None:
    """Refuse a word before a bracket that is no function of the language."""
    if name in MEASURES or name.casefold() in WORDS:
        return
    if name in INSIDE:
        if not measured:
            message = f"{name}(…) stands inside a measure; write E({name}(…)) or P({name}(…) > 100)."
            raise QuestionError(text, place, message)
        return
    instead = INSTEAD.get(name.casefold())
    if instead is None:
        near = nearest(name, INSIDE)
        instead = f"{near}(…)" if near else f"one of {', '.join((*MEASURES, *INSIDE))}"
    raise QuestionError(text, place, f"there is no function {quoted(name)}; write {instead}.")


def _measure_open(text: str, end: int) -> bool:
    """Whether a measure's bracket is open at a place."""
    stack = []
    for place in range(end):
        if text[place] == "(":
            stack.append(bool(re.search(r"(?<![\w.|>])[PEQ]\s*$", text[:place])))
        elif text[place] == ")" and stack:
            stack.pop()
    return any(stack)


def _brackets(text: str) -> None:
    """Refuse brackets that do not match."""
    opened: list[int] = []
    for place, character in enumerate(text):
        if character == "(":
            opened.append(place)
        elif character == ")":
            if not opened:
                raise QuestionError(text, place, "this bracket closes nothing.")
            opened.pop()
    if opened:
        raise QuestionError(text, len(text), "the question ends too early; expected a closing bracket.")
