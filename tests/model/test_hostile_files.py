"""Data files of users: hostile ones refused with place and cause, harmless variants read, pipes never waited for."""

import os
from pathlib import Path

import pytest
from detente.calibrate.oil_data import read_prices
from detente.shared.errors import DataError
from detente.shared.numbers import number_in, whole_in
from detente.shared.reading import read_bytes
from detente.shared.sheet import read_sheet

from tests.sweep import data_files


def test_hostile_files_are_refused_and_harmless_variants_read_to_the_same_estimate() -> None:
    """200 and 50; more with ``python -m tests.sweep.data_files 2000``."""
    counts, problems = data_files.sweep(200, 50)
    assert counts == {"hostile": 200, "harmless": 50}
    assert problems == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("95", 95.0), ("-.5", -0.5), ("1.", 1.0), ("+1e3", 1000.0), ("1_0", None), ("９５", None), ("1.234,56", None),
        ("1e400", None), ("nan", None), ("inf", None), ("", None), (" 1", None), ("0x10", None), ("1 000", None),
    ],
)  # fmt: skip
def test_numbers_are_read_strictly(text: str, value: float | None) -> None:
    assert number_in(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("60,28", 60.28), ("1.234,56", 1234.56), ("7", 7.0), ("1.23,4", None), ("1,2,3", None)]
)
def test_decimal_commas_are_read_where_a_file_has_them(text: str, value: float | None) -> None:
    assert number_in(text, comma=True) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [("65536", 65536), ("65_536", 65536), ("1e6", 1_000_000), ("1_0", None), ("1.5", None), ("６", None), ("-3", -3)],
)
def test_whole_numbers_may_have_thousands(text: str, value: int | None) -> None:
    assert whole_in(text) == value


def test_all_faults_of_a_file_stand_in_one_answer(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    rows = [f"2020-01-{day:02d},{'x' if day > 3 else 50}" for day in range(1, 18)]
    path.write_text("\n".join(["Date,Price", *rows]) + "\n")
    with pytest.raises(DataError) as refusal:
        read_prices(path)
    lines = str(refusal.value).splitlines()
    assert lines[0].endswith("prices.csv: 14 faults; the first 10:") and len(lines) == 11
    assert lines[1] == '  line 5: the price "x" is not a number; correct the row or delete it.'


def test_a_decimal_comma_without_quotes_is_no_third_cell(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("Date,Price\n2018-01-01,60,28\n")
    with pytest.raises(DataError, match="line 2: the row has 3 values, the header 2"):
        read_prices(path)


def test_a_file_with_semicolons_has_decimal_commas_throughout(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("Date;Price\n2018-01-01;60,28\n2018-01-02;1.061,5\n")
    assert read_prices(path)[1].tolist() == [60.28, 1061.5]
    path.write_text("Date;Price\n2018-01-01;60,28\n2018-01-02;61.5\n")
    with pytest.raises(DataError, match="line 3: .* not a number with a decimal comma, as others of this file have"):
        read_prices(path)


def test_only_regular_files_up_to_a_size_are_read(tmp_path: Path) -> None:
    pipe, large = tmp_path / "pipe.csv", tmp_path / "large.csv"
    os.mkfifo(pipe)
    large.write_bytes(b"x" * 2_001)
    for path, cause in ((pipe, "a pipe or a device"), (Path("/dev/zero"), "a pipe or a device"), (tmp_path, "folder")):
        with pytest.raises(DataError, match=cause):
            read_sheet(path, "name a CSV file")
    with pytest.raises(DataError, match=r"larger than 0\.002 MB; name another\."):
        read_bytes(large, 2_000, advice="name another")
    assert len(read_bytes(large, 2_001)) == 2_001
