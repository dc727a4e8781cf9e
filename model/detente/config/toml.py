"""Reading TOML safely, and knowing on which line each key stands.

``tomllib`` decides what a text means; it gives no positions. So one linear pass over the text notes the line of every
key and, on the way, refuses nesting that is too deep before the parser meets it. Numbers that are not finite are
refused: nothing downstream has to ask again.
"""

import math
import re
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NoReturn

from detente.shared.errors import ConfigError
from detente.shared.messages import KeyPath, dotted, file_name, quoted
from detente.shared.numbers import grouped
from detente.shared.reading import read_bytes
from detente.shared.texts import normalised

MAX_BYTES = 1_000_000
ADVICE = "name a TOML file"
MAX_DEPTH = 16
MOST_READ = 64
"""Files whose documents are remembered, by what they held: a document is not read again while its file is the same
to the byte."""

_TOKEN = re.compile(
    r"""(?P<space>[ \t\r]+|\#[^\n]*)
    |(?P<newline>\n)
    |(?P<string>\"\"\"(?:[^"\\]|\\.|"{1,2}(?!"))*+"{3,5}|'''(?:[^']|'{1,2}(?!'))*+'{3,5}|"(?:[^"\\\n]|\\.)*+"|'[^'\n]*+')
    |(?P<mark>[][{}=,.])
    |(?P<bare>[^\s\[\]{}=,.\#"']++)""",
    re.VERBOSE | re.DOTALL,
)


class UnknownKeyError(ConfigError):
    """A key that does not exist: where it stands, its dotted name, and a message that names the nearest valid one."""

    def __init__(self, place: str, key: str, message: str) -> None:
        super().__init__(f"{place}: {message}")
        self.place = place
        self.key = key


@dataclass(frozen=True)
class Document:
    """Parsed TOML: the data, the name shown in errors, and the line of each key.

    ``path`` is the file; None for a command-line value.
    """

    shown: str
    data: dict[str, Any]
    lines: dict[KeyPath, int] = field(default_factory=dict)
    path: Path | None = None

    def where(self, path: KeyPath = ()) -> str:
        """File and line of a key, or of the nearest table above it: ``configs/baseline.toml, line 7``."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return f"{self.shown}, line {self.lines[path[:end]]}"
        return self.shown

    def fail(self, path: KeyPath, message: str) -> NoReturn:
        """Raise a ConfigError that names the place, then the message."""
        raise ConfigError(f"{self.where(path)}: {message}")

    def fail_unknown(self, path: KeyPath, key: str, message: str) -> NoReturn:
        """Raise an UnknownKeyError for a dotted key that stands at a place."""
        raise UnknownKeyError(self.where(path), key, message)


@dataclass(frozen=True)
class Place:
    """Where a value comes from: a document and the key in it."""

    document: Document
    path: KeyPath

    def __str__(self) -> str:
        return self._text

    @cached_property
    def _text(self) -> str:
        return self.document.where(self.path)

    def fail(self, message: str) -> NoReturn:
        """Raise a ConfigError that names the place, then the message."""
        self.document.fail(self.path, message)


_read: dict[tuple[Path, str], tuple[bytes, Document]] = {}


def read(path: Path, shown: str | None = None) -> Document:
    """Read a TOML file; the document is shared and not to be changed.

    DataError when there is nothing to read; ConfigError when it is no valid configuration.
    """
    shown = file_name(shown if shown is not None else path.as_posix())
    raw = read_bytes(path, MAX_BYTES, shown, ADVICE)
    known = _read.get((path, shown))
    if known is not None and known[0] == raw:
        return known[1]
    if b"\0" in raw:
        raise ConfigError(f"{shown}: this is a binary file; a configuration is TOML text.")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{shown}, line {line}: this is not UTF-8 text; save the file as UTF-8.") from None
    document = parse(text, shown, path)
    if len(_read) >= MOST_READ:
        _read.clear()
    _read[path, shown] = (raw, document)
    return document


def parse(text: str, shown: str, path: Path | None = None) -> Document:
    """Parse TOML text; every refusal is a ConfigError that names file and line."""
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise ConfigError(f"{shown}: this is not UTF-8 text.")
    text = normalised(text.replace("\r\n", "\n"))
    scanner = _Scanner(text, shown)
    lines = scanner.scan()
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(_syntax(str(error), scanner, shown)) from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{shown}: this TOML holds a number or a nesting of an unreasonable size.") from None
    document = Document(shown, data, lines, path)
    _refuse_strange_numbers(document)
    return document


def _syntax(message: str, scanner: "_Scanner", shown: str) -> str:
    """A sentence from tomllib's message, ``Expected '=' after a key … (at line 3, column 5)``."""
    match = re.fullmatch(
        r"(?P<what>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)", message, re.DOTALL
    )
    what = match["what"] if match else message
    if what.startswith(("Cannot", "Duplicate")) and scanner.twice:
        path, first, second = scanner.twice
        return (
            f"{shown}, line {second}: {dotted(path)} stands here for the second time, first on line {first}; "
            "keep one of the two."
        )
    line, column = (match["line"], match["column"]) if match else (None, None)
    place = f"{shown}, line {line or scanner.last_line}"
    column = f"at column {column}" if line else "at the end of the file"
    return f"{place}: this is not valid TOML ({quoted(what[:1].lower() + what[1:], marks=False)}, {column})."


