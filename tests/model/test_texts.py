"""One form of text from outside."""

import unicodedata

from detente.shared.texts import normalised


def test_composed_and_decomposed_text_become_the_same() -> None:
    name = "Türkiye, Côte d'Ivoire"
    assert normalised(unicodedata.normalize("NFD", name)) == name
    assert normalised(name) is not None and normalised(name) == name
    assert normalised("plain") == "plain"
