"""Generated data files for the three calibrations: hostile ones are refused with place and cause, harmless ones read.

A hostile file has one to three faults that a person or a program makes: slips of the keyboard, columns of another
unit, repeated, missing and unsorted rows, other number formats. It must be refused in a sentence that names the file
and, for a fault in a row, its line. A harmless variant must give the estimate of the clean file.

``python -m tests.sweep.data_files 2000 [SEED]`` tries that many and prints what went wrong.
"""

import datetime as dt
import functools
import re
import sys
import tempfile
import warnings
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from detente.calibrate import gas, losses, oil
from detente.config.loader import load_text
from detente.shared.errors import DataError, DetenteError

BLOCKS = ("oil", "gas", "losses")
Table = tuple[list[str], list[list[str]]]
"""Header and rows of text."""


@functools.cache
def clean(block: str) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """A table without faults: daily prices, monthly prices, cumulative claims."""
    rng = np.random.default_rng(7)
    if block == "oil":
        days = np.arange("2019-01-01", "2023-01-01", dtype="datetime64[D]")
        days = days[np.is_busday(days)]
        prices = 60.0 * np.exp(np.cumsum(rng.normal(0.0, 0.015, days.size)))
        prices *= 70.0 / prices[-1]
        rows = [(str(day), f"{price:.2f}", "EIA") for day, price in zip(days, prices, strict=True)]
        return ("Date", "Price", "Source"), tuple(rows)
    if block == "gas":
        months = np.arange("2012-01", "2023-01", dtype="datetime64[M]")
        prices = 25.0 * np.exp(np.cumsum(rng.normal(0.0, 0.08, months.size)))
        rows = [(f"{month}-01", f"{price:.3f}", "WB") for month, price in zip(months, prices, strict=True)]
        return ("date", "gas_europe_eur_mwh", "Source"), tuple(rows)
    days = np.arange("2023-01-01", "2025-01-01", dtype="datetime64[D]")
    totals = 100_000 + np.cumsum(rng.negative_binomial(25, 25 / 1025, days.size))
    return ("date", "personnel", "Source"), tuple(
        (str(day), str(total), "GS") for day, total in zip(days, totals, strict=True)
    )


def text_of(header: list[str], rows: list[list[str]], separator: str = ",", end: str = "\n") -> str:
    """A table as text."""
    return end.join(separator.join(row) for row in [header, *rows]) + end


WORDS = (
    "",
    "n.a.",
    "nan",
    "inf",
    "1e400",
    "1_0",
    "９５",
    "1.234,56",
    "60,28x",
    "0x1F",
    "--5",
    "$60",
    "1 200",
    "６0",
    "1'000",
)
DAYS = ("02/01/2020", "2020-13-01", "2020-02-30", "20200102", "2020-W01-1", "yesterday", "２０２０-01-02", "")


def _value(random: Random, rows: list[list[str]], block: str) -> None:
    random.choice(rows)[1] = random.choice(WORDS)


def _date(random: Random, rows: list[list[str]], block: str) -> None:
    random.choice(rows)[0] = random.choice(DAYS)


def _comma(random: Random, rows: list[list[str]], block: str) -> None:
    row = random.choice(rows)
    row[1] = f"{row[1].split('.')[0]},28"


def _short(random: Random, rows: list[list[str]], block: str) -> None:
    del random.choice(rows[:-1])[1:]


def _long(random: Random, rows: list[list[str]], block: str) -> None:
    random.choice(rows).append("9")


def _double(random: Random, rows: list[list[str]], block: str) -> None:
    place = random.randrange(1, len(rows))
    rows.insert(place, list(rows[place]))


def _swapped(random: Random, rows: list[list[str]], block: str) -> None:
    place = random.randrange(len(rows) - 1)
    rows[place], rows[place + 1] = rows[place + 1], rows[place]


def _slip(random: Random, rows: list[list[str]], block: str) -> None:
    row = rows[random.randrange(1, len(rows) - 1)]
    row[1] = f"{float(row[1]) * random.choice([100.0, 1000.0, 0.01]):.4f}"


def _negative(random: Random, rows: list[list[str]], block: str) -> None:
    row = random.choice(rows)
    row[1] = f"-{row[1]}"


def _missing(random: Random, rows: list[list[str]], block: str) -> None:
    if block == "oil":
        year, month = random.choice(rows[60:-60])[0].split("-")[:2]
        rows[:] = [row for row in rows if not row[0].startswith(f"{year}-{month}")]
    else:
        del rows[random.randrange(2, len(rows) - 2)]


IN_ROWS = (_value, _date, _comma, _short, _long, _double, _swapped, _slip, _negative, _missing)


@dataclass(frozen=True)
class File:
    """Bytes of a file, what was done to it, and whether it is hostile."""

    block: str
    raw: bytes
    made: str
    hostile: bool
    unit: float = 1.0


