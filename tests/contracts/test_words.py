"""No text for readers holds a phrase, and no name in the code is, of the private language that ``tests/words.toml``
lists.

``python tests/contracts/test_words.py`` prints what is left, by package and file.
"""

import ast
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
WORDS = tomllib.loads((ROOT / "tests" / "words.toml").read_text(encoding="utf-8"))
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "results").glob("README.md"))
)
FOLDERS = (*(ROOT / "model" / "detente").iterdir(), ROOT / "kernels" / "detente_kernels")
PACKAGES = [
    *sorted(path.relative_to(ROOT).as_posix() for path in FOLDERS if path.is_dir() and any(path.rglob("*.py"))),
    "model/detente/*.py",
]
READ_KEYS = ("doc", "title", "description", "text", "note", "basis")
"""Keys of the configuration that hold sentences for readers."""
NUMBER = r"(?:\d[\d.,]*|\{\})"


@dataclass(frozen=True)
class Text:
    """A piece of text and where it stands."""

    place: str
    line: int
    text: str


@dataclass(frozen=True)
class Violation:
    """A forbidden phrase or name, where it stands, and what replaces it."""

    place: str
    line: int
    what: str
    instead: str

    def __str__(self) -> str:
        return f"{self.place}, line {self.line}: {self.what!r}; write: {self.instead}"


# --- phrases ----------------------------------------------------------------------------------------------------------


@cache
def pattern(phrase: str) -> re.Pattern[str]:
    """A phrase as a regular expression: any space between words, # for a number, whole words only, any case."""
    parts = [re.escape(part).replace(r"\#", NUMBER) for part in phrase.split()]
    before, after = (r"(?<!\w)" if phrase[0].isalnum() else "", r"(?!\w)" if phrase[-1].isalnum() else "")
    return re.compile(before + r"[\s\xa0]+".join(parts) + after, re.IGNORECASE)


def excepted(entry: dict[str, Any]) -> list[str]:
    return [text for exception in entry.get("except", ()) for text in exception["text"]]


def applies(entry: dict[str, Any], place: str) -> bool:
    return "only" not in entry or any(place == area or place.startswith(f"{area}/") for area in entry["only"])


def forbidden_phrases(text: Text) -> Iterator[Violation]:
    for entry in WORDS["phrase"]:
        if not applies(entry, text.place):
            continue
        left = text.text
        for exception in excepted(entry):
            left = pattern(exception).sub(lambda match: "\n" * match[0].count("\n"), left)
        for phrase in entry["text"]:
            for match in pattern(phrase).finditer(left):
                yield Violation(text.place, text.line + left[: match.start()].count("\n"), match[0], entry["instead"])


