"""``hindcast``: the whole model from earlier as-of dates against what came."""

import datetime as dt
from pathlib import Path
from typing import Any

import click

from detente.cli.backtest import WIDTH
from detente.cli.console import Talk, put_json
from detente.cli.options import FOLDER, Day, Whole, complete_date, jobs_option, json_option, output_option, talk_options


@click.command()
@click.argument("dates", type=Day(), nargs=-1, metavar="[DATE...]", shell_complete=complete_date)
@click.option(
    "--as-of", "more", type=Day(), multiple=True, metavar="DATE", help="A further as-of date, as DATE. Repeatable."
)
@click.option(
    "-n", "--paths", type=Whole(2), metavar="N", help="Simulated paths a date; all are kept.  [default: 8192]"
)
@click.option("--seed", type=Whole(0), metavar="N", help="Random seed; equal seeds give equal results.")
@click.option("--horizon", type=Whole(1), metavar="MONTHS", help="Months to score.  [default: up to the last outcome]")
@click.option(
    "--csv", "csv_file", type=FOLDER, metavar="FILE", help="CSV to write, one row an outcome with its forecast."
)
@click.option("--force", is_flag=True, help="Run again even if results exist, and overwrite the CSV.")
@output_option
@jobs_option
@json_option
@talk_options
@click.pass_obj
def hindcast(
    talk: Talk,
    dates: tuple[dt.date, ...],
    more: tuple[dt.date, ...],
    paths: int | None,
    seed: int | None,
    horizon: int | None,
    csv_file: Path | None,
    force: bool,
    output: Path | None,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Score the whole model from earlier dates.

    The baseline is run from the facts known on each DATE and scored on the outcomes after it: prices, exports,
    revenue, gas storage and flows, losses, and events. Without DATE all dates with facts and outcomes are used. The
    head counts the records dated after the date, and names the outputs that depend on them. Outcomes that a parameter
    was fitted on are counted and not scored.

    \b
    Examples:
      detente hindcast 2025-03-31
      detente hindcast --csv scores.csv
      detente hindcast 2025-03-31 2025-09-30 --json
    """
    from detente.cli.progress import compile_first
    from detente.evaluation.hindcast import PATHS, plan
    from detente.evaluation.hindcast import hindcast as evaluate

    chosen = [*dates, *more]
    for date in chosen:
        plan(date)
    if csv_file is not None and csv_file.exists() and not force:
        from detente.shared.errors import DataError
        from detente.shared.paths import shown

        raise DataError(f"{shown(csv_file)}: the file exists; choose another name, or overwrite it with --force.")
    compile_first(talk, None)
    result = evaluate(
        chosen, paths=paths or PATHS, seed=seed, horizon=horizon, output=output, jobs=jobs, force=force, say=talk.detail
    )
    if csv_file is not None:
        from detente.cli.scenario import write_new

        write_new(csv_file, result.csv(), force)
        talk.say(f"Scores written to {csv_file}.")
    if as_json:
        put_json(result.summary() | {"outcomes": result.rows()})
    else:
        _print(talk, result.summary())


def _print(talk: Talk, summary: dict[str, Any]) -> None:
    import sys

    from rich import box
    from rich.console import Console
    from rich.table import Table

    from detente.evaluation.hindcast_tables import COLUMNS, NOTE, blind_sentence, cells, event_sentences
    from detente.shared.formatting import day

    console = Console(
        no_color=talk.no_color or None, width=None if sys.stdout.isatty() else WIDTH, highlight=False, soft_wrap=True
    )
    for origin in summary["origins"]:
        date = dt.date.fromisoformat(origin["as_of"])
        console.print(blind_sentence(origin))
        table = Table(
            box=box.SIMPLE_HEAD,
            show_edge=False,
            pad_edge=False,
            title=f"Baseline as of {day(date)}, {origin['run']}",
            title_justify="left",
            title_style="",
        )
        for k, name in enumerate(COLUMNS):
            table.add_column(name, justify="left" if k == 0 else "right", no_wrap=True)
        for row in origin["outputs"]:
            table.add_row(*cells(row))
        console.print(table)
        console.print()
    for sentence in event_sentences(summary["events"]):
        console.print(sentence)
    console.print(NOTE)


commands = {"hindcast": hindcast}
