"""Conditions between records: each is refused in one sentence that names them, and the advice works."""

import pytest
from detente.config.conditions import CONDITIONS
from detente.config.loader import Files
from detente.shared.errors import ConfigError
from detente.shared.paths import config_roots

P, F = "parameters", "facts"
CASES = {
    "crude shares": ([f"{F}.oil.crude_share_china=0.6"], [f"{F}.oil.crude_share_india=0.26"]),
    "product shares": ([f"{F}.oil.product_share_india=0.5"], [f"{F}.oil.product_share_other=0.16"]),
    "discount": ([f"{F}.oil.brent=15"], [f"{F}.oil.urals_discount=5"]),
    "oil storage": ([f"{P}.oil.storage_capacity=10"], [f"{F}.oil.stored=10"]),
    "pipelines": ([f"{P}.oil.pipeline_exports=3", f"{F}.oil.crude_exports=2.9"], [f"{F}.oil.crude_exports=3"]),
    "China": ([f"{F}.tariffs.oil_imports_china=2"], [f"{F}.tariffs.oil_imports_china=2.5"]),
    "India": ([f"{F}.tariffs.oil_imports_india=2"], [f"{F}.tariffs.oil_imports_india=2.2"]),
    "Türkiye": ([f"{F}.tariffs.oil_imports_turkiye=0.7"], [f"{F}.tariffs.oil_imports_turkiye=0.8"]),
    "EU": ([f"{F}.tariffs.oil_imports_eu=0.1"], [f"{F}.tariffs.oil_imports_eu=0.2"]),
    "Brazil": ([f"{F}.tariffs.oil_imports_brazil=0.1"], [f"{F}.tariffs.russian_oil_brazil=0.1"]),
    "Japan": ([f"{F}.tariffs.oil_imports_japan=0.01"], [f"{F}.tariffs.russian_oil_japan=0.01"]),
    "Korea": ([f"{F}.tariffs.oil_imports_korea=0.01"], [f"{F}.tariffs.russian_oil_korea=0.01"]),
    "small buyers": (
        [f"{F}.tariffs.oil_imports_brazil=5", f"{F}.tariffs.russian_oil_brazil=4"],
        [f"{F}.tariffs.russian_oil_brazil=1"],
    ),
    "US imports": ([f"{F}.tariffs.us_goods_imports=2000"], [f"{F}.tariffs.us_imports_china=300"]),
    "tariff on China": ([f"{P}.tariffs.applied_on_any_chance=0.01"], [f"{P}.tariffs.applied_on_china_chance=0.01"]),
    "elasticities": ([f"{P}.tariffs.elasticity_short=5"], [f"{P}.tariffs.elasticity_long=5"]),
    "licence renewal": (
        [f"{P}.sanctions.licence_renewal_probability=0.1"],
        [f"{P}.sanctions.licence_renewal_without_cause=0.1"],
    ),
    "TTF ceiling": ([f"{P}.gas.price_ceiling=100", f"{F}.gas.ttf=150"], [f"{P}.gas.price_ceiling=150"]),
    "TTF floor": ([f"{F}.gas.ttf=5", f"{P}.gas.price_floor=10"], [f"{P}.gas.price_floor=5"]),
    "LNG wave": ([f"{P}.gas.lng_wave_begin=2030"], [f"{P}.gas.lng_wave_full=2031"]),
    "TurkStream": ([f"{P}.gas.turkstream_cap=15"], [f"{F}.gas.turkstream=15"]),
    "transit": ([f"{F}.gas.ukraine_transit=58", f"{P}.gas.joint_cap=100"], [f"{P}.gas.transit_cap=58"]),
    "transit volume": ([f"{P}.gas.transit_volume=60"], [f"{P}.gas.transit_cap=60"]),
    "Yamal": ([f"{F}.gas.yamal=33", f"{P}.gas.yamal_cap=20"], [f"{F}.gas.yamal=20"]),
    "Nord Stream": ([f"{F}.gas.nord_stream=50"], [f"{F}.gas.nord_stream=27.5"]),
    "LNG": ([f"{F}.gas.lng=30"], [f"{P}.gas.lng_cap=30"]),
    "joint cap": ([f"{P}.gas.joint_cap=10"], [f"{F}.gas.turkstream=10"]),
    "gas balance": ([f"{F}.gas.demand=150"], [f"{F}.gas.other_supply=100"]),
    "storage path": ([f"{P}.gas.storage_path_mean=100"], [f"{P}.gas.storage_path_mean=70"]),
    "spending": ([f"{F}.fiscal.gdp=50", f"{F}.fiscal.spending=60"], [f"{F}.fiscal.spending=50"]),
    "ceasefire": ([f"{P}.attrition.ceasefire_intensity=1"], [f"{P}.attrition.truce_intensity=1"]),
}


@pytest.fixture(scope="module")
def files() -> Files:
    return Files(config_roots(None))


@pytest.mark.parametrize("name", CASES)
def test_a_contradiction_is_refused_in_a_sentence_and_its_advice_works(files, name):
    wrong, remedy = CASES[name]
    with pytest.raises(ConfigError) as error:
        files.load("baseline", wrong)
    message = str(error.value)
    assert "\n" not in message and message.endswith(".") and message.startswith("--set ")
    keys = {text.partition("=")[0] for text in wrong}
    assert any(keys & set(condition.keys) and all(key in message for key in condition.keys) for condition in CONDITIONS)
    files.load("baseline", [*wrong, *remedy])


def test_every_condition_has_its_case_and_its_records(files):
    config = files.load("baseline")
    known = {f"parameters.{key}" for key in config.parameters} | {f"facts.{key}" for key in config.facts}
    for condition in CONDITIONS:
        assert set(condition.keys) <= known
    assert len(CASES) == len(CONDITIONS)


@pytest.mark.parametrize("as_of", ["2025-03-31", "2026-08-31"])
def test_shipped_facts_contradict_nothing(files, as_of):
    files.load("baseline", [f"as_of={as_of}"])


def test_a_scenario_file_is_named(tmp_path, files):
    path = tmp_path / "half.toml"
    path.write_text('schema_version = 1\n[facts.oil.crude_share_china]\nvalue = 0.2\nsource = "A test."\n')
    with pytest.raises(ConfigError, match=r"half\.toml, line 3: facts\.oil\.crude_share_china, .* sum to 0\.75;"):
        files.load(path)
