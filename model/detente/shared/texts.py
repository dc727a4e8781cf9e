"""Text from outside in one form."""

import unicodedata


def normalised(text: str) -> str:
    """Text in Unicode's composed form (NFC).

    A Mac writes ``é`` as two characters where a keyboard writes one. Both look the same, so both must be the same key,
    name or title.
    """
    return text if text.isascii() else unicodedata.normalize("NFC", text)
