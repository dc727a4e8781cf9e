"""Cells of CSV files: what a spreadsheet would compute is made text, numbers stay, and the rule can be taken back."""

import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from detente.runs import store
from detente.shared.spreadsheet import csv_text, harmless, harmless_table, original
from hypothesis import given
from hypothesis import strategies as st

FORMULAS = [
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    " =1",
    "'=1",
    "＝1",
    "＠x",
    "- minus",
    '=HYPERLINK("x")',
]
PLAIN = ["Brent", "-5", "+1.5e3", "-12.5%", "a=b", "5-6", "", "'quoted'", "−3", "é", " x"]


@pytest.mark.parametrize("text", FORMULAS)
def test_a_formula_becomes_text(text: str) -> None:
    unix = text.replace("\r", "\n")
    assert harmless(text) == f"'{unix}" and original(harmless(text)) == unix


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_and_numbers_stay(text: str) -> None:
    assert harmless(text) == text == original(text)


@given(st.text(st.sampled_from("'=+-@\t\r\n 1x＝")) | st.text())
def test_the_rule_can_be_taken_back(text: str) -> None:
    assert original(harmless(text)) == text.replace("\r\n", "\n").replace("\r", "\n")
    assert not harmless(text) or harmless(text)[0] not in "=@\t\r\n＝"


def test_a_table_keeps_its_numbers_and_comes_back() -> None:
    frame = pd.DataFrame(
        {
            "name": [*FORMULAS, *PLAIN],
            "kind": pd.Categorical(["+a"] + ["b"] * (len(FORMULAS) + len(PLAIN) - 1)),
            "value": np.linspace(-1.0, 1.0, len(FORMULAS) + len(PLAIN)),
            "mixed": [-1, "@x", 2.5, None, True, *["y"] * (len(FORMULAS) + len(PLAIN) - 5)],
            "=head": 1,
        }
    )
    before = frame.copy()
    text = csv_text(frame)
    pd.testing.assert_frame_equal(frame, before)
    again = pd.read_csv(io.StringIO(text, newline=""), keep_default_na=False, dtype={"name": str, "kind": str})
    assert list(again.columns) == ["name", "kind", "value", "mixed", "'=head"]
    assert [original(cell) for cell in again["name"]] == [text.replace("\r", "\n") for text in frame["name"]]
    assert again["kind"][0] == "'+a" and list(again["mixed"][:5]) == ["-1", "'@x", "2.5", "", "True"]
    np.testing.assert_allclose(again["value"], frame["value"], rtol=1e-9)


def test_a_harmless_table_has_the_bytes_it_always_had(tmp_path) -> None:
    frame = pd.DataFrame(
        {"region": ["World", "EU"], "value": [0.1, -1e-12], "time": pd.to_datetime(["2026-01-01", "2026-02-01"]).date}
    )
    store.write_csv(frame, tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == b"region,value,time\nWorld,0.1,2026-01-01\nEU,-1e-12,2026-02-01\n"


def test_streamed_tables_follow_the_same_rule() -> None:
    table = pa.table({"name": ["=1", "x", None, "=1"], "value": [-1.0, 2.0, 3.0, 4.0], "@head": ["a", "b", "c", "d"]})
    safe = harmless_table(table)
    assert safe.to_pydict() == {
        "name": ["'=1", "x", None, "'=1"],
        "value": [-1.0, 2.0, 3.0, 4.0],
        "'@head": ["a", "b", "c", "d"],
    }
