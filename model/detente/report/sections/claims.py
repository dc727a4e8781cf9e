"""The section on claims: every claim with its verdict, as answered by ``detente claims`` into the run's folder."""

from typing import Any

from detente.questions.claims import read
from detente.questions.claims.text import answer_text, basis, tally
from detente.report.table import Cell, Column, Table
from detente.runs.run import Run
from detente.shared import formatting

ORDER = {"supported": 0, "depends": 1, "contradicted": 2, "untestable": 3}


def claims_table(run: Run) -> Table | None:
    """One row a claim; None if the run's folder holds no answers."""
    made = read(run)
    if made is None:
        return None
    columns = (
        Column("Claim", "who, when"),
        Column("Verdict"),
        Column("Answer", "with Monte Carlo error", numeric=True),
        Column("What it is the chance of, and what moves it"),
    )
    rows = tuple(_row(entry) for entry in made["claims"])
    return Table(
        "claims", "The claims of the news, each with what this run says of it", columns, rows, note=_note(made)
    )


def claims_note(run: Run) -> str:
    """Why there is no table, where there is none."""
    return (
        ""
        if read(run) is not None
        else f"The claims of the news have not been put to this run: detente claims {run.folder.name}, then the report again."
    )


def _row(entry: dict[str, Any]) -> tuple[Cell, ...]:
    verdict = f"{entry['verdict']}{', a close call' if entry['close'] else ''}"
    value = entry["value"] if entry["value"] is not None else -1.0
    return (
        Cell(f"{entry['number']}. {entry['claim']}", note=f"{entry['who']}, {entry['when']}", sort=entry["number"]),
        Cell(verdict, sort=ORDER[entry["verdict"]]),
        Cell(answer_text(entry) or "–", sort=value, bar=value if entry["probability"] and value >= 0.0 else None),
        Cell(basis(entry), note=entry["note"]),
    )


def _note(made: dict[str, Any]) -> str:
    folders = sorted({folder for entry in made["claims"] for folder in entry["runs"].values()})
    entry = next((entry for entry in made["claims"] if entry["probability"]), None)
    rule = ""
    if entry is not None:
        limits = f"from {formatting.percent(entry['supported_at'])} on and contradicted up to {formatting.percent(entry['contradicted_at'])}"
        rule = f"A claim is supported {limits}; it depends in between, or if both ends of an assumption lie on different sides of one half. "
    return f"{tally(made['claims'])} {rule}Runs: {', '.join(folders)}. Numbers behind each answer: claims.csv and claims.json."
