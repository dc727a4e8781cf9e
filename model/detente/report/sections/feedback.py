"""Sentences on what the loop changes, and on what war and relief do to losses of people."""

from detente.analysis.estimates import Reading, Readings
from detente.analysis.feedback import CEASEFIRE, EXHAUSTED, Loop, Quantity
from detente.analysis.relief_value import Worth
from detente.report.findings import Finding, seen
from detente.shared import formatting

RUSSIAN, UKRAINIAN = "attrition.total_casualties_ru", "attrition.total_casualties_ua"


def loops(loop: Loop | None) -> list[Finding]:
    """What closing the loop does to the chance of a ceasefire, then to money and people, then how often the reserve
    runs out."""
    if loop is None:
        return []
    return [_ceasefire(loop), *_amounts(loop), *_reserve(loop)]


def _ceasefire(loop: Loop) -> Finding:
    readings = Readings(loop.run)
    rows, parts = [], []
    for months in loop.dates:
        closed, opened, difference = loop.chance(CEASEFIRE, months)
        rows += [closed, opened, difference]
        when = formatting.day(readings.end(months))
        if seen(difference, 0.01):
            parts.append(f"{formatting.percent(closed.value)} instead of {formatting.percent(opened.value)} by {when}")
        else:
            parts.append(f"{formatting.percent(closed.value)} with it and without by {when}")
    text = f"With the loop closed, the chance of a general ceasefire is {formatting.join(parts)}"
    return Finding("loop-ceasefire", formatting.sentence(text), tuple(rows))


def _amounts(loop: Loop) -> list[Finding]:
    parts, rows = [], []
    for quantity in loop.quantities:
        closed, opened, difference = loop.mean(quantity)
        rows += [closed, opened, difference]
        parts.append(_changed(quantity, closed, opened, difference))
    return (
        [Finding("loop-amounts", formatting.sentence(f"On average {formatting.join(parts)}"), tuple(rows))]
        if parts
        else []
    )


def _changed(quantity: Quantity, closed: Reading, opened: Reading, difference: Reading) -> str:
    """``Russian casualties, … are 1,156 thousand instead of 1,230``."""
    name = quantity.name.partition(",")[0]
    verb = "are" if name.endswith("s") else "is"
    if not seen(difference, quantity.finest):
        return f"{name} {verb} the same"
    mine = formatting.quantity(formatting.rounded(closed.value, difference.error, quantity.finest), quantity.unit)
    return f"{name} {verb} {mine} instead of {formatting.rounded(opened.value, difference.error, quantity.finest)}"


def _reserve(loop: Loop) -> list[Finding]:
    if not loop.has(EXHAUSTED):
        return []
    last = Readings(loop.run).horizon
    closed, opened, difference = loop.chance(EXHAUSTED, last)
    text = f"Russia's liquid reserve is exhausted by {formatting.day(Readings(loop.run).end(last))} on {formatting.percent(closed.value)} of paths"
    text += (
        f", without the loop on {formatting.percent(opened.value)}"
        if seen(difference, 0.01)
        else ", with the loop and without"
    )
    return [Finding("loop-reserve", formatting.sentence(text), (closed, opened, difference))]


def toll(worth: Worth) -> list[Finding]:
    """What a scenario does to losses of both sides against no relief; nothing for runs without them."""
    if not worth.has(RUSSIAN, UKRAINIAN):
        return []
    russian, ukrainian = rows = (worth.people(RUSSIAN), worth.people(UKRAINIAN))
    if not any(seen(row, 0.1) for row in rows):
        return [Finding("worth-losses", "No difference is seen in the war's losses of people.", rows)]
    told = [
        f"{size(row)} {'fewer' if row.value < 0.0 else 'more'} {name} soldiers"
        for name, row in (("Russian", russian), ("Ukrainian", ukrainian))
        if seen(row, 0.1)
    ]
    text = f"Over the horizon {formatting.join(told)} are killed or wounded on average, because {_why(worth)}"
    return [Finding("worth-losses", formatting.sentence(text), rows)]


def size(row: Reading) -> str:
    """``31,000``: people in thousands, written out."""
    return formatting.rounded(1000.0 * abs(row.value), 1000.0 * row.error, 100.0)


def _why(worth: Worth) -> str:
    """Losses follow the state of the war; what relief does to that is a prior."""
    if any(key.startswith("conflict.") for key in worth.beyond_relief):
        return "the two scenarios set the war apart"
    return "relief on offer moves the chance of a ceasefire, an effect that is judgement"
