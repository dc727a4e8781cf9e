"""One table of countries and one form of Unicode at every door: questions, settings, tariffs, explanations, files."""

import json
import unicodedata
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from detente.catalog.explain import explain
from detente.cli.app import application
from detente.config import loader
from detente.config.vocabulary import Buyer, OilBuyer, Region, Sender
from detente.questions import Names, QuestionError, names, parse
from detente.runs.run import Run
from detente.shared.countries import COUNTRIES, respelt, same
from detente.shared.errors import ConfigError


def call(*args: object) -> Result:
    return CliRunner().invoke(application, [str(arg) for arg in args], prog_name="detente")


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


@pytest.fixture(scope="module")
def known() -> Names:
    return names(loader.load("baseline"))


def test_the_table_knows_the_models_own_words_and_each_spelling_once() -> None:
    spellings = [spelling.casefold() for row in COUNTRIES for spelling in row]
    assert len(set(spellings)) == len(spellings)
    own = {word.label for words in (Buyer, Region, Sender) for word in words} | {str(word) for word in OilBuyer}
    for label in own - {"Other", "Neighbours", "Canada"}:
        assert any(same(row[0], label) for row in COUNTRIES), label


@pytest.mark.parametrize("spelling", ["Türkiye", "Turkey", "turkiye", "TUR", decomposed("Türkiye")])
def test_a_country_has_the_same_answer_in_any_spelling(known: Names, spelling: str) -> None:
    level = parse(f"E({spelling}|Tariff|Applied at 2027-12)", known)
    assert level == parse("E(Türkiye|Tariff|Applied at 2027-12)", known).__class__(
        level.place, level.kind, level.body, level.given, level.level, level.level_place
    )
    assert level.body.column == "Türkiye|Tariff|Applied"
    assert explain(f"{spelling}|Tariff|Applied").key == "Tariff|Applied"
    told = call("tariff", "--on", spelling, "--json")
    assert told.exit_code == 0 and json.loads(told.stdout)["on"] == ["TUR"]


@pytest.mark.parametrize(("spelling", "key"), [("USA", "USA"), ("eu", "EU27"), ("Russia", "RUS"), ("Korea", "KOR")])
def test_targets_of_a_tariff_in_any_spelling(spelling: str, key: str) -> None:
    by = ["--by", "China"] if key == "USA" else []
    assert json.loads(call("tariff", "--on", spelling, *by, "--json").stdout)["on"] == [key]


def test_both_ends_of_a_route_have_spellings(known: Names) -> None:
    level = parse("E(Russia>Turkey|Trade|Oil|Crude|Volume at 2027-12)", known)
    assert level.body.column == "Russian Federation>Türkiye|Trade|Oil|Crude|Volume"


def test_settings_and_keys_in_any_spelling(known: Names) -> None:
    plain = loader.load("baseline", ("parameters.tariffs.defiance_turkiye=0.01",))
    for key in ("parameters.tariffs.defiance_turkey", "parameters.tariffs.defiance_tur"):
        assert loader.load("baseline", (f"{key}=0.01",)).digest() == plain.digest()
    assert explain("tariffs.defiance_turkey").key == explain("tariffs.defiance_turkiye").key
    assert parse("E(tariffs.defiance_turkey)", known).body.key == "tariffs.defiance_turkiye"
    assert respelt("oil.brent", {"oil.brent"}) is None
    with pytest.raises(ConfigError, match="nearest valid"):
        loader.load("baseline", ("parameters.tariffs.defiance_turky=0.01",))


def test_a_decomposed_setting_and_file_name_are_what_they_look_like(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    text = 'schema_version = 1\nname = "idea"\ntitle = "Idea"\n'
    for stored, typed in (("ölpreis.toml", decomposed("ölpreis.toml")), (decomposed("größe.toml"), "größe.toml")):
        Path(stored).write_text(text, encoding="utf-8")
        assert loader.load(typed).name == "idea"
    title = decomposed("Höher")
    assert loader.load("baseline", (f'title="{title}"',)).title == "Höher"


def test_the_nearest_name_never_looks_like_what_was_typed(known: Names) -> None:
    with pytest.raises(QuestionError) as caught:
        parse(f"E({decomposed('Türkiyé')}|Tariff|Applied at 2027-12)", known)
    typed, near = unicodedata.normalize("NFC", str(caught.value)).splitlines()[0].split(";")
    assert "Türkiyé|Tariff|Applied" in typed and "Türkiyé|" not in near


def test_a_fan_knows_what_a_question_knows(small_run: Run) -> None:
    full = small_run.fan("Price|Oil|Brent", "World")
    for name in ("Brent", "brent", "World|Price|Oil|Brent"):
        assert small_run.fan(name).equals(full)
    applied = small_run.fan("Tariff|Applied", "Türkiye")
    assert small_run.fan("Tariff|Applied", "Turkey").equals(applied)
    assert small_run.fan("Turkey|Tariff|Applied").equals(applied)
    with pytest.raises(ConfigError, match="several regions"):
        small_run.fan("Tariff|Applied")
    with pytest.raises(ConfigError, match=r"nearest valid one is \"Brent\""):
        small_run.fan("Brant")


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("oil.discount", "Price|Oil|Urals|FOB Discount"),
        ("Brent", "fact"),
        ("TTF", "fact"),
        ("Urals|FOB", "output"),
        ("conflict.first_ceasefire", "output"),
        ("Event|First ceasefire", "output"),
    ],
)
def test_fields_and_outputs_can_be_explained(key: str, expected: str) -> None:
    explanation = explain(key)
    assert expected in (explanation.key, explanation.what)


def test_a_word_of_several_names_lists_them() -> None:
    with pytest.raises(ConfigError) as caught:
        explain("urals")
    assert "is part of several names" in str(caught.value)
    assert "Price|Oil|Urals|FOB" in str(caught.value) and "oil.urals_discount_blocking" in str(caught.value)
