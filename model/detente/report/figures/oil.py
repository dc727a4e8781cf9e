"""The four fans of the oil block: Brent, Urals at the port, its discount, and revenue."""

import pandas as pd

from detente.config.loader import Config
from detente.report.plots.fan import Fan, Observed
from detente.report.plots.history import observed, urals_fob
from detente.report.plots.style import MUTED
from detente.report.plots.timeline import timeline
from detente.runs.run import Run
from detente.shared import formatting

FLOOR = "oil.freight_floor"
PORT = "Russian Federation"
TAX_PRICE = "#A3A3A3"


def brent(run: Run) -> Fan:
    """Brent with what the EIA observed."""
    return Fan(
        name="brent",
        variable="Price|Oil|Brent",
        region="World",
        unit="USD/bbl",
        title=f"Brent: {halves(run, 'Price|Oil|Brent', 'World', 'USD')}",
        subtitle="Brent, spot price free on board, USD a barrel",
        alt=f"Fan chart of the price of Brent. {course(run, 'Price|Oil|Brent', 'World', 'USD a barrel')}",
        observed=(Observed("observed", observed("brent", run.config.as_of)),),
        credit="US EIA, Europe Brent spot",
    )


def urals(run: Run) -> Fan:
    """Urals at the Baltic port, with the two bases of its history kept apart."""
    variable = "Price|Oil|Urals|FOB"
    return Fan(
        name="urals",
        variable=variable,
        region=PORT,
        unit="USD/bbl",
        title=f"Urals: {halves(run, variable, PORT, 'USD')}",
        subtitle="Urals free on board at the Baltic port, USD a barrel; observed at the port and as the ministries' tax price",
        alt=f"Fan chart of the price of Urals at the port. {course(run, variable, PORT, 'USD a barrel')}",
        observed=(
            Observed("tax price", observed("urals_ministry", run.config.as_of), colour=TAX_PRICE),
            Observed("at the port", urals_fob(run.config.as_of), marker="o"),
        ),
        credit="at the port, Brent (US EIA) less the discount quoted from Argus by the press; tax price, Russian ministries as quoted by the press",
    )


def discount(run: Run) -> Fan:
    """The FOB discount, with the range of the freight floor below which US relief alone does not bring it."""
    variable = "Price|Oil|Urals|FOB Discount"
    table = run.fan(variable, PORT)
    first, last = float(table["q50"].iloc[0]), float(table["q50"].iloc[-1])
    low, high = freight_floor(run.config)
    held = "narrows" if first - last > 0.5 else "widens" if last - first > 0.5 else "stays near"
    moved = (
        f"stays near {formatting.amount(last)} USD"
        if held == "stays near"
        else f"{held} from {formatting.amount(first)} to {formatting.amount(last)} USD"
    )
    below = formatting.percent(1.0 - float(table["p_above_8"].iloc[-1]))
    return Fan(
        name="discount",
        variable=variable,
        region=PORT,
        unit="USD/bbl",
        title=f"The Urals discount {moved} in the median; by {timeline(run).last_month} it is under 8 USD on {below} of paths",
        subtitle="Brent less Urals, free on board at the Baltic port, USD a barrel; observed at the port and on the ministries' tax price",
        alt=f"Fan chart of the Urals discount. {course(run, variable, PORT, 'USD a barrel')} Freight floor: {formatting.span(low, high, resolution=1.0)} USD.",
        observed=(
            Observed("tax price", observed("urals_discount_ministry", run.config.as_of), colour=TAX_PRICE),
            Observed("at the port, month", observed("urals_discount_fob", run.config.as_of), marker="o"),
            Observed(
                "single days",
                observed("urals_discount_observed", run.config.as_of),
                marker="D",
                line=False,
                colour=MUTED,
            ),
        ),
        credit="at the port, Argus and others as quoted by the press; tax price, Russian ministries as quoted by the press, less Brent (US EIA)",
        level=(low, high, f"freight floor, {formatting.span(low, high, resolution=1.0)} USD"),
    )


def revenue(run: Run) -> Fan:
    """Export revenue with the estimates of the IEA."""
    variable = "Trade|Oil|Value"
    return Fan(
        name="revenue",
        variable=variable,
        region=PORT,
        unit="bn USD/month",
        title=f"Russian oil revenue: {halves(run, variable, PORT, 'bn USD a month')}",
        subtitle="Revenue of the Russian Federation from exports of crude and oil products, bn USD a month",
        alt=f"Fan chart of Russian oil export revenue. {course(run, variable, PORT, 'bn USD a month')}",
        observed=(Observed("IEA estimates", observed("russian_oil_revenue", run.config.as_of), marker="o"),),
        credit="IEA, Oil Market Report, as quoted by the press",
    )


def freight_floor(config: Config) -> tuple[float, float]:
    """Range of the parameter in USD a barrel: the support of its distribution, or its value twice where it is fixed."""
    record = config.parameters[FLOOR]
    low, high = getattr(record.dist, "min", None), getattr(record.dist, "max", None)
    if low is None or high is None:
        low = high = record.value
    return float(low), float(high)


def halves(run: Run, variable: str, region: str, unit: str) -> str:
    """Where half and nine in ten of the paths end, for titles."""
    end = run.fan(variable, region).iloc[-1]
    return f"half of the paths end between {formatting.span(end['q25'], end['q75'], resolution=1.0, between='and')} {unit}, nine in ten between {formatting.span(end['q05'], end['q95'], resolution=1.0, between='and')}"


def course(run: Run, variable: str, region: str, unit: str) -> str:
    """Where the fan begins and ends, for the alt text."""
    table: pd.DataFrame = run.fan(variable, region)
    first, last = table.iloc[0], table.iloc[-1]
    begin, end = formatting.month(table.index[0]), timeline(run).last_month
    return (
        f"The median goes from {formatting.amount(first['q50'])} in {begin} to {formatting.amount(last['q50'])} {unit} in {end}; "
        f"50% range by then {formatting.span(last['q25'], last['q75'], resolution=1.0)}, 90% range {formatting.span(last['q05'], last['q95'], resolution=1.0)}."
    )
