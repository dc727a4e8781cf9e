"""Safe reading of TOML, and the line of every key."""

import math
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest
from detente.config.toml import MAX_BYTES, parse, read
from detente.config.writing import dump_value
from detente.shared.errors import ConfigError, DataError, DetenteError
from detente.shared.messages import dotted, nearest, quoted, unknown
from detente.shared.texts import normalised
from hypothesis import given
from hypothesis import strategies as st

TEXT = '''# a comment
schema_version = 1
[parameters.oil.x]
doc = """two
lines = 3 [x]
"""
dist = { kind = "n", a.b = 1, rows = [[1,
  2], [3, 4]] }
when = 1979-05-27 07:32:00
[[roadmap.stage]]
name = "a"
[[roadmap.stage]]
"na.me" = 'b'  # two = 2
[roadmap.stage.gate]
months = 1.5e3
[[event]]
set = { "sanctions.US.oil" = "x" }
'''


def test_a_long_path_keeps_the_name_of_its_file(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 40) / ("path" * 40)
    folder.mkdir(parents=True)
    (folder / "mine\x1b.toml").write_text("a = nan")
    with pytest.raises(ConfigError, match=r"pathpath/mine\\x1b\.toml, line 1: a must be") as caught:
        read(folder / "mine\x1b.toml")
    assert str(caught.value).startswith("…") and len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("schema_version",), 2),
        (("parameters", "oil", "x"), 3),
        (("parameters", "oil", "x", "doc"), 4),
        (("parameters", "oil", "x", "dist", "a", "b"), 7),
        (("parameters", "oil", "x", "dist", "rows", 0, 1), 8),
        (("parameters", "oil", "x", "when"), 9),
        (("roadmap", "stage", 0, "name"), 11),
        (("roadmap", "stage", 1), 12),
        (("roadmap", "stage", 1, "na.me"), 13),
        (("roadmap", "stage", 1, "gate", "months"), 15),
        (("event", 0, "set", "sanctions.US.oil"), 17),
    ],
)
def test_every_key_knows_its_line(path: tuple[str | int, ...], line: int) -> None:
    for text in (TEXT, TEXT.replace("\n", "\r\n")):
        assert parse(text, "a.toml").where(path) == f"a.toml, line {line}"


def test_a_key_that_is_not_there_is_placed_at_the_table_above_it() -> None:
    assert parse(TEXT, "a.toml").where(("parameters", "oil", "x", "value")) == "a.toml, line 3"
    assert parse(TEXT, "a.toml").where(("run", "paths")) == "a.toml"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a = 1\nb = ", "a.toml, line 2: this is not valid TOML (invalid value, at the end of the file)."),
        ("a = 1\nb 2", "a.toml, line 2: this is not valid TOML"),
        ("a = 1\n\na = 2", "a.toml, line 3: a stands here for the second time, first on line 1; keep one of the two."),
        ("[x]\ny = 1\n[x]\nz = 1", "a.toml, line 3: x stands here for the second time, first on line 1"),
        ("[a]\nb = nan", "a.toml, line 2: a.b must be a finite number"),
        ("[a]\nb = -inf", "a.toml, line 2: a.b must be a finite number"),
        (
            "a = [1,\n { b = 1e400 }]",
            "a.toml, line 2: a #2.b must be a finite number; nan, inf and numbers beyond 1.8e308 are not.",
        ),
        ("a = 0xFFFFFFFFFFFFFFFFFF", "a.toml, line 1: a is a whole number beyond 64 bits"),
        ("a = " + "1" * 5000, "a.toml: this TOML holds a number or a nesting of an unreasonable size."),
        ("day = 2026-02-30", "a.toml, line 1: this is not valid TOML (invalid date or datetime"),
        ("b = 1\na = " + "[" * 5000, "a.toml, line 2: this is nested more than 16 levels deep"),
        ("a = " + "{ b = " * 5000, "a.toml, line 1: this is nested more than 16 levels deep"),
        ("a." * 5000 + "b = 1", "a.toml, line 1: this is nested more than 16 levels deep"),
        ("[" + "a." * 5000 + "b]", "a.toml, line 1: this is nested more than 16 levels deep"),
        ('"\\u001b[31m" = 1\n"\\u001b[31m" = 2', r'"\x1b[31m" stands here for the second time'),
        ("a = '\ud800'", "a.toml: this is not UTF-8 text."),
    ],
)
def test_bad_text_is_refused_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, "a.toml")
    assert sentence in str(caught.value)
    assert caught.value.exit_code == 2


def make_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize(
    ("make", "error", "sentence"),
    [
        (lambda path: None, DataError, "a.toml: there is no such file; name a TOML file."),
        (make_folder, DataError, "a.toml: this is a folder; name a TOML file."),
        (os.mkfifo, DataError, "a.toml: this is not a regular file"),
        (lambda path: path.write_bytes(b"\x89PNG\x00\x01"), ConfigError, "a.toml: this is a binary file"),
        (
            lambda path: path.write_bytes("a = 1\nb = 'é'".encode("latin-1")),
            ConfigError,
            "a.toml, line 2: this is not UTF-8 text",
        ),
        (lambda path: path.write_text("# " + "x" * 50_000_000), DataError, "a.toml: this file is larger than 1 MB"),
    ],
    ids=["missing", "folder", "pipe", "binary", "latin-1", "50 MB"],
)
def test_what_cannot_be_read_says_why(tmp_path: Path, make: Any, error: type[DetenteError], sentence: str) -> None:
    make(tmp_path / "a.toml")
    with pytest.raises(error) as caught:
        read(tmp_path / "a.toml", "a.toml")
    assert str(caught.value).startswith(sentence)
    assert caught.value.exit_code == {ConfigError: 2, DataError: 4}[error]


def test_a_byte_order_mark_and_a_file_of_just_one_megabyte_are_fine(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"\xef\xbb\xbfa = 1\n#" + b"x" * (MAX_BYTES - 10))
    assert read(tmp_path / "a.toml").data == {"a": 1}


def test_an_impossible_file_name_is_a_sentence() -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read(Path("a\0b.toml"))


leaves = (
    st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20)
    | st.dates()
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=8), values, max_size=4).filter(lambda data: normalised(str(data)) == str(data)))
def test_written_values_read_back_and_every_key_has_a_line(data: dict[str, Any]) -> None:
    text = "".join(f"{dump_value(key)} = {dump_value(value)}\n" for key, value in data.items())
    document = parse(text, "a.toml")
    assert document.data == data
    assert [document.lines[key,] for key in data] == list(range(1, len(data) + 1))


@given(st.text() | st.lists(st.sampled_from([*list("[]{}=,.\"'\\#\n a1-"), '"""', "'''"]), max_size=40).map("".join))
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        expected = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        expected = None
    try:
        assert parse(text, "a.toml").data == expected
    except ConfigError as error:
        assert str(error).startswith("a.toml") and str(error).endswith(".")


def test_words_in_sentences_are_short_and_harmless() -> None:
    assert quoted("a\x1b[31m\nb") == r'"a\x1b[31m\nb"'
    assert len(quoted("x" * 10_000)) == 82
    assert dotted(("event", 1, "set", "gulf.state")) == 'event #2.set."gulf.state"'
    assert nearest("Oil_majors", ["oil-majors", "aviation"]) == "oil-majors"
    assert unknown("key", "zzz", ["a", "b"]) == 'unknown key "zzz"; valid: "a" or "b".'
    assert math.isfinite(float(dump_value(1e-320)))
