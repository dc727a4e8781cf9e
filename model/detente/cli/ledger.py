"""``freeze``, ``resolve`` and ``ledger``: registered forecasts, their outcomes and scores."""

from pathlib import Path
from typing import Any

import click

from detente.cli.console import Talk, put, put_json, put_table
from detente.cli.options import FOLDER, json_option, output_option, talk_options

LEDGER = Path("ledger") / "ledger.jsonl"
ledger_option = click.option(
    "--ledger", "path", type=FOLDER, default=LEDGER, metavar="FILE", help="The ledger.  [default: ledger/ledger.jsonl]"
)


@click.command()
@click.argument("run_name", metavar="RUN")
@click.option("--questions", type=FOLDER, metavar="FILE", help="TOML file of questions.  [default: the shipped ones]")
@click.option("--conditional", is_flag=True, help="Register a run other than the baseline, with its assumptions.")
@ledger_option
@output_option
@json_option
@talk_options
@click.pass_obj
def freeze(
    talk: Talk, run_name: str, questions: Path | None, conditional: bool, path: Path, output: Path | None, as_json: bool
) -> None:
    """Register the forecasts of a run in the ledger.

    Each question becomes one line with the probability or quantiles, the rule and the date of resolution. Lines are
    chained by hashes and never changed.

    \b
    Examples:
      detente freeze baseline-1a2b3c4d
      detente freeze baseline-1a2b3c4d --questions mine.toml
    """
    from detente.evaluation.ledger.freeze import freeze as register
    from detente.evaluation.ledger.questions import read_questions
    from detente.runs import find
    from detente.runs.run import load

    run = load(find.find(run_name, output))
    frozen = register(run, read_questions(questions), path, conditional=conditional)
    if as_json:
        put_json({"ledger": str(path), "lines": frozen.lines, "left_out": frozen.left_out})
        return
    put_table([_forecast_row(line) for line in frozen.lines], ("question", "forecast", "resolves", "title"))
    for sentence in frozen.left_out:
        talk.say(f"Left out: {sentence}.")
    number = len(frozen.lines)
    talk.say(f"{number} forecast{'' if number == 1 else 's'} added to {path}.")


@click.command()
@click.option("--outcomes", type=FOLDER, metavar="FILE", help="CSV: question, outcome (yes, no, number), date, source.")
@click.option("--correct", is_flag=True, help="Add a correction where the ledger has another outcome.")
@ledger_option
@json_option
@talk_options
@click.pass_obj
def resolve(talk: Talk, outcomes: Path | None, correct: bool, path: Path, as_json: bool) -> None:
    """Enter outcomes in the ledger and score the forecasts.

    Without --outcomes: the questions that can be resolved today, as a CSV file to fill in.

    \b
    Examples:
      detente resolve > outcomes.csv
      detente resolve --outcomes outcomes.csv
    """
    import datetime as dt

    from detente.evaluation.ledger.lines import read_lines
    from detente.evaluation.ledger.resolve import COLUMNS, due, read_outcomes, scored
    from detente.evaluation.ledger.resolve import resolve as enter
    from detente.shared.errors import DataError

    if not path.is_file():
        raise DataError(f"{path}: there is no ledger; detente freeze RUN makes one.")
    if outcomes is None:
        today = dt.datetime.now(dt.UTC).date()
        waiting = due(read_lines(path), today)
        if as_json:
            put_json([line["question"] for line in waiting])
            return
        put(",".join(COLUMNS))
        for line in waiting:
            put(f"{line['question']['key']},,{today},")
            talk.say(f"{line['question']['key']}: {line['question']['rule']} ({line['question']['where']})")
        return
    added = enter(path, read_outcomes(outcomes), correct=correct)
    keys = {line["question"] for line in added}
    rows = [row for row in scored(read_lines(path)) if row.question in keys]
    if as_json:
        from dataclasses import asdict

        put_json({"lines": added, "scores": [asdict(row) for row in rows]})
        return
    put_table([_score_row(row) for row in rows], SCORES)
    number = len(added)
    talk.say(f"{number} outcome{'' if number == 1 else 's'} added to {path}.")


