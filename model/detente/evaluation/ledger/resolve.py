"""Outcomes of registered questions, and the scores of the forecasts."""

import csv
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detente.evaluation import scores
from detente.evaluation.ledger import lines as ledger
from detente.shared.errors import ConfigError, DataError
from detente.shared.messages import unknown
from detente.shared.numbers import number_in
from detente.shared.reading import read_bytes

COLUMNS = ("question", "outcome", "date", "source")
ANSWERS = {"yes": 1.0, "no": 0.0}
LARGEST = 1_000_000
"""Bytes of a file of outcomes."""


@dataclass(frozen=True)
class Outcome:
    """What happened: ``value`` is 1 or 0 for a probability, else a number in the unit of the question."""

    question: str
    value: float
    date: dt.date
    source: str


@dataclass(frozen=True)
class Score:
    """A forecast with its outcome and scores; None where a score does not apply.

    ``benchmark`` is the score of the base rate (Brier) or of no change (CRPS); ``outside`` that of the published
    forecast registered with the question.
    """

    question: str
    title: str
    registered: str
    run: str
    conditional: bool
    forecast: float
    outcome: float
    date: str
    brier: float | None = None
    log: float | None = None
    crps: float | None = None
    in_90: bool | None = None
    benchmark: float | None = None
    outside: float | None = None


def read_outcomes(path: Path) -> list[Outcome]:
    """The outcomes of a CSV file with the columns question, outcome (yes, no or a number), date and source.

    Raises
    ------
    DataError : the file cannot be read, or rows of it are not valid; the message names up to ten lines.
    """
    raw = read_bytes(path, LARGEST)
    try:
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig")), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise DataError(f"{path}: is not a CSV file in UTF-8 ({error}).") from error
    if not rows or tuple(cell.strip() for cell in rows[0]) != COLUMNS:
        raise DataError(f"{path}, line 1: the columns must be {', '.join(COLUMNS)}.")
    outcomes: list[Outcome] = []
    problems: list[str] = []
    for number, row in enumerate(rows[1:], 2):
        if any(cell.strip() for cell in row):
            try:
                outcomes.append(_outcome(row))
            except ValueError as error:
                problems.append(f"line {number}: {error}")
    if problems:
        raise DataError(f"{path}, {'; '.join(problems[:10])}{'; and more' if len(problems) > 10 else ''}.")
    return outcomes


def _outcome(row: list[str]) -> Outcome:
    """An outcome from a row (ValueError with the reason)."""
    cells = [cell.strip() for cell in row]
    if len(cells) != len(COLUMNS):
        raise ValueError(f"{len(cells)} cells for {len(COLUMNS)} columns")
    key, outcome, date, source = cells
    if not source:
        raise ValueError("the source is missing")
    try:
        day = dt.date.fromisoformat(date)
    except ValueError:
        raise ValueError(f"{date!r} is not a date such as 2026-12-31") from None
    if outcome.lower() in ANSWERS:
        return Outcome(key, ANSWERS[outcome.lower()], day, source)
    value = number_in(outcome)
    if value is None:
        raise ValueError(f"the outcome {outcome!r} is neither yes, no nor a number")
    return Outcome(key, value, day, source)


def resolve(
    path: Path, outcomes: Sequence[Outcome], *, correct: bool = False, today: dt.date | None = None
) -> list[ledger.Line]:
    """Add outcomes to the ledger. Earlier lines stay as they are; a correction is a new line.

    Parameters
    ----------
    path : the ledger.
    outcomes : what happened. An outcome that stands in the ledger already is passed over.
    correct : accept an outcome that differs from the one in the ledger.
    today : date of entry, by default today in UTC.

    Returns
    -------
    The lines added.

    Raises
    ------
    ConfigError : there is no such question, the outcome has another form than the forecast, is dated after today, says
        no before the question is over, or differs from the one in the ledger without ``correct``.
    CheckError : the ledger is not as it was written.
    """
    today = today or dt.datetime.now(dt.UTC).date()
    lines = ledger.read_lines(path)
    asked = {line["question"]["key"]: line for line in lines if line["kind"] == "forecast"}
    known = results(lines)
    new = []
    for outcome in outcomes:
        if outcome.question not in asked:
            raise ConfigError(f"{path}: {unknown('question', outcome.question, asked)}")
        _check(outcome, asked[outcome.question], today)
        before = known.get(outcome.question)
        if before is not None and before["value"] == outcome.value:
            continue
        if before is not None and not correct:
            raise ConfigError(
                f"{path}: {outcome.question} has the outcome {before['value']:g} of {before['date']}; "
                "--correct adds a correction."
            )
        new.append(
            {
                "kind": "outcome",
                "made": today.isoformat(),
                "question": outcome.question,
                "value": outcome.value,
                "date": outcome.date.isoformat(),
                "source": outcome.source,
                "corrects": before["hash"] if before is not None else "",
            }
        )
    return ledger.append(path, new) if new else []


