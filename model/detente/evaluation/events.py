"""Event questions of a hindcast: probabilities of the model, a crowd and the base rate, scored on what happened."""

import csv
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from detente.evaluation import scores
from detente.evaluation.blindness import fitted_on
from detente.evaluation.series import outcome_file
from detente.questions import ask
from detente.runs.run import Run
from detente.shared.errors import DataError, DetenteError

__all__ = ["FILE", "EventScore", "Question", "answer", "event_summary", "questions"]

FILE = "events.csv"


@dataclass(frozen=True)
class Question:
    """A question that has been resolved: asked on a day, resolved by a day, with its outcome (1 or 0).

    ``crowd`` and ``base_rate`` are probabilities, None if there is none; ``model`` is the question in the language of
    docs/questions.md, "" if the model has no such event.
    """

    id: str
    asked: dt.date
    by: dt.date
    text: str
    outcome: int
    crowd: float | None
    base_rate: float | None
    model: str


@dataclass(frozen=True)
class EventScore:
    """A question with the model's probability from an origin; ``fitted`` names records fitted on its outcome."""

    question: Question
    probability: float
    fitted: tuple[str, ...]

    def row(self) -> dict[str, Any]:
        """Plain values."""
        one = self.question
        return {
            "question": one.id,
            "text": one.text,
            "asked": one.asked.isoformat(),
            "by": one.by.isoformat(),
            "outcome": one.outcome,
            "model": self.probability,
            "crowd": one.crowd,
            "base_rate": one.base_rate,
            "fitted": bool(self.fitted),
        }


@cache
def questions() -> tuple[Question, ...]:
    """Every question of ``configs/outcomes/events.csv`` (DataError for a row that is wrong)."""
    rows = []
    with outcome_file(FILE).open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines), 2):
            try:
                rows.append(
                    Question(
                        row["id"],
                        dt.date.fromisoformat(row["asked"]),
                        dt.date.fromisoformat(row["by"]),
                        row["question"],
                        int(row["outcome"]),
                        float(row["crowd"]) if row["crowd"] else None,
                        float(row["base_rate"]) if row["base_rate"] else None,
                        row["model"],
                    )
                )
            except (KeyError, TypeError, ValueError) as error:
                raise DataError(f"outcomes/{FILE}, line {number}: {error}; correct the row.") from None
    return tuple(rows)


def answer(run: Run, chosen: Sequence[Question]) -> list[EventScore]:
    """The model's probabilities of questions about a run from an origin before them.

    The probability is (k + 1/2) / (n + 1) for k of n paths, so that the log score is finite.

    Raises
    ------
    DataError : a question cannot be answered; the message names it.
    """
    answers = []
    for one in chosen:
        try:
            value = ask(run, one.model, run.beside)
        except DetenteError as error:
            raise DataError(f"outcomes/{FILE}, question {one.id}: {error}") from None
        number = max(value.paths, 1)
        probability = (value.value * number + 0.5) / (number + 1.0)
        answers.append(EventScore(one, float(probability), tuple(fitted_on(run.config, one.id))))
    return answers


def event_summary(answers: Sequence[EventScore]) -> dict[str, Any]:
    """Mean Brier and log scores of the model, and of crowd and base rate on the same questions.

    Keys that end in ``_all`` count every question, the others only those on whose answers no parameter was fitted.
    """
    used = [one for one in answers if not one.fitted]
    summary: dict[str, Any] = {"questions": len(answers), "fitted": len(answers) - len(used)}
    for suffix, chosen in (("", used), ("_all", list(answers))):
        summary[f"happened{suffix}"] = sum(one.question.outcome for one in chosen)
        summary |= _means("model", suffix, chosen, [one.probability for one in chosen])
        for name in ("crowd", "base_rate"):
            both = [(one, value) for one in chosen if (value := getattr(one.question, name)) is not None]
            asked = [one for one, _ in both]
            summary[f"with_{name}{suffix}"] = len(both)
            summary |= _means(name, suffix, asked, [value for _, value in both])
            summary |= _means(f"model_beside_{name}", suffix, asked, [one.probability for one in asked])
    return summary


def _means(
    name: str, suffix: str, used: Sequence[EventScore], probabilities: Sequence[float]
) -> dict[str, float | None]:
    keys = f"{name}_brier{suffix}", f"{name}_log{suffix}"
    if not used:
        return dict.fromkeys(keys)
    happened = np.array([one.question.outcome for one in used])
    log = scores.log_score(probabilities, happened)
    values = float(scores.brier(probabilities, happened).mean()), float(log.mean()) if np.isfinite(log).all() else None
    return dict(zip(keys, values, strict=True))
