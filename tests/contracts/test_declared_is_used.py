"""What the configuration declares is what the kernels read, and the other way round: parameters, facts, outputs; and
each record is sound."""

import math
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from detente.engine import tables
from detente_kernels import world
from detente_kernels.sanctions import CHANNELS, SENDERS

CONFIGS = Path(__file__).parents[2] / "configs"
BLOCKS = tuple(block.name for block in world.BLOCKS)
BESIDE = {"schema_version", "correlation", "joint"}
FACT_FILES = tuple(sorted(path.stem for path in (CONFIGS / "facts").glob("[0-9]*.toml")))
INFINITE = {"normal": (-math.inf, math.inf), "lognormal": (0.0, math.inf), "gamma": (0.0, math.inf)}
RELIEF = ("us-first-relief", "coordinated-relief")
PATTERNS = {
    "instrument": "sanctions.strength",
    "sender": "sanctions.eased",
    "channel": "sanctions.legal sanctions.effective",
    "buyer": "tariffs.applied tariffs.waived tariffs.cut",
    "region": "tariffs.welfare",
}


@cache
def read(name: str) -> dict:
    return tomllib.loads((CONFIGS / name).read_text(encoding="utf-8"))


def parameters(block: str) -> dict[str, dict]:
    return {name: record for name, record in read(f"parameters/{block}.toml").items() if name not in BESIDE}


def facts(as_of: str) -> dict[str, dict]:
    blocks = read(f"facts/{as_of}.toml")["facts"]
    return {f"{block}.{name}": record for block, records in blocks.items() for name, record in records.items()}


def joints() -> dict[str, dict]:
    return {
        name: table for block in BLOCKS for name, table in read(f"parameters/{block}.toml").get("joint", {}).items()
    }


def records() -> list:
    """Every parameter and fact with its dotted key, as test cases."""
    found = [(f"{block}.{name}", record) for block in BLOCKS for name, record in parameters(block).items()]
    found += [(key, record) for as_of in FACT_FILES for key, record in facts(as_of).items()]
    return [pytest.param(key, record, id=f"{key}-{record['as_of']}") for key, record in found]


def support(dist: dict, key: str) -> tuple[float, float]:
    """Lowest and highest value of a distribution as written, truncation included."""
    kind = dist["kind"]
    if kind == "joint":
        table = joints()[dist["table"]]
        column = [row[table["columns"].index(key)] for row in table["rows"]]
        return min(column), max(column)
    if kind == "mixture":
        lows, highs = zip(*(support(part["dist"], key) for part in dist["components"]), strict=True)
        low, high = min(lows), max(highs)
    elif kind in ("choice", "empirical"):
        low, high = min(dist["values"]), max(dist["values"])
    elif kind == "quantiles":
        low, high = INFINITE[dist["family"]]
    else:
        low, high = INFINITE.get(kind) or (dist.get("min", 0.0), dist.get("max", 1.0))
    cut = dist.get("truncate", (low, high))
    return max(low, cut[0]), min(high, cut[1])


# --- parameters and facts ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", BLOCKS)
def test_a_parameter_file_declares_what_its_kernel_reads(block):
    assert set(parameters(block)) == set(tables.declared(block)[0])


def test_there_is_no_parameter_file_without_a_kernel():
    assert {path.stem for path in (CONFIGS / "parameters").glob("*.toml")} == set(BLOCKS)


@pytest.mark.parametrize("as_of", FACT_FILES)
def test_a_facts_file_declares_what_the_kernels_read(as_of):
    assert set(facts(as_of)) == {f"{block}.{name}" for block in BLOCKS for name in tables.declared(block)[1]}


def test_rows_with_names_are_rows_of_the_kernels():
    """Every named row is a field of the kernels, has a name for each row, and no parameter or fact lacks a name."""
    fields = world.rows(world.PARAMS) | world.rows(world.STATE)
    for field, keys in tables.ROW_KEYS.items():
        assert len(fields[field]) == len(set(keys)) == len(keys), field
    assert all(isinstance(row, int) for row in tables.rows(world.PARAMS).values())
    assert [key for block in BLOCKS for key in sum(tables.declared(block), ())] == [
        key.partition(".")[2] for key in tables.rows(world.PARAMS)
    ]


def test_there_are_facts():
    assert FACT_FILES


@pytest.mark.parametrize("key, record", records())
def test_a_record_says_what_it_is_and_who_says_so(key, record):
    for name in ("unit", "doc", "source", "confidence"):
        assert record[name].strip(), f"{key}.{name} is empty"
    assert len(record["doc"]) >= 20, f"{key}.doc says too little"
    assert record["kind"] in ("uncertain", "policy", "constant", "fact")


