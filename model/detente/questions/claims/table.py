"""Answers as plain rows: for JSON, CSV, the figure and the report."""

from typing import Any

import pandas as pd

from detente.questions.claims.answers import Answered
from detente.questions.claims.ledger import Ledger
from detente.questions.claims.verdicts import Turned

GROUPS = {
    "relief": "Relief and talks",
    "west": "The West",
    "tariffs": "Tariffs on buyers",
    "war": "War and forces",
    "money": "Russia's money",
    "energy": "Energy and Europe",
}
COLUMNS = (
    "number", "group", "who", "when", "claim", "figure", "figure_unit", "verdict", "close", "reads", "value", "mc_error", "unit", "supported_at",
    "contradicted_at", "turns_on", "low", "high", "from", "paths", "runs", "question", "reason", "note", "source",
)  # fmt: skip


def document(answers: list[Answered], ledger: Ledger, run: str) -> dict[str, Any]:
    """Everything about the claims as JSON-able data, by which a report or a figure can be made without the other
    runs."""
    order = list(GROUPS)
    grouped = sorted(answers, key=lambda one: (order.index(one.claim.group), one.claim.number))
    return {
        "schema_version": 1,
        "run": run,
        "ledger": ledger.digest(),
        "claims": [_entry(one, ledger) for one in grouped],
    }


def _entry(one: Answered, ledger: Ledger) -> dict[str, Any]:
    claim, found = one.claim, one.answer
    deciding = one.judgement.turned if one.judgement else None
    return {
        "number": claim.number,
        "short": claim.short,
        "group": GROUPS[claim.group],
        "seed": claim.seed,
        "who": claim.who,
        "when": claim.when,
        "claim": " ".join(claim.says.split()),
        "figure": claim.figure,
        "figure_unit": claim.unit,
        "source": " ".join(claim.source.split()),
        "verdict": one.verdict,
        "close": one.judgement.close if one.judgement else False,
        "reads": claim.reads or "",
        "probability": one.probability,
        "question": claim.ask or "",
        "value": found.value if found else None,
        "mc_error": found.mc_error if found else None,
        "unit": found.unit if found else "",
        "from": found.source if found else "",
        "paths": found.paths if found else None,
        "supported_at": one.rule.supported if found else None,
        "contradicted_at": one.rule.contradicted if found else None,
        "turns_on": _turn(deciding) if deciding else None,
        "assumptions": [_turn(each) for each in one.turned],
        "also": [{"says": each.says, "value": each.answer.value, "mc_error": each.answer.mc_error, "unit": each.answer.unit,
                  "question": each.answer.question, "probability": each.answer.question.startswith("P(")} for each in one.also],
        "facts": [{"text": fact.text, "date": fact.date.isoformat(), "source": fact.source, "confidence": fact.confidence}
                  for fact in map(ledger.fact_of, claim.facts)],
        "runs": one.runs,
        "reason": " ".join(one.reason.split()),
        "note": " ".join((claim.note or "").split()),
    }  # fmt: skip


def _turn(each: Turned) -> dict[str, Any]:
    return {
        "name": each.name,
        "parameter": each.parameter,
        "low_name": each.low_name,
        "high_name": each.high_name,
        "low": each.low,
        "low_error": each.low_error,
        "high": each.high,
        "high_error": each.high_error,
    }


def frame(made: dict[str, Any]) -> pd.DataFrame:
    """One row a claim, for CSV."""
    rows = []
    for entry in made["claims"]:
        turn = entry["turns_on"] or {}
        flat = {
            "turns_on": turn.get("name", ""),
            "low": turn.get("low"),
            "high": turn.get("high"),
            "runs": " ".join(entry["runs"].values()),
        }
        rows.append({column: flat[column] if column in flat else entry[column] for column in COLUMNS})
    return pd.DataFrame(rows, columns=list(COLUMNS))
