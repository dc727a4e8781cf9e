"""Every table that ships states its source, licence, date and what was cut; DATA-LICENCES.md says what they say."""

import datetime as dt
import importlib.util
import tomllib
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXTRACT_BYTES = 16_000
OLD_FILE_BYTES = 64_000
FIGURE = ("value", "text", "act", "claim", "says", "net_oil_imports")
"""Keys of an entry that says what somebody else has measured, decreed or said."""


def _script() -> Any:
    spec = importlib.util.spec_from_file_location("data_licences", Path(__file__).with_name("data_licences.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


licences = _script()


def records(content: Any) -> list[dict[str, Any]]:
    """Tables of a file that hold a figure or a sentence of somebody else."""
    if isinstance(content, list):
        return [one for entry in content for one in records(entry)]
    if not isinstance(content, dict):
        return []
    if any(isinstance(content.get(key), str | float | int) for key in FIGURE):
        return [content]
    return [one for entry in content.values() for one in records(entry)]


def test_the_page_is_in_sync():
    assert licences.PAGE.read_text(encoding="utf-8") == licences.page(), "run make data-licences"


@pytest.mark.parametrize("table", licences.tables(), ids=lambda table: table.place)
def test_a_table_states_its_rights(table):
    for text in (table.title, table.source, table.licence, table.cut):
        assert isinstance(text, str) and len(text) > 5
    assert isinstance(table.date, dt.date)


def test_every_shipped_file_is_listed():
    """A new table fails here until it says whose it is."""
    listed = {table.place.partition(":")[0] for table in licences.tables()} | {licences.REGIONS}
    known = (*licences.OWN, *licences.FACTS)
    for path in (ROOT / "configs").rglob("*"):
        name = path.relative_to(ROOT).as_posix()
        if path.is_file() and name not in listed:
            assert path.suffix == ".toml" and any(name == one or name.startswith(f"{one}/") for one in known), name
    for path in (ROOT / "tests" / "data").glob("*/*"):
        if path.name not in ("source.toml", "LICENSE", "README.md"):
            name = path.relative_to(ROOT).as_posix()
            assert name in listed or name.rpartition("/")[0] in licences.OLD, name


@pytest.mark.parametrize("name", licences.FACTS)
def test_single_figures_name_their_source(name):
    place = ROOT / name
    files = [place] if place.is_file() else [path for path in place.glob("*.toml") if path.name != "history.toml"]
    assert files
    for file in files:
        found = records(tomllib.loads(file.read_text(encoding="utf-8")))
        assert found, file.name
        for record in found:
            assert record.get("source"), f"{file.name}: {str(record)[:200]}"


def test_extracts_are_small():
    for path in (ROOT / "tests" / "data").rglob("*"):
        limit = OLD_FILE_BYTES if path.parent.relative_to(ROOT).as_posix() in licences.OLD else EXTRACT_BYTES
        assert path.is_dir() or path.stat().st_size < limit, path.name
