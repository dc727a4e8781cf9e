"""Claims in the news, each with the answer of this run."""

from typing import Any

from detente.questions.claims.text import answer_text, basis, tally
from detente.report.context import Context
from detente.report.figures.claims import claims as claims_figure
from detente.report.section import Figure, Section
from detente.report.tables import Cell, Column, Table
from detente.shared import formatting

ORDER = {"supported": 0, "depends": 1, "contradicted": 2, "untestable": 3}


def claims(context: Context) -> Section | None:
    """The section; None if the claims have not been put to the run."""
    if context.claims is None:
        return None
    return Section(
        "claims",
        "Claims in the news",
        figures=(Figure("claims", lambda size: claims_figure(context.run, size)),),
        tables=(claims_table(context.claims),),
    )


def claims_table(answers: dict[str, Any]) -> Table:
    """One row a claim."""
    columns = (
        Column("Claim", "who, when"),
        Column("Verdict"),
        Column("Answer", "with Monte Carlo error", numeric=True),
        Column("Test, and what the answer depends on"),
    )
    rows = tuple(_row(entry) for entry in answers["claims"])
    return Table("claims", "Claims and answers", columns, rows, _note(answers), style="bars wide")


def _row(entry: dict[str, Any]) -> tuple[Cell, ...]:
    verdict = f"{entry['verdict']}{', a close call' if entry['close'] else ''}"
    value = entry["value"] if entry["value"] is not None else -1.0
    return (
        Cell(f"{entry['number']}. {entry['claim']}", note=f"{entry['who']}, {entry['when']}", sort=entry["number"]),
        Cell(verdict, sort=ORDER[entry["verdict"]]),
        Cell(answer_text(entry) or "–", sort=value, bar=value if entry["probability"] and value >= 0.0 else None),
        Cell(basis(entry), note=entry["note"]),
    )


def _note(answers: dict[str, Any]) -> str:
    folders = sorted({folder for entry in answers["claims"] for folder in entry["runs"].values()})
    entry = next((entry for entry in answers["claims"] if entry["probability"]), None)
    rule = ""
    if entry is not None:
        supported, contradicted = (formatting.percent(entry[key]) for key in ("supported_at", "contradicted_at"))
        rule = (
            f"A claim is supported from a probability of {supported}, and contradicted up to {contradicted}. In "
            "between it depends, as it does where an assumption moves the answer across one half. "
        )
    return f"{tally(answers['claims'])} {rule}Runs: {', '.join(folders)}."
