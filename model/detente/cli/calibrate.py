"""``calibrate``: estimate the parameters of a block from public data files."""

import datetime as dt
import re
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from detente.cli.console import Talk, put, put_json
from detente.cli.options import FOLDER, json_option, talk_options
from detente.shared.errors import ConfigError, DataError

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
@click.option("--oil", type=FOLDER, metavar="FILE", help="CSV of daily Brent prices; for gas only.")
@click.option(
    "--corrections",
    type=FOLDER,
    metavar="FILE",
    help="Persons of earlier days that a day's claim includes, same form as the claims; for losses only.",
)
@click.option(
    "--origin", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Last day of data to use.  [default: all data]"
)
@click.option("-o", "--output", type=FOLDER, metavar="FILE", help="Scenario file to write.  [default: print it]")
@click.option("--force", is_flag=True, help="Overwrite an existing file.")
@json_option
@talk_options
@click.pass_obj
def calibrate(
    talk: Talk,
    block: str,
    data: Path,
    storage: Path | None,
    oil: Path | None,
    corrections: Path | None,
    origin: datetime | None,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Re-estimate parameters from data.

    oil: volatility and the two factors of Brent, from daily prices.

    gas: volatility, seasonality and averaging of the European price, from monthly means in EUR/MWh or USD/mmbtu.
    With a storage file also the storage profile, its deviations and their price effect; with daily Brent also its
    filtered level, whose changes are taken out first.

    losses: level and dispersion of claimed Russian losses, from a JSON or CSV file of cumulative daily
    claims.

    The result is a scenario file that cites its data. Run it, or extend it.

    \b
    Examples:
      detente calibrate oil --data RBRTEd.csv -o brent-now.toml
      detente calibrate gas --data gas-prices.csv --storage storage.csv --oil RBRTEd.csv -o gas-now.toml
      detente calibrate losses --data claims.json -o losses-now.toml
    """
    if storage is not None and block != "gas":
        raise click.UsageError(f"--storage is for gas only; leave it out for {block}.")
    if oil is not None and block != "gas":
        raise click.UsageError(f"--oil is for gas only; leave it out for {block}.")
    if corrections is not None and block != "losses":
        raise click.UsageError(f"--corrections is for losses only; leave it out for {block}.")
    day = origin.date() if origin else None
    if day is not None and day.year > LAST_YEAR:
        raise click.BadParameter(f"{day} is after {LAST_YEAR}.", param_hint="--origin")
    from detente.cli.scenario import check_target, write_scenario

    if output is not None:
        check_target(output, force)
    estimate, text, summary = (
        _gas(data, storage, day, oil)
        if block == "gas"
        else _losses(data, day, corrections)
        if block == "losses"
        else _oil(data, day)
    )
    _check(text, data, storage, output or Path(f"{block}-now.toml"))
    talk.say(summary)
    if output is not None:
        write_scenario(output, text, force)
        talk.say(f"Run it with detente run {output}.")
    if as_json:
        put_json({"file": str(output) if output else None, "estimate": estimate})
    else:
        put(str(output) if output is not None else text.rstrip("\n"))


def _check(text: str, data: Path, storage: Path | None, path: Path) -> None:
    """DataError if a run would refuse the estimate: outside the bounds of its parameters, say."""
    from detente.config.loader import load_text
    from detente.shared.messages import file_name

    try:
        load_text(text, path)
    except ConfigError as error:
        reason = re.sub(r"^.*?, line \d+: ", "", str(error)).rstrip(".")
        files = " and ".join(file_name(each.as_posix()) for each in (data, storage) if each is not None)
        raise DataError(
            f"{files}: the estimate cannot be used, because {reason}. Check the unit of the data, and that they are "
            "the series that the help describes. No file is written."
        ) from None


def _oil(data: Path, origin: dt.date | None) -> tuple[dict[str, object], str, str]:
    from detente.calibrate import oil
    from detente.shared import formatting

    fitted, text = oil.calibrate(data, origin)
    summary = (
        f"{fitted.rows:,} prices from {fitted.first_date} to {fitted.last_date}; annual volatility "
        f"{formatting.percent(fitted.annual_volatility_now)} now, "
        f"{formatting.percent(fitted.annual_volatility_long_run)} in the long run."
    )
    return asdict(fitted), text, summary


def _gas(
    data: Path, storage: Path | None, origin: dt.date | None, oil: Path | None
) -> tuple[dict[str, object], str, str]:
    from detente.calibrate import gas
    from detente.shared import formatting

    fitted, text = gas.calibrate(data, storage, origin, oil)
    summary = (
        f"{fitted.months + 1} monthly prices from {fitted.first_month:%Y-%m} to {fitted.last_month:%Y-%m}; "
        f"monthly volatility {formatting.percent(fitted.monthly_volatility_now)} now, "
        f"{formatting.percent(fitted.monthly_volatility_long_run)} in the long run."
    )
    if fitted.months_behind:
        summary += f" The newest price is {fitted.months_behind} month(s) older than the origin."
    if fitted.storage_gap is not None:
        side = "below" if fitted.storage_gap < 0.0 else "above"
        summary += (
            f" Storage on {fitted.storage_day}: {fitted.storage_fill:.0f}%, "
            f"{abs(10.0 * fitted.storage_gap):.0f} points {side} the average of earlier years."
        )
    return asdict(fitted), text, summary


def _losses(data: Path, origin: dt.date | None, corrections: Path | None) -> tuple[dict[str, object], str, str]:
    from math import exp

    from detente.calibrate import losses
    from detente.shared import formatting

    fitted, text = losses.calibrate(data, origin, corrections)
    summary = (
        f"{fitted.days:,} days of claims to {fitted.origin}; {exp(fitted.level_now):,.0f} a day in "
        f"{fitted.last_month:%Y-%m}, monthly change {formatting.percent(fitted.level_noise)}; variance-to-mean ratio "
        f"of daily claims over the last year {fitted.fano_year:.0f}."
    )
    return asdict(fitted), text, summary


commands = {"calibrate": calibrate}
