"""DATA-LICENCES.md from the licence of every table that ships: ``python data_licences.py`` writes it."""

import datetime as dt
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "DATA-LICENCES.md"
HISTORY = "configs/facts/history.toml"
REGIONS = "configs/trade/regions.toml"
OUTCOMES = "configs/outcomes/sources.toml"
OWN = (
    "configs/outcomes/misses.toml",
    "configs/outcomes/peers.toml",
    "configs/variables.toml",
    OUTCOMES,
    "configs/baseline.toml",
    "configs/renamed.toml",
    "configs/hindcast.toml",
    "configs/track-record.toml",
    "configs/pilot",
    "configs/scenarios",
    "configs/batches",
)
"""Written for this project: names, settings and assumptions of scenarios."""
OLD = ("tests/data/old-facts", "tests/data/old-runs")
"""Files as older versions of this project wrote or read them, for the tests of compatibility."""
FACTS = {
    "configs/facts": "facts of a date",
    "configs/parameters": "parameters, with their ranges",
    "configs/instruments.toml": "the sanctions register: public acts",
    "configs/published.toml": "estimates and rules that others have published",
    "configs/outside.toml": "forecasts of others, shown beside the model's",
    "configs/cost-incidence.toml": "net oil imports of the parties",
    "configs/claims.toml": "claims of the press, and what they rest on",
    "configs/questions.toml": "questions of the ledger: rules, base rates and published forecasts",
    "configs/limits.toml": "limits of the model, and what they rest on",
}
"""Single figures and sentences; each entry names its source."""
HEAD = """\
<!-- Written by: make data-licences. Change the licence of a table where the table is, not here. -->

# Licences of the data

The program is under the MIT licence ([LICENSE](LICENSE)). The data that ship with it come from others. Anyone who
passes them on must name the source as below. Every table here has a stated right of redistribution. Other sources are
represented by single figures with a reference.

## Tables

"""
MIDDLE = """
## Single figures

Each entry of these files has its own source and, where it matters, its date and confidence.

"""
NOTICES = """
## Notices

For the claims of losses (`configs/facts/history.toml`, `configs/outcomes/losses.csv`, `tests/data/losses`):

```
{losses}
```
"""


@dataclass(frozen=True)
class Table:
    """A table that ships: where it is, what it holds, whose it is, and what was cut."""

    place: str
    title: str
    source: str
    licence: str
    date: dt.date
    cut: str


def read(name: str) -> dict[str, Any]:
    """A TOML file of the repository."""
    return tomllib.loads((ROOT / name).read_text(encoding="utf-8"))


def series() -> Iterator[Table]:
    """The series of the history. What is quoted as single facts need not say what was cut."""
    history = read(HISTORY)
    for name, one in history["series"].items():
        single = "Single figures." if one["licence"].startswith("Single facts") else None
        yield Table(
            f"{HISTORY}: {name}",
            one["title"],
            one["source"],
            one["licence"],
            history["as_of"],
            one.get("cut") or single,
        )


def regions() -> Iterator[Table]:
    """The small trade table."""
    one = read(REGIONS)
    title = f"Trade in goods and GDP of {one['year']}, {one['unit']}"
    yield Table("configs/trade/table.csv", title, one["source"], one["licence"], one["as_of"], one["cut"])


def extracts() -> Iterator[Table]:
    """The extracts of the tests."""
    for file in sorted((ROOT / "tests" / "data").glob("*/source.toml")):
        for one in read(file.relative_to(ROOT).as_posix())["table"]:
            place = (file.parent / one["file"]).relative_to(ROOT).as_posix()
            yield Table(place, one["title"], one["source"], one["licence"], one["date"], one["cut"])


def outcomes() -> Iterator[Table]:
    """The observed outcomes of the backtests."""
    for name, one in read(OUTCOMES).items():
        rights = (one["source"], one["licence"], one["date"], one["cut"])
        yield Table(f"configs/outcomes/{name}", one["title"], *rights)


def tables() -> list[Table]:
    """Every table that ships and is not this project's own."""
    return [*regions(), *series(), *outcomes(), *extracts()]


def page() -> str:
    """The text of DATA-LICENCES.md."""
    rows = ["| table | what | source | licence | as of | what was cut |", "|---|---|---|---|---|---|"]
    for one in tables():
        cells = (f"`{one.place}`", one.title, one.source, one.licence, str(one.date), one.cut)
        rows.append("| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |")
    facts = ["| file | what |", "|---|---|", *(f"| `{name}` | {what} |" for name, what in FACTS.items())]
    notice = (ROOT / "tests" / "data" / "losses" / "LICENSE").read_text(encoding="utf-8").strip()
    return HEAD + "\n".join(rows) + "\n" + MIDDLE + "\n".join(facts) + "\n" + NOTICES.format(losses=notice)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8", newline="\n")
