"""``calibrate``: parameters of a block from a public data file."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import click

from detente.cli.options import FOLDER, json_option, talk_options
from detente.cli.streams import Talk, put, put_json


@click.command()
@click.argument("block", type=click.Choice(["oil"]), default="oil")
@click.option("--data", type=FOLDER, required=True, metavar="FILE", help="CSV of daily Brent prices, with a column of dates and one of USD/bbl.")
@click.option("--origin", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="Use prices up to this day only.  [default: all]")
@click.option("-o", "--output", type=FOLDER, metavar="FILE", help="Scenario file to write.  [default: print it]")
@click.option("--force", is_flag=True, help="Overwrite a file of that name.")
@json_option
@talk_options
@click.pass_obj
def calibrate(talk: Talk, block: str, data: Path, origin: datetime | None, output: Path | None, force: bool, as_json: bool) -> None:
    """Estimate parameters again from data.

    For oil: the volatility and the two factors of Brent from its daily prices. What comes out is a scenario file that names its data; run
    it, or extend it.

    \b
    Example:
      detente calibrate oil --data RBRTEd.csv -o brent-now.toml
    """
    from detente.calibrate import oil

    fitted, text = oil.calibrate(data, origin.date() if origin else None)
    talk.say(
        f"{fitted.rows:,} prices from {fitted.first_date} to {fitted.last_date}; volatility a year {fitted.annual_volatility_now:.0%} now, "
        f"{fitted.annual_volatility_long_run:.0%} in the long run."
    )
    if output is not None:
        from detente.cli.scenario import write_new

        write_new(output, text, force)
        talk.say(f"Run it with detente run {output}.")
    if as_json:
        put_json({"file": str(output) if output else None, "estimate": asdict(fitted)})
    else:
        put(str(output) if output is not None else text.rstrip("\n"))


commands = {"calibrate": calibrate}
