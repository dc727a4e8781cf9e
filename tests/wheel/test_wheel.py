"""The built wheel in a new environment and an empty folder: everything that a first session does, and every document
that the program names."""

import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
BRENT = ROOT / "tests" / "data" / "oil" / "brent-daily.csv"


def succeeded(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def run_folder(installed) -> str:
    return succeeded(installed("run", "-n", "256", "--horizon", "12", "--no-report")).split()[-1]


def test_the_wheel_holds_what_it_needs_and_no_more(wheel: Path):
    names = set(zipfile.ZipFile(wheel).namelist())
    docs = {f"detente/docs/{path.name}" for path in (ROOT / "docs").glob("*.md")}
    configs = {f"detente/{path.relative_to(ROOT).as_posix()}" for path in (ROOT / "configs").rglob("*.toml")}
    assert docs | configs | {"detente/py.typed", "detente_kernels/py.typed"} <= names
    assert {"LICENSE", "DATA-LICENCES.md"} <= {name.rpartition("/")[2] for name in names if ".dist-info/" in name}
    assert {name.partition("/")[0] for name in names if ".dist-info/" not in name} == {"detente", "detente_kernels"}


def test_it_comes_from_the_wheel_not_from_the_checkout(installed):
    (row,) = [row for row in json.loads(succeeded(installed("docs", "--json"))) if row["topic"] == "method"]
    assert "environment" in Path(row["file"]).parts and not Path(row["file"]).is_relative_to(ROOT)


def test_a_run_is_reported_and_asked(installed, run_folder: str):
    assert Path(succeeded(installed("report", run_folder)).split()[-1]).name == "report.html"
    answer = json.loads(succeeded(installed("ask", run_folder, "P(ceasefire before 2027-07)", "--json")))
    assert 0.0 < answer["value"] < 1.0 and answer["paths"] == 256
    rows = json.loads(succeeded(installed("list", "runs", "--json")))  # the report ran what it compares with
    (row,) = [row for row in rows if row["scenario"] == "baseline"]
    assert row["paths"] == 256 and Path(row["folder"]).name == Path(run_folder).name
    assert "no-relief" in {row["scenario"] for row in rows}


def test_brent_is_calibrated(installed):
    written = succeeded(installed("calibrate", "oil", "--data", str(BRENT), "-o", "brent-now.toml"))
    assert written.strip() == "brent-now.toml"
    assert "volatility_level" in succeeded(installed("calibrate", "oil", "--data", str(BRENT)))


@pytest.mark.parametrize("kind", ["scenarios", "parameters", "variables", "instruments", "sources", "schema"])
def test_there_is_something_to_list(installed, kind: str):
    assert len(succeeded(installed("list", kind)).splitlines()) > 5


def test_every_document_that_is_named_can_be_read(installed, run_folder: str):
    topics = {row["topic"] for row in json.loads(succeeded(installed("docs", "--json")))}
    commands = re.findall(r"^  (\w+)  ", succeeded(installed("--help")), flags=re.MULTILINE)
    assert {"run", "docs", "calibrate"} <= set(commands)
    said = [installed(command, "--help").stdout for command in commands]
    said += [(one := installed("ask", run_folder, "P(", "--json")).stderr + one.stdout]
    said += [succeeded(installed("list", "sources"))]
    named = {name for text in said for name in re.findall(r"docs/([\w-]+)\.md", text)}
    assert {"questions", "trade", "method"} <= named and named <= topics
    assert succeeded(installed("docs", "docs/questions.md")).startswith("# ")
