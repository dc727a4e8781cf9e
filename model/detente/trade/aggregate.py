"""Aggregate a full trade table to regions: ``python -m detente.trade.aggregate FOLDER [TABLE]``.

Prints the table or writes it to TABLE. FOLDER holds the files for ``detente.trade.read``; ``trade/regions.toml`` of the
configuration defines the regions.
"""

import sys
from pathlib import Path

import numpy as np

from detente.shared.errors import DetenteError
from detente.trade.data import Regions, Table, aggregate, read, regions


def text(table: Table, known: Regions) -> str:
    """The content of ``trade/table.csv``: notes, then exporters down, GDP and importers across, in million USD."""
    lines = [
        f"# Trade in goods and GDP of {known.year}, million USD; exporters down, importers across. "
        "Trade within a region is left out.",
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
    """Exit code: 0, or that of the error printed."""
    if not 1 <= len(arguments) <= 2 or arguments[0].startswith("-"):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        known = regions()
        content = text(aggregate(read(Path(arguments[0])), known), known)
        if len(arguments) == 2:
            Path(arguments[1]).write_text(content, encoding="utf-8", newline="\n")
        else:
            sys.stdout.write(content)
    except (DetenteError, OSError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return getattr(error, "exit_code", 4)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