def _check(outcome: Outcome, line: ledger.Line, today: dt.date) -> None:
    question = line["question"]
    resolves = dt.date.fromisoformat(question["resolves"])
    binary = "probability" in line["forecast"]
    if binary and outcome.value not in (0.0, 1.0):
        raise ConfigError(f"{question['key']} is answered by yes or no, not by {outcome.value:g}.")
    if outcome.date > today:
        raise ConfigError(f"{question['key']}: the outcome is dated {outcome.date}, which is after today.")
    if outcome.date < resolves and not (binary and outcome.value == 1.0):
        raise ConfigError(f"{question['key']} is resolved from {resolves}; only yes can come earlier.")


def results(lines: Sequence[ledger.Line]) -> dict[str, ledger.Line]:
    """The outcome in force of each resolved question, by key: the last line about it."""
    return {line["question"]: line for line in lines if line["kind"] == "outcome"}


def due(lines: Sequence[ledger.Line], today: dt.date) -> list[ledger.Line]:
    """The latest forecast of each question that can be resolved today and is not."""
    resolved = results(lines)
    latest = {line["question"]["key"]: line for line in lines if line["kind"] == "forecast"}
    return [
        line
        for key, line in latest.items()
        if key not in resolved and dt.date.fromisoformat(line["question"]["resolves"]) <= today
    ]


def scored(lines: Sequence[ledger.Line]) -> list[Score]:
    """Scores of all forecasts whose question is resolved and that were made before the outcome, in their order.

    References
    ----------
    Brier (1950); Gneiting and Raftery (2007), Strictly proper scoring rules, JASA 102.
    """
    outcomes = results(lines)
    rows = []
    for line in lines:
        outcome = outcomes.get(line["question"]["key"]) if line["kind"] == "forecast" else None
        if outcome is not None and line["made"] < outcome["date"]:
            rows.append(_score(line, outcome))
    return rows


def _score(line: ledger.Line, outcome: ledger.Line) -> Score:
    question, forecast, value = line["question"], line["forecast"], outcome["value"]
    outside = question.get("outside", {}).get("value")
    common = {
        "question": question["key"],
        "title": question["title"],
        "registered": line["made"],
        "run": line["run"]["folder"],
        "conditional": bool(line["assumptions"]),
        "outcome": value,
        "date": outcome["date"],
    }
    if "probability" in forecast:
        p = forecast["probability"]
        base = question.get("base_rate")
        return Score(
            **common,
            forecast=p,
            brier=_brier(p, value),
            log=float(scores.log_score([p], [value])[0]),
            benchmark=None if base is None else _brier(base, value),
            outside=None if outside is None else _brier(outside, value),
        )
    levels = np.array([float(level) for level in forecast["quantiles"]])
    quantiles = np.array(list(forecast["quantiles"].values()))
    order = np.argsort(levels)
    levels, quantiles = levels[order], quantiles[order]
    at = dict(zip(levels.round(6), quantiles, strict=True))
    no_change = forecast.get("no_change")
    return Score(
        **common,
        forecast=float(at[0.5]),
        crps=float(scores.crps_quantiles(quantiles[None], levels, [value])[0]),
        in_90=bool(at[0.05] <= value <= at[0.95]),
        benchmark=None if no_change is None else abs(no_change - value),
        outside=None if outside is None else abs(outside - value),
    )


def _brier(p: float, happened: float) -> float:
    return float(scores.brier([p], [happened])[0])


def summary(lines: Sequence[ledger.Line]) -> dict[str, Any]:
    """Counts and mean scores of a ledger, plain data.

    ``skill`` is one less the ratio of the mean score to that of the benchmark, on the forecasts that have one.
    ``reliability`` holds, for five bins of probability, forecasts, mean probability and share of yes. Forecasts under
    assumptions are not counted in scores.
    """
    rows = [row for row in scored(lines) if not row.conditional]
    forecasts = [line for line in lines if line["kind"] == "forecast"]
    return {
        "forecasts": len(forecasts),
        "questions": len({line["question"]["key"] for line in forecasts}),
        "resolved": len(results(lines)),
        "scored": len(rows),
        "brier": _mean([row.brier for row in rows]),
        "log": _mean([row.log for row in rows]),
        "brier_skill": _skill([(row.brier, row.benchmark) for row in rows]),
        "brier_skill_outside": _skill([(row.brier, row.outside) for row in rows]),
        "crps_skill": _skill([(row.crps, row.benchmark) for row in rows]),
        "in_90": _mean([None if row.in_90 is None else float(row.in_90) for row in rows]),
        "reliability": _reliability(rows),
        "rows": [asdict(row) for row in scored(lines)],
    }


def _mean(values: Sequence[float | None]) -> float | None:
    present = [value for value in values if value is not None]
    return float(np.mean(present)) if present else None


def _skill(pairs: Sequence[tuple[float | None, float | None]]) -> float | None:
    both = [(a, b) for a, b in pairs if a is not None and b is not None]
    benchmark = sum(b for _, b in both)
    return 1.0 - sum(a for a, _ in both) / benchmark if benchmark > 0.0 else None


def _reliability(rows: Sequence[Score]) -> list[dict[str, float]]:
    binary = [row for row in rows if row.brier is not None]
    table = []
    for k in range(5):
        inside = [row for row in binary if min(int(row.forecast * 5.0), 4) == k]
        if inside:
            table.append(
                {
                    "forecasts": len(inside),
                    "mean_probability": float(np.mean([row.forecast for row in inside])),
                    "share_yes": float(np.mean([row.outcome for row in inside])),
                }
            )
    return table
