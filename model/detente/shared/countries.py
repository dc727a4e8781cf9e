"""Names of countries and regions: one table of spellings for questions, settings, tariffs and explanations."""

import re
from collections.abc import Collection, Iterator

from detente.shared.texts import normalised

COUNTRIES: tuple[tuple[str, ...], ...] = (
    ("United States", "US", "USA", "U.S.", "United States of America"),
    ("European Union", "EU", "EU27", "EU-27"),
    ("United Kingdom", "UK", "GBR", "Great Britain"),
    ("Russian Federation", "Russia", "RUS"),
    ("Ukraine", "UKR"),
    ("China", "CHN", "People's Republic of China", "PRC"),
    ("India", "IND"),
    ("Türkiye", "Turkiye", "Turkey", "TUR"),
    ("Brazil", "BRA"),
    ("Japan", "JPN"),
    ("South Korea", "Korea", "Republic of Korea", "KOR"),
    ("Gulf exporters", "Gulf"),
    ("Canada and Mexico", "CANMEX"),
    ("Rest of the World", "Rest", "ROW"),
    ("Euro Area", "Eurozone"),
)
"""Spellings of one country or region in a row; upper and lower case are the same."""
_ROWS = {spelling.casefold(): row for row in COUNTRIES for spelling in row}


def spellings(name: str) -> tuple[str, ...]:
    """All spellings of a country or region; the name alone if it is not in the table."""
    return _ROWS.get(normalised(name).casefold(), (name,))


def same(first: str, second: str) -> bool:
    """Whether two words name one country or region."""
    second = normalised(second).casefold()
    return second in {spelling.casefold() for spelling in spellings(first)}


def respelt(key: str, known: Collection[str]) -> str | None:
    """The key among ``known`` that names a country in another spelling: ``defiance_turkey`` for ``defiance_turkiye``.

    None if there is none.
    """
    return next((other for other in respellings(key) if other in known), None)


def respellings(key: str) -> Iterator[str]:
    """A dotted key with every other spelling of the countries in it."""
    for row in COUNTRIES:
        words = [_in_keys(spelling) for spelling in row]
        for word in words:
            pattern = rf"(?<![^._]){re.escape(word)}(?![^._])"
            if re.search(pattern, key, re.IGNORECASE):
                yield from (re.sub(pattern, other, key, flags=re.IGNORECASE) for other in words if other != word)


def _in_keys(spelling: str) -> str:
    """A spelling as it stands in dotted keys."""
    return spelling.casefold().replace(" ", "_")
