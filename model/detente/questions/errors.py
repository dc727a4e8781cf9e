"""Error of a question: a sentence, then the question with a mark under the position."""

from detente.shared.errors import ConfigError
from detente.shared.messages import quoted

WIDTH = 96


class QuestionError(ConfigError):
    """A question that cannot be read or answered; ``place`` is the index of the character concerned."""

    def __init__(self, text: str, place: int, message: str) -> None:
        self.place = max(0, min(place, len(text)))
        super().__init__(f"the question, character {self.place + 1}: {message}\n{pointed(text, self.place)}")


def pointed(text: str, place: int) -> str:
    """The part of a question around a position, with a mark under it."""
    line = "".join(character if character.isprintable() else " " for character in text)
    begin = max(0, place - WIDTH // 2)
    piece = line[begin : begin + WIDTH]
    before, after = "…" if begin else "", "…" if begin + WIDTH < len(line) else ""
    return f"  {before}{quoted(piece, marks=False, limit=WIDTH)}{after}\n  {' ' * (len(before) + place - begin)}^"
