"""``claims``: news claims, assessed against a run."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from detente.cli.console import Talk, put, put_json
from detente.cli.options import Whole, jobs_option, json_option, output_option, talk_options

WIDE = 108
"""Terminal width from which the table shows the answer next to the claim."""
STYLES = {"supported": "green", "contradicted": "red", "depends": "yellow", "untestable": "dim"}
MARKS = {"supported": "●", "contradicted": "✕", "depends": "◐", "untestable": "–"}


@click.command()
@click.argument("run_name", metavar="[RUN]", required=False)
@click.option(
    "-n",
    "--paths",
    type=Whole(1),
    metavar="N",
    help="Number of simulated paths, if no RUN is given.  [default: the baseline's]",
)
@click.option(
    "--only",
    "numbers",
    multiple=True,
    type=Whole(1),
    metavar="NUMBER",
    help="Show only this claim, in full. Repeatable.",
)
@click.option("--force", is_flag=True, help="Recompute existing answers.")
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, one row per claim.")
@output_option
@jobs_option
@json_option
@talk_options
@click.pass_obj
def claims(
    talk: Talk,
    run_name: str | None,
    paths: int | None,
    numbers: tuple[int, ...],
    force: bool,
    as_csv: bool,
    output: Path | None,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Assess the news claims of configs/claims.toml against a run.

    RUN is a run folder, its name or its id. The default is the baseline, simulated if needed. Scenarios that a
    claim compares are simulated with the same paths and seed. Answers are stored in the run folder and included in
    its report.

    \b
    Examples:
      detente claims
      detente claims baseline-1a2b3c4d --only 26
      detente claims --paths 8192 --csv > claims.csv
    """
    from detente.questions.claims import answer as answered
    from detente.questions.claims import document, frame, ledger, read, save
    from detente.shared.paths import shown
    from detente.shared.spreadsheet import csv_text

    known = ledger()
    _check(numbers, {claim.number for claim in known.claim})
    run = _run(talk, run_name, paths, output, jobs)
    answers = None if force else read(run)
    if answers is None or answers.get("ledger") != known.digest():
        answers = document(_answers(talk, run, known, jobs, answered), known, run.folder.name)
        save(run, answers)
    else:
        talk.detail("Using stored answers to the same claims; --force recomputes them.")
    chosen = (
        answers
        if not numbers
        else answers | {"claims": [entry for entry in answers["claims"] if entry["number"] in numbers]}
    )
    if as_json:
        put_json(chosen)
    elif as_csv:
        put(csv_text(frame(chosen)).rstrip("\n"))
    elif numbers:
        for entry in chosen["claims"]:
            put(_whole(entry))
    else:
        _table(chosen["claims"], talk)
    talk.say(f"Stored in {shown(run.folder)}: claims.json and claims.csv.")


def _check(numbers: tuple[int, ...], known: set[int]) -> None:
    for number in numbers:
        if number not in known:
            raise click.BadParameter(
                f"there is no claim {number}; they are numbered {min(known)} to {max(known)}.", param_hint="--only"
            )


def _run(talk: Talk, run_name: str | None, paths: int | None, output: Path | None, jobs: int | None) -> Any:
    from detente.cli.ask import simulated
    from detente.config.loader import load as configure
    from detente.runs import find
    from detente.runs.run import load
    from detente.shared.paths import results_root

    if run_name is None:
        return simulated(talk, configure("baseline", paths=paths), results_root(output), jobs)
    run = load(find.find(run_name, output))
    if paths is not None and paths != run.paths:
        raise click.BadParameter(f"{run.folder.name} has {run.paths} paths; omit --paths or RUN.", param_hint="--paths")
    return run


def _answers(talk: Talk, run: Any, known: Any, jobs: int | None, answered: Callable[..., list[Any]]) -> list[Any]:
    from detente.cli.ask import simulated

    talk.say(f"Answering {len(known.claim)} claims from {run.folder.name} …")
    return answered(run, known, lambda config: simulated(talk, config, run.folder.parent, jobs))


def _table(entries: list[dict[str, Any]], talk: Talk) -> None:
    """Print all claims by group: verdict, claim and answer, wrapped to the terminal width."""
    import sys

    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from detente.questions.claims.text import answer_text, basis, tally

    console = Console(file=sys.stdout, no_color=talk.no_color, highlight=False, soft_wrap=False)
    wide = console.width >= WIDE
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, expand=True)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("Verdict", no_wrap=True)
    table.add_column("Claim", ratio=5 if wide else 1)
    if wide:
        table.add_column("Answer", justify="right", no_wrap=True)
        table.add_column("Event and key sensitivities", ratio=6)
    group = ""
    for entry in entries:
        if entry["group"] != group:
            group = entry["group"]
            table.add_section()
            table.add_row("", "", Text(group, style="bold"), *([""] * 2 if wide else []))
        style = STYLES[entry["verdict"]]
        verdict = Text(f"{MARKS[entry['verdict']]} {entry['verdict']}{' ~' if entry['close'] else ''}", style=style)
        claim = Text.assemble((entry["who"], "italic"), f": {entry['claim']}")
        if wide:
            table.add_row(str(entry["number"]), verdict, claim, answer_text(entry), basis(entry))
        else:
            answer = answer_text(entry)
            under = f"{answer}: {basis(entry)}" if answer else basis(entry)
            table.add_row(str(entry["number"]), verdict, Text.assemble(claim, "\n", (under, "dim")))
    console.print(table)
    console.print(tally(entries))


def _whole(entry: dict[str, Any]) -> str:
    """One claim in full, as text."""
    import textwrap

    from detente.questions.claims.text import lines

    text_lines = [f"Claim {entry['number']}: {entry['verdict']}{' (a close call)' if entry['close'] else ''}"]
    for label, text in lines(entry):
        text_lines.append(
            textwrap.fill(
                text, 100, initial_indent=f"  {label}".ljust(16), subsequent_indent=" " * 16, break_long_words=False
            )
        )
    return "\n".join(text_lines) + "\n"


commands = {"claims": claims}
