"""Distributions and differences in words."""

import datetime as dt

import pytest
from detente.catalog.changes import differences
from detente.catalog.describe import amount, confidence, distribution_text, record_text, spread
from detente.config.distributions import Distribution
from detente.config.loader import load
from detente.config.schema import Record
from pydantic import TypeAdapter

LAWS: TypeAdapter = TypeAdapter(Distribution)


@pytest.mark.parametrize(
    ("law", "words"),
    [
        ({"kind": "normal", "mean": 1.0, "sd": 0.5}, "normal: mean 1, standard deviation 0.5"),
        (
            {"kind": "lognormal", "median": 14.0, "log_sd": 0.35},
            "lognormal: median 14, standard deviation of the log 0.35",
        ),
        ({"kind": "triangular", "min": 0.0, "mode": 1.0, "max": 3.0}, "triangular: 0 to 3, most likely 1"),
        ({"kind": "beta", "a": 2.0, "b": 3.0}, "beta: shapes 2 and 3, from 0 to 1"),
        ({"kind": "gamma", "shape": 1.5, "rate": 100.0}, "gamma: shape 1.5, rate 100, mean 0.015"),
        ({"kind": "uniform", "min": 1.0, "max": 2.0}, "uniform: 1 to 2"),
        ({"kind": "quantiles", "p5": 1.0, "p95": 3.0, "family": "normal"}, "normal: 5% below 1, 5% above 3"),
        (
            {"kind": "quantiles", "p5": 1.0, "p50": 1.5, "p95": 3.0, "family": "lognormal"},
            "lognormal: 5% below 1, 50% below 1.5, 5% above 3",
        ),
        ({"kind": "empirical", "values": (1.0, 2.0, 4.0)}, "one of 3 observed values, equally likely"),
        ({"kind": "choice", "values": (30.0, 90.0), "weights": (0.25, 0.75)}, "one of 30 (25%), 90 (75%)"),
        ({"kind": "joint", "table": "pairs"}, "joint with other parameters, a row of the table pairs"),
        (
            {"kind": "normal", "mean": 0.0, "sd": 1.0, "truncate": (-1.0, 2.0)},
            "normal: mean 0, standard deviation 1, truncated at -1 and 2 (18% removed)",
        ),
    ],
)
def test_every_distribution_states_its_parameters(law: dict, words: str) -> None:
    assert distribution_text(LAWS.validate_python(law)) == words


def test_a_mixture_states_its_parts() -> None:
    parts = (
        {"weight": 0.25, "dist": {"kind": "normal", "mean": 0.0, "sd": 1.0}},
        {"weight": 0.75, "dist": {"kind": "uniform", "min": 0.0, "max": 1.0}},
    )
    text = distribution_text(LAWS.validate_python({"kind": "mixture", "components": parts}))
    assert text == "mixture of 25% normal: mean 0, standard deviation 1; 75% uniform: 0 to 1"


def record(value: object, law: dict | None = None, unit: str = "USD/bbl") -> Record:
    bounds = {"bounds": (0.0, 60.0)} if isinstance(value, float) else {"choices": ("war", "ceasefire")}
    words = {"doc": "d", "source": "s", "confidence": "J", "as_of": dt.date(2026, 1, 1), "unit": unit}
    return Record.model_validate(
        {"value": value, "kind": "uncertain" if law else "constant", "dist": law} | bounds | words
    )


def test_values_with_units() -> None:
    assert amount(14.0, "USD/bbl") == "14 USD/bbl" and amount(0.5, "1") == "0.5" and amount(True, "1") == "true"
    assert record_text(record(14.0)) == "14 USD/bbl, fixed" and record_text(record("war")) == "war"
    assert record_text(record(14.0, {"kind": "uniform", "min": 1.0, "max": 20.0})).startswith("14 USD/bbl; uniform")


def test_the_central_ninety_per_cent() -> None:
    assert spread(record(14.0, {"kind": "lognormal", "median": 14.0, "log_sd": 0.35})) == "7.87 to 24.9 USD/bbl"
    assert spread(record(50.0, {"kind": "normal", "mean": 50.0, "sd": 20.0})) == "17.1 to 82.9 USD/bbl"
    assert spread(record(14.0, {"kind": "uniform", "min": 1.0, "max": 20.0})) is None


def test_confidence_tags() -> None:
    assert confidence("D/J") == "D/J (derived from data, judgement)"


def test_a_configuration_does_not_differ_from_itself_and_scenarios_do() -> None:
    baseline, other = load("baseline"), load("us-first-relief")
    assert differences(baseline, baseline) == []
    found = {change.key: change for change in differences(baseline, other)}
    assert (
        found["event.2026-12-01.conflict.state"].before == "absent"
        and found["event.2026-12-01.conflict.state"].after == "ceasefire"
    )
    assert all(change.where.startswith("configs/") for change in found.values())
    assert set(found) == {change.key for change in differences(other, baseline)}
