"""Sentences made from numbers. Each finding carries the rows it was made from."""

from dataclasses import dataclass

from detente.analysis.estimates import Reading, Readings
from detente.analysis.gas_costs import MEASURES, Europe
from detente.analysis.outcomes import INCOME, TITLES, WORTH
from detente.analysis.relief_value import Worth
from detente.analysis.sensitivity import Assumption, Influence, Share
from detente.analysis.tariff_effects import Twin, bill
from detente.catalog.describe import CONFIDENCE
from detente.config.loader import Config
from detente.shared import formatting

BRENT, DISCOUNT = ("Price|Oil|Brent", "World"), ("Price|Oil|Urals|FOB Discount", "Russian Federation")
VOLUME, VALUE = ("Trade|Oil|Volume", "Russian Federation"), ("Trade|Oil|Value", "Russian Federation")
MONEY = "bn USD a year"
SAME = "the same, to the digits that the simulation knows"
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
    "pending": "the {bill} pending from {when} on",
    "dead": "the {bill} dead from {when} on",
}
TARIFF_STATES = {
    "none": "no tariff on {buyers} from {when} on",
    "ordered": "a tariff on {buyers} ordered on {when}",
    "waived": "a waiver for {buyers} from {when} on",
    "applied": "a tariff on {buyers} from {when} on",
}
DRAWS = "events.parquet and the draws of the run"


@dataclass(frozen=True)
class Finding:
    """``key`` names it within a report; ``rows`` are the numbers that the text rests on."""

    key: str
    text: str
    rows: tuple[Reading, ...]


def answer(
    readings: Readings, worth: Worth | None, europe: Europe | None = None, tariffs: Twin | None = None
) -> Finding:
    """The first sentence of the report: how likely the events are by the end of the horizon, and what relief is
    worth, also to Europe; if the scenario sets tariffs and the same without them is at hand, what these do instead:
    the difference to no relief would hold both."""
    last = readings.horizon
    found = [(name, readings.happened(field, last)) for name, field in EVENTS]
    open_ones = [f"{name} {formatting.calibrated(r.value)}" for name, r in found if 0.0 < r.value < 1.0]
    never = [name for name, r in found[1:] if r.value == 0.0]
    parts = [f"the model calls {formatting.join(open_ones)}"] if open_ones else []
    if len(never) == 2:
        parts.append("no path has US oil relief")
    elif never:
        parts.append(f"no path has {never[0]}")
    begin = f"{_given(readings)}by {formatting.day(readings.end(last))} {'; '.join(parts)}; " if parts else ""
    tail, rows = (
        _tariffs_in_short(tariffs) if tariffs else _worth_in_short(worth) if worth else _levels_in_short(readings)
    )
    if europe and not tariffs:
        bill, bills = _bill_in_short(europe)
        tail, rows = f"{tail}, and {bill}", (*rows, *bills)
    return Finding("answer", formatting.sentence(begin + tail), (*(r for _, r in found), *rows))


def _given(readings: Readings) -> str:
    """What the scenario sets about the war, gas and tariffs, for it is no finding."""
    config = readings.run.config
    laws = {
        f"sanctions.{one.key}": formatting.inside(formatting.one_line(one.title).split(",")[0])
        for one in config.instruments
        if one.rule == "law"
    }
    pins: dict[str, str] = {}
    for event in config.events:
        for key, state in event.set.items():
            block, _, name = key.partition(".")
            if key == "conflict.state":
                pins[f"{key} {event.date}"] = f"{ARTICLE[state]}{state} from {formatting.day(event.date)} on"
            elif key in laws:
                pins[f"{key} {event.date}"] = f"the {laws[key]} {state} from {formatting.day(event.date)} on"
            elif block == "gas" and name in ROUTES:
                pins[f"{key} {event.date}"] = f"{ROUTES[name]} {state} from {formatting.day(event.date)} on"
            elif key == "gas.suspension":
                pins.setdefault(key, f"a first emergency suspension of the gas ban on {formatting.day(event.date)}")
    pins |= _tariff_pins(config)
    return f"given {formatting.join(pins.values())}, " if pins else ""


def _tariff_pins(config: Config) -> dict[str, str]:
    """Dated states of the tariff bill and of the buyers, those of one state and date together."""
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
            f"tariffs {state} {event.date}": TARIFF_STATES[state].format(
                buyers="all buyers" if len(buyers) == len(BUYERS) else formatting.join(buyers), when=when
            )
            for state, buyers in named.items()
        }
    return pins


def _tariffs_in_short(pair: Twin) -> tuple[str, tuple[Reading, ...]]:
    total = pair.revenue()
    other = formatting.one_line(pair.other.manifest["title"])
    return (
        f"against “{other}”, without these tariffs, Russia's oil revenue is {_more(total)} on average over all paths",
        (total,),
    )


