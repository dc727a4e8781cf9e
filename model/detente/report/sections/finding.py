"""The finding: how likely the main events are, what the scenario changes, and how uncertain that is."""

from detente.analysis.estimates import Reading, Readings
from detente.analysis.gas_costs import MEASURES, GasCosts
from detente.analysis.outcomes import OIL_REVENUE, RELIEF
from detente.analysis.relief_value import ReliefValue
from detente.analysis.sensitivity import Sensitivity
from detente.analysis.tariff_effects import TariffEffects, bill
from detente.config.loader import Config
from detente.report.context import Context
from detente.report.section import Finding, Section
from detente.report.sections.track_record import past_forecasts
from detente.report.wording import (
    BRENT,
    DISCOUNT,
    MONEY,
    VALUE,
    change,
    depends,
    direction,
    interval,
    significant,
    size,
    title,
)
from detente.shared import formatting

EVENTS = (
    ("a general ceasefire", "conflict.first_ceasefire"),
    ("US oil relief by any route", "sanctions.first_oil_relief"),
    ("US oil relief under a deal", "sanctions.first_oil_relief_by_deal"),
)
ARTICLE = {"war": "", "partial truce": "a ", "ceasefire": "a ", "settlement": "a "}
ROUTES = {
    "turkstream": "TurkStream",
    "ukraine_transit": "gas transit through Ukraine",
    "yamal": "Yamal-Europe",
    "nord_stream": "Nord Stream",
}
BUYERS = {
    "china": "China",
    "india": "India",
    "turkiye": "Türkiye",
    "eu": "the EU",
    "brazil": "Brazil",
    "japan": "Japan",
    "korea": "South Korea",
    "other": "all other buyers",
}
BILL_STATES = {
    "law": "the {bill} becoming law on {when}",
    "pending": "the {bill} pending from {when}",
    "dead": "the {bill} failing on {when}",
}
TARIFF_STATES = {
    "none": "no tariff on {buyers} from {when}",
    "ordered": "a tariff on {buyers} ordered on {when}",
    "waived": "a waiver for {buyers} from {when}",
    "applied": "a tariff on {buyers} from {when}",
}
MOST_GIVEN = 3
"""Dated events of the scenario that the finding names; the annex lists all."""


def finding(context: Context) -> Section:
    """The first section of every report."""
    past = past_forecasts(context)
    return Section(
        "finding",
        "The finding",
        findings=(
            likelihood(context.estimates),
            effect(context),
            uncertainty(context.estimates, context.relief, context.sensitivity, context.tariffs),
            *((past,) if past is not None else ()),
        ),
    )


def likelihood(estimates: Readings) -> Finding:
    """Probabilities of the main events by the end of the horizon, after what the scenario sets."""
    last = estimates.horizon
    rows = [(name, estimates.happened(field, last)) for name, field in EVENTS]
    uncertain = [f"{name} is {formatting.calibrated(row.value)}" for name, row in rows if 0.0 < row.value < 1.0]
    sentences = [given(estimates.run.config)]
    if uncertain:
        sentences.append(f"By {formatting.day(estimates.end(last))} {uncertain[0]}")
        sentences.append("; ".join(uncertain[1:]))
    never = [name for name, row in rows[1:] if row.value == 0.0]
    if never:
        sentences.append(f"{'US oil relief' if len(never) == 2 else never[0]} does not occur in any simulation")
    text = " ".join(formatting.sentence(part) for part in sentences if part)
    return Finding("likelihood", text or "The scenario sets all main events.", tuple(row for _, row in rows))


def given(config: Config) -> str:
    """What the scenario sets about the war, gas and tariffs; "" if nothing."""
    laws = {
        f"sanctions.{one.key}": formatting.inside(formatting.one_line(one.title).split(",")[0])
        for one in config.instruments
        if one.rule == "law"
    }
    pins: dict[str, str] = {}
    for event in config.events:
        for key, state in event.set.items():
            block, _, name = key.partition(".")
            when = formatting.day(event.date)
            if key == "conflict.state":
                pins[f"{key} {event.date}"] = f"{ARTICLE[state]}{state} from {when}"
            elif key in laws:
                pins[f"{key} {event.date}"] = f"the {laws[key]} {state} from {when}"
            elif block == "gas" and name in ROUTES:
                pins[f"{key} {event.date}"] = f"{ROUTES[name]} {state} from {when}"
            elif key == "gas.suspension":
                pins.setdefault(key, f"a first emergency suspension of the gas ban on {when}")
    pins |= _tariff_pins(config)
    return f"the scenario assumes {formatting.listed(list(pins.values()), MOST_GIVEN)}" if pins else ""


def _tariff_pins(config: Config) -> dict[str, str]:
    """Dated states of the tariff bill and of the buyers; buyers of one state and date together."""
    pins: dict[str, str] = {}
    for event in config.events:
        named: dict[str, list[str]] = {}
        when = formatting.day(event.date)
        for key, state in event.set.items():
            if key == "tariffs.bill":
                pins[f"{key} {event.date}"] = BILL_STATES[state].format(bill=bill(config), when=when)
            elif key.startswith("tariffs."):
                named.setdefault(state, []).append(BUYERS[key.partition(".")[2]])
        pins |= {
            f"tariffs {state} {event.date}": TARIFF_STATES[state].format(buyers=buyers, when=when)
            for state, buyers in _buyers(named).items()
        }
    return pins