@pytest.mark.parametrize("key, record", records())
def test_a_value_lies_inside_its_bounds_and_its_distribution(key, record):
    value = record["value"]
    if isinstance(value, str):
        assert value in record["choices"]
        return
    low, high = record["bounds"]
    assert low <= value <= high
    if "dist" in record:
        first, last = support(record["dist"], key)
        assert first <= value <= last
        assert low <= first < last <= high, "cut an unbounded tail at the bounds with truncate"


@pytest.mark.parametrize("block", BLOCKS)
def test_a_parameter_is_drawn_if_and_only_if_it_is_uncertain(block):
    for name, record in parameters(block).items():
        assert ("dist" in record) == (record["kind"] == "uncertain"), name


@pytest.mark.parametrize("name", joints())
def test_a_joint_table_holds_the_columns_that_name_it(name):
    table = joints()[name]
    naming = [
        f"{block}.{key}"
        for block in BLOCKS
        for key, r in parameters(block).items()
        if r.get("dist") == {"kind": "joint", "table": name}
    ]
    assert sorted(naming) == sorted(table["columns"])
    assert len(table["weights"]) == len(table["rows"])
    assert math.fsum(table["weights"]) == pytest.approx(1.0, abs=1e-9)
    assert {len(row) for row in table["rows"]} == {len(table["columns"])}


# --- outputs ----------------------------------------------------------------------------------------------------------


def names(entry: dict) -> list[str]:
    """Published names of an entry of the codelist, a pattern expanded over the register."""
    if entry.get("each") == "instrument":
        return [
            entry["name"].format(sender=row["sender"], title=row["title"])
            for row in read("instruments.toml")["instrument"]
        ]
    words = {"sender": SENDERS, "channel": CHANNELS}.get(entry.get("each"))
    return [entry["name"].format(**{entry["each"]: word}) for word in words] if words else [entry["name"]]


def test_every_output_is_a_field_of_the_state():
    rows = tables.rows(world.STATE)
    for entry in read("variables.toml")["variable"]:
        assert entry["field"] in rows, entry["name"]
        if "each" in entry:
            assert entry["field"] in PATTERNS[entry["each"]].split(), entry["name"]
        else:
            assert isinstance(rows[entry["field"]], int), f"{entry['name']} needs each: its field has several rows"


def test_every_event_of_the_kernels_is_published_once():
    fields = [entry["field"] for entry in read("variables.toml")["event"]]
    assert sorted(fields) == sorted(world.EVENT_FIELDS)


def test_an_event_has_the_kind_and_unit_of_its_field():
    for entry in read("variables.toml")["event"]:
        route, total = entry["field"].endswith("_route"), entry["field"].split(".")[1].startswith("total_")
        assert entry.get("kind", "date") == ("route" if route else "total" if total else "date"), entry["name"]
        assert (entry["unit"] == "month") == (not route and not total), entry["name"]


def test_published_names_are_unique():
    codelist = read("variables.toml")
    published = [(entry["region"], name) for entry in codelist["variable"] for name in names(entry)]
    published += [("World", entry["name"]) for entry in codelist["event"]]
    assert [name for name, count in Counter(published).items() if count > 1] == []
    fields = Counter(entry["field"] for entry in codelist["variable"])
    assert [field for field, count in fields.items() if count > 1] == []


def test_one_name_has_one_unit_and_kind_over_all_regions():
    units: dict[str, set] = {}
    for entry in read("variables.toml")["variable"]:
        units.setdefault(entry["name"], set()).add((entry["unit"], entry["kind"]))
    assert [name for name, found in units.items() if len(found) > 1] == []


def test_an_output_says_what_it_is():
    for entry in (*read("variables.toml")["variable"], *read("variables.toml")["event"]):
        assert entry["doc"].endswith(".") and entry["unit"].strip(), entry["name"]
    for entry in read("variables.toml")["variable"]:
        assert entry["region"].strip() and entry["kind"] in ("level", "share"), entry["name"]
        thresholds = entry.get("thresholds", [])
        assert thresholds == sorted(set(thresholds)) and (not thresholds or entry["kind"] == "level"), entry["name"]


# --- scenarios --------------------------------------------------------------------------------------------------------


def test_the_relief_scenarios_differ_in_who_agrees_and_not_in_the_roadmap():
    first, second = (read(f"scenarios/{name}.toml") for name in RELIEF)
    assert first["roadmap"] == second["roadmap"]
    assert first["event"] == second["event"]


@pytest.mark.parametrize("name", sorted(path.stem for path in (CONFIGS / "scenarios").glob("*.toml")))
def test_a_scenario_is_named_as_its_file_and_gives_a_reason_for_every_change(name):
    scenario = read(f"scenarios/{name}.toml")
    assert scenario["name"] == name
    assert scenario["title"] and scenario["description"]
    changes = [
        change
        for section in ("parameters", "facts")
        for block in scenario.get(section, {}).values()
        for change in block.values()
    ]
    for change in (*changes, *scenario.get("event", [])):
        assert change["source"].strip()
