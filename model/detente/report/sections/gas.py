"""Sentences on what relief is worth to Europe: the gas bill, Russian gas, TTF, consumer prices, and what the bill
turns on."""

from detente.analysis.estimates import Reading, Readings
from detente.analysis.gas_costs import MEASURES, Europe, Measure
from detente.analysis.outcomes import GAS_WORTH
from detente.analysis.sensitivity import Influence
from detente.report.findings import SAME, Finding, between, more, seen, size, turns
from detente.shared import formatting

NAMES = {"gas": "Russian gas to Europe", "TTF": "TTF", "HICP": "consumer prices"}


def europes(europe: Europe, influence: Influence) -> list[Finding]:
    """The bill, then a sentence each for gas, TTF and consumer prices; those in which no difference is seen share
    one."""
    told = [name for name in NAMES if europe.has(name)]
    different = [name for name in told if _differs(europe, name)]
    same = [name for name in told if name not in different]
    found = [bill(europe, subject=True)]
    found += [_SENTENCES[name](europe) for name in different]
    if same:
        found.append(_alike(europe, same, alone=not different and not _differs(europe, "bill")))
    leader = influence.leader(GAS_WORTH)
    if leader is not None:
        about = "how far the bill differs"
        text, reading = turns(Readings(europe.run), leader, GAS_WORTH, about, (0.1, "%"), True)
        found.append(Finding("europe-turns", formatting.sentence(text), (reading,)))
    return found


def bill(europe: Europe, subject: bool = False) -> Finding:
    """What relief does to Europe's gas bill; ``subject``: the report is about this run, whose title is not said
    again."""
    measure = MEASURES["bill"]
    mean, median, low, high = rows = tuple(
        europe.amount("bill", statistic) for statistic in ("mean", "q50", "q05", "q95")
    )
    mine, theirs = (formatting.one_line(run.manifest["title"]) for run in (europe.run, europe.yardstick))
    begin = "Europe's gas bill is" if subject else f"In “{mine}” Europe's gas bill is"
    key = f"europe-bill-{europe.run.scenario}"
    if not _differs(europe, "bill"):
        text = f"{begin} {_same(mean, measure)} as in “{theirs}”"
        text += ": on every path the EU's gas law stands or falls as it does there" if europe.same_law else ""
        return Finding(key, formatting.sentence(text), (mean,))
    middle = formatting.rounded(median.value, median.error, measure.finest)
    text = (
        f"{begin} {more(mean, measure.finest, measure.unit)} than in “{theirs}”, on average over all paths; half of the paths lie above {middle}, "
        f"and nine in ten between {between((low, high), measure.finest, 'and')}"
    )
    if europe.has("spending") and _differs(europe, "spending"):
        money = europe.amount("spending")
        amount = size(money, MEASURES["spending"].finest, MEASURES["spending"].unit)
        text += f"; at the hub price the gas that the EU uses costs {amount} {'more' if money.value > 0.0 else 'less'}"
        rows = (*rows, money)
    return Finding(key, formatting.sentence(text), rows)


def _differs(europe: Europe, name: str) -> bool:
    return seen(europe.amount(name), MEASURES[name].finest)


def _same(reading: Reading, measure: Measure) -> str:
    """``the same, to within 0.01% of GDP a year,``; where the simulation does not know as much, it says so."""
    if abs(reading.value) + 2.0 * reading.error < measure.finest:
        return f"the same, to within {formatting.quantity(formatting.rounded(measure.finest, 0.0, measure.finest), measure.unit)},"
    return f"{SAME},"


def _gas(europe: Europe) -> Finding:
    difference, (mine, theirs) = europe.amount("gas"), europe.russian_gas()
    finest = MEASURES["gas"].finest
    levels = f"{formatting.rounded(mine.value, mine.error, finest)} instead of {formatting.rounded(theirs.value, theirs.error, finest)}"
    amount = f"{size(difference, finest, 'bcm')} {'more' if difference.value > 0.0 else 'less'}"
    text = f"On average over paths and horizon {amount} Russian gas a year reaches Europe, {levels}"
    return Finding("europe-gas", formatting.sentence(text), (difference, mine, theirs))


def _ttf(europe: Europe) -> Finding:
    mean, ratio = europe.amount("TTF"), europe.amount("ratio", "q50")
    text = f"TTF is {more(mean, MEASURES['TTF'].finest, 'EUR/MWh')} on average over paths and horizon"
    if seen(ratio, MEASURES["ratio"].finest):
        text += f", and {formatting.percent(abs(ratio.value))} {'higher' if ratio.value > 0.0 else 'lower'} on the median path"
    return Finding("europe-ttf", formatting.sentence(text), (mean, ratio))


def _hicp(europe: Europe) -> Finding:
    mean = europe.amount("HICP")
    readings = Readings(europe.run)
    end = formatting.month(readings.when(readings.horizon))
    text = f"Through gas alone, euro-area consumer prices are {more(mean, MEASURES['HICP'].finest, 'points')} in {end}"
    return Finding("europe-hicp", formatting.sentence(text), (mean,))


_SENTENCES = {"gas": _gas, "TTF": _ttf, "HICP": _hicp}


def _alike(europe: Europe, names: list[str], alone: bool) -> Finding:
    """One sentence for all that does not differ; ``alone``: the bill before it does not differ either."""
    rows = tuple(europe.amount(name) for name in names)
    bounds = []
    for name, row in zip(names, rows, strict=True):
        measure = MEASURES[name]
        known = abs(row.value) + 2.0 * row.error < measure.finest
        bounds.append(
            formatting.quantity(
                formatting.rounded(measure.finest if known else 2.0 * row.error, 0.0, measure.finest), measure.unit
            )
        )
    told = formatting.join(f"{NAMES[name]} ({bound})" for name, bound in zip(names, bounds, strict=True))
    verb = "is" if len(names) == 1 and names != ["HICP"] else "are"
    text = f"So {verb} {told}" if alone else f"{told} {verb} the same"
    return Finding(
        "europe-alike",
        formatting.sentence(f"{text}; in brackets what a difference would have to exceed to be seen"),
        rows,
    )