def _buyers(named: dict[str, list[str]]) -> dict[str, str]:
    """The buyers of each state in words; of states that cover all buyers, the largest group is the last."""
    if sum(map(len, named.values())) < len(BUYERS):
        return {state: formatting.join(buyers) for state, buyers in named.items()}
    *smaller, largest = sorted(named, key=lambda state: len(named[state]))
    words = {state: formatting.join(named[state]) for state in smaller}
    return words | {largest: "all other buyers" if smaller else "all buyers"}


def effect(context: Context) -> Finding:
    """The mean effect on Russia's oil revenue and on Europe's gas bill; levels where there is no comparison.

    A scenario of tariffs is compared with the same scenario without them: the difference from no relief would include
    both.
    """
    if context.tariffs:
        return tariff_effect(context.tariffs)
    if context.relief is None:
        return levels(context.estimates)
    revenue = relief_effect(context.relief)
    if context.own_gas_costs is None:
        return revenue
    gas = gas_effect(context.own_gas_costs)
    return Finding("effect", f"{revenue.text} {gas.text}", (*revenue.rows, *gas.rows))


def tariff_effect(tariffs: TariffEffects) -> Finding:
    """The mean effect of the scenario's tariffs on Russia's oil revenue."""
    total = tariffs.revenue()
    text = f"Compared with “{title(tariffs.reference)}”, {_revenue(total)}"
    return Finding("effect", formatting.sentence(text), (total,))


def relief_effect(relief: ReliefValue) -> Finding:
    """The mean effect of relief on Russia's oil revenue, by component."""
    total, *parts = rows = tuple(relief.part(name) for name in ("total", "volume", "discount", "Brent"))
    names = ("volume", "discount", "Brent")
    text = f"Compared with no relief, {_revenue(total)}"
    if significant(total, 0.1):
        split = ", ".join(
            f"{name} {formatting.rounded(row.value, row.error, 0.1)}" for name, row in zip(names, parts, strict=True)
        )
        text += f" ({split})"
    return Finding("effect", formatting.sentence(text), rows)


def _revenue(total: Reading) -> str:
    if not significant(total, 0.1):
        return "Russia's oil revenue does not change measurably"
    return f"Russia's oil revenue is {change(total, 0.1, MONEY)} on average"


def gas_effect(costs: GasCosts) -> Finding:
    """The effect on Europe's gas bill: the median, or the mean where relief acts in fewer than half of simulations."""
    measure, mean, median = MEASURES["bill"], costs.amount("bill"), costs.amount("bill", "q50")
    if not significant(mean, measure.resolution):
        return Finding("effect-gas", "Europe's gas bill does not change measurably.", (mean,))
    row, how = (median, "in the median") if significant(median, measure.resolution) else (mean, "on average")
    text = f"Europe's gas bill is {change(row, measure.resolution, measure.unit)} {how}."
    return Finding("effect-gas", text, (row,))


def levels(estimates: Readings) -> Finding:
    """The course of the discount and of revenue, for a run without comparison."""
    first, last = 1, estimates.horizon
    begin, end = formatting.month(estimates.when(first)), formatting.month(estimates.when(last))
    rows = tuple(
        estimates.level(*variable, months, "q50") for variable in (DISCOUNT, VALUE) for months in (first, last)
    )
    discounts, values = (
        formatting.span(low.value, high.value, (low.error, high.error), 0.1) for low, high in (rows[:2], rows[2:])
    )
    text = (
        f"From {begin} to {end} the median Urals discount moves from {discounts} USD/bbl. "
        f"Median oil revenue moves from {formatting.quantity(values, 'bn USD/month')}."
    )
    return Finding("effect", text, rows)


def uncertainty(
    estimates: Readings, relief: ReliefValue | None, sensitivity: Sensitivity, tariffs: TariffEffects | None = None
) -> Finding:
    """The 90% range of the effect, and the assumption that it depends on most."""
    rows: tuple[Reading, ...]
    if tariffs or relief:
        low, high = rows = (
            tuple(tariffs.revenue(statistic) for statistic in ("q05", "q95"))
            if tariffs
            else tuple(relief.part("total", statistic) for statistic in ("q05", "q95"))
            if relief
            else ()
        )
        text = f"The effect on revenue is uncertain: the {_money_range(low, high)}"
    else:
        low, high = rows = tuple(estimates.level(*BRENT, estimates.horizon, statistic) for statistic in ("q05", "q95"))
        text = (
            "Oil prices are the main uncertainty: the "
            f"{interval((low.value, high.value), (low.error, high.error), 1.0)} USD/bbl for Brent in "
            f"{formatting.month(estimates.when(estimates.horizon))}"
        )
    target = RELIEF if relief else OIL_REVENUE
    leader = None if tariffs else sensitivity.leader(target)
    if leader is None:
        return Finding("uncertainty", formatting.sentence(text), rows)
    subject = "It" if relief else "Oil revenue"
    sentence, row = depends(leader, target, subject, (0.1, MONEY), bool(relief))
    return Finding("uncertainty", f"{formatting.sentence(text)} {formatting.sentence(sentence)}", (*rows, row))


def _money_range(low: Reading, high: Reading) -> str:
    """``90% range is a rise of USD 0.0 to 20bn a year``."""
    if low.value < 0.0 < high.value:
        fall, rise = size(low, 0.1, MONEY), size(high, 0.1, MONEY)
        return f"90% range runs from a fall of {fall} to a rise of {rise}"
    ends = sorted((low, high), key=lambda end: abs(end.value))
    values = formatting.span(abs(ends[0].value), abs(ends[1].value), (ends[0].error, ends[1].error), 0.1)
    kind = direction(ends[1], ("rise", "fall"))
    return f"90% range is a {kind} of {formatting.quantity(values, MONEY)}"
