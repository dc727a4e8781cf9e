"""Keys and values from files in messages: shortened, safe for a terminal, with the nearest valid word."""

import difflib
import re
from collections.abc import Iterable

from detente.shared.texts import normalised

KeyPath = tuple[str | int, ...]
"""Where a value stands: table keys and list indices, such as ``("event", 0, "date")``."""


def quoted(text: object, *, marks: bool = True, limit: int = 80) -> str:
    """Text from outside: shortened, control characters escaped, in double quotes unless ``marks`` is off."""
    clean = str(text)[: limit + 1]
    clean = clean if len(clean) <= limit else clean[: limit - 1] + "…"
    clean = printable(clean)
    return f'"{clean}"' if marks else clean


def file_name(path: str, limit: int = 240) -> str:
    """A path in a sentence: where it is very long its beginning is left out, for the file is named at its end."""
    return printable(path if len(path) <= limit else f"…{path[1 - limit :]}")


def printable(text: str) -> str:
    """Text with every character that a terminal would act on written as an escape."""
    return (
        text
        if text.isprintable()
        else "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)
    )


def dotted(path: KeyPath) -> str:
    """A path as text: ``parameters.oil.x.value``.

    List items are numbered from one, ``event #2.date``.
    """
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f" #{part + 1}"
        else:
            text += ("." if text else "") + (part if re.fullmatch(r"[\w-]{1,80}", part) else quoted(part))
    return text


def number(value: float) -> str:
    """A number as people write it: 14 rather than 14.0, twelve digits at most."""
    return f"{value:.12g}"


def span(low: float, high: float, unit: str = "1") -> str:
    """``0 to 60 USD/bbl``; the unit 1 is not written."""
    return f"{number(low)} to {number(high)}" + ("" if unit == "1" else f" {unit}")


def nearest(word: str, valid: Iterable[str], cutoff: float = 0.6) -> str | None:
    """The valid word that looks most like this one, whatever the case of letters; None if nothing is near."""
    lowered = {normalised(candidate).casefold(): candidate for candidate in valid}
    close = difflib.get_close_matches(normalised(word[:100]).casefold(), lowered, n=1, cutoff=cutoff)
    return lowered[close[0]] if close else None


def one_of(valid: Iterable[str], limit: int = 12) -> str:
    """``a, b or c``; a list of more than twice the limit is cut to it, so that what is missing is not the point."""
    words = [quoted(word) for word in valid]
    if len(words) > 2 * limit:
        return f"{', '.join(words[:limit])} and {len(words) - limit} more"
    return f"{', '.join(words[:-1])} or {words[-1]}" if len(words) > 1 else "".join(words)


def unknown(what: str, word: str, valid: Iterable[str], prefix: str = "") -> str:
    """The end of a sentence on an unknown word: names the nearest valid one, or else all of them."""
    valid = list(valid)
    near = nearest(word, valid)
    if near is not None:
        return f"unknown {what} {quoted(prefix + word)}; the nearest valid one is {quoted(prefix + near)}."
    if not valid:
        return f"unknown {what} {quoted(prefix + word)}; there is none."
    return f"unknown {what} {quoted(prefix + word)}; valid{' there' if prefix else ''}: {one_of(valid)}."
