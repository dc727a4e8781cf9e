"""The models of every table: what they accept, and the sentence for what they refuse."""

import json
from typing import Any

import pytest
from detente.config.schema import Event, FactsFile, Instrument, Joint, Record, RunOptions, Scenario
from detente.config.toml import parse
from detente.config.validation import check
from detente.shared.errors import ConfigError
from pydantic import BaseModel, ValidationError

RECORD = """
value = 14.0
dist = { kind = "lognormal", median = 14.0, log_sd = 0.35 }
unit = "USD/bbl"
bounds = [0, 60]
doc = "What it is."
source = "Who says so"
confidence = "D/J"
as_of = 2026-03-03
kind = "uncertain"
"""
INSTRUMENT = """
sender = "EU"
name = "crude-embargo"
title = "Embargo"
act = "Regulation 833/2014"
rule = "unanimity"
announced = 2022-06-03
in_force = 2022-12-05
status = "in force"
breadth = "broad"
renewal = ["01-31", "07-31"]
wind_down_days = 180
channels = { crude_eu = 1.0 }
source = "Official Journal"
confidence = "V"
"""
JOINT = """
columns = ["oil.a", "oil.b"]
rows = [[1, 2], [3, 4]]
weights = [0.5, 0.5]
source = "A paper"
"""
VERSION = "schema_version = 1\n"


def read(model: type[BaseModel], text: str) -> Any:
    return check(model, parse(text, "a.toml"))


def test_a_record_is_what_the_file_says_with_numbers_as_floats() -> None:
    record = read(Record, RECORD)
    assert (record.value, record.bounds, record.dist.centre(), record.drawn) == (14.0, (0.0, 60.0), 14.0, True)
    assert type(read(Record, RECORD.replace("value = 14.0", "value = 14")).value) is float
    assert read(Record, RECORD.replace("value = 14.0", "value = true")).value is True


def test_models_cannot_be_changed() -> None:
    record = read(Record, RECORD)
    with pytest.raises(ValidationError):
        record.value = 3.0
    assert isinstance(read(Joint, JOINT).rows, tuple)


def test_a_joint_table_knows_each_parameters_column() -> None:
    joint = read(Joint, JOINT)
    assert joint.column("oil.b") == (2.0, 4.0)
    assert joint.support("oil.b") == (2.0, 4.0)
    assert joint.centre("oil.a") == 1.0


def test_an_instrument_has_a_key_and_sensible_defaults() -> None:
    instrument = read(Instrument, INSTRUMENT)
    assert (instrument.key, instrument.licence_months, instrument.price_licence, instrument.ends) == (
        "EU.crude-embargo",
        0.0,
        False,
        None,
    )


def test_dotted_and_quoted_states_of_an_event_mean_the_same() -> None:
    quoted = read(Event, 'date = 2026-10-01\nset = { "gulf.state" = "open", "sanctions.US.oil-majors" = "licensed" }')
    assert (
        read(Event, 'date = 2026-10-01\nset = { gulf.state = "open", sanctions.US.oil-majors = "licensed" }') == quoted
    )


def test_run_options_have_the_documented_defaults() -> None:
    assert RunOptions().model_dump() == {"paths": 65536, "horizon": 36, "step": "month", "seed": 20260831}


