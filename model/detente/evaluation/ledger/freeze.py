"""Forecasts of a run as lines of the ledger."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from detente.catalog.changes import differences
from detente.evaluation.ledger import lines as ledger
from detente.evaluation.ledger.questions import Question
from detente.questions import syntax
from detente.questions.ask import Asker
from detente.questions.evaluate import Evaluator
from detente.questions.names import Names, names
from detente.questions.parser import parse
from detente.questions.paths import NO_PATHS, RunSet
from detente.questions.units import unit_of
from detente.runs.companions import Settings, companion
from detente.runs.exchange import HUB_LEVELS as LEVELS
from detente.runs.run import Run
from detente.shared.errors import ConfigError, DetenteError

BASELINE = "baseline"


@dataclass(frozen=True)
class Frozen:
    """Lines added to the ledger, and a sentence for each question left out."""

    lines: list[ledger.Line]
    left_out: list[str]


def freeze(
    run: Run, questions: Sequence[Question], path: Path, *, conditional: bool = False, today: dt.date | None = None
) -> Frozen:
    """Register the answers of a run to questions.

    Parameters
    ----------
    run : the baseline, or with ``conditional`` any run; its differences from the baseline are then part of the line.
    questions : the questions. One whose date of resolution has passed, that lies beyond the horizon, or that is
        registered for this run, is left out.
    path : the ledger, a JSON-lines file; made if missing.
    today : date of registration, by default today in UTC.

    Raises
    ------
    ConfigError : a question cannot be read; the run is not the baseline; or a question was registered under the same
        key with another rule.
    CheckError : the ledger is not as it was written.
    """
    today = today or dt.datetime.now(dt.UTC).date()
    assumptions = assumed(run)
    if assumptions and not conditional:
        raise ConfigError(
            f"{run.folder.name} differs from the baseline ({assumptions[0]}); the ledger takes the baseline, or a "
            "forecast under assumptions with --conditional."
        )
    known = names(run.config, {})
    registered = [line for line in ledger.read_lines(path) if line["kind"] == "forecast"]
    new, left_out = [], []
    for question in questions:
        _same_definition(question, registered)
        reason = _reason_against(question, run, registered, today)
        if reason is None:
            try:
                forecast = _forecast(run, question, known)
            except BeyondHorizonError:
                reason = "it lies beyond the horizon of the run"
            else:
                new.append(_line(run, question, forecast, assumptions, today))
        if reason is not None:
            left_out.append(f"{question.key}: {reason}")
    return Frozen(ledger.append(path, new) if new else [], left_out)


class BeyondHorizonError(DetenteError):
    """The question concerns a date after the end of the run."""


def assumed(run: Run) -> list[str]:
    """Differences of a run from the baseline of its date, as ``key = value``."""
    base = companion(run.config, BASELINE, changed=Settings({}, {}))
    changes = [f"{one.key} = {one.after}" for one in differences(base, run.config)]
    return changes or ([f"scenario = {run.scenario}"] if run.scenario != BASELINE else [])


def _same_definition(question: Question, registered: list[ledger.Line]) -> None:
    for line in registered:
        before = line["question"]
        if before["key"] == question.key and {k: before.get(k) for k in question.definition()} != question.definition():
            raise ConfigError(
                f"the question {question.key} was registered on {line['made']} with another text, rule or date; "
                "give the new question a new key."
            )


def _reason_against(question: Question, run: Run, registered: list[ledger.Line], today: dt.date) -> str | None:
    if question.resolves <= today:
        return f"its date of resolution, {question.resolves}, has passed"
    if any(line["run"]["id"] == run.manifest["id"] and line["question"]["key"] == question.key for line in registered):
        return "the ledger has it from this run"
    return None


def _forecast(run: Run, question: Question, known: Names) -> dict[str, Any]:
    data = RunSet(run, _no_other_run)
    last = data.main.calendar.start(data.main.calendar.steps)
    text = question.ask or f"E({question.quantity})"
    level = parse(text, known)
    if _last_day(level) > last:
        raise BeyondHorizonError(question.key)
    if question.ask is not None:
        answer = Asker(run, _no_other_run, known).ask(question.ask)
        return {"probability": answer.value, "mc_error": answer.mc_error, "paths": answer.paths}
    if not isinstance(level, syntax.Measure):
        raise ConfigError(f"the quantity of {question.key} must be one number a path, such as TTF in 2027-01.")
    paths = data.main.kept_paths
    if not paths:
        raise ConfigError(f"{run.folder.name}: {NO_PATHS}")
    values = np.broadcast_to(Evaluator(data, text, paths).number(level.body), (paths,))[data.main.valid[:paths]]
    quantiles = np.quantile(values, LEVELS)
    forecast: dict[str, Any] = {
        "quantiles": {f"{at:g}": float(value) for at, value in zip(LEVELS, quantiles, strict=True)},
        "unit": unit_of(level, text),
        "paths": int(values.size),
    }
    if question.latest is not None:
        if question.latest not in run.config.facts:
            raise ConfigError(f"{question.key}: there is no fact {question.latest}; see detente list parameters.")
        forecast["no_change"] = float(run.config.facts[question.latest].value)
    return forecast


def _last_day(part: Any) -> dt.date:
    """The end of the latest period in a question; the earliest date if it names none."""
    days = [dt.date.min]
    for name in getattr(part, "__dataclass_fields__", {}):
        value = getattr(part, name)
        if isinstance(value, syntax.Period):
            days += [value.end] if value.end is not None else []
        elif isinstance(value, tuple):
            days += [_last_day(each) for each in value]
        elif hasattr(value, "__dataclass_fields__"):
            days.append(_last_day(value))
    return max(days)


def _line(
    run: Run, question: Question, forecast: dict[str, Any], assumptions: list[str], today: dt.date
) -> ledger.Line:
    manifest = run.manifest
    return {
        "kind": "forecast",
        "made": today.isoformat(),
        "run": {
            "id": manifest["id"],
            "folder": run.folder.name,
            "scenario": run.scenario,
            "as_of": manifest["as_of"],
            "model": manifest["model"],
            "config_digest": manifest["config_digest"],
        },
        "assumptions": assumptions,
        "question": question.model_dump(mode="json", exclude_none=True),
        "forecast": forecast,
    }


def _no_other_run(name: str) -> Run:
    raise ConfigError(f"a question of the ledger concerns one run; leave out [{name}].")
