"""What may stand in a configuration: distributions within the bounds, text in one form, titles of one line."""

import unicodedata
from pathlib import Path

import pytest
from detente.config.loader import load
from detente.shared.errors import ConfigError

FLOOR = "parameters.oil.freight_floor"


@pytest.mark.parametrize(
    ("dist", "sentence"),
    [
        ("{ kind = 'choice', values = [-800, 900], weights = [0.5, 0.5] }", "lies outside the bounds 0 to 30"),
        ("{ kind = 'choice', values = [10, 900], weights = [0.75, 0.25] }", "has 25% of its probability above the"),
        ("{ kind = 'uniform', min = -20, max = 60 }", "has 25% of its probability below and 38% of its probability"),
        ("{ kind = 'normal', mean = 900, sd = 1 }", "lies outside the bounds"),
        ("{ kind = 'normal', mean = 15, sd = 3 }", "has <0.001% of its probability below"),
        ("{ kind = 'empirical', values = [5, 31] }", "has 50% of its probability above"),
        ("{ kind = 'normal', mean = 15, sd = 3, truncate = [-5, 40] }", "cut it with truncate = [0, 30]"),
        (
            "{ kind = 'mixture', components = [{ weight = 0.9, dist = { kind = 'uniform', min = 1, max = 2 } }, "
            "{ weight = 0.1, dist = { kind = 'mixture', components = [{ weight = 1.0, "
            "dist = { kind = 'choice', values = [5, 50], weights = [0.5, 0.5] } }] } }] }",
            "has 5% of its probability above",
        ),
    ],
)
def test_probability_outside_the_bounds_is_refused_with_its_share(dist: str, sentence: str) -> None:
    with pytest.raises(ConfigError) as refusal:
        load("baseline", [f"{FLOOR}.dist={dist}"])
    assert sentence in str(refusal.value)


def test_the_advised_truncation_works() -> None:
    dist = "{ kind = 'uniform', min = -20, max = 60, truncate = [0, 30] }"
    record = load("baseline", [f"{FLOOR}.dist={dist}"]).parameters["oil.freight_floor"]
    assert record.dist is not None and record.dist.support() == (0.0, 30.0) and record.value == 15.0


def test_a_mixture_with_choice_parts_is_valid() -> None:
    dist = (
        "{ kind = 'mixture', components = [{ weight = 0.5, dist = { kind = 'choice', values = [5], weights = [1] } }, "
        "{ weight = 0.5, dist = { kind = 'choice', values = [15], weights = [1] } }] }"
    )
    assert load("baseline", [f"{FLOOR}.dist={dist}"]).parameters["oil.freight_floor"].value == 5.0


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('title = "A\\u001b[31mtitle"', "title must be one line without control characters."),
        ('title = "two\\nlines"', "title must be one line without control characters."),
        ('title = " "', "title must not be empty."),
        ('[parameters.oil.freight_floor]\nvalue = 8\nsource = " "', "source must not be empty."),
        ("[run]\npaths = 1_0", '"1_0" is not a number; underscores stand between thousands only'),
    ],
)
def test_words_and_numbers_that_cannot_stand_are_refused(tmp_path: Path, line: str, sentence: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f"schema_version = 1\n{line}\n")
    with pytest.raises(ConfigError) as refusal:
        load(path)
    assert sentence in str(refusal.value)


def test_decomposed_text_is_the_same_text(tmp_path: Path) -> None:
    title = "Tête-à-tête in Türkiye"
    path = tmp_path / "mine.toml"
    path.write_text(unicodedata.normalize("NFD", f'schema_version = 1\ntitle = "{title}"\n'), encoding="utf-8")
    assert load(path).title == title
    assert load("baseline", [unicodedata.normalize("NFD", f"title={title}")]).title == title


def test_a_setting_is_a_number_as_people_write_it() -> None:
    with pytest.raises(ConfigError, match="underscores stand between thousands only"):
        load("baseline", ["facts.oil.brent=1_0"])
    with pytest.raises(ConfigError):
        load("baseline", ["facts.oil.brent=９５"])
    assert load("baseline", ["run.paths=65_536"]).run.paths == 65_536
