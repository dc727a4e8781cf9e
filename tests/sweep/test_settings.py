"""A fixed sample of the sweep over settings, and what its checks are worth."""

from dataclasses import replace

import numpy as np
import pytest
from detente.config.loader import Files
from detente.engine.plan import plan
from detente.shared.paths import config_roots

from tests.sweep import _ranges, settings

SAMPLE = 700


@pytest.fixture(scope="module")
def files() -> Files:
    return Files(config_roots(None))


def test_a_sample_of_the_sweep_has_no_faults(files):
    tried = list(settings.settings(files))
    chosen = np.random.default_rng(settings.SEED).choice(len(tried), SAMPLE, replace=False)
    outcome = settings.sweep([tried[i] for i in np.sort(chosen)], files)
    assert outcome.attempts == SAMPLE == outcome.refusals + outcome.runs
    assert min(outcome.refusals, outcome.runs) > SAMPLE // 10
    assert not outcome.faults, settings.table(outcome, 0.0)


def test_the_sweep_covers_every_key_and_both_bounds(files):
    tried = [setting for setting in settings.settings(files) if setting.scenario == "baseline"]
    config = files.load("baseline")
    singles = {setting.texts[0] for setting in tried if len(setting.texts) == 1}
    for section, records in (("parameters", config.parameters), ("facts", config.facts)):
        for key, record in records.items():
            wanted = (
                [f'"{word}"' for word in record.choices or ()] if record.bounds is None else map(repr, record.bounds)
            )
            assert {f"{section}.{key}={value}" for value in wanted} <= singles


def test_the_sweep_finds_what_bounds_would_have_stopped(files):
    config = files.load("baseline", paths=settings.PATHS, horizon=6)
    stored = config.facts["oil.stored"].model_copy(update={"value": -50.0, "dist": None})
    noise = config.parameters["fiscal.rouble_noise"].model_copy(update={"value": 500.0, "dist": None})
    fields = settings.state_fields()
    negative = replace(config, facts=config.facts | {"oil.stored": stored})
    found, _ = settings.wrong_run(settings.recording_all(plan(negative, keep_paths=128), fields), fields)
    assert any(text.startswith("oil.stored negative") for text in found)
    absurd = replace(config, parameters=config.parameters | {"fiscal.rouble_noise": noise})
    found, _ = settings.wrong_run(settings.recording_all(plan(absurd, keep_paths=128), fields), fields)
    assert "paths not finite" in found[0]


@pytest.mark.parametrize(
    ("field", "values", "word"),
    [
        ("oil.stored", [[1.0, -0.1]], "negative"),
        ("oil.exports", [[1.0, 2e7]], "too large"),
        ("gulf.severity", [[0.5, 1.1]], "above 1"),
        ("oil.brent", [[1.0, np.nan]], "not finite"),
        ("gas.gap", [[-40.0, 20.0]], None),
        ("oil.stored", [[0.0, 110.0]], None),
    ],
)
def test_ranges(field, values, word):
    found = _ranges.faults(field, np.array(values))
    assert (not found) if word is None else (len(found) == 1 and word in found[0])


def test_a_refusal_must_name_the_setting():
    setting = settings.Setting("baseline", ("facts.oil.brent=-1.0",), "minus one")
    assert not settings.wrong_refusal("--set facts.oil.brent=-1.0: facts.oil.brent.value = -1 lies outside.", setting)
    assert settings.wrong_refusal("something is wrong.", setting)
    assert settings.wrong_refusal("facts.oil.brent\nTraceback.", setting)