def literals(path: Path, *, docstrings_only: bool = False) -> Iterator[Text]:
    """Strings of a module; values inserted into a sentence appear as {}."""
    place = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if docstrings_only:
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Expr)
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, str)
            ):
                yield Text(place, node.lineno, node.value.value)
        return
    inside = {part for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            yield Text(place, node.lineno, "".join(map(str, parts)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in inside:
            yield Text(place, node.lineno, node.value)


def template_texts(path: Path) -> Iterator[Text]:
    text = re.sub(
        r"\{%.*?%\}|\{#.*?#\}", lambda match: "\n" * match[0].count("\n"), path.read_text("utf-8"), flags=re.S
    )
    yield Text(path.relative_to(ROOT).as_posix(), 1, re.sub(r"\{\{.*?\}\}", "{}", text))


def config_texts(path: Path) -> Iterator[Text]:
    """Sentences of a configuration file, each with its line as far as it can be found."""
    source = path.read_text(encoding="utf-8")

    def walk(value: Any, key: str) -> Iterator[str]:
        if isinstance(value, dict):
            for name, item in value.items():
                yield from walk(item, name)
        elif isinstance(value, list):
            for item in value:
                yield from walk(item, key)
        elif isinstance(value, str) and key in READ_KEYS:
            yield value

    for text in walk(tomllib.loads(source), ""):
        start = source.find(text[:20])
        yield Text(path.relative_to(ROOT).as_posix(), source[: max(start, 0)].count("\n") + 1, text)


def files(package: str, ending: str) -> list[Path]:
    """Files of a package by their ending; of ``model/detente/*.py`` the modules that are in no package."""
    if package.endswith("*.py"):
        return sorted((ROOT / package).parent.glob("*.py")) if ending == "py" else []
    return sorted((ROOT / package).rglob(f"*.{ending}"))


def package_texts(package: str) -> Iterator[Text]:
    for path in files(package, "py"):
        yield from literals(path, docstrings_only=package.startswith("kernels"))
    for path in files(package, "j2"):
        yield from template_texts(path)


def page_text(page: str) -> Text:
    return Text(page, 1, (ROOT / page).read_text(encoding="utf-8"))


def configs() -> list[Path]:
    return sorted((ROOT / "configs").rglob("*.toml"))


def violations(texts: Iterator[Text]) -> list[Violation]:
    return [violation for text in texts for violation in forbidden_phrases(text)]


# --- names in the code ------------------------------------------------------------------------------------------------


def names(path: Path) -> Iterator[tuple[str, int]]:
    """Every name that a module gives or uses, and its own, with lines."""
    yield path.stem, 1
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case (
                ast.Name(id=name, lineno=line) | ast.Attribute(attr=name, lineno=line) | ast.arg(arg=name, lineno=line)
            ):
                yield name, line
            case ast.FunctionDef(name=name, lineno=line) | ast.ClassDef(name=name, lineno=line):
                yield name, line
            case ast.AsyncFunctionDef(name=name, lineno=line):
                yield name, line
            case ast.keyword(arg=str(name), value=value):
                yield name, value.lineno
            case ast.alias(asname=str(name), lineno=line) | ast.ExceptHandler(name=str(name), lineno=line):
                yield name, line
            case ast.MatchAs(name=str(name), lineno=line) | ast.MatchStar(name=str(name), lineno=line):
                yield name, line


@cache
def forbidden_name(name: str) -> str:
    """What replaces a name; empty if the name is right."""
    for entry in WORDS["identifier"]:
        if name in excepted(entry):
            continue
        parts = [name.strip("_")]
        if entry["match"] == "part":
            parts = [part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", name)]
        if set(entry["name"]) & set(parts):
            return str(entry["instead"])
    return ""


def name_violations(package: str) -> list[Violation]:
    violated: dict[tuple[str, int, str], Violation] = {}
    for path in files(package, "py"):
        place = path.relative_to(ROOT).as_posix()
        for name, line in names(path):
            if instead := forbidden_name(name):
                violated[place, line, name] = Violation(place, line, name, instead)
    return [violated[key] for key in sorted(violated)]


# --- tests ------------------------------------------------------------------------------------------------------------


def report(broken: list[Violation]) -> str:
    return "\n".join([f"{len(broken)} to mend", *map(str, broken)])


@pytest.mark.parametrize("page", PAGES)
def test_a_page_holds_no_forbidden_phrase(page: str) -> None:
    broken = violations(iter([page_text(page)]))
    assert not broken, report(broken)


def test_the_help_of_no_command_holds_a_forbidden_phrase(command_help: dict[str, list[str]]) -> None:
    texts = (Text(f"help/{name}", 1, text) for name, blocks in command_help.items() for text in blocks)
    broken = violations(texts)
    assert not broken, report(broken)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_string_of_a_package_holds_a_forbidden_phrase(package: str) -> None:
    broken = violations(package_texts(package))
    assert not broken, report(broken)


@pytest.mark.parametrize("path", configs(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_text_of_the_configuration_holds_a_forbidden_phrase(path: Path) -> None:
    broken = violations(config_texts(path))
    assert not broken, report(broken)


def test_the_main_text_of_no_report_holds_a_forbidden_phrase(report_texts: dict[str, list[str]]) -> None:
    texts = (Text("model/detente/report", 1, text) for blocks in report_texts.values() for text in blocks)
    broken = violations(texts)
    assert not broken, report(broken)


@pytest.mark.parametrize("package", PACKAGES)
def test_no_name_of_a_package_is_forbidden(package: str) -> None:
    broken = name_violations(package)
    assert not broken, report(broken)


def test_every_entry_has_a_replacement_and_every_exception_a_reason() -> None:
    for entry in (*WORDS["phrase"], *WORDS["identifier"]):
        assert entry["instead"].strip()
        for exception in entry.get("except", ()):
            assert exception["reason"].strip() and exception["text"]
    for entry in WORDS["identifier"]:
        assert entry["match"] in ("name", "part")
    listed = [text for entry in WORDS["phrase"] for text in entry["text"] if "only" not in entry]
    assert [text for text, count in Counter(listed).items() if count > 1] == []


def test_every_exception_is_needed() -> None:
    """An exception that no text or name uses any more is taken out of ``tests/words.toml``."""
    texts = [page_text(page) for page in PAGES]
    texts += [text for package in PACKAGES for text in package_texts(package)]
    texts += [text for path in configs() for text in config_texts(path)]
    used = {name for package in PACKAGES for path in files(package, "py") for name, _ in names(path)}
    for entry in WORDS["phrase"]:
        for exception in excepted(entry):
            where = [text for text in texts if applies(entry, text.place)]
            assert any(pattern(exception).search(text.text) for text in where), exception
    for entry in WORDS["identifier"]:
        assert set(excepted(entry)) <= used


@pytest.mark.parametrize(
    ("place", "text", "count"),
    [
        ("docs/x.md", "On the SAME\nluck, so to say", 2),
        ("docs/x.md", "plucky luckless people", 0),
        ("docs/x.md", "a ceasefire on 49.5% of paths", 1),
        ("docs/x.md", "on {}% of paths", 1),
        ("docs/x.md", "in 49% of simulations", 0),
        ("docs/x.md", "the file configs/cost-incidence.toml", 0),
        ("docs/x.md", "the burden of the war", 1),
        ("docs/x.md", "each sender lifts by its own rules", 0),
        ("README.md", "each sender lifts by its own rules", 1),
        ("README.md", "each sanctioning country lifts by its own rules", 0),
        ("model/detente/engine/x.py", "sums are formed in the loop", 0),
        ("docs/x.md", "what the loop changes", 2),
    ],
)
def test_phrases_are_matched_as_words(place: str, text: str, count: int) -> None:
    assert len(list(forbidden_phrases(Text(place, 1, text)))) == count


@pytest.mark.parametrize(
    ("name", "forbidden"),
    [
        ("found", True),
        ("_found", True),
        ("kept", True),
        ("kept_paths", False),
        ("founded", False),
        ("Luck", True),
        ("LuckSource", True),
        ("find_twin", True),
        ("open_crew", True),
        ("Lost", True),
        ("lost", False),
        ("screw", False),
        ("natural", True),
        ("natural_log", False),
    ],
)
def test_names_are_matched_by_their_parts(name: str, forbidden: bool) -> None:
    assert bool(forbidden_name(name)) is forbidden


def test_an_inserted_value_stands_for_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sentence that is put together from parts is read as one."""
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    path = tmp_path / "module.py"
    path.write_text('x = f"a ceasefire on {share:.0f}% " "of paths"\n', encoding="utf-8")
    assert [violation.what for violation in violations(literals(path))] == ["on {}% of paths"]


def main() -> None:
    """Print what is left, by package and file."""
    groups: dict[str, list[Violation]] = {
        "README, docs": violations(page_text(page) for page in PAGES),
        "configs": [violation for path in configs() for violation in violations(config_texts(path))],
    }
    for package in PACKAGES:
        groups[package] = violations(package_texts(package)) + name_violations(package)
    for group, broken in groups.items():
        print(f"{group}: {len(broken)}")
        for place, count in sorted(Counter(violation.place for violation in broken).items()):
            print(f"  {count:4d}  {place}")
        if "-v" in sys.argv:
            print(*(f"        {violation}" for violation in broken), sep="\n")


if __name__ == "__main__":
    main()
