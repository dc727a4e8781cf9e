"""Answered claims as plain data: for JSON, CSV, the figure and the report, and their files in a run folder."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
from filelock import FileLock, Timeout

from detente.questions.claims.ledger import Ledger
from detente.questions.claims.verdicts import AnsweredClaim, Effect, FurtherAnswer
from detente.runs import store
from detente.runs.manifest import CLAIMS, UNFINISHED
from detente.runs.run import Run
from detente.shared.errors import DataError
from detente.shared.spreadsheet import csv_text

DATA, TABLE = CLAIMS
GROUPS = {
    "relief": "Relief and talks",
    "west": "The West",
    "tariffs": "Tariffs on buyers",
    "war": "War and forces",
    "money": "Russia's finances",
    "energy": "Energy and Europe",
}
COLUMNS = (
    *("number", "group", "who", "when", "claim", "figure", "figure_unit", "verdict", "close", "reads"),
    *("value", "mc_error", "unit", "supported_at", "contradicted_at", "depends_on", "low", "high", "from", "paths"),
    *("runs", "question", "reason", "note", "source"),
)


def document(answers: list[AnsweredClaim], ledger: Ledger, run: str) -> dict[str, Any]:
    """All answered claims as JSON-compatible data, enough for a report or a figure without the comparison runs."""
    order = list(GROUPS)
    grouped = sorted(answers, key=lambda one: (order.index(one.claim.group), one.claim.number))
    return {
        "schema_version": 1,
        "run": run,
        "ledger": ledger.digest(),
        "claims": [_entry(one, ledger) for one in grouped],
    }


def _entry(one: AnsweredClaim, ledger: Ledger) -> dict[str, Any]:
    claim, answer = one.claim, one.answer
    effect = one.judgement.effect if one.judgement else None
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
        "value": answer.value if answer else None,
        "mc_error": answer.mc_error if answer else None,
        "unit": answer.unit if answer else "",
        "from": answer.source if answer else "",
        "paths": answer.paths if answer else None,
        "supported_at": one.rule.supported if answer else None,
        "contradicted_at": one.rule.contradicted if answer else None,
        "depends_on": _effect(effect) if effect else None,
        "assumptions": [_effect(each) for each in one.effects],
        "also": [_further(each) for each in one.also],
        "facts": [
            {"text": fact.text, "date": fact.date.isoformat(), "source": fact.source, "confidence": fact.confidence}
            for fact in map(ledger.fact_of, claim.facts)
        ],
        "runs": one.runs,
        "reason": " ".join(one.reason.split()),
        "note": " ".join((claim.note or "").split()),
    }


def _further(each: FurtherAnswer) -> dict[str, Any]:
    answer = each.answer
    return {
        "says": each.says,
        "value": answer.value,
        "mc_error": answer.mc_error,
        "unit": answer.unit,
        "question": answer.question,
        "probability": answer.question.startswith("P("),
    }


def _effect(each: Effect) -> dict[str, Any]:
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


def frame(claims: dict[str, Any]) -> pd.DataFrame:
    """One row a claim, for CSV, from the data of ``document``."""
    rows = []
    for entry in claims["claims"]:
        effect = entry["depends_on"] or {}
        flat = {
            "depends_on": effect.get("name", ""),
            "low": effect.get("low"),
            "high": effect.get("high"),
            "runs": " ".join(entry["runs"].values()),
        }
        rows.append({column: flat[column] if column in flat else entry[column] for column in COLUMNS})
    return pd.DataFrame(rows, columns=list(COLUMNS))


def save(run: Run, claims: dict[str, Any]) -> list[Path]:
    """Write claims.json and claims.csv into the run folder, with their checksums in the manifest.

    The manifest marks the folder as unfinished while the files are written, so that neither counts as damaged.

    Raises
    ------
    DataError : the folder is in use or cannot be written.
    """
    folder = run.folder
    try:
        with FileLock(folder.parent / f".{folder.name}.lock", timeout=0):
            manifest = store.read_manifest(folder)
            store.replace_file(folder / store.MANIFEST, store.sealed(manifest | {UNFINISHED: True}))
            store.replace_file(folder / DATA, _json(claims))
            store.replace_file(folder / TABLE, csv_text(frame(claims)).encode("utf-8"))
            manifest["report_files"] = manifest.get("report_files", {}) | {
                name: store.digest(folder / name) for name in CLAIMS
            }
            store.replace_file(folder / store.MANIFEST, store.sealed(manifest))
    except Timeout:
        raise DataError(f"{folder}: another process is writing to this folder; wait until it ends.") from None
    except OSError as error:
        raise DataError(
            f"{folder}: cannot be written ({error.strerror}); copy the run to a writable folder."
        ) from error
    run.manifest["report_files"] = manifest["report_files"]
    return [folder / DATA, folder / TABLE]


def _json(claims: dict[str, Any]) -> bytes:
    return (json.dumps(claims, indent=1, ensure_ascii=False, allow_nan=False) + "\n").encode("utf-8")


def read(run: Run) -> dict[str, Any] | None:
    """The claims saved in a run folder; None if there are none or their checksum differs from the manifest."""
    path = run.folder / DATA
    checksum = run.manifest.get("report_files", {}).get(DATA)
    if checksum is None or not path.is_file() or store.digest(path) != checksum:
        return None
    claims: dict[str, Any] = json.loads(path.read_bytes())
    return claims