def hostile(random: Random) -> File:
    """A file with faults."""
    block = random.choice(BLOCKS)
    header, rows = list(clean(block)[0]), [list(row) for row in clean(block)[1]]
    way = random.random()
    if way < 0.12:  # of the file as a whole
        name = random.choice(["header", "unit", "empty", "binary", "short", "mixed", "twice", "latin", "quote"])
        if name == "header":
            header[1] = "Close"
        elif name == "unit":
            factor = 1000.0 if block != "losses" else 10_000.0
            for row in rows:
                row[1] = f"{float(row[1]) * factor:.4f}"
        elif name == "empty":
            rows = []
        elif name == "short":
            rows = rows[:5]
        elif name == "twice":
            header[2] = header[1]
        elif name == "quote":
            rows[3][1] = '"60'
        text = text_of(header, rows)
        if name == "mixed":
            for number, row in enumerate(rows):
                value = float(row[1])
                row[1] = f"{value:.1f}" if number % 9 else f"{value:.1f}".replace(".", ",")
            text = text_of(header, rows, ";")
        raw = b"\xff\xfe\x00" if name == "binary" else text.encode()
        return File(block, "Prix é\n".encode("latin-1") if name == "latin" else raw, name, True)
    makers = [random.choice(IN_ROWS) for _ in range(random.choice([1, 1, 2, 3]))]
    for make in makers:
        try:
            make(random, rows, block)
        except (ValueError, IndexError):  # an earlier fault sits there
            continue
    return File(block, text_of(header, rows).encode(), " and ".join(make.__name__ for make in makers), True)


def harmless(random: Random) -> File:
    """A file that means the same as the clean one."""
    block = random.choice(BLOCKS)
    header, rows = list(clean(block)[0]), [list(row) for row in clean(block)[1]]
    made: list[str] = []
    separator, end = ",", "\n"
    if random.random() < 0.5:
        order = random.sample(range(3), 3)
        header, rows = [header[k] for k in order], [[row[k] for k in order] for row in rows]
        made.append("order")
    if random.random() < 0.4:
        end = random.choice(["\r\n", "\r"])
        made.append("line ends")
    if random.random() < 0.4:
        for _ in range(5):
            rows.insert(random.randrange(len(rows)), random.choice([[""], ["", "", ""], [" ", "", ""]]))
        rows += [["", "", ""], [""]]
        made.append("blank rows")
    if random.random() < 0.4:
        rows.insert(random.randrange(len(rows)), ["# a comment with words and 1 number"])
        made.append("comments")
    if random.random() < 0.3:
        separator = ";"
        value = next(k for k, name in enumerate(header) if name not in ("Date", "date", "Source"))
        for row in rows:
            if len(row) == 3:
                row[value] = row[value].replace(".", ",")
        made.append("semicolons and decimal commas")
    if random.random() < 0.3:
        header = [name.upper() for name in header]
        made.append("capitals")
    if random.random() < 0.3:
        rows = [[f" {cell} " if cell else cell for cell in row] for row in rows]
        made.append("spaces")
    if random.random() < 0.3:
        header, rows = [*header, ""], [[*row, ""] if len(row) == 3 else row for row in rows]
        made.append("empty column")
    text = text_of(header, rows, separator, end)
    mark = "\ufeff" if random.random() < 0.4 else ""
    return File(block, (mark + text).encode(), ", ".join(made), False)


def estimated(block: str, path: Path) -> dict[str, Any]:
    """The estimate from a file, after loading its overlay as a run would."""
    module: Any = {"oil": oil, "gas": gas, "losses": losses}[block]
    fitted, text = module.calibrate(path)
    load_text(text, Path(f"{block}-now.toml"))
    return asdict(fitted)


@functools.cache
def truth(block: str) -> dict[str, Any]:
    """The estimate from the clean file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clean.csv"
        header, rows = clean(block)
        path.write_text(text_of(list(header), [list(row) for row in rows]))
        return estimated(block, path)


def wrong(file: File, path: Path) -> str | None:
    """What is wrong with how a file is taken; None if nothing is."""
    path.write_bytes(file.raw)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = estimated(file.block, path)
    except DetenteError as error:
        said = str(error)
        if not file.hostile:
            return f"refused: {said}"
        if path.name not in said and "-now.toml" not in said:
            return f"does not name the file: {said}"
        rows = [line for line in said.splitlines() if re.search(r"\bline \d+", line)]
        if isinstance(error, DataError) and file.made.startswith("_") and not rows and "_missing" not in file.made:
            return f"does not name a line: {said}"
        return None
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if found == truth(file.block):
        return "has a fault that changes nothing" if file.hostile and file.made in ("mixed", "unit") else None
    return "read wrongly" if file.hostile else f"read as another estimate: {found}"


def sweep(bad: int, good: int, seed: int = 1) -> tuple[Counter[str], list[str]]:
    """Counts of hostile and harmless files, and what went wrong."""
    random = Random(seed)
    files = [hostile(random) for _ in range(bad)] + [harmless(random) for _ in range(good)]
    counts: Counter[str] = Counter()
    problems = []
    with tempfile.TemporaryDirectory() as folder:
        for number, file in enumerate(files):
            counts["hostile" if file.hostile else "harmless"] += 1
            sentence = wrong(file, Path(folder) / f"file-{number}.csv")
            if sentence is not None:
                problems.append(f"{file.block}, {file.made}: {sentence}")
    return counts, problems


if __name__ == "__main__":
    arguments = [int(word) for word in sys.argv[1:]] or [1_000]
    started = dt.datetime.now()
    tally, problems = sweep(arguments[0], arguments[0] // 4, *arguments[1:2])
    print(dict(tally), f"{len(problems)} problems, {(dt.datetime.now() - started).seconds} s")
    print("\n".join(problems[:30]))
    sys.exit(bool(problems))
