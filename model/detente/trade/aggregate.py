"""Make the small table from a full one: ``python -m detente.trade.aggregate FOLDER [TABLE]`` prints it, or writes it to
a file.

FOLDER holds the files that ``detente.trade.read`` reads; the regions are those of ``trade/regions.toml`` in the
configuration.
"""

import sys
from pathlib import Path

import numpy as np

from detente.shared.errors import DetenteError
from detente.trade.data import Regions, Table, aggregate, read, regions


def text(table: Table, known: Regions) -> str:
    """The table as ``trade/table.csv`` holds it: notes, then exporters down, GDP and importers across, whole million
    USD."""
    lines = [
        f"# Trade in goods and GDP of {known.year}, million USD; exporters down, importers across. Trade within a region is left out.",
        f"# {known.source}",
        "# Made by: python -m detente.trade.aggregate FOLDER configs/trade/table.csv",
        ",".join(["exporter", "gdp", *table.keys]),
    ]
    gdp, trade = np.rint(table.gdp).astype(int), np.rint(table.trade).astype(int)
    for row, key in enumerate(table.keys):
        flows = ["" if row == column else str(value) for column, value in enumerate(trade[row])]
        lines.append(",".join([key, str(gdp[row]), *flows]))
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """The process's answer: 0, or the exit code of the error that is printed."""
    if not 1 <= len(arguments) <= 2 or arguments[0].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        known = regions()
        made = text(aggregate(read(Path(arguments[0])), known), known)
        if len(arguments) == 2:
            Path(arguments[1]).write_text(made, encoding="utf-8", newline="\n")
        else:
            sys.stdout.write(made)
    except (DetenteError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return getattr(error, "exit_code", 4)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
