"""Sentences made from numbers. Each finding carries the rows it was made from."""

from dataclasses import dataclass

from detente import words
from detente.described import CONFIDENCE
from detente.influence import Influence, Share
from detente.outcomes import INCOME, WORTH
from detente.readings import Reading, Readings
from detente.worth import Worth

BRENT, DISCOUNT = ("Price|Oil|Brent", "World"), ("Price|Oil|Urals|FOB Discount", "Russian Federation")
VOLUME, VALUE = ("Trade|Oil|Volume", "Russian Federation"), ("Trade|Oil|Value", "Russian Federation")
MONEY = "bn USD a year"
EVENTS = (
    ("a general ceasefire", "conflict.first_ceasefire"),
    ("US oil relief by any route", "sanctions.first_oil_relief"),
    ("US oil relief under a deal", "sanctions.first_oil_relief_by_deal"),
)


@dataclass(frozen=True)
class Finding:
    """``key`` names it within a report; ``rows`` are the numbers that the text rests on."""

    key: str
    text: str
    rows: tuple[Reading, ...]


def answer(readings: Readings, worth: Worth | None) -> Finding:
    """The first sentence of the report: how likely the events are by the end of the horizon, and what relief is worth."""
    last = readings.horizon
    found = [(name, readings.happened(field, last)) for name, field in EVENTS]
    open_ones = [f"{name} {words.calibrated(r.value)}" for name, r in found if 0.0 < r.value < 1.0]
    never = [name for name, r in found[1:] if r.value == 0.0]
    parts = [f"the model calls {words.join(open_ones)}"] if open_ones else []
    if len(never) == 2:
        parts.append("no path has US oil relief")
    elif never:
        parts.append(f"no path has {never[0]}")
    events = f"By {words.day(readings.end(last))} {words.join(parts)}"
    tail, rows = _worth_in_short(worth) if worth else _levels_in_short(readings)
    return Finding("answer", words.sentence(f"{events}; {tail}"), (*(r for _, r in found), *rows))


def _worth_in_short(worth: Worth) -> tuple[str, tuple[Reading, ...]]:
    total = worth.part("total")
    return f"against no relief at all, Russia's oil revenue is {_more(total)} on average over all paths", (total,)


def _levels_in_short(readings: Readings) -> tuple[str, tuple[Reading, ...]]:
    """Where there is nothing to set the run against: how the discount and revenue go."""
    first, last = 1, readings.horizon
    rows = tuple(readings.level(*variable, months, "q50") for variable in (DISCOUNT, VALUE) for months in (first, last))
    discounts, values = (_both(rows[k : k + 2], 0.1) for k in (0, 2))
    begin, end = words.month(readings.when(first)), words.month(readings.when(last))
    text = f"from {begin} to {end} the median Urals discount goes from {discounts} USD/bbl and median oil revenue from {values} bn USD a month"
    return text, rows


def _both(pair: tuple[Reading, ...], finest: float) -> str:
    return " to ".join(words.rounded(r.value, r.error, finest) for r in pair)


def _more(total: Reading, unit: str = MONEY) -> str:
    """``3.5 bn USD a year higher``, or that nothing is seen."""
    if abs(total.value) < 2.0 * total.error or total.value == 0.0:
        return "the same to the digits that the simulation knows"
    return f"{words.quantity(words.rounded(abs(total.value), total.error, 0.1), unit)} {'higher' if total.value > 0.0 else 'lower'}"


def doubt(readings: Readings, worth: Worth | None, influence: Influence) -> Finding:
    """The second sentence: how wide the answer is, and which assumption it turns on most."""
    target = WORTH if worth and WORTH in influence.paths else INCOME
    leader = influence.leader(target)
    rows: tuple[Reading, ...]
    if worth:
        rows = tuple(worth.part("total", statistic) for statistic in ("q05", "q95"))
        what = "when things happen, if they do"
        wide = f"on nine paths in ten relief is worth between {_between(rows, 0.1)} {MONEY}"
    else:
        rows = tuple(readings.level(*BRENT, readings.horizon, statistic) for statistic in ("q05", "q95"))
        what = "the price of oil"
        wide = f"on nine paths in ten Brent is between {_between(rows, 1.0)} USD/bbl in {words.month(readings.when(readings.horizon))}"
    if leader is None:
        return Finding("doubt", words.sentence(f"The main doubt is {what}: {wide}"), rows)
    share = leader.shares[target]
    record = (readings.run.config.parameters | readings.run.config.facts)[leader.keys[0]]
    ends = _ends(share, len(leader.keys))
    name = f"“{words.headline(record.doc)}” ({_basis(record.confidence)})"
    answer_of = "what relief is worth on average" if target == WORTH else "median oil revenue"
    turns = f"of the drawn assumptions the one that moves it most is {name}, with {answer_of} {ends} {MONEY}"
    reading = Reading(share.share, share.error, "events.parquet and the run's draws", f"variance share of {leader.keys[0]} in {target}")
    first = "chance and time" if worth else what
    begin = f"The main doubt is {what}" if influence.explained[target] < 0.5 else f"The doubt is {first} less than one assumption"
    return Finding("doubt", words.sentence(f"{begin}: {wide}; {turns}"), (*rows, reading))


