"""The documentation that ships with the package: its topics and their text."""

import re
from dataclasses import dataclass
from pathlib import Path

from detente.shared.errors import ConfigError
from detente.shared.messages import unknown
from detente.shared.paths import shipped_docs


@dataclass(frozen=True)
class Topic:
    """One document."""

    name: str
    """What selects it, such as ``method`` for docs/method.md."""
    title: str
    """Its heading."""
    file: Path

    def text(self) -> str:
        """The document in Markdown, without the note that marks a generated page."""
        return re.sub(r"\A<!--.*?-->\s*", "", self.file.read_text(encoding="utf-8"), flags=re.DOTALL)


def topics() -> list[Topic]:
    """Every document, in alphabetical order."""
    return [Topic(path.stem, _title(path), path) for path in sorted(shipped_docs().glob("*.md"))]


def topic(name: str) -> Topic:
    """The document of that name; a path as messages give it, such as docs/method.md, names it too.

    ConfigError where there is none.
    """
    wanted = name.removeprefix("docs/").partition("#")[0].removesuffix(".md").casefold()
    known = {one.name: one for one in topics()}
    if wanted not in known:
        raise ConfigError(f"There is an {unknown('topic', name, known)}")
    return known[wanted]


def _title(path: Path) -> str:
    heading = re.search(r"^# +(.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return heading[1].strip() if heading else path.stem
