"""Bad configurations: each gives one sentence with place, key and nearest word, and the right exit code."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from detente.config import load
from detente.errors import ConfigError, DataError, DetenteError

SMALL = Path(__file__).parent / "small_configs"
DISCOUNT = "[parameters.oil.urals_discount_blocking]\n"
EVENT = "[[event]]\ndate = 2026-10-01\n"
STAGE = '[[roadmap.stage]]\nname = "a"\ngate = {}\n'


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    return copytree(SMALL, tmp_path / "configs")


def refusal(error: type[DetenteError], load_it: Callable[[], object]) -> str:
    with pytest.raises(DetenteError) as caught:
        load_it()
    assert type(caught.value) is error
    assert caught.value.exit_code == {ConfigError: 2, DataError: 4}[error]
    return str(caught.value)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (DISCOUNT + "valu = 3", 'mine.toml, line 3: unknown key "parameters.oil.urals_discount_blocking.valu"; the nearest valid one is "parameters.oil.urals_d'),
        ("[parameters.oil.urals_discont_blocking]\nvalue = 3", 'line 2: unknown parameter "parameters.oil.urals_discont_blocking"; the nearest valid one is "parameters.oil.urals_discount_blocking".'),
        ("[parameters.gas.ttf]\nvalue = 3", 'line 2: unknown parameter "parameters.gas.ttf"; valid: "parameters.conflict" or "parameters.oil".'),
        ("[facts.oil.brant]\nvalue = 3", 'line 2: unknown fact "facts.oil.brant"; the nearest valid one is "facts.oil.brent".'),
        ("[parameters.oil.brent]\nvalue = 3", 'the nearest valid one is "facts.oil.brent".'),
        (DISCOUNT + 'value = -0.1\nsource = "x"', "line 3: parameters.oil.urals_discount_blocking.value = -0.1 lies outside its bounds, 0 to 60 USD/bbl."),
        ('[parameters.oil.volatility]\nvalue = -0.1\nsource = "x"', "line 3: parameters.oil.volatility.value = -0.1 lies outside its bounds, 0 to 1."),
        (DISCOUNT + 'value = "many"\nsource = "x"', "line 3: parameters.oil.urals_discount_blocking.value must be a number (USD/bbl)."),
        (DISCOUNT + "value = 3", 'line 2: parameters.oil.urals_discount_blocking changes a number without saying why; add source = "…".'),
        (DISCOUNT + 'unit = "USD/t"', 'line 3: parameters.oil.urals_discount_blocking is declared in USD/bbl, not in "USD/t"; convert the number.'),
        (DISCOUNT + 'dist = { kind = "quantiles", p5 = 9, p95 = 3, family = "normal" }\nsource = "x"', "line 3: parameters.oil.urals_discount_blocking.dist: p5 = 9 must be less than p95 = 3."),
        (DISCOUNT + 'dist = { kind = "uniform", min = 70, max = 90 }\nsource = "x"', ".dist runs from 70 to 90, outside the bounds 0 to 60 USD/bbl."),
        (DISCOUNT + 'value = 20\ndist = { kind = "uniform", min = 0, max = 9 }\nsource = "x"', "line 3: parameters.oil.urals_discount_blocking.value = 20 lies outside its distribution, 0 to 9."),
        (DISCOUNT + "value = nan", "line 3: parameters.oil.urals_discount_blocking.value must be a finite number"),
        (DISCOUNT + "value = 1e400", "line 3: parameters.oil.urals_discount_blocking.value must be a finite number"),
        (DISCOUNT + 'dist = { kind = "joint", table = "elastic" }\nsource = "x"', 'names the unknown table "elastic"; valid: "elasticities".'),
        (DISCOUNT + 'dist = { kind = "joint", table = "elasticities" }\nsource = "x"', 'which has no column "oil.urals_discount_blocking".'),
        ('[parameters.oil.price_cap]\ndist = { kind = "uniform", min = 40, max = 50 }\nsource = "x"', "is a policy, which is set, not drawn; give a value instead of a dist."),
        ('[facts.gulf.state]\nvalue = "opened"\nsource = "x"', 'facts.gulf.state.value must be "open" or "disrupted", not "opened" (did you mean "open"?).'),
        ('[facts.gulf.state]\ndist = { kind = "uniform", min = 0, max = 1 }\nsource = "x"', "facts.gulf.state is no number, so it cannot have a dist"),
        (DISCOUNT + 'dist = { kind = "empirical", csv = "../x.csv", column = "a" }\nsource = "x"', '"../x.csv" lies outside the folder of the file that names it'),
        ("as_of = 2026-01-01", "mine.toml, line 2: there are no facts for as_of = 2026-01-01; dates with facts: 2025-03-31, 2026-08-31."),
        (EVENT + 'set = { "sanctions.US.oil-major" = "licensed" }', 'line 4: an event sets an unknown state "sanctions.US.oil-major"; the nearest valid one is "sanctions.US.oil-majors".'),
        (EVENT + 'set = { "zzz" = "licensed" }', 'unknown state "zzz"; valid: "conflict.state", "gulf.state" or "sanctions.SENDER.NAME".'),
        (EVENT + 'set = { conflict.state = "peace" }', 'conflict.state must be "war", "partial truce", "ceasefire" or "settlement", not "peace"'),
        (EVENT + 'set = { gulf.state = "Open" }', '(did you mean "open"?)'),
        (EVENT + 'set = { gulf.state = "open" }\n' + EVENT + 'set = { gulf.state = "disrupted" }', 'line 5: gulf.state is set to "open" and to "disrupted" on 2026-10-01; keep one of the two.'),
        ('[[event]]\ndate = 2026-08-31\nset = { gulf.state = "open" }', "line 3: the event of 2026-08-31 lies outside the run, which begins after 2026-08-31 and ends on 2028-08-31"),
        ('[[event]]\nset = { gulf.state = "open" }\ndate = 2028-09-01', "line 4: the event of 2028-09-01 lies outside the run, which begins after 2026-08-31 and ends on 2028-08-31; change the date or lengthen"),
        (STAGE + 'eases = { US = ["oil-major"] }', 'line 5: the stage "a" eases an unknown instrument of US "oil-major"; the nearest valid one is "oil-majors".'),
        (STAGE + 'eases = { JP = ["x"] }', 'unknown instrument of JP "x"; there is none.'),
        (STAGE + "eases = {}\n" + STAGE + "eases = {}", 'line 6: two stages of the roadmap are called "a"; each needs a name of its own.'),
        ('[report]\ncompare = ["no-releif"]', 'line 3: unknown scenario "no-releif"; the nearest valid one is "no-relief".'),
        ('extends = "us-first"', 'mine.toml, line 2: unknown scenario "us-first"; the nearest valid one is "us-first-relief".'),
        ('extends = "../secret.toml"', '"../secret.toml" lies outside the scenario\'s own folder and configs/scenarios; put a copy beside the scenario.'),
        ('extends = "/etc/passwd.toml"', '"/etc/passwd.toml" lies outside the scenario\'s own folder'),
        ('extends = "other.toml"', 'there is no file "other.toml" to extend.'),
        ('extends = "mine"', "extends goes round in a circle, mine.toml -> mine.toml; let one of them extend the baseline."),
        ('extends = "a\\u0000b.toml"', "is not a file name."),
        ("effective = 3", "effective must be true, not 3."),
    ],
)  # fmt: skip
def test_a_bad_scenario_is_refused(tree: Path, text: str, sentence: str) -> None:
    path = tree.parent / "mine.toml"
    path.write_text("schema_version = 1\n" + text)
    message = refusal(ConfigError, lambda: load(path, configs=tree))
    assert "mine.toml" in message.partition(": ")[0]
    assert sentence in message


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("run.path=3", 'unknown key "run.path"; the nearest valid one is "run.paths".'),
        ("oil.brent=3", 'unknown key "oil.brent"; the nearest valid one is "facts.oil.brent".'),
        ("parameters.oil.volatility.valu=3", 'the nearest valid one is "parameters.oil.volatility.value".'),
        ("parameters.oil.volatilty=0.2", 'unknown parameter "parameters.oil.volatilty"; the nearest valid one is "parameters.oil.volatility".'),
        ("parameters.oil.volatility.value=-0.1", "parameters.oil.volatility.value = -0.1 lies outside its bounds, 0 to 1."),
        ("parameters.oil.volatility=high", "parameters.oil.volatility.value must be a number."),
        ("run.paths=nan", "must be a finite number"),
        ("facts.oil.brent=1e400", "must be a finite number"),
        ("run.horizon=0", "run.horizon must be at least 1, not 0."),
        ("run.seed=9223372036854775808", "is a whole number beyond 64 bits"),
        ("as_of=2026-01-01", "there are no facts for as_of = 2026-01-01"),
        ("extends=x", "this key stands in files only."),
        ("run.paths", "write this as key.path=value."),
        ("=3", "write this as key.path=value."),
        ("run..paths=3", '"run..paths" is not a key such as parameters.oil.name.value.'),
        ("run.step='week", "is no TOML value; give a number, true or false, a date, or a string in quotes."),
        ("run.paths=1\nname=2", "write this as key.path=value."),
        ("run.paths=" + "[" * 1000, "nested more than 16 levels deep"),
        ("report.compare=['no-releif']", 'the nearest valid one is "no-relief".'),
    ],
)
def test_a_bad_setting_is_refused(setting: str, sentence: str) -> None:
    message = refusal(ConfigError, lambda: load("baseline", [setting], configs=SMALL))
    assert message.startswith("--set ") and sentence in message


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"paths": 0}, "--paths 0: run.paths must be at least 1, not 0."),
        ({"paths": 2.5}, "--paths 2.5: run.paths must be a whole number, not 2.5."),
        ({"seed": -1}, "--seed -1: run.seed must be at least 0, not -1."),
        ({"horizon": 241}, "--horizon 241: run.horizon must be at most 240, not 241."),
        ({"step": "day"}, '--step day: run.step must be "month" or "week", not "day".'),
    ],
)
def test_a_bad_run_option_is_refused(options: dict, sentence: str) -> None:
    assert refusal(ConfigError, lambda: load("baseline", configs=SMALL, **options)) == sentence


def swap(file: str, old: str, new: str) -> Callable[[Path], None]:
    def change(tree: Path) -> None:
        text = (tree / file).read_text()
        assert old in text
        (tree / file).write_text(text.replace(old, new, 1))

    return change


OIL, REGISTER, FACTS = "parameters/oil.toml", "instruments.toml", "facts/2025-03-31.toml"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (swap("baseline.toml", "schema_version = 1\n", ""), "baseline.toml: the key schema_version is missing; write schema_version = 1 on the first line."),
        (swap("baseline.toml", "schema_version = 1", "schema_version = 2"), "line 2: this file has schema version 2; this détente reads version 1."),
        (swap("baseline.toml", "schema_version = 1", 'schema_version = "1"'), 'line 2: schema_version must be 1, not "1".'),
        (swap("baseline.toml", "\n[run]", 'extends = "no-relief"\n[run]'), "the baseline is what every scenario starts from and extends nothing"),
        (swap(OIL, "value = 14.0\n", "value = 70.0\n"), "oil.toml, line 2: urals_discount_blocking.value = 70 lies outside its bounds, 0 to 60 USD/bbl."),
        (swap(OIL, "bounds = [0.0, 60.0]", "bounds = [60.0, 0.0]"), "line 5: urals_discount_blocking.bounds must give the lower limit first"),
        (swap(OIL, "bounds = [0.0, 60.0]\n", ""), "line 1: the key urals_discount_blocking.bounds is missing"),
        (swap(OIL, 'source = "Test tree"', 'source = ""'), "oil.toml, line 7: urals_discount_blocking.source must not be empty."),
        (swap(OIL, "dist = { kind = \"lognormal\", median = 14.0, log_sd = 0.35 }\n", ""), "line 1: the key urals_discount_blocking.dist is missing; an uncertain"),
        (swap(OIL, 'kind = "policy"', 'kind = "fact"'), 'price_cap.kind = "fact" does not belong to parameters.'),
        (swap(OIL, "value = 44.1", 'value = 44.1\ndist = { kind = "uniform", min = 40, max = 50 }'), "price_cap is a policy and cannot have a dist"),
        (swap(OIL, "[price_cap]", "stray = 1\n[price_cap]"), 'unknown key "demand_elasticity.stray"'),
        (swap(OIL, "[urals", "stray = 1\n[urals"), "stray stands alone; a parameter file holds one table for each parameter"),
        (swap(OIL, "[urals", "[joint.elasticities]\nx = 1\n[urals"), "joint.elasticities stands here for the second time, first on line 1"),
        (swap(OIL, '["oil.supply_elasticity", "oil.d', '["oil.price_cap", "oil.d'), "has no column"),
        (swap(OIL, "[[0.05, -0.30]", "[[0.05, 0.30]"), "joint.elasticities: the column oil.demand_elasticity runs from -0.35 to 0.3, outside its bounds, -1 to 0."),
        (swap(OIL, "weights = [0.25,", "weights = [0.35,"), "joint.elasticities: weights sum to 1.1; they must sum to 1."),
        (swap(OIL, "rho = 0.5", "rho = 1.0"), "correlation #1.rho must be less than 1, not 1.0."),
        (swap(OIL, '"oil.freight_floor"]', '"oil.freight_flor"]'), 'correlation: unknown parameter "oil.freight_flor"; the nearest valid one is "oil.freight_floor".'),
        (swap(OIL, '"oil.freight_floor"]', '"oil.price_cap"]'), "correlation: oil.price_cap is not uncertain"),
        (swap(OIL, '"oil.freight_floor"]', '"oil.supply_elasticity"]'), "correlation: oil.supply_elasticity is drawn from a joint table"),
        (swap(OIL, '"oil.freight_floor"]', '"oil.urals_discount_blocking"]'), "is one parameter."),
        (
            swap(OIL, "rho = 0.5", 'rho = 0.9\nsource = "x"\n[[correlation]]\npair = ["oil.volatility", "oil.freight_floor"]\nrho = 0.9\nsource = "x"\n[[correlation]]\npair = ["oil.volatility", "oil.urals_discount_blocking"]\nrho = -0.9'),
            "the correlations contradict one another (their matrix is not positive definite)",
        ),
        (swap(REGISTER, "blocking = 1.0", "blocking = 0.9"), "instruments.toml: the weights of the channel blocking over the instruments in force sum to 0.9; they must sum to 1."),
        (swap(REGISTER, 'name = "aviation"', 'name = "oil-majors"'), "line 19: the instrument US.oil-majors is declared for the second time"),
        (swap(REGISTER, 'sender = "EU"', 'sender = "DE"'), 'sender must be "US", "EU", "UK", "CA" or "JP", not "DE"'),
        (swap("facts/2026-08-31.toml", "as_of = 2026-08-31", "as_of = 2026-08-30"), "as_of = 2026-08-30 differs from the file's name"),
        (swap("facts/2026-08-31.toml", 'confidence = "V"\nas_of = 2026-08-31', 'confidence = "V"\nas_of = 2026-09-30'), "is later than the file's own date"),
        (swap("facts/2026-08-31.toml", 'set = { "sanctions.EU.service-ban" = "in force" }\nsource = "Test tree"', 'set = { gulf.state = "open" }'), "a fact has a source"),
    ],
)  # fmt: skip
def test_a_bad_declaration_is_refused(tree: Path, change: Callable[[Path], None], sentence: str) -> None:
    change(tree)
    assert sentence in refusal(ConfigError, lambda: load("baseline", configs=tree))


def test_all_facts_files_have_the_same_keys(tree: Path) -> None:
    swap(FACTS, "[facts.oil.stored]", "[facts.oil.floating]")(tree)
    message = refusal(ConfigError, lambda: load("baseline", ["as_of=2025-03-31"], configs=tree))
    assert "2025-03-31.toml: the fact oil.stored is missing, which configs/facts/2026-08-31.toml has" in message
    swap("facts/2026-08-31.toml", "[facts.oil.stored]", "[facts.oil.floating]")(tree)
    swap("facts/2026-08-31.toml", "[facts.gulf.state]", "[facts.gulf.status]")(tree)
    assert "the fact gulf.status is missing" in refusal(ConfigError, lambda: load("baseline", ["as_of=2025-03-31"], configs=tree))


def test_a_circle_of_three_names_the_way_round(tree: Path) -> None:
    for name, base in (("a", "b"), ("b", "c"), ("c", "a")):
        (tree / f"scenarios/{name}.toml").write_text(f'schema_version = 1\nextends = "{base}"\n')
    message = refusal(ConfigError, lambda: load("a", configs=tree))
    assert message.startswith("configs/scenarios/c.toml, line 2: extends goes round in a circle, a.toml -> b.toml -> c.toml -> a.toml;")


def test_a_chain_has_a_limit(tree: Path) -> None:
    for number in range(12):
        (tree / f"scenarios/s{number}.toml").write_text(f'schema_version = 1\nextends = "s{number + 1}"\n')
    assert "extends goes through more than 8 files" in refusal(ConfigError, lambda: load("s0", configs=tree))


def test_a_link_cannot_lead_out_of_the_folder(tree: Path) -> None:
    (tree.parent / "outside.toml").write_text("schema_version = 1\n")
    (tree / "scenarios/link.toml").symlink_to(tree.parent / "outside.toml")
    (tree / "scenarios/a.toml").write_text('schema_version = 1\nextends = "./link.toml"\n')
    assert "lies outside the scenario's own folder" in refusal(ConfigError, lambda: load("a", configs=tree))


def test_an_effective_configuration_is_not_extended_and_keeps_its_date(tree: Path) -> None:
    (tree / "scenarios/whole.toml").write_text(load("baseline", configs=tree).to_toml())
    (tree / "scenarios/a.toml").write_text('schema_version = 1\nextends = "whole"\n')
    assert "cannot be extended" in refusal(ConfigError, lambda: load("a", configs=tree))
    assert "holds the facts of its own as_of" in refusal(ConfigError, lambda: load("whole", ["as_of=2025-03-31"], configs=tree))
    swap("scenarios/whole.toml", "\n[run]\n", "\n[run]\npath = 1\n")(tree)
    assert 'whole.toml, line 11: unknown key "run.path"' in refusal(ConfigError, lambda: load("whole", configs=tree))


def test_names_and_files_that_are_not_there(tree: Path) -> None:
    message = refusal(ConfigError, lambda: load("us-first-releif", configs=tree))
    assert 'unknown scenario "us-first-releif"; the nearest valid one is "us-first-relief".' in message
    assert "there is no such file" in refusal(DataError, lambda: load("./missing.toml", configs=tree))
    assert "this is a folder" in refusal(DataError, lambda: load(tree, configs=tree))
    (tree / "scenarios/My File.toml").write_text("schema_version = 1\n")
    assert "the file's name cannot name a run; add name" in refusal(ConfigError, lambda: load("My File", configs=tree))
    for file in ("baseline.toml", REGISTER):
        (tree / file).rename(tree / "away")
        assert f"configs/{file}: there is no such file" in refusal(DataError, lambda: load("baseline", configs=tree))
        (tree / "away").rename(tree / file)


@pytest.mark.parametrize(
    ("csv", "error", "sentence"),
    [
        (None, DataError, "there is no such file."),
        ("a,b\n1,2\n", DataError, 'unknown column "x"; valid: "a" or "b".'),
        ("x\n1\ntwo\n", DataError, "line 3: there is no number in this column."),
        ("x\n1\nnan\n", DataError, "line 3: the number must be finite."),
        ("x\n", DataError, "holds 0 numbers; 1 to 5000 are needed."),
        ("x\n1e31\n", ConfigError, "dist.values #1 must be at most 1e+30"),
        ("x\n70\n", ConfigError, "runs from 70 to 70, outside the bounds 0 to 60 USD/bbl."),
        ("x\n\x00\n", DataError, "this column."),
    ],
)
def test_a_bad_column_is_refused(tree: Path, csv: str | None, error: type[DetenteError], sentence: str) -> None:
    path = tree / "scenarios/mine.toml"
    path.write_text(f'schema_version = 1\n{DISCOUNT}dist = {{ kind = "empirical", csv = "seen.csv", column = "x" }}\nsource = "x"\n')
    if csv is not None:
        (tree / "scenarios/seen.csv").write_text(csv)
    message = refusal(error, lambda: load("mine", configs=tree))
    assert "mine.toml, line 3" in message and sentence in message
