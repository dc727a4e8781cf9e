"""``backtest``: forecasts of the price and loss recipes against what came."""

import re
from pathlib import Path
from typing import Any

import click

from detente.cli.console import Talk, put_json
from detente.cli.options import FOLDER, Whole, jobs_option, json_option, talk_options

WIDTH = 140
"""Columns of a terminal from which the table has all scores."""


class Month(click.ParamType[str]):
    """A month: YYYY-MM, or YYYY for the first or last month of the year."""

    name = "month"

    def __init__(self, of_year: int) -> None:
        self.of_year = of_year

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """YYYY-MM."""
        text = str(value)
        if re.fullmatch(r"\d{4}", text):
            text = f"{text}-{self.of_year:02d}"
        if not re.fullmatch(r"(19|20|21)\d{2}-(0[1-9]|1[0-2])", text):
            self.fail(f"{value!r} is not a month; write YYYY or YYYY-MM.", param, ctx)
        return text


@click.command()
@click.argument("block", type=click.Choice(["oil", "gas", "losses"]))
@click.option(
    "--data",
    type=FOLDER,
    metavar="FILE",
    help="CSV of daily or monthly prices, or daily claims of losses.  [default: the outcomes that ship with détente]",
)
@click.option("--storage", type=FOLDER, metavar="FILE", help="CSV of daily gas storage; for gas only.")
@click.option(
    "--from", "first", type=Month(1), metavar="MONTH", help="First target month, YYYY or YYYY-MM.  [default: earliest]"
)
@click.option(
    "--to", "last", type=Month(12), metavar="MONTH", help="Last target month, YYYY or YYYY-MM.  [default: latest]"
)
@click.option("-n", "--paths", type=Whole(2), metavar="N", help="Simulated paths an origin.  [default: 16384]")
@click.option(
    "--quantiles-out",
    type=FOLDER,
    metavar="FILE",
    help="CSV of the forecasts to write: origin, horizon, quantile, value.",
)
@click.option("--force", is_flag=True, help="Overwrite a file of that name.")
@jobs_option
@json_option
@talk_options
@click.pass_obj
def backtest(
    talk: Talk,
    block: str,
    data: Path | None,
    storage: Path | None,
    first: str | None,
    last: str | None,
    paths: int | None,
    quantiles_out: Path | None,
    force: bool,
    jobs: int | None,
    as_json: bool,
) -> None:
    """Score past forecasts of a price or loss recipe.

    From the end of every month the recipe is estimated on the data known then, simulated, and scored on the outcomes
    1, 3, 6, 12, 18, 24 and 36 months later. The ratio compares its mean CRPS with no change; below 1 is better. The
    rest of the model is off.

    \b
    Examples:
      detente backtest oil --from 2000 --to 2014
      detente backtest oil --data prices.csv --quantiles-out forecasts.csv
      detente backtest gas --from 2018 --to 2022 --storage storage.csv
    """
    from detente.evaluation.backtest import backtest as run
    from detente.evaluation.recipes import PATHS
    from detente.evaluation.sources import open_source
    from detente.shared.machine import threads

    if storage is not None and block != "gas":
        raise click.UsageError(f"--storage belongs to backtest gas; leave it out for {block}.")
    if paths is not None and paths % 2:
        raise click.BadParameter(f"{paths} is odd; the paths are mirrored in pairs.", param_hint="--paths")
    source = open_source(block, data, storage)
    begin, end = first or str(source.months[0]), last or str(source.months[-1])
    if begin > end:
        raise click.UsageError(f"--from {begin} is after --to {end}.")
    result = run(source, begin, end, paths=paths or PATHS, jobs=threads(jobs))
    if quantiles_out is not None:
        from detente.cli.scenario import write_new

        write_new(quantiles_out, result.quantiles_csv(), force)
        talk.say(f"Forecasts written to {quantiles_out}.")
    summary = {"block": block, "data": str(data) if data else "shipped outcomes"} | result.summary()
    if as_json:
        put_json(summary)
    else:
        _print(talk, summary)


def _print(talk: Talk, summary: dict[str, Any]) -> None:
    import sys

    from rich import box
    from rich.console import Console
    from rich.table import Table

    from detente.evaluation.page import COLUMNS, cells

    console = Console(
        no_color=talk.no_color or None, width=None if sys.stdout.isatty() else WIDTH, highlight=False, soft_wrap=True
    )
    dropped = {"PIT deciles"} if console.width >= WIDTH else {"PIT deciles", "DM p", "log RMSE", "of no change"}
    table = Table(
        box=box.SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        title=f"{summary['block']}: {summary['recipe']}\n"
        f"targets {summary['first_target']} to {summary['last_target']}, CRPS in {summary['unit']}",
        title_justify="left",
        title_style="",
    )
    shown = [k for k, name in enumerate(COLUMNS) if name not in dropped]
    for k in shown:
        table.add_column(COLUMNS[k], justify="right", no_wrap=True)
    for row in summary["horizons"]:
        values = cells(row)
        table.add_row(*(values[k] for k in shown))
    console.print(table)


commands = {"backtest": backtest}
