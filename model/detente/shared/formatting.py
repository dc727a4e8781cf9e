"""Numbers, dates and names for readers, in English whatever the computer's language."""

import datetime as dt
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

MINUS = "\u2212"
SCALE_SOURCE = (
    "Mastrandrea and others (2010), Guidance Note for Lead Authors of the IPCC Fifth Assessment Report on Consistent "
    "Treatment of Uncertainties, table 1, read here as bands that do not overlap"
)


@dataclass(frozen=True)
class Band:
    """A word and its range of probabilities, in whole per cent: ``low`` to just under the next band's ``low``."""

    word: str
    low: int
    range: str


SCALE = (
    Band("virtually certain", 99, "99% and more"),
    Band("very likely", 90, "90 to 98%"),
    Band("likely", 66, "66 to 89%"),
    Band("about as likely as not", 33, "33 to 65%"),
    Band("unlikely", 10, "10 to 32%"),
    Band("very unlikely", 1, "1 to 9%"),
    Band("exceptionally unlikely", 0, "less than 1%"),
)


def whole_percent(p: float) -> int:
    """Probability in whole per cent, halves rounded up.

    The words follow this number, so that word and number never disagree.
    """
    return math.floor(100.0 * p + 0.5)


def percent(p: float) -> str:
    """``44%``, ``<1%``, ``>99%``; ``0%`` and ``100%`` only if it happens on no path or on every path."""
    whole = whole_percent(p)
    if p > 0.0 and whole < 1:
        return "<1%"
    if p < 1.0 and whole > 99:
        return ">99%"
    return f"{whole}%"


def share(p: float) -> str:
    """A probability to two digits where ``percent`` is too coarse: ``2.3%``, ``0.034%``, ``<0.001%``, ``>99.999%``."""
    if 0.0 < p < 1e-5:
        return "<0.001%"
    if 1.0 - 1e-5 < p < 1.0:
        return ">99.999%"
    return f"{plain(100.0 * p, 2 if p < 0.9 else 5)}%"


def likelihood(p: float) -> str:
    """The scale's word for a probability."""
    whole = whole_percent(p)
    return next(band.word for band in SCALE if whole >= band.low)


def calibrated(p: float) -> str:
    """``unlikely (18%)``; what no path or every path does is said so, for the scenario excludes or sets it."""
    if p <= 0.0:
        return "on no path (0%)"
    if p >= 1.0:
        return "on every path (100%)"
    return f"{likelihood(p)} ({percent(p)})"


def rounding_step(error: float, resolution: float = 0.01) -> float:
    """Step for rounding a number: no smaller than its error nor than ``resolution``.

    A power of ten; above 1 also two or five times one. A last digit below the standard error would be noise.
    """
    need = max(error, resolution) if math.isfinite(error) else resolution
    power = 10.0 ** math.floor(math.log10(need) + 1e-9)
    factors = (1.0, 2.0, 5.0, 10.0) if need > 1.0 else (1.0, 10.0)
    return next(factor * power for factor in factors if need <= factor * power * (1.0 + 1e-9))


def rounded(value: float, error: float = 0.0, resolution: float = 0.01, *, signed: bool = False) -> str:
    """A number rounded by its standard error, with thousands commas and a true minus sign; a dash for NaN."""
    if not math.isfinite(value):
        return "–"
    step = rounding_step(error, resolution)
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return _with_sign(f"{round(value / step) * step:,.{decimals}f}", signed)


def amount(value: float, digits: int = 0, *, signed: bool = False) -> str:
    """A number with fixed decimals, for ticks and columns: ``1,250``, ``−3.5``; a plus sign too when ``signed``."""
    return _with_sign(f"{value:,.{digits}f}", signed)


def plain(value: float, digits: int = 3) -> str:
    """A number to significant digits, for parameters: ``0.00543``, ``14``, ``1,234``."""
    if value == 0.0:
        return "0"
    if abs(value) >= 10.0 ** max(digits, 3):
        return _with_sign(f"{round(value, digits - 1 - math.floor(math.log10(abs(value)))):,.0f}")
    text = f"{value:.{digits}g}"
    if "e" not in text:
        return _with_sign(text)
    rounded_value = float(text)
    decimals = (
        0 if abs(rounded_value) >= 1.0 else int(text.partition("e-")[2]) + len(text.partition("e")[0].partition(".")[2])
    )
    return _with_sign(f"{rounded_value:,.{decimals}f}")


def _with_sign(text: str, signed: bool = False) -> str:
    """A true minus sign; no sign before zero; a plus sign when ``signed``."""
    bare = text.removeprefix("-")
    if not any(digit in bare for digit in "123456789"):
        return bare
    return (MINUS if text != bare else "+" if signed else "") + bare


UNITS = {
    "1": "",
    "1/month": "a month",
    "month": "months",
    "day": "days",
    "log": "in logs",
    "log variance": "in log variance",
}
"""Units that read better in words than as they are declared."""


MONEY = re.compile(r"(m|bn|trn) ([A-Z]{3})(.*)")
"""A unit of money as declared, ``bn USD/month``: scale, currency and the rest."""
PER = {"/month": " a month", "/year": " a year", "/y": " a year"}


