"""``calibrate``: parameters of a block from public data files."""

import datetime as dt
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from detente.cli.console import Talk, put, put_json
from detente.cli.options import FOLDER, json_option, talk_options
from detente.shared import formatting

LAST_YEAR = 2200


@click.command()
@click.argument("block", type=click.Choice(["oil", "gas", "losses"]), default="oil")
@click.option(
    "--data",
    type=FOLDER,
    required=True,
    metavar="FILE",
    help="CSV of daily Brent or monthly gas prices, or daily claims of losses.",
)
@click.option("--storage", type=FOLDER, metavar="FILE", help="CSV of daily gas storage; for gas only.")
@click.option(
    "--origin",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Use data up to this day only.  [default: all of them]",
)
@click.option("-o", "--output", type=FOLDER, metavar="FILE", help="Scenario file to write.  [default: print it]")
@click.option("--force", is_flag=True, help="Overwrite a file of that name.")
@json_option
@talk_options
@click.pass_obj
def calibrate(
    talk: Talk,
    block: str,
    data: Path,
    storage: Path | None,
    origin: datetime | None,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Estimate parameters again from data.

    For oil: the volatility and the two factors of Brent from its daily prices. For gas: the volatility, season and averaging of the European
    price from its monthly means in EUR/MWh or USD/mmbtu, and with a storage file the usual path of storage, what moves it off and its pull on
    the price. For losses: level, spread, season and scatter of Russia's losses as claimed, from a JSON or CSV file of cumulative daily claims.
    What comes out is a scenario file that names its data; run it, or extend it.

    \b
    Examples:
      detente calibrate oil --data RBRTEd.csv -o brent-now.toml
      detente calibrate gas --data gas-prices.csv --storage storage.csv -o gas-now.toml
      detente calibrate losses --data claims.json -o losses-now.toml
    """
    if storage is not None and block != "gas":
        raise click.UsageError(f"--storage belongs to calibrate gas; leave it out for {block}.")
    day = origin.date() if origin else None
    if day is not None and day.year > LAST_YEAR:
        raise click.BadParameter(f"{day} lies beyond {LAST_YEAR}.", param_hint="--origin")
    estimate, text, said = (
        _gas(data, storage, day) if block == "gas" else _losses(data, day) if block == "losses" else _oil(data, day)
    )
    talk.say(said)
    if output is not None:
        from detente.cli.scenario import write_new

        write_new(output, text, force)
        talk.say(f"Run it with detente run {output}.")
    if as_json:
        put_json({"file": str(output) if output else None, "estimate": estimate})
    else:
        put(str(output) if output is not None else text.rstrip("\n"))


def _oil(data: Path, origin: dt.date | None) -> tuple[dict[str, object], str, str]:
    from detente.calibrate import oil

    fitted, text = oil.calibrate(data, origin)
    said = (
        f"{fitted.rows:,} prices from {fitted.first_date} to {fitted.last_date}; volatility a year {formatting.percent(fitted.annual_volatility_now)} now, "
        f"{formatting.percent(fitted.annual_volatility_long_run)} in the long run."
    )
    return asdict(fitted), text, said


def _gas(data: Path, storage: Path | None, origin: dt.date | None) -> tuple[dict[str, object], str, str]:
    from detente.calibrate import gas

    fitted, text = gas.calibrate(data, storage, origin)
    said = (
        f"{fitted.months + 1} monthly prices from {fitted.first_month:%Y-%m} to {fitted.last_month:%Y-%m}; volatility a month "
        f"{formatting.percent(fitted.monthly_volatility_now)} now, {formatting.percent(fitted.monthly_volatility_long_run)} in the long run."
    )
    if fitted.months_behind:
        said += f" The newest price is {fitted.months_behind} month(s) older than the origin."
    if fitted.storage_gap is not None:
        side = "below" if fitted.storage_gap < 0.0 else "above"
        said += f" Storage on {fitted.storage_day}: {fitted.storage_fill:.0f}%, {abs(10.0 * fitted.storage_gap):.0f} points {side} earlier years."
    return asdict(fitted), text, said


def _losses(data: Path, origin: dt.date | None) -> tuple[dict[str, object], str, str]:
    from math import exp

    from detente.calibrate import losses

    fitted, text = losses.calibrate(data, origin)
    said = (
        f"{fitted.days:,} days of claims to {fitted.origin}; {exp(fitted.level_now):,.0f} a day in {fitted.last_month:%Y-%m}, "
        f"{formatting.percent(fitted.level_noise)} of change a month; variance over mean of the last year's days {fitted.fano_year:.0f}."
    )
    return asdict(fitted), text, said


commands = {"calibrate": calibrate}
