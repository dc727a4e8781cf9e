"""The scenario template and the JSON Schema for editors."""

import json
import re
from pathlib import Path

import pytest
from detente.catalog.templates import json_schema, new_scenario
from detente.config.loader import load
from detente.shared.errors import ConfigError

SMALL = Path(__file__).parent / "small_configs"


def test_a_new_scenario_is_valid_as_written_and_equals_the_baseline(tmp_path: Path) -> None:
    path = tmp_path / "my-try.toml"
    path.write_text(new_scenario("my-try", SMALL))
    config, baseline = load(path, configs=SMALL), load("baseline", configs=SMALL)
    assert (config.name, config.title) == ("my-try", "My try")
    assert {**config.canonical(), "name": "baseline"} == baseline.canonical()


def test_every_example_in_it_is_valid_too(tmp_path: Path) -> None:
    path = tmp_path / "my-try.toml"
    path.write_text(re.sub(r"^# (?=\[|[a-z_]+ = )", "", new_scenario("my-try", SMALL), flags=re.MULTILINE))
    config = load(path, configs=SMALL)
    assert config.facts["oil.brent"].source == "author, title, date"
    assert [stage.name for stage in config.stages] == ["first-stage"]
    assert any("sanctions.US.aviation" in event.set for event in config.events)


@pytest.mark.parametrize("name", ["", "My Try", "../x", "a" * 61])
def test_an_invalid_name_is_rejected(name: str) -> None:
    with pytest.raises(ConfigError, match="is not a valid scenario name"):
        new_scenario(name, SMALL)


def test_the_schema_names_every_record_with_its_unit() -> None:
    schema = json.loads(json.dumps(json_schema(SMALL)))
    volatility = schema["properties"]["parameters"]["properties"]["oil"]["properties"]["volatility"]
    assert volatility["description"] == "Monthly standard deviation of the log price. (uncertain; 1, 0 to 1)"
    assert set(schema["properties"]["facts"]["properties"]) == {"gulf", "oil"}
    assert schema["$defs"]["Event"]["properties"]["set"]["properties"]["gulf.state"] == {"enum": ["open", "disrupted"]}
    assert schema["$defs"]["Stage"]["properties"]["eases"]["properties"]["US"]["items"]["enum"] == [
        "aviation",
        "oil-majors",
    ]
    assert "no-relief" in schema["$defs"]["ReportOptions"]["properties"]["compare"]["items"]["enum"]
    assert schema["additionalProperties"] is False and schema["required"] == ["schema_version"]
    assert '"null"' not in json.dumps(schema)


def test_every_reference_in_the_schema_resolves() -> None:
    schema = json_schema(SMALL)
    names = set(re.findall(r'"#/\$defs/([^"]+)"', json.dumps(schema)))
    assert names and names <= set(schema["$defs"])