def quantity(text: str, unit: str) -> str:
    """A number with its unit: ``14 USD/bbl``, ``0.02 a month``, ``USD 5.2bn a year``; a dimensionless one by itself.

    No line breaks between the number and its unit. ``unit`` as declared in ``variables.toml`` or in words.
    """
    money = MONEY.fullmatch(unit)
    if money:
        scale, currency, rest = money.groups()
        return f"{currency}\u00a0{text}{scale}{PER.get(rest, rest)}"
    shown = UNITS.get(unit, unit)
    if shown.startswith("%"):
        return f"{text}{shown}"
    return f"{text}\u00a0{shown}" if shown else text


def span(
    low: float,
    high: float,
    errors: tuple[float, float] = (0.0, 0.0),
    resolution: float = 0.01,
    between: str = "to",
    *,
    signed: bool = False,
) -> str:
    """``1.2 to 20``: each end rounded by its error, the upper one never with more decimals than the lower."""
    begin = rounded(low, errors[0], resolution, signed=signed)
    return f"{begin} {between} {rounded(high, max(errors), resolution, signed=signed)}"


def with_range(value: float, low: float, high: float, *, resolution: float = 1.0, signed: bool = False) -> str:
    """``12 (3 to 20)``: a number with its range, to the same resolution."""
    middle = rounded(value, 0.0, resolution, signed=signed)
    return f"{middle} ({span(low, high, resolution=resolution, signed=signed)})"


def count(number: int) -> str:
    """``65,536``."""
    return f"{number:,}"


def day(date: dt.date) -> str:
    """``31 August 2026``, without a line break."""
    return f"{date.day}\u00a0{month(date)}"


def short_day(date: dt.date) -> str:
    """``31 Aug 2026``, for narrow places: it may break."""
    return f"{date.day} {short_month(date)}"


def month(date: dt.date) -> str:
    """``August 2029``, without a line break."""
    return f"{MONTHS[date.month - 1]}\u00a0{date.year}"


def short_month(date: dt.date) -> str:
    """``Aug 2029``, for narrow places: it may break."""
    return f"{MONTHS[date.month - 1][:3]} {date.year}"


MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


def months(number: int) -> str:
    """``1 month``, ``12 months``."""
    return f"{number}\u00a0month{'' if number == 1 else 's'}"


def duration(seconds: float) -> str:
    """``45 seconds``, ``12 minutes``, ``3.5 hours``: in the unit that keeps the number small."""
    if seconds < 120.0:
        return f"{seconds:.0f} seconds"
    return f"{seconds / 60.0:.0f} minutes" if seconds < 7200.0 else f"{seconds / 3600.0:.1f} hours"


def join(parts: Iterable[str], last: str = "and") -> str:
    """``a, b and c``."""
    words = [part for part in parts if part]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def capital(text: str) -> str:
    """The text with a capital first letter, the others as they are."""
    return text[:1].upper() + text[1:]


def sentence(text: str) -> str:
    """Capital first, full stop last."""
    text = capital(text.strip(" "))
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def headline(doc: str) -> str:
    """What a record is, from its own words: the first clause, without what a larger value means."""
    return " ".join(doc.split()).split(";")[0].split(". ")[0].strip().rstrip(".")


NAMES = ("Brent", "Urals", "Russia", "China", "India", "Türkiye", "Europe", "Ukraine", "Congress", "Student")


def inside(text: str) -> str:
    """A phrase as it stands inside a sentence: small first letter, unless it begins with a name or an abbreviation."""
    return text if text.startswith(NAMES) or text[1:2].isupper() else text[:1].lower() + text[1:]


SPELT = {word.lower(): word for word in ("US", "EU", "UK", "OPEC", "Urals", "China", "India", "Baltic")} | {
    "turkiye": "Türkiye"
}


def key_in_words(key: str) -> str:
    """``oil.urals_discount_blocking`` as ``Urals discount blocking``."""
    return " ".join(SPELT.get(part, part) for part in key.rpartition(".")[2].split("_"))


ABBREVIATIONS = {word.lower(): word for word in ("US", "EU", "UK", "LNG", "CA", "JP", "Nord", "Stream", "Ukraine")} | {
    "turkstream": "TurkStream"
}
COMPOUNDS = ("US-first", "price-triggered", "snap-back", "central-bank", "phase-out")


def slug_in_words(slug: str) -> str:
    """A hyphenated name of the configuration in words: ``us-first-relief`` as ``US-first relief``."""
    text = " ".join(ABBREVIATIONS.get(part, part) for part in slug.split("-"))
    for compound in COMPOUNDS:
        text = text.replace(compound.replace("-", " "), compound)
    return text


def one_line(text: str) -> str:
    """Text from a configuration on one line."""
    return " ".join(text.split())


def by_hand(overrides: Mapping[str, str], most: int = 0) -> str:
    """``conflict.feedback = false; facts.oil.brent = 55``; with ``most``, no more than so many, then a number."""
    texts = [one_line(f"{key} = {value}") for key, value in sorted(overrides.items())]
    if most and len(texts) > most:
        return f"{'; '.join(texts[:most])}; and {len(texts) - most} more"
    return "; ".join(texts)


def plural(number: int, one: str, many: str | None = None) -> str:
    """``1 path``, ``3 paths``, with thousands commas."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def listed(items: Sequence[str], most: int = 4) -> str:
    """A list that ends in how many more there are, if these are at least three."""
    if len(items) <= most + 2:
        return join(items)
    return f"{', '.join(items[:most])} and {len(items) - most} more"
