"""Text in tables that people open with a spreadsheet.

A cell that such a program would take for a formula gets an apostrophe before it. One rule for every CSV file,
after the advice of OWASP on CSV injection: text that begins with = + - @, a tab or a line end (after spaces, and in
the wide forms of East Asian keyboards too) is not harmless. Numbers, and text that is a number, stay as they are.
``original`` reverses the rule.
"""

import re

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

DIGITS = 10
"""Significant digits of numbers in CSV files, unless a table asks for fewer."""

_FORMULA = re.compile(r"'*(?:[\t\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20])")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?%?")


def harmless(text: str) -> str:
    """Text as it may stand in a cell.

    Line ends are those of Unix, since a single carriage return would end the cell without notice.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if _risky(text) else text


def original(text: str) -> str:
    """The text of which ``harmless`` made this one, but for its carriage returns."""
    return text[1:] if text.startswith("'") and _risky(text[1:]) else text


def _risky(text: str) -> bool:
    return _FORMULA.match(text) is not None and _NUMBER.fullmatch(text) is None


def csv_text(frame: pd.DataFrame, digits: int = DIGITS) -> str:
    """A table as CSV, its texts and the names of its columns harmless.

    Dates read 2026-08-31; line ends are those of Unix on every system.
    """
    table = frame.rename(columns=lambda name: harmless(name) if isinstance(name, str) else name)
    for place, (_, column) in enumerate(frame.items()):
        texts = [value for value in column.unique() if isinstance(value, str)]
        changed = {text: safe for text in texts if (safe := harmless(text)) != text}
        if changed:
            table.isetitem(place, column.astype(object).map(lambda value, changed=changed: changed.get(value, value)))
    text: str = table.to_csv(index=False, float_format=f"%.{digits}g", date_format="%Y-%m-%d", lineterminator="\n")
    return text


def harmless_table(table: pa.Table) -> pa.Table:
    """The same for a table of Arrow that is streamed to a CSV file."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type) or pa.types.is_large_string(field.type):
            column = table.column(place)
            texts = pc.unique(column).to_pylist()
            safe = [None if text is None else harmless(text) for text in texts]
            if safe != texts:
                positions = pc.index_in(column, pa.array(texts, field.type))
                table = table.set_column(place, field, pa.array(safe, field.type).take(positions))
    return table.rename_columns([harmless(name) for name in table.column_names])
