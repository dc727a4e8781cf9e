"""Valid settings that are easily misread are named, and the advice works."""

import pytest
from click.testing import CliRunner
from detente.catalog.cautions import cautions
from detente.cli import application
from detente.config import loader


@pytest.mark.parametrize(
    ("scenario", "sets", "named"),
    [
        ("baseline", [], False),
        ("baseline", ["facts.gulf.severity=1"], True),
        ("baseline", ["facts.gulf.severity=1", "facts.oil.brent=128"], False),
        ("baseline", ["facts.oil.brent=128"], False),
        ("price-triggered-licences", [], False),
    ],
)
def test_a_severity_without_its_price_is_named(scenario, sets, named):
    sentences = cautions(loader.load(scenario, sets))
    assert [sentence.startswith("facts.gulf.severity") for sentence in sentences] == [True] * named


def test_the_command_says_it_on_the_side():
    arguments = ["run", "--dry-run", "--set", "facts.gulf.severity=1", "--paths", "16", "--horizon", "1", "--no-report"]
    result = CliRunner().invoke(application, arguments)
    assert result.exit_code == 0
    assert "facts.gulf.severity is changed" in result.stderr
