"""Numbers, dates and names as the figures write them; free of the computer's language settings."""

import datetime as dt

from detente.shared import formatting as report_words
from detente.shared.formatting import MINUS, MONTHS

percent = report_words.percent
"""Whole per cent as the report writes them; what is rare or near certain is not rounded to never or always."""
SENDERS = {"US": "United States", "EU": "European Union", "UK": "United Kingdom", "CA": "Canada", "JP": "Japan"}
PROPER = {
    "us": "US",
    "eu": "EU",
    "uk": "UK",
    "lng": "LNG",
    "ca": "CA",
    "jp": "JP",
    "nord": "Nord",
    "stream": "Stream",
    "turkstream": "TurkStream",
    "ukraine": "Ukraine",
}
COMPOUNDS = ("US-first", "price-triggered", "snap-back", "central-bank", "phase-out")


def amount(value: float, digits: int = 0, *, signed: bool = False) -> str:
    """``1,250``, ``−3.5``, with a sign in front when ``signed``; never minus zero."""
    text = f"{abs(value):,.{digits}f}"
    if not any(character in "123456789" for character in text):
        return text
    return (MINUS if value < 0 else "+" if signed else "") + text


def span(low: float, high: float, digits: int = 0, *, signed: bool = False) -> str:
    """``44 to 112``."""
    return f"{amount(low, digits, signed=signed)} to {amount(high, digits, signed=signed)}"


def between(low: float, high: float, digits: int = 0) -> str:
    """``between 44 and 112``."""
    return f"between {amount(low, digits)} and {amount(high, digits)}"


def month(date: dt.date, *, full: bool = False) -> str:
    """``Aug 2029`` or ``August 2029``."""
    name = MONTHS[date.month - 1]
    return f"{name if full else name[:3]} {date.year}"


def day(date: dt.date) -> str:
    """``31 Aug 2026``."""
    return f"{date.day} {month(date)}"


def words(slug: str) -> str:
    """A name of the configuration in words: ``US-first relief``."""
    text = " ".join(PROPER.get(part, part) for part in slug.split("-"))
    for compound in COMPOUNDS:
        text = text.replace(compound.replace("-", " "), compound)
    return text


def capital(text: str) -> str:
    """The text with a capital first letter, the others as they are."""
    return text[:1].upper() + text[1:]


def listed(parts: list[str]) -> str:
    """``a, b and c``."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