@pytest.mark.parametrize(
    ("model", "text", "sentence"),
    [
        (
            Scenario,
            VERSION + "[run]\npath = 3",
            'a.toml, line 3: unknown key "run.path"; the nearest valid one is "run.paths".',
        ),
        (
            Scenario,
            VERSION + "extend = 'x'",
            'a.toml, line 2: unknown key "extend"; the nearest valid one is "extends".',
        ),
        (Scenario, VERSION + "[run]\npaths = 0", "a.toml, line 3: run.paths must be at least 1, not 0."),
        (Scenario, VERSION + "[run]\npaths = 1_000_000_001", "run.paths must be at most 1000000000"),
        (Scenario, VERSION + "[run]\npaths = 1.5", "run.paths must be a whole number, not 1.5."),
        (Scenario, VERSION + "[run]\npaths = true", "run.paths must be a whole number, not true."),
        (Scenario, VERSION + "[run]\nhorizon = 241", "run.horizon must be at most 240, not 241."),
        (
            Scenario,
            VERSION + "[run]\nstep = 'moth'",
            'run.step must be "month" or "week", not "moth" (did you mean "month"?).',
        ),
        (Scenario, VERSION + "[run]\nseed = -1", "run.seed must be at least 0, not -1."),
        (Scenario, VERSION + "as_of = '2026-08-31'", "as_of must be a date such as 2026-08-31, without quotes"),
        (
            Scenario,
            VERSION + "as_of = 2026-08-31T00:00:00",
            "as_of must be a date such as 2026-08-31, without quotes, not the time",
        ),
        (Scenario, VERSION + "as_of = 9999-12-31", "as_of must lie between 1990 and 2200."),
        (Scenario, VERSION + "run = 3", "run must be a table, not 3."),
        (Scenario, VERSION + "name = '../etc'", "name must be made of lower-case letters, digits and dashes"),
        (Scenario, VERSION + "[conflict]\nfeedback = 1", "conflict.feedback must be true or false, not 1."),
        (
            Scenario,
            VERSION + "[parameters.oil.x]\nvalu = 1",
            'unknown key "parameters.oil.x.valu"; the nearest valid one is "parameters.oil.x.value".',
        ),
        (
            Scenario,
            VERSION + "[parameters.oil.x]\nbounds = [0, 1]",
            "line 3: bounds is declared once, with the record, and cannot be changed",
        ),
        (
            Scenario,
            VERSION + "[parameters.oil.x]\nvalue = [1]",
            "parameters.oil.x.value must be a number, true, false or a string.",
        ),
        (Scenario, VERSION + "[parameters.oil]\nx = 1", "parameters.oil.x must be a table, not 1."),
        (
            Scenario,
            VERSION + "[[roadmap.stage]]\nname = 'a'\neases = {}\n[roadmap.stage.gate]\nceasefire_month = 1",
            'a.toml, line 6: unknown key "roadmap.stage #1.gate.ceasefire_month"; '
            'the nearest valid one is "roadmap.stage #1.gate.ceasefire_months".',
        ),
        (
            Scenario,
            VERSION + "[[roadmap.stage]]\nname = 'a'\ngate = {}\neases = { USA = [] }",
            'must be "US", "EU", "UK", "CA" or "JP", not "USA"',
        ),
        (Scenario, VERSION + "[[event]]\ndate = 2026-10-01", "a.toml, line 2: the key event #1.set is missing."),
        (Scenario, VERSION + "[[event]]\ndate = 2026-10-01\nset = {}", "event #1.set needs at least 1 item."),
        (
            Scenario,
            VERSION + "[[event]]\ndate = 2026-10-01\nset = { gulf.state = 1 }",
            "must be a string in quotes, not 1.",
        ),
        (
            Record,
            RECORD.replace("source", "sources"),
            'a.toml, line 7: unknown key "sources"; the nearest valid one is "source".',
        ),
        (Record, RECORD.replace('"Who says so"', '""'), "a.toml, line 7: source must not be empty."),
        (Record, RECORD.replace('"D/J"', '"A"'), "confidence must be V, V2, RC, RU, D or J"),
        (Record, RECORD.replace('"uncertain"', '"uncertan"'), '(did you mean "uncertain"?)'),
        (Record, RECORD.replace("[0, 60]", "[0]"), "bounds has too few items: 1."),
        (Record, RECORD.replace("value = 14.0", "value = 1e200"), "value must be a number between -1e30 and 1e30."),
        (Instrument, INSTRUMENT.replace("unanimity", "majority"), "a.toml, line 6: rule must be"),
        (Instrument, INSTRUMENT.replace("01-31", "02-30"), "renewal #1 must be a day of the year such as 07-31."),
        (Instrument, INSTRUMENT.replace("crude_eu", "crude"), '(did you mean "crude_eu"?)'),
        (
            Instrument,
            INSTRUMENT.replace("in_force = 2022-12-05", ""),
            'an instrument with status = "in force" needs in_force, a date.',
        ),
        (Instrument, INSTRUMENT.replace("in_force", "ends = 2022-01-01\nin_force"), "ends must come after 2022-12-05."),
        (Joint, JOINT.replace("[3, 4]", "[3]"), "row 2 has 1 numbers for 2 columns."),
        (Joint, JOINT.replace("[0.5, 0.5]", "[0.5, 0.6]"), "weights sum to 1.1; they must sum to 1."),
        (Joint, JOINT.replace("oil.b", "oil.a"), "columns must differ from one another."),
        (
            FactsFile,
            "as_of = 2026-08-31\n[facts.oil.Brent]" + RECORD,
            "must be made of lower-case letters, digits and underscores",
        ),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_key(model: type[BaseModel], text: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(model, text)
    assert str(caught.value).startswith("a.toml")
    assert sentence in str(caught.value)
    assert caught.value.exit_code == 2


def test_the_json_schema_of_every_file_can_be_written() -> None:
    for model in (Scenario, FactsFile, Instrument):
        assert json.loads(json.dumps(model.model_json_schema()))["additionalProperties"] is False