@click.command("ledger")
@click.option("--check", is_flag=True, help="Check that no line was changed, lost or moved (exit code 5 if so).")
@click.option("--merge", "other", type=FOLDER, metavar="FILE", help="Add the lines of another copy of the ledger.")
@ledger_option
@json_option
@talk_options
@click.pass_obj
def ledger(talk: Talk, check: bool, other: Path | None, path: Path, as_json: bool) -> None:
    """Show registered forecasts and their scores.

    \b
    Examples:
      detente ledger
      detente ledger --check
      detente ledger --merge ../colleague/ledger/ledger.jsonl
    """
    from detente.evaluation.ledger.lines import merged, read_lines
    from detente.evaluation.ledger.resolve import results, scored, summary
    from detente.shared.errors import DataError

    if other is not None:
        number = len(merged(path, other))
        talk.say(f"{number} line{'' if number == 1 else 's'} added to {path}.")
    if not path.is_file():
        raise DataError(f"{path}: there is no ledger; detente freeze RUN makes one.")
    lines = read_lines(path)
    if check:
        talk.say(f"{path}: {len(lines)} lines, each as it was written.")
        return
    if as_json:
        put_json(summary(lines) | {"open": [line for line in lines if _open(line, results(lines))]})
        return
    rows = scored(lines)
    if rows:
        put_table([_score_row(row) for row in rows], SCORES)
        put(_means(summary(lines)))
    waiting = [_forecast_row(line) for line in lines if _open(line, results(lines))]
    if waiting:
        put_table(waiting, ("question", "forecast", "resolves", "title"))


SCORES = ("question", "registered", "forecast", "outcome", "Brier", "log", "CRPS", "benchmark", "outside")


def _open(line: dict[str, Any], resolved: dict[str, Any]) -> bool:
    return line["kind"] == "forecast" and line["question"]["key"] not in resolved


def _forecast_row(line: dict[str, Any]) -> dict[str, Any]:
    from detente.shared import formatting

    forecast, question = line["forecast"], line["question"]
    if "probability" in forecast:
        text = f"{formatting.rounded(100.0 * forecast['probability'], 100.0 * forecast['mc_error'], 0.1)}%"
    else:
        low, middle, high = (formatting.plain(forecast["quantiles"][level]) for level in ("0.05", "0.5", "0.95"))
        unit = "" if forecast["unit"] == "1" else f" {forecast['unit']}"
        text = f"{middle} ({low} to {high}){unit}"
    title = question["title"] + (" (under assumptions)" if line["assumptions"] else "")
    return {"question": question["key"], "forecast": text, "resolves": question["resolves"], "title": title}


def _score_row(row: Any) -> dict[str, Any]:
    def number(value: float | None) -> str:
        return "" if value is None else f"{value:.3f}"

    binary = row.brier is not None
    return {
        "question": row.question,
        "registered": row.registered,
        "forecast": f"{100.0 * row.forecast:.1f}%" if binary else f"{row.forecast:.4g}",
        "outcome": ("yes" if row.outcome else "no") if binary else f"{row.outcome:.4g}",
        "Brier": number(row.brier),
        "log": number(row.log),
        "CRPS": number(row.crps),
        "benchmark": number(row.benchmark),
        "outside": number(row.outside),
    }


def _means(totals: dict[str, Any]) -> str:
    parts = [f"{totals['scored']} forecasts scored"]
    if totals["brier"] is not None:
        parts.append(f"mean Brier score {totals['brier']:.3f}")
    if totals["brier_skill"] is not None:
        parts.append(f"skill against base rates {100.0 * totals['brier_skill']:.0f}%")
    if totals["crps_skill"] is not None:
        parts.append(f"CRPS skill against no change {100.0 * totals['crps_skill']:.0f}%")
    return "; ".join(parts) + "."


commands = {"freeze": freeze, "resolve": resolve, "ledger": ledger}