def _worth_in_short(worth: Worth) -> tuple[str, tuple[Reading, ...]]:
    total, *parts = rows = tuple(worth.part(name) for name in ("total", "volume", "discount", "Brent"))
    names = ("volume", "the discount", "Brent")
    split = formatting.join(
        f"{formatting.rounded(r.value, r.error, 0.1)} by {name}" for name, r in zip(names, parts, strict=True)
    )
    return f"against no relief at all, Russia's oil revenue is {_more(total)} on average over all paths ({split})", rows


def _bill_in_short(europe: Europe) -> tuple[str, tuple[Reading, ...]]:
    """Europe's bill on the median path, since a few paths with very dear gas make its mean; on average if relief
    acts on fewer than half of them."""
    measure, mean, median = MEASURES["bill"], europe.amount("bill"), europe.amount("bill", "q50")
    if not seen(mean, measure.finest):
        return "Europe's gas bill is the same", (mean,)
    if not seen(median, measure.finest):
        return f"Europe's gas bill is {more(mean, measure.finest, measure.unit)} on average", (mean,)
    return f"Europe's gas bill is {more(median, measure.finest, measure.unit)} on the median path", (median,)


def _levels_in_short(readings: Readings) -> tuple[str, tuple[Reading, ...]]:
    """Where there is nothing to set the run against: how the discount and revenue go."""
    first, last = 1, readings.horizon
    rows = tuple(readings.level(*variable, months, "q50") for variable in (DISCOUNT, VALUE) for months in (first, last))
    discounts, values = (between(rows[k : k + 2], 0.1, "to") for k in (0, 2))
    begin, end = formatting.month(readings.when(first)), formatting.month(readings.when(last))
    text = f"from {begin} to {end} the median Urals discount goes from {discounts} USD/bbl and median oil revenue from {values} bn USD a month"
    return text, rows


def between(rows: tuple[Reading, ...], finest: float, word: str) -> str:
    """``3.8 and 19.5``."""
    low, high = rows
    return formatting.span(low.value, high.value, (low.error, high.error), finest, word)


def seen(reading: Reading, finest: float = 0.0) -> bool:
    """Whether a difference stands clear of its Monte Carlo error, and of the last digit that is shown."""
    return abs(reading.value) > max(2.0 * reading.error, 0.5 * finest)


def _more(total: Reading) -> str:
    """``3.5 bn USD a year higher``, or that nothing is seen."""
    return more(total, 0.1, MONEY) or SAME


def more(difference: Reading, finest: float, unit: str) -> str:
    """``3.5 bn USD a year higher``; empty if nothing is seen."""
    if not seen(difference, finest):
        return ""
    return f"{size(difference, finest, unit)} {'higher' if difference.value > 0.0 else 'lower'}"


def size(difference: Reading, finest: float, unit: str) -> str:
    """``3.5 bn USD a year``, without its sign."""
    return formatting.quantity(formatting.rounded(abs(difference.value), difference.error, finest), unit)


def doubt(readings: Readings, worth: Worth | None, influence: Influence, tariffs: Twin | None = None) -> Finding:
    """The second sentence: how wide the answer is, and which assumption it turns on most."""
    rows: tuple[Reading, ...]
    if tariffs:
        rows = tuple(tariffs.revenue(statistic=statistic) for statistic in ("q05", "q95"))
        wide = f"on nine paths in ten these tariffs change Russia's oil revenue by between {between(rows, 0.1, 'and')} {MONEY}"
        return Finding("doubt", formatting.sentence(f"The main doubt is what the buyers do: {wide}"), rows)
    if worth:
        rows = tuple(worth.part("total", statistic) for statistic in ("q05", "q95"))
        what = "when things happen, if they do"
        wide = f"on nine paths in ten relief is worth between {between(rows, 0.1, 'and')} {MONEY}"
    else:
        rows = tuple(readings.level(*BRENT, readings.horizon, statistic) for statistic in ("q05", "q95"))
        what = "the price of oil"
        wide = f"on nine paths in ten Brent is between {between(rows, 1.0, 'and')} USD/bbl in {formatting.month(readings.when(readings.horizon))}"
    begin = f"The main doubt is {what}: {wide}"
    target = WORTH if worth else INCOME
    leader = influence.leader(target)
    if leader is None:
        return Finding("doubt", formatting.sentence(begin), rows)
    about = "what relief is worth" if worth else "oil revenue"
    text, reading = turns(readings, leader, target, about, (0.1, MONEY), bool(worth))
    return Finding("doubt", formatting.sentence(f"{begin}; {text}"), (*rows, reading))