def _between(pair: tuple[Reading, ...], finest: float) -> str:
    return " and ".join(words.rounded(r.value, r.error, finest) for r in pair)


def _basis(tag: str) -> str:
    return words.join(CONFIDENCE[part] for part in tag.split("/"))


def _ends(share: Share, keys: int) -> str:
    """``1.5 in its lowest fifth and 6.0 in its highest``."""
    low, high = (words.rounded(value, 0.0, 0.1) for value in (share.low, share.high))
    return f"{low} in its lowest fifth and {high} in its highest," if keys == 1 else f"between {low} and {high}, by the row drawn,"


def worths(worth: Worth) -> list[Finding]:
    """What relief is worth in total, then one sentence each for volume, discount and Brent, then what else differs."""
    found = [_total(worth)]
    clauses = {
        "volume": (VOLUME, "exports are {amount} mb/d {direction}", 0.01),
        "discount": (DISCOUNT, "the Urals FOB discount is {amount} USD/bbl {direction}", 0.1),
        "Brent": (BRENT, "Brent is {amount} USD/bbl {direction}", 0.01),
    }
    end = words.month(Readings(worth.run).when(Readings(worth.run).horizon))
    for name, (variable, clause, finest) in clauses.items():
        part, last = worth.part(name), worth.at_the_end(*variable)
        text = _effect(name, part)
        if last is not None and abs(last.value) > 2.0 * last.error:
            direction = _direction(name, last.value)
            text += f": in {end} {clause.format(amount=words.rounded(abs(last.value), last.error, finest), direction=direction)} on average"
        found.append(Finding(f"worth-{name.lower()}-{worth.run.scenario}", words.sentence(text), (part, *([last] if last else []))))
    if worth.beyond_relief:
        keys = words.listed(worth.beyond_relief)
        text = f"The two scenarios differ in more than relief ({keys}), and the difference holds that too"
        found.append(Finding(f"worth-beyond-{worth.run.scenario}", words.sentence(text), ()))
    return found


def _direction(name: str, value: float) -> str:
    if name == "discount":
        return "wider" if value > 0.0 else "narrower"
    return "higher" if value > 0.0 else "lower"


def _total(worth: Worth) -> Finding:
    mean, median, low, high = rows = tuple(worth.part("total", statistic) for statistic in ("mean", "q50", "q05", "q95"))
    text = (
        f"In “{worth.run.manifest['title']}” Russia's oil revenue is {_more(mean)} than in “{worth.yardstick.manifest['title']}”, on average over all "
        f"paths; half of the paths lie above {words.rounded(median.value, median.error, 0.1)}, and nine in ten between "
        f"{words.rounded(low.value, low.error, 0.1)} and {words.rounded(high.value, high.error, 0.1)}"
    ).replace("knows than in", "knows as in")
    return Finding(f"worth-total-{worth.run.scenario}", words.sentence(text), rows)


def _effect(name: str, part: Reading) -> str:
    """``The discount adds 1.9 bn USD a year``."""
    subject = {"volume": "Volume", "discount": "The discount", "Brent": "The price of Brent"}[name]
    if abs(part.value) < 2.0 * part.error or part.value == 0.0:
        return f"{subject} changes revenue by nothing that the simulation can tell"
    verb = "adds" if part.value > 0.0 else "takes away"
    return f"{subject} {verb} {words.quantity(words.rounded(abs(part.value), part.error, 0.1), MONEY)}"


def chance(influence: Influence, titles: dict[str, str]) -> list[Finding]:
    """How much of each outcome's spread the drawn assumptions account for, one at a time."""
    found = []
    for name, share in influence.explained.items():
        text = (
            f"{titles[name]}: the drawn assumptions, one at a time, account for {words.percent(share)} of the spread; the rest is chance along the path "
            f"and assumptions acting together. Shares under about {100.0 * influence.floor[name]:.2g}% cannot be told from noise with "
            f"{words.plural(influence.paths[name], 'path')}"
        )
        row = f"sum of the variance shares seen in {name}"
        found.append(Finding(f"chance-{name}", words.sentence(text), (Reading(share, 0.0, "events.parquet and the run's draws", row),)))
    return found
