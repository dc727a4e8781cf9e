"""Fan charts of the oil block: Brent, Urals at the port, its discount, and export revenue."""

import pandas as pd

from detente.config.loader import Config
from detente.report.plots.fan import Fan, Observed
from detente.report.plots.history import observed, urals_fob
from detente.report.plots.numbers import Numbers, from_fan
from detente.report.plots.outside import outside_marks
from detente.report.plots.style import MUTED
from detente.report.plots.timeline import timeline
from detente.runs.run import Run
from detente.shared import formatting

FLOOR = "oil.freight_floor"
PORT = "Russian Federation"
TAX_PRICE = "#A3A3A3"


def brent(run: Run) -> Fan:
    """Brent, with observations of the EIA and forecasts of others."""
    numbers, others = Numbers(), outside_marks(run, "Price|Oil|Brent")
    return Fan(
        name="brent",
        variable="Price|Oil|Brent",
        region="World",
        unit="USD/bbl",
        title=course_in_short(run, "Price|Oil|Brent", "World", "USD/bbl", "Brent", numbers),
        readings=tuple(numbers.readings),
        subtitle="Brent, spot price free on board, USD/bbl",
        alt=f"Fan chart of the price of Brent. {course(run, 'Price|Oil|Brent', 'World', 'USD/bbl')}",
        observed=(Observed("observed", observed("brent", run.config.as_of)),),
        credit="US EIA, Europe Brent spot",
        top=others.top,
        beside=others.beside,
        extra=others.extra,
        note=others.note,
    )


def urals(run: Run) -> Fan:
    """Urals at the Baltic port, with two separate series of observations."""
    variable, numbers = "Price|Oil|Urals|FOB", Numbers()
    return Fan(
        name="urals",
        variable=variable,
        region=PORT,
        unit="USD/bbl",
        title=course_in_short(run, variable, PORT, "USD/bbl", "Urals", numbers),
        readings=tuple(numbers.readings),
        subtitle="Urals free on board at the Baltic port, USD/bbl; observed at the port, and the ministries' tax price",
        alt=f"Fan chart of the price of Urals at the port. {course(run, variable, PORT, 'USD/bbl')}",
        observed=(
            Observed("tax price", observed("urals_ministry", run.config.as_of), colour=TAX_PRICE),
            Observed("at the port", urals_fob(run.config.as_of), marker="o"),
        ),
        credit="at the port, Brent (US EIA) less the discount of Argus as quoted by the press; "
        "tax price, Russian ministries as quoted by the press",
    )


def discount(run: Run) -> Fan:
    """The FOB discount, with the freight floor: the lowest discount under US relief alone."""
    variable, numbers = "Price|Oil|Urals|FOB Discount", Numbers()
    low, high = freight_floor(run.config)
    floor = formatting.quantity(formatting.span(low, high, resolution=1.0), "USD/bbl")
    return Fan(
        name="discount",
        variable=variable,
        region=PORT,
        unit="USD/bbl",
        title=course_in_short(
            run, variable, PORT, "USD/bbl", "Urals discount", numbers, ("narrows", "widens", "stays near")
        ),
        readings=tuple(numbers.readings),
        subtitle="Brent less Urals, free on board at the Baltic port, USD/bbl; at the port and on the tax price",
        alt=f"Fan chart of the Urals discount. {course(run, variable, PORT, 'USD/bbl')} Freight floor: {floor}.",
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
        credit="at the port, Argus and others as quoted by the press; "
        "tax price, Russian ministries as quoted by the press, less Brent (US EIA)",
        level=(low, high, f"freight floor, {floor}"),
    )


def revenue(run: Run) -> Fan:
    """Export revenue, with estimates of the IEA."""
    variable, numbers = "Trade|Oil|Value", Numbers()
    return Fan(
        name="revenue",
        variable=variable,
        region=PORT,
        unit="bn USD/month",
        title=course_in_short(run, variable, PORT, "bn USD/month", "Russian oil revenue", numbers),
        readings=tuple(numbers.readings),
        subtitle="Revenue of the Russian Federation from exports of crude and oil products, USD bn a month",
        alt=f"Fan chart of Russian oil export revenue. {course(run, variable, PORT, 'bn USD/month')}",
        observed=(Observed("IEA estimates", observed("russian_oil_revenue", run.config.as_of), marker="o"),),
        credit="IEA, Oil Market Report, as quoted by the press",
    )


def freight_floor(config: Config) -> tuple[float, float]:
    """Range of the parameter in USD/bbl: the support of its distribution, or its value twice where it is fixed."""
    record = config.parameters[FLOOR]
    low, high = getattr(record.dist, "min", None), getattr(record.dist, "max", None)
    if low is None or high is None:
        low = high = record.value
    return float(low), float(high)


def course_in_short(
    run: Run,
    variable: str,
    region: str,
    unit: str,
    name: str,
    numbers: Numbers,
    verbs: tuple[str, str, str] = ("falls", "rises", "stays near"),
) -> str:
    """The median at the end against the first step, and the 90% range, for titles."""
    first, last, low, high = (
        from_fan(run, variable, region, statistic, step)
        for statistic, step in (("q50", 0), ("q50", -1), ("q05", -1), ("q95", -1))
    )
    change = last.value - first.value
    verb = verbs[2] if abs(change) < 0.5 + last.error else f"{verbs[0] if change < 0.0 else verbs[1]} to"
    end = timeline(run).last_month
    return f"Median {name} {verb} {numbers.quantity(last, unit)} by {end}; 90% range {numbers.span(low, high)}"


def course(run: Run, variable: str, region: str, unit: str) -> str:
    """Where the fan begins and ends, for the alt text."""
    table: pd.DataFrame = run.fan(variable, region)
    first, last = table.iloc[0], table.iloc[-1]
    begin, end = formatting.month(table.index[0]), timeline(run).last_month
    inner, outer = (
        formatting.span(last[low], last[high], resolution=1.0) for low, high in (("q25", "q75"), ("q05", "q95"))
    )
    return (
        f"Median {formatting.quantity(formatting.amount(first['q50']), unit)} in {begin} and "
        f"{formatting.quantity(formatting.amount(last['q50']), unit)} in {end}; 50% range {inner}, 90% range {outer}."
    )
