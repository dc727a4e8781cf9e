"""What is declared once, and the chain of files a scenario extends: refused where it contradicts itself."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from detente.config.loader import load
from detente.shared.errors import ConfigError, DataError, DetenteError

SMALL = Path(__file__).parent / "small_configs"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return copytree(SMALL, tmp_path / "configs")


def refusal(error: type[DetenteError], load_it: Callable[[], object]) -> str:
    with pytest.raises(DetenteError) as caught:
        load_it()
    assert type(caught.value) is error
    assert caught.value.exit_code == {ConfigError: 2, DataError: 4}[error]
    return str(caught.value)


def swap(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(tree: Path) -> None:
        text = (tree / file).read_text()
        assert old in text
        (tree / file).write_text(text.replace(old, new, 1))

    return change


CONTRADICTION = """rho = 0.9
source = "x"
[[correlation]]
pair = ["oil.volatility", "oil.freight_floor"]
rho = 0.9
source = "x"
[[correlation]]
pair = ["oil.volatility", "oil.urals_discount_blocking"]
rho = -0.9"""
OIL, REGISTER, FACTS = "parameters/oil.toml", "instruments.toml", "facts/2025-03-31.toml"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            swap("baseline.toml", "schema_version = 1\n", ""),
            "baseline.toml: the key schema_version is missing; write schema_version = 1 on the first line.",
        ),
        (
            swap("baseline.toml", "schema_version = 1", "schema_version = 2"),
            "line 2: this file has schema version 2; this détente reads version 1.",
        ),
        (
            swap("baseline.toml", "schema_version = 1", 'schema_version = "1"'),
            'line 2: schema_version must be 1, not "1".',
        ),
        (
            swap("baseline.toml", "\n[run]", 'extends = "no-relief"\n[run]'),
            "the baseline is what every scenario starts from and extends nothing",
        ),
        (
            swap(OIL, "value = 14.0\n", "value = 70.0\n"),
            "oil.toml, line 2: urals_discount_blocking.value = 70 lies outside its bounds, 0 to 60 USD/bbl.",
        ),
        (
            swap(OIL, "bounds = [0.0, 60.0]", "bounds = [60.0, 0.0]"),
            "line 5: urals_discount_blocking.bounds must give the lower limit first",
        ),
        (swap(OIL, "bounds = [0.0, 60.0]\n", ""), "line 1: the key urals_discount_blocking.bounds is missing"),
        (
            swap(OIL, 'source = "Test tree"', 'source = ""'),
            "oil.toml, line 7: urals_discount_blocking.source must not be empty.",
        ),
        (
            swap(OIL, 'dist = { kind = "lognormal", median = 14.0, log_sd = 0.35, truncate = [0.0, 60.0] }\n', ""),
            "line 1: the key urals_discount_blocking.dist is missing; an uncertain",
        ),
        (swap(OIL, 'kind = "policy"', 'kind = "fact"'), 'price_cap.kind = "fact" does not belong to parameters.'),
        (
            swap(OIL, "value = 44.1", 'value = 44.1\ndist = { kind = "uniform", min = 40, max = 50 }'),
            "price_cap is a policy and cannot have a dist",
        ),
        (swap(OIL, "[price_cap]", "stray = 1\n[price_cap]"), 'unknown key "demand_elasticity.stray"'),
        (
            swap(OIL, "[urals", "stray = 1\n[urals"),
            "stray stands alone; a parameter file holds one table for each parameter",
        ),
        (
            swap(OIL, "[urals", "[joint.elasticities]\nx = 1\n[urals"),
            "joint.elasticities stands here for the second time, first on line 1",
        ),
        (swap(OIL, '["oil.supply_elasticity", "oil.d', '["oil.price_cap", "oil.d'), "has no column"),
        (
            swap(OIL, "[[0.05, -0.30]", "[[0.05, 0.30]"),
            "joint.elasticities: the column oil.demand_elasticity runs from -0.35 to 0.3, outside its bounds, -1 to 0.",
        ),
        (
            swap(OIL, "weights = [0.25,", "weights = [0.35,"),
            "joint.elasticities: weights sum to 1.1; they must sum to 1.",
        ),
        (swap(OIL, "rho = 0.5", "rho = 1.0"), "correlation #1.rho must be less than 1, not 1.0."),
        (
            swap(OIL, '"oil.freight_floor"]', '"oil.freight_flor"]'),
            'correlation: unknown parameter "oil.freight_flor"; the nearest valid one is "oil.freight_floor".',
        ),
        (swap(OIL, '"oil.freight_floor"]', '"oil.price_cap"]'), "correlation: oil.price_cap is not uncertain"),
        (
            swap(OIL, '"oil.freight_floor"]', '"oil.supply_elasticity"]'),
            "correlation: oil.supply_elasticity is drawn from a joint table",
        ),
        (swap(OIL, '"oil.freight_floor"]', '"oil.urals_discount_blocking"]'), "is one parameter."),
        (
            swap(OIL, "rho = 0.5", CONTRADICTION),
            "the correlations contradict one another (their matrix is not positive definite)",
        ),
        (
            swap(REGISTER, "blocking = 1.0", "blocking = 0.9"),
            "instruments.toml: the weights of the channel blocking over the instruments in force sum to 0.9; "
            "they must sum to 1.",
        ),
        (
            swap(REGISTER, 'name = "aviation"', 'name = "oil-majors"'),
            "line 19: the instrument US.oil-majors is declared for the second time",
        ),
        (swap(REGISTER, 'sender = "EU"', 'sender = "DE"'), 'sender must be "US", "EU", "UK", "CA" or "JP", not "DE"'),
        (
            swap("facts/2026-08-31.toml", "as_of = 2026-08-31", "as_of = 2026-08-30"),
            "as_of = 2026-08-30 differs from the file's name",
        ),
        (
            swap(
                "facts/2026-08-31.toml", 'confidence = "V"\nas_of = 2026-08-31', 'confidence = "V"\nas_of = 2026-09-30'
            ),
            "is later than the file's own date",
        ),
        (
            swap(
                "facts/2026-08-31.toml",
                'set = { "sanctions.EU.service-ban" = "in force" }\nsource = "Test tree"',
                'set = { gulf.state = "open" }',
            ),
            "a fact has a source",
        ),
    ],
)
def test_a_bad_declaration_is_refused(tree: Path, change: Callable[[Path], None], sentence: str) -> None:
    change(tree)
    assert sentence in refusal(ConfigError, lambda: load("baseline", configs=tree))


def test_all_facts_files_have_the_same_keys(tree: Path) -> None:
    swap(FACTS, "[facts.oil.stored]", "[facts.oil.floating]")(tree)
    message = refusal(ConfigError, lambda: load("baseline", ["as_of=2025-03-31"], configs=tree))
    assert "2025-03-31.toml: the fact oil.stored is missing, which configs/facts/2026-08-31.toml has" in message
    swap("facts/2026-08-31.toml", "[facts.oil.stored]", "[facts.oil.floating]")(tree)
    swap("facts/2026-08-31.toml", "[facts.gulf.state]", "[facts.gulf.status]")(tree)
    assert "the fact gulf.status is missing" in refusal(
        ConfigError, lambda: load("baseline", ["as_of=2025-03-31"], configs=tree)
    )


def test_a_circle_of_three_names_the_way_round(tree: Path) -> None:
    for name, base in (("a", "b"), ("b", "c"), ("c", "a")):
        (tree / f"scenarios/{name}.toml").write_text(f'schema_version = 1\nextends = "{base}"\n')
    message = refusal(ConfigError, lambda: load("a", configs=tree))
    assert message.startswith(
        "configs/scenarios/c.toml, line 2: extends goes round in a circle, a.toml -> b.toml -> c.toml -> a.toml;"
    )


def test_a_chain_has_a_limit(tree: Path) -> None:
    for number in range(12):
        (tree / f"scenarios/s{number}.toml").write_text(f'schema_version = 1\nextends = "s{number + 1}"\n')
    assert "extends goes through more than 8 files" in refusal(ConfigError, lambda: load("s0", configs=tree))


def test_a_link_cannot_lead_out_of_the_folder(tree: Path) -> None:
    (tree.parent / "outside.toml").write_text("schema_version = 1\n")
    (tree / "scenarios/link.toml").symlink_to(tree.parent / "outside.toml")
    for base in ("./link.toml", "link"):
        (tree / "scenarios/a.toml").write_text(f'schema_version = 1\nextends = "{base}"\n')
        assert "lies outside the scenario's own folder" in refusal(ConfigError, lambda: load("a", configs=tree))


def test_an_effective_configuration_is_not_extended_and_keeps_its_date(tree: Path) -> None:
    (tree / "scenarios/whole.toml").write_text(load("baseline", configs=tree).to_toml())
    (tree / "scenarios/a.toml").write_text('schema_version = 1\nextends = "whole"\n')
    assert "cannot be extended" in refusal(ConfigError, lambda: load("a", configs=tree))
    assert "holds the facts of its own as_of" in refusal(
        ConfigError, lambda: load("whole", ["as_of=2025-03-31"], configs=tree)
    )
    swap("scenarios/whole.toml", "\n[run]\n", "\n[run]\npath = 1\n")(tree)
    assert 'whole.toml, line 11: unknown key "run.path"' in refusal(ConfigError, lambda: load("whole", configs=tree))


def test_names_and_files_that_are_not_there(tree: Path) -> None:
    message = refusal(ConfigError, lambda: load("us-first-releif", configs=tree))
    assert 'no scenario "us-first-releif"' in message and 'the nearest valid one is "us-first-relief".' in message
    assert "there is no such file" in refusal(DataError, lambda: load("./missing.toml", configs=tree))
    assert "this is a folder" in refusal(DataError, lambda: load(tree, configs=tree))
    (tree / "scenarios/My File.toml").write_text("schema_version = 1\n")
    assert "the file's name cannot name a run; add name" in refusal(ConfigError, lambda: load("My File", configs=tree))
    for file in ("baseline.toml", REGISTER):
        (tree / file).rename(tree / "away")
        assert f"configs/{file}: there is no such file" in refusal(DataError, lambda: load("baseline", configs=tree))
        (tree / "away").rename(tree / file)
