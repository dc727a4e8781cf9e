"""Guarded paths: counted in the manifest, dated in the events, shown in the report, the same after a continuation."""

import detente
import pytest
from detente.config import loader
from detente.report.sections.annex import manifest
from detente.runs import runner

SETTINGS = ("parameters.oil.urals_discount_blocking=40", "parameters.oil.volatility_level=-3.5")
GUARDS = ("oil.first_guard", "gas.first_guard", "attrition.first_guard")


@pytest.fixture(scope="module")
def guarded(tmp_path_factory) -> detente.Run:
    config = loader.load("baseline", SETTINGS, paths=4096, horizon=12)
    return runner.run(config, output=tmp_path_factory.mktemp("guarded"))


def test_the_manifest_counts_what_the_events_date(guarded):
    events = guarded.events()
    dated = events[list(GUARDS)].notna()
    assert guarded.manifest["guarded_paths"] == dated.any(axis=1).sum()
    assert 0 < dated.any(axis=1).sum() < 4096
    assert events[list(GUARDS)].min().min() >= 1.0


def test_the_summary_gives_the_share_by_step(guarded):
    rows = guarded.summary()
    last = rows[(rows["variable"] == "Event|Guard|Oil") & (rows["statistic"] == "mean")].sort_values("time").iloc[-1]
    assert last["value"] == guarded.events()["oil.first_guard"].notna().mean()


def test_the_report_shows_it(guarded):
    table = manifest([guarded])
    column = [head.text for head in table.columns].index("Guarded paths")
    assert table.rows[0][column].sort == float(guarded.manifest["guarded_paths"])


def test_a_run_that_extends_a_smaller_one_counts_all_its_paths(guarded, tmp_path):
    small = loader.load("baseline", SETTINGS, paths=2048, horizon=12)
    runner.run(small, output=tmp_path, keep_state=True)
    said: list[str] = []
    extended = runner.run(small.with_paths(4096), output=tmp_path, talk=said.append)
    assert any("continues" in text for text in said)
    assert extended.manifest["guarded_paths"] == guarded.manifest["guarded_paths"]
