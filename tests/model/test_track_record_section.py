"""The report's line and section on past forecasts: what was measured, and whether this run is like it."""

import dataclasses
import importlib

import detente
import pytest
from detente.config.loader import load
from detente.evaluation import track_record as record
from detente.report.context import Context

section = importlib.import_module("detente.report.sections.track_record")
"""The module; the package has a function of the same name."""


@pytest.fixture
def known(compared: list[detente.Run], monkeypatch: pytest.MonkeyPatch) -> record.Record:
    """The record that ships, as if it were of this model and of the present settings."""
    shipped = record.record()
    assert shipped is not None
    version = compared[0].manifest["versions"]["model"]
    same = shipped.model_copy(update={"model_version": version, "settings": record.settings_today()})
    monkeypatch.setattr(section, "record", lambda: same)
    return same


def test_a_run_like_the_measured_one_has_the_line_alone(compared: list[detente.Run], known: record.Record):
    finding = section.past_forecasts(Context(compared[:1]))
    assert finding is not None and section.UNMEASURED not in finding.text
    brent = next(row for row in known.summary.output if row.output == "brent")
    assert f"Brent was inside the 90% range in {brent.inside_90} of {brent.forecasts} month forecasts" in finding.text
    assert finding.rows[0].value == brent.inside_90
    found = section.track_record(Context(compared[:1]))
    assert found is not None and not found.note.startswith(section.UNMEASURED)
    assert len(found.tables[0].rows) == len(known.summary.output)


def test_another_scenario_setting_version_or_date_was_not_measured(
    compared: list[detente.Run], known: record.Record, monkeypatch: pytest.MonkeyPatch
):
    finding = section.past_forecasts(Context(compared[1:]))
    assert finding is not None and f"{section.UNMEASURED}: its settings differ" in finding.text
    version = known.model_version
    config = load("baseline", horizon=12)
    assert record.objection(config, version, known) == ""
    assert record.objection(load("baseline", paths=7, seed=3, horizon=12), version, known) == ""
    assert "settings" in record.objection(load("baseline", ["facts.oil.brent=55"]), version, known)
    assert "settings" in record.objection(load("baseline", step="week"), version, known)
    assert "version" in record.objection(config, "0.0.1+00000000", known)
    unknown = known.model_copy(update={"settings": {}})
    assert "date" in record.objection(config, version, unknown)
    monkeypatch.setattr(section, "record", lambda: None)
    context = Context(compared[:1])
    assert section.past_forecasts(context) is None and section.track_record(context) is None


def test_name_does_not_decide():
    config = load("baseline")
    assert record.settings_digest(dataclasses.replace(config, name="other")) == record.settings_digest(config)
