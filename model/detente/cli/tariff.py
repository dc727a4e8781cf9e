"""``tariff``: long-run effects of a tariff on trade and welfare, without simulation."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli.console import Talk, put, put_json, put_table
from detente.cli.options import FOLDER, Percent, Real, configs_option, json_option, talk_options

if TYPE_CHECKING:
    from detente.trade import WhatIf
    from detente.trade.one_sector import Rebate, Variant

MOST_ROWS = 24
MOST = 1e6
"""Highest rate, in percent."""
COLUMNS = (
    "country",
    "welfare %",
    "bn USD",
    "% of GDP",
    "imports from it, bn USD",
    "after",
    "change %",
    "deficit, bn USD",
    "after ",
    "prices %",
)


@click.command()
@click.option(
    "--on",
    "targets",
    required=True,
    metavar="NAMES",
    help='Target countries, separated by commas; also "buyers" (of Russian energy), "all".',
)
@click.option(
    "--rate",
    type=Percent(),
    default="500",
    metavar="PERCENT",
    help="Tariff rate in percent, 500 or 500%.  [default: 500]",
)
@click.option("--by", "home", default="USA", metavar="NAME", help="Country that imposes it.  [default: USA]")
@click.option(
    "--retaliation",
    type=click.Choice(["none", "reciprocal"]),
    default="none",
    help="Whether targets retaliate at the same rate.  [default: none]",
)
@click.option(
    "--variant",
    type=click.Choice(["baseline", "eaton-kortum", "dek"]),
    default="baseline",
    help="Model variant: see docs/trade.md.  [default: baseline]",
)
@click.option(
    "--rebate",
    type=click.Choice(["income-tax", "lump-sum"]),
    default="income-tax",
    help="Use of the revenue: lower income tax or lump-sum transfers.  [default: income-tax]",
)
@click.option(
    "--elasticity", type=Real(), default=4.0, metavar="NUMBER", help="Long-run trade elasticity.  [default: 4]"
)
@click.option(
    "--passthrough",
    type=Real(),
    default=1.0,
    metavar="SHARE",
    help="Share of the tariff passed through to import prices.  [default: 1]",
)
@click.option(
    "--data", type=FOLDER, metavar="DIR", help="Folder with a country table: see docs/trade.md.  [default: 13 regions]"
)
@click.option("-o", "--output", type=FOLDER, metavar="DIR", help="Folder for the table (CSV) and a figure (PNG, SVG).")
@click.option("--csv", "as_csv", is_flag=True, help="Print the full table as CSV.")
@configs_option
@json_option
@talk_options
@click.pass_obj
def tariff(
    talk: Talk,
    targets: str,
    rate: float,
    home: str,
    retaliation: str,
    variant: "Variant",
    rebate: "Rebate",
    elasticity: float,
    passthrough: float,
    data: Path | None,
    output: Path | None,
    as_csv: bool,
    configs: Path | None,
    as_json: bool,
) -> None:
    """Compute the long-run effects of a tariff on trade and welfare.

    A deterministic comparison of trade equilibria before and after the tariff, with trade, wages and prices
    adjusted. It does not cover oil, or the probability that the tariff is imposed.

    \b
    Examples:
      detente tariff --on IND,CHN
      detente tariff --rate 100 --on buyers --retaliation reciprocal -o tariff
    """
    if as_json and as_csv:
        raise click.UsageError("Choose one of --json and --csv.")
    from detente import trade
    from detente.shared.texts import normalised
    from detente.trade.data import choose

    known = trade.regions(configs)
    table = trade.read(data) if data is not None else trade.shipped(configs)
    by = choose([home.strip()], table, known)
    if len(by) != 1:
        raise trade.OptionError(f"--by: expected one country; {home} stands for {len(by)} in this table.")
    words = [word.strip() for word in targets.split(",") if word.strip()]
    on = (
        [index for index in range(len(table.keys)) if index != by[0]]
        if [normalised(w).casefold() for w in words] == ["all"]
        else choose(words, table, known)
    )
    if not 0.0 <= rate <= MOST:
        raise click.BadParameter(f"{rate:g} is out of range; expected 0 to {MOST:,.0f} percent.", param_hint="--rate")
    answer = trade.what_if(
        table,
        by[0],
        on,
        rate / 100.0,
        retaliation=retaliation,
        trade_elasticity=elasticity,
        passthrough=passthrough,
        rebate=rebate,
        variant=variant,
    )
    notes = _notes(answer, elasticity, passthrough, rebate, variant)
    if as_json:
        put_json(_record(answer, notes, elasticity=elasticity, passthrough=passthrough, rebate=rebate, variant=variant))
    elif as_csv:
        from detente.shared.spreadsheet import csv_text

        put(csv_text(answer.rows()).rstrip("\n"))
    else:
        _show(answer, talk)
    for note in notes:
        talk.say(note)
    if output is not None:
        from detente.report.figures.trade import write

        drawn = write(answer, notes[0], output)
        talk.say(f"Written: {', '.join(str(path) for path in (drawn.png, drawn.svg, drawn.csv))}")


def _notes(answer: "WhatIf", elasticity: float, passthrough: float, rebate: str, variant: str) -> list[str]:
    """Assumptions behind the numbers; the first is the note of the figure, too."""
    adjusted = {"baseline": "baseline", "eaton-kortum": "Eaton-Kortum", "dek": "Dekle-Eaton-Kortum"}[variant]
    rebated = (
        "" if variant == "dek" else f", revenue {'lowers the income tax' if rebate == 'income-tax' else 'is paid out'}"
    )
    through = "" if passthrough == 1.0 else f", pass-through {passthrough:g}"
    answers = "no retaliation" if answer.retaliation == "none" else "retaliation at the same rate"
    return [
        f"Static one-sector model ({adjusted}): trade elasticity {elasticity:g}{through}{rebated}, {answers}. "
        "The tariff is added to existing "
        f"tariffs, and transfers between countries keep their size relative to world income. {answer.table.source}",
        "Welfare: consumption less the disutility of labour, in percent. The change is also valued at initial "
        "prices, in bn USD a year and % of "
        "GDP. Imports and deficits: goods, excluding the tariff. Prices: relative to the world mean.",
        "A trade deficit is a transfer from abroad: it buys more where prices fall relative to the world, and a "
        "surplus costs more. In a target "
        "with a large deficit this can outweigh the tariff itself.",
    ]


def _show(answer: "WhatIf", talk: Talk) -> None:
    rows = answer.rows()
    shown = rows
    if len(rows) > MOST_ROWS:
        weight = rows["welfare_bn_usd"].abs() + (rows["role"] != "other") * 1e9
        shown = rows.loc[weight.nlargest(MOST_ROWS).index.sort_values()]
    put_table([_line(row) for row in shown.to_dict("records")], COLUMNS)
    if len(shown) < len(rows):
        talk.say(f"… and {len(rows) - len(shown)} more with smaller changes; --csv and --json list all.")


def _line(row: dict[str, Any]) -> dict[str, str]:
    """A row of the text table, with right-aligned figures."""
    mark = {"imposes": " (imposes)", "target": " (target)", "other": ""}[row["role"]]
    cells = (
        _number(row["welfare_pct"], 2),
        _number(row["welfare_bn_usd"], 1),
        _number(row["welfare_pct_of_gdp"], 2),
        _number(row["imports_before_bn_usd"], 1, signed=False),
        _number(row["imports_after_bn_usd"], 1, signed=False),
        _number(row["imports_pct"], 0),
        _number(row["deficit_before_bn_usd"], 0, signed=False),
        _number(row["deficit_after_bn_usd"], 0, signed=False),
        _number(row["prices_pct"], 2),
    )
    return {COLUMNS[0]: row["name"] + mark} | {
        head: cell.rjust(len(head)) for head, cell in zip(COLUMNS[1:], cells, strict=True)
    }


def _number(value: float, digits: int, *, signed: bool = True) -> str:
    """A figure for a terminal; empty if missing, no sign at zero."""
    if value != value:
        return ""
    text = f"{value:{'+' if signed else ''},.{digits}f}"
    return text if any(digit in text for digit in "123456789") else text.lstrip("+-")


def _record(answer: "WhatIf", notes: list[str], **options: Any) -> dict[str, Any]:
    rows = [
        {key: None if value != value else value for key, value in row.items()}
        for row in answer.rows().to_dict("records")
    ]
    return {
        "by": answer.table.keys[answer.home],
        "on": [answer.table.keys[index] for index in answer.targets],
        "rate_pct": 100.0 * answer.rate,
        "retaliation": answer.retaliation,
        **options,
        "residual": answer.world.residual,
        "notes": notes,
        "countries": rows,
    }


commands = {"tariff": tariff}