def _refuse_strange_numbers(document: Document) -> None:
    """NaN, infinity (which is also what 1e400 becomes) and integers beyond 64 bits are refused, with their line."""
    pending: list[tuple[KeyPath, Any]] = [((), document.data)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, dict):
            pending.extend(((*path, key), item) for key, item in value.items())
        elif isinstance(value, list):
            pending.extend(((*path, index), item) for index, item in enumerate(value))
        elif isinstance(value, float) and not math.isfinite(value):
            document.fail(path, f"{dotted(path)} must be a finite number; nan, inf and numbers beyond 1.8e308 are not.")
        elif isinstance(value, int) and not -(2**63) <= value < 2**63:
            document.fail(path, f"{dotted(path)} is a whole number beyond 64 bits; use a smaller one.")


class _OddText(Exception):
    """The text is not TOML from here on; tomllib says what is wrong."""


class _Scanner:
    """One pass over the tokens of a text: the line of every key, and a limit on nesting."""

    def __init__(self, text: str, shown: str) -> None:
        self.tokens = _TOKEN.finditer(text)
        self.length = len(text)
        self.last_line = text.rstrip().count("\n") + 1
        self.shown = shown
        self.line = 1
        self.ahead = 1
        self.kind, self.text, self.end = "", "", 0
        self.lines: dict[KeyPath, int] = {}
        self.counts: dict[KeyPath, int] = {}
        self.defined: dict[KeyPath, int] = {}
        self.twice: tuple[KeyPath, int, int] | None = None

    def scan(self) -> dict[KeyPath, int]:
        prefix: KeyPath = ()
        try:
            self.next(skip_newlines=True)
            while self.kind:
                if self.text == "[":
                    prefix = self.header()
                else:
                    self.pair(prefix)
                if self.kind:
                    self.expect("\n")
        except _OddText:
            pass
        return self.lines

    def next(self, *, skip_newlines: bool = False) -> None:
        """Move to the next token that is not white space; kind is empty at the end of the text."""
        for match in self.tokens:
            if match.start() != self.end:
                raise _OddText
            self.kind, self.text, self.end = match.lastgroup or "", match.group(), match.end()
            self.line, self.ahead = self.ahead, self.ahead + self.text.count("\n")
            if self.kind != "space" and not (skip_newlines and self.kind == "newline"):
                return
        if self.end != self.length:
            raise _OddText
        self.kind, self.text = "", ""

    def expect(self, mark: str) -> None:
        if self.text != mark:
            raise _OddText
        self.next(skip_newlines=mark == "\n")

    def define(self, path: KeyPath, line: int) -> None:
        """Remember a key or header that may stand only once."""
        if path in self.defined and not self.twice:
            self.twice = (path, self.defined[path], line)
        self.defined.setdefault(path, line)
        self.note(path, line)

    def note(self, path: KeyPath, line: int) -> None:
        """Remember where a key first stands, and refuse one that stands too deep."""
        if len(path) > MAX_DEPTH:
            raise ConfigError(
                f"{self.shown}, line {line}: this is nested more than {MAX_DEPTH} levels deep; "
                "a configuration needs five."
            )
        for end in range(1, len(path) + 1):
            self.lines.setdefault(path[:end], line)

    def key(self) -> list[str]:
        """A dotted key, left with the token after it."""
        parts: list[str] = []
        while True:
            if self.kind == "bare":
                parts.append(self.text)
            elif self.kind == "string" and self.text[:3] not in ('"""', "'''"):
                parts.append(_unquoted(self.text))
            else:
                raise _OddText
            if len(parts) > MAX_DEPTH:
                self.note(tuple(parts), self.line)
            self.next()
            if self.text != ".":
                return parts
            self.next()

    def header(self) -> KeyPath:
        line, start = self.line, self.end
        self.next()
        is_list = self.text == "[" and self.end == start + 1
        if is_list:
            self.next()
        prefix: KeyPath = ()
        parts = self.key()
        for number, part in enumerate(parts, 1):
            prefix = (*prefix, part)
            if is_list and number == len(parts):
                self.counts[prefix] = self.counts.get(prefix, 0) + 1
            if prefix in self.counts:
                prefix = (*prefix, self.counts[prefix] - 1)
        self.define(prefix, line)
        self.expect("]")
        if is_list:
            self.expect("]")
        return prefix

    def pair(self, prefix: KeyPath) -> None:
        line = self.line
        path = (*prefix, *self.key())
        self.define(path, line)
        self.expect("=")
        self.value(path)

    def value(self, path: KeyPath) -> None:
        """Any value, left with the token after it; recursion is bounded by the limit on depth."""
        if self.text == "[":
            self.next(skip_newlines=True)
            index = 0
            while self.text != "]":
                self.note((*path, index), self.line)
                self.value((*path, index))
                index += 1
                if self.kind == "newline":
                    self.next(skip_newlines=True)
                if self.text == ",":
                    self.next(skip_newlines=True)
                elif self.text != "]":
                    raise _OddText
            self.next()
        elif self.text == "{":
            self.next(skip_newlines=True)
            while self.text != "}":
                self.pair(path)
                if self.kind == "newline":
                    self.next(skip_newlines=True)
                if self.text == ",":
                    self.next(skip_newlines=True)
                elif self.text != "}":
                    raise _OddText
            self.next()
        elif self.kind == "string":
            self.next()
        elif self.kind == "bare":
            whole, line = "", self.line
            while self.kind == "bare" or self.text == ".":  # 1.5 and 2026-08-31 12:00 are several tokens
                whole += self.text
                self.next()
            if "_" in whole and not grouped(re.match(r"[+-]?([0-9_]*)", whole)[1]):  # type: ignore[index]
                raise ConfigError(
                    f"{self.shown}, line {line}: {quoted(whole)} is not a number; underscores stand between thousands "
                    "only, as in 65_536."
                )
        else:
            raise _OddText


def _unquoted(token: str) -> str:
    if "\\" not in token:
        return token[1:-1]
    try:
        return next(iter(tomllib.loads(token + "=0")))
    except tomllib.TOMLDecodeError:
        raise _OddText from None