def turns(
    readings: Readings, leader: Assumption, target: str, about: str, scale: tuple[float, str], mean: bool
) -> tuple[str, Reading]:
    """Which drawn assumption matters most to an outcome, and the row behind it; ``scale``: the outcome's last digit
    and unit."""
    record = (readings.run.config.parameters | readings.run.config.facts)[leader.keys[0]]
    share = leader.shares[target]
    basis = formatting.join(CONFIDENCE[part] for part in record.confidence.split("/"))
    ends = _ends(share, len(leader.keys), scale, mean)
    name = formatting.key_in_words(leader.keys[0])
    meaning = formatting.inside(formatting.headline(record.doc))
    text = f"among the drawn assumptions, “{name}” ({meaning}; {basis}) matters most to {about}: {ends}"
    return text, Reading(share.share, share.error, DRAWS, f"variance share of {leader.keys[0]} in: {TITLES[target]}")


def _ends(share: Share, keys: int, scale: tuple[float, str], mean: bool) -> str:
    """``from 2.5 bn USD a year on average over its lowest fifth to 5.0 over its highest``."""
    finest, unit = scale
    low, high = (formatting.rounded(value, share.wobble, finest) for value in (share.low, share.high))
    low = formatting.quantity(low, unit)
    how = "on average" if mean else "in the median"
    return (
        f"from {low} {how} over its lowest fifth to {high} over its highest"
        if keys == 1
        else f"from {low} to {high} {how}, by the row drawn"
    )


def worths(worth: Worth) -> list[Finding]:
    """What relief is worth in total, then one sentence each for volume, discount and Brent, then what else differs."""
    found = [total(worth)]
    clauses = {
        "volume": (VOLUME, "exports are {amount} mb/d {direction}", 0.01),
        "discount": (DISCOUNT, "the Urals FOB discount is {amount} USD/bbl {direction}", 0.1),
        "Brent": (BRENT, "Brent is {amount} USD/bbl {direction}", 0.1),
    }
    readings = Readings(worth.run)
    end = formatting.month(readings.when(readings.horizon))
    for name, (variable, clause, finest) in clauses.items():
        part, last = worth.part(name), worth.at_the_end(*variable)
        text = _effect(name, part)
        if seen(last, finest):
            direction = _direction(name, last.value)
            text += f": in {end} {clause.format(amount=formatting.rounded(abs(last.value), last.error, finest), direction=direction)} on average"
        found.append(Finding(f"worth-{name.lower()}", formatting.sentence(text), (part, last)))
    if worth.beyond_relief:
        text = f"The two scenarios differ in more than relief ({formatting.listed(worth.beyond_relief)}), and the difference holds that too"
        found.append(Finding("worth-beyond", formatting.sentence(text), ()))
    return found


def total(worth: Worth) -> Finding:
    """What one scenario's relief is worth, with its spread over the paths."""
    mean, median, low, high = rows = tuple(
        worth.part("total", statistic) for statistic in ("mean", "q50", "q05", "q95")
    )
    mine, theirs = (formatting.one_line(run.manifest["title"]) for run in (worth.run, worth.yardstick))
    differs = f"{_more(mean)} than in" if seen(mean, 0.1) else f"{SAME}, as in"
    middle = formatting.rounded(median.value, median.error, 0.1)
    text = (
        f"In “{mine}” Russia's oil revenue is {differs} “{theirs}”, on average over all paths; half of the paths lie above {middle}, "
        f"and nine in ten between {between((low, high), 0.1, 'and')}"
    )
    return Finding(f"worth-total-{worth.run.scenario}", formatting.sentence(text), rows)


def _direction(name: str, value: float) -> str:
    if name == "discount":
        return "wider" if value > 0.0 else "narrower"
    return "higher" if value > 0.0 else "lower"


def _effect(name: str, part: Reading) -> str:
    """``The discount adds 1.9 bn USD a year``."""
    subject = {"volume": "Volume", "discount": "The discount", "Brent": "The price of Brent"}[name]
    if not seen(part):
        return f"{subject} changes revenue by nothing that the simulation can tell"
    if not seen(part, 0.1):
        return f"{subject} changes revenue by less than 0.1 {MONEY}"
    verb = "adds" if part.value > 0.0 else "takes away"
    return f"{subject} {verb} {formatting.quantity(formatting.rounded(abs(part.value), part.error, 0.1), MONEY)}"


def chance(influence: Influence) -> Finding | None:
    """How much of the first outcome's spread the drawn assumptions account for, one at a time; None if nothing can
    be told."""
    if not influence.explained:
        return None
    target, share = next(iter(influence.explained.items()))
    if share == 0.0:
        paths = formatting.plural(influence.paths[target], "path")
        text = f"With {paths} none of the {influence.drawn} drawn assumptions stands clear of noise in {TITLES[target]}"
        return Finding("chance", formatting.sentence(text), ())
    text = (
        f"One at a time, the {influence.drawn} drawn assumptions account for {formatting.percent(share)} of the spread in {TITLES[target]}; "
        "the rest is chance along the path, and assumptions acting together"
    )
    return Finding(
        "chance",
        formatting.sentence(text),
        (Reading(share, 0.0, DRAWS, f"sum of the variance shares seen in: {TITLES[target]}"),),
    )
