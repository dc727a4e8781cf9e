"""``export``: a finished run in the format of another tool."""

from pathlib import Path

import click

from detente.cli.console import Talk, put, put_json
from detente.cli.options import FOLDER, Whole, json_option, output_option, talk_options

ENDINGS = {"hub": "csv", "iamc": "csv", "xarray": "nc"}


@click.command()
@click.argument("run_name", metavar="RUN")
@click.option("--format", "kind", type=click.Choice(list(ENDINGS)), required=True, help="Format of the file.")
@click.option("--to", "file", type=FOLDER, metavar="FILE", help="File to write.  [default: RUN-FORMAT.csv or .nc]")
@click.option("--samples", type=Whole(0), default=100, metavar="N", help="hub: joint samples.  [default: 100]")
@click.option("--force", is_flag=True, help="Overwrite a file of that name.")
@output_option
@json_option
@talk_options
@click.pass_obj
def export(
    talk: Talk,
    run_name: str,
    kind: str,
    file: Path | None,
    samples: int,
    force: bool,
    output: Path | None,
    as_json: bool,
) -> None:
    """Export a run to forecast hubs, IAMC tables or xarray.

    \b
      hub     23 quantiles and joint samples of ten headline outputs
      iamc    mean, standard deviation and quantiles of all outputs, as pyam reads them
      xarray  all statistics as a NetCDF file

    \b
    Examples:
      detente export baseline-1a2b3c4d --format iamc
      detente export baseline-1a2b3c4d --format hub --to forecast.csv
    """
    from detente.runs import find
    from detente.runs.run import load
    from detente.shared.errors import ConfigError, DataError
    from detente.shared.files import remedy, replacing

    run = load(find.find(run_name, output))
    target = file or Path(f"{run.folder.name}-{kind}.{ENDINGS[kind]}")
    if target.exists() and not force:
        raise ConfigError(f"{target}: the file exists; choose another name with --to, or overwrite it with --force.")
    try:
        with replacing(target) as partial:
            if kind == "xarray":
                from detente.runs.exchange import netcdf

                netcdf.write(run, partial)
            else:
                from detente.runs.exchange import hub, iamc
                from detente.shared.spreadsheet import csv_text

                frame = hub.table(run, samples=samples) if kind == "hub" else iamc.table(run)
                partial.write_text(csv_text(frame), encoding="utf-8", newline="\n")
    except OSError as error:
        advice = remedy(error, "choose another file with --to")
        raise DataError(f"{target}: cannot be written ({error.strerror}); {advice}.") from error
    if as_json:
        put_json({"run": run.folder.name, "format": kind, "file": str(target)})
    else:
        put(str(target))


commands = {"export": export}
