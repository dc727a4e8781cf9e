"""Cuts the extracts of this folder from the full public files: ``python cut.py FOLDER``.

FOLDER holds the full files under the names that this script reads. The README beside each extract says where they come
from and what was left out.
"""

import csv
import itertools
import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
COUNTRIES = (
    "USA", "CHN", "IND", "TUR", "BRA", "RUS", "DEU", "FRA", "ITA", "GBR", "JPN", "KOR", "MEX", "CAN", "VNM", "ZAF",
)  # fmt: skip
STORAGE = ("date", "gas_in_storage_twh", "working_gas_volume_twh", "fill_pct", "injection_gwh_per_day")
STORAGE += ("withdrawal_gwh_per_day",)
RETAIL = "Excluding taxes and levies"


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file by column."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(name: str, header: tuple[str, ...], table: list[list[str]]) -> None:
    """An extract as CSV."""
    lines = [",".join(header), *(",".join(row) for row in table)]
    (HERE / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def oil(full: Path) -> None:
    """Daily Brent, 37 whole months to December 2014."""
    days = rows(full / "oil-prices" / "brent-daily.csv")
    table = [[row["Date"], row["Price"]] for row in days if "2011-12-01" <= row["Date"] <= "2014-12-31"]
    write("oil/brent-daily.csv", ("Date", "Price"), table)


def gas(full: Path) -> None:
    """Monthly prices, storage at ends of month, half-yearly prices of industry."""
    dollars = rows(full / "commodity-prices" / "worldbank_pinksheet_energy_monthly.csv")
    chosen = [[row["date"], row["gas_europe_usd_mmbtu"]] for row in dollars if row["date"] >= "2015-04"]
    write("gas/prices-usd.csv", ("date", "gas_europe_usd_mmbtu"), chosen)
    euros = rows(full / "commodity-prices" / "gas_europe_eur_mwh_monthly_derived.csv")
    chosen = [[row["date"], row["gas_europe_eur_mwh"]] for row in euros if row["date"] >= "2012-07"]
    write("gas/prices-eur.csv", ("date", "gas_europe_eur_mwh"), chosen)
    days = [row for row in rows(full / "gas-storage" / "gie_agsi_eu_de_storage_daily.csv") if row["scope"] == "EU"]
    ends = [day for day, after in itertools.pairwise(days) if day["date"][:7] != after["date"][:7]]
    write(
        "gas/storage-month-ends.csv", STORAGE, [[row[name] for name in STORAGE] for row in [days[0], *ends, days[-1]]]
    )
    retail = full / "eu-energy-prices" / "eurostat_Natural_Gas_Prices_Non_Household_Consumers_Time_EU27.csv"
    with retail.open(encoding="utf-8", newline="") as file:
        header, *levels = csv.reader(file)
    places = [0, *(place for place, title in enumerate(header) if title[:4] >= "2015" and place)]
    (level,) = [level for level in levels if level[0] == RETAIL]
    write("gas/industry-half-years.csv", tuple(header[place] for place in places), [[level[place] for place in places]])


def losses(full: Path) -> None:
    """Cumulative claims at ends of month, and the claims of single days of some months."""
    entries = json.loads((full / "war-losses" / "russia_losses_personnel.json").read_text(encoding="utf-8"))
    totals = {entry["date"]: entry["personnel"] for entry in entries}
    dates = sorted(totals)
    ends = [day for day, after in itertools.pairwise(dates) if day[:7] != after[:7]]
    table = [[day, str(totals[day])] for day in [dates[0], *ends, dates[-1]]]
    write("losses/month-ends.csv", ("date", "personnel"), table)
    by_month: dict[str, list[str]] = {}
    for before, day in itertools.pairwise(dates):
        if "2023-04" <= day[:7] <= "2025-03" or day[:7] >= "2026-07":
            by_month.setdefault(day[:7], []).append(str(totals[day] - totals[before]))
    lines = ["month,claims of each day", *(f"{month},{' '.join(days)}" for month, days in by_month.items())]
    (HERE / "losses" / "days.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def trade(full: Path) -> None:
    """Trade, GDP and tariffs among sixteen countries."""
    folder = full / "validation" / "liberation_day"
    labels, gdp = rows(folder / "country_labels.csv"), rows(folder / "gdp_usd.csv")
    tariffs = rows(folder / "us_tariffs.csv")
    with (folder / "trade_matrix_194.csv").open(encoding="utf-8", newline="") as file:
        matrix = list(csv.reader(file))[1:]
    codes = [row["iso3"] for row in labels]
    places = [codes.index(code) for code in COUNTRIES]
    numbers = [[f"{float(matrix[i][j] or 0.0):.0f}" for j in places] for i in places]
    write("trade/trade_matrix_16.csv", tuple(f"export_{code}" for code in COUNTRIES), numbers)
    write("trade/gdp_usd.csv", ("gdp",), [[f"{float(next(iter(gdp[i].values()))):.0f}"] for i in places])
    write("trade/country_labels.csv", ("iso3", "iso_code", "CountryName"), [list(labels[i].values()) for i in places])
    write("trade/us_tariffs.csv", ("applied_tariff",), [[tariffs[i]["applied_tariff"]] for i in places])


if __name__ == "__main__":
    for cut in (oil, gas, losses, trade):
        cut(Path(sys.argv[1]))
