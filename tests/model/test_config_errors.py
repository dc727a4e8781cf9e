"""Bad configurations: each gives one sentence with place, key and nearest word, and the right exit code."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest
from detente.config.loader import load
from detente.shared.errors import ConfigError, DataError, DetenteError

SMALL = Path(__file__).parent / "small_configs"
FLOOR = "[parameters.oil.freight_floor]\n"
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


def check_refused(tree: Path, text: str, sentence: str) -> None:
    """A scenario file with this text is refused with this sentence, at its place."""
    path = tree.parent / "mine.toml"
    path.write_text("schema_version = 1\n" + text)
    message = refusal(ConfigError, lambda: load(path, configs=tree))
    assert "mine.toml" in message.partition(": ")[0]
    assert sentence in message


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            FLOOR + "valu = 3",
            'mine.toml, line 3: unknown key "parameters.oil.freight_floor.valu"; '
            'the nearest valid one is "parameters.oil.freight_floor.value"',
        ),
        (
            "[parameters.oil.freight_flor]\nvalue = 3",
            'line 2: unknown parameter "parameters.oil.freight_flor"; '
            'the nearest valid one is "parameters.oil.freight_floor".',
        ),
        (
            "[parameters.gas.ttf]\nvalue = 3",
            'line 2: unknown parameter "parameters.gas.ttf"; valid: "parameters.conflict" or "parameters.oil".',
        ),
        (
            "[facts.oil.brant]\nvalue = 3",
            'line 2: unknown fact "facts.oil.brant"; the nearest valid one is "facts.oil.brent".',
        ),
        ("[parameters.oil.brent]\nvalue = 3", 'the nearest valid one is "facts.oil.brent".'),
        (
            FLOOR + 'value = -0.1\nsource = "x"',
            "line 3: parameters.oil.freight_floor.value = -0.1 lies outside its bounds, 0 to 20 USD/bbl.",
        ),
        (
            '[parameters.oil.volatility]\nvalue = -0.1\nsource = "x"',
            "line 3: parameters.oil.volatility.value = -0.1 lies outside its bounds, 0 to 1.",
        ),
        (
            FLOOR + 'value = "many"\nsource = "x"',
            "line 3: parameters.oil.freight_floor.value must be a number (USD/bbl).",
        ),
        (
            FLOOR + "value = 3",
            'line 2: parameters.oil.freight_floor changes a number without saying why; add source = "…".',
        ),
        (
            FLOOR + 'unit = "USD/t"',
            'line 3: parameters.oil.freight_floor is declared in USD/bbl, not in "USD/t"; convert the number.',
        ),
        (
            FLOOR + 'dist = { kind = "quantiles", p5 = 9, p95 = 3, family = "normal" }\nsource = "x"',
            "line 3: parameters.oil.freight_floor.dist: p5 = 9 must be less than p95 = 3.",
        ),
        (
            FLOOR + 'dist = { kind = "uniform", min = 70, max = 90 }\nsource = "x"',
            ".dist lies outside the bounds 0 to 20 USD/bbl; choose another distribution.",
        ),
        (
            FLOOR + 'value = 20\ndist = { kind = "uniform", min = 0, max = 9 }\nsource = "x"',
            "line 3: parameters.oil.freight_floor.value = 20 lies outside its distribution, 0 to 9.",
        ),
        (FLOOR + "value = nan", "line 3: parameters.oil.freight_floor.value must be a finite number"),
        (FLOOR + "value = 1e400", "line 3: parameters.oil.freight_floor.value must be a finite number"),
        (
            FLOOR + 'dist = { kind = "joint", table = "elastic" }\nsource = "x"',
            'names the unknown table "elastic"; valid: "elasticities".',
        ),
        (
            FLOOR + 'dist = { kind = "joint", table = "elasticities" }\nsource = "x"',
            'which has no column "oil.freight_floor".',
        ),
        (
            '[parameters.oil.price_cap]\ndist = { kind = "uniform", min = 40, max = 50 }\nsource = "x"',
            "is a policy, which is set, not drawn; give a value instead of a dist.",
        ),
        (
            '[facts.gulf.state]\nvalue = "opened"\nsource = "x"',
            'facts.gulf.state.value must be "open" or "disrupted", not "opened" (did you mean "open"?).',
        ),
        (
            '[facts.gulf.state]\ndist = { kind = "uniform", min = 0, max = 1 }\nsource = "x"',
            "facts.gulf.state is no number, so it cannot have a dist",
        ),
        (
            FLOOR + 'dist = { kind = "empirical", csv = "../x.csv", column = "a" }\nsource = "x"',
            '"../x.csv" lies outside the folder of the file that names it',
        ),
    ],
)
def test_a_bad_overlay_is_refused(tree: Path, text: str, sentence: str) -> None:
    check_refused(tree, text, sentence)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "as_of = 2026-01-01",
            "mine.toml, line 2: there are no facts for as_of = 2026-01-01; dates with facts: 2025-03-31, 2026-08-31.",
        ),
        (
            EVENT + 'set = { "sanctions.US.oil-major" = "licensed" }',
            'line 4: an event sets an unknown state "sanctions.US.oil-major"; '
            'the nearest valid one is "sanctions.US.oil-majors".',
        ),
        (EVENT + 'set = { "zzz" = "licensed" }', 'unknown state "zzz"; valid: "conflict.state", "gulf.state"'),
        (
            EVENT + 'set = { conflict.state = "peace" }',
            'conflict.state must be "war", "partial truce", "ceasefire" or "settlement", not "peace"',
        ),
        (EVENT + 'set = { gulf.state = "Open" }', '(did you mean "open"?)'),
        (
            EVENT + 'set = { gulf.state = "open" }\n' + EVENT + 'set = { gulf.state = "disrupted" }',
            'line 5: gulf.state is set to "open" and to "disrupted" on 2026-10-01; keep one of the two.',
        ),
        (
            '[[event]]\ndate = 2026-08-31\nset = { gulf.state = "open" }',
            "line 3: the event of 2026-08-31 lies outside the run, "
            "which begins after 2026-08-31 and ends on 2028-08-31",
        ),
        (
            '[[event]]\nset = { gulf.state = "open" }\ndate = 2028-09-01',
            "line 4: the event of 2028-09-01 lies outside the run, "
            "which begins after 2026-08-31 and ends on 2028-08-31; change the date or lengthen",
        ),
        (
            STAGE + 'eases = { US = ["oil-major"] }',
            'line 5: the stage "a" eases an unknown instrument of US "oil-major"; '
            'the nearest valid one is "oil-majors".',
        ),
        (STAGE + 'eases = { JP = ["x"] }', 'unknown instrument of JP "x"; there is none.'),
        (
            STAGE + "eases = {}\n" + STAGE + "eases = {}",
            'line 6: two stages of the roadmap are called "a"; each needs a name of its own.',
        ),
        (
            '[report]\ncompare = ["no-releif"]',
            'line 3: unknown scenario "no-releif"; the nearest valid one is "no-relief".',
        ),
        (
            'extends = "us-first"',
            'mine.toml, line 2: unknown scenario "us-first"; the nearest valid one is "us-first-relief".',
        ),
        (
            'extends = "../secret.toml"',
            '"../secret.toml" lies outside the scenario\'s own folder and configs/scenarios; '
            "put a copy beside the scenario.",
        ),
        ('extends = "/etc/passwd.toml"', '"/etc/passwd.toml" lies outside the scenario\'s own folder'),
        ('extends = "other.toml"', 'there is no file "other.toml" to extend.'),
        (
            'extends = "mine"',
            "extends goes round in a circle, mine.toml -> mine.toml; let one of them extend the baseline.",
        ),
        ('extends = "a\\u0000b.toml"', "is not a file name."),
        ("effective = 3", "effective must be true, not 3."),
    ],
)
def test_a_bad_scenario_is_refused(tree: Path, text: str, sentence: str) -> None:
    check_refused(tree, text, sentence)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("run.path=3", 'unknown key "run.path"; the nearest valid one is "run.paths".'),
        ("oil.brent=3", 'unknown key "oil.brent"; the nearest valid one is "facts.oil.brent".'),
        ("parameters.oil.volatility.valu=3", 'the nearest valid one is "parameters.oil.volatility.value".'),
        (
            "parameters.oil.volatilty=0.2",
            'unknown parameter "parameters.oil.volatilty"; the nearest valid one is "parameters.oil.volatility".',
        ),
        (
            "parameters.oil.volatility.value=-0.1",
            "parameters.oil.volatility.value = -0.1 lies outside its bounds, 0 to 1.",
        ),
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


@pytest.mark.parametrize(
    ("csv", "error", "sentence"),
    [
        (None, DataError, "there is no such file; keep the column in a CSV file of its own."),
        ("a,b\n1,2\n", DataError, 'unknown column "x"; valid: "a" or "b".'),
        ("x\n1\ntwo\n", DataError, "line 3: there is no number in this column."),
        ("x\n1\nnan\n", DataError, "line 3: there is no number in this column."),
        ("x\n", DataError, "holds 0 numbers; 1 to 5000 are needed."),
        ("x\n1e31\n", ConfigError, "dist.values #1 must be at most 1e+30"),
        ("x\n70\n", ConfigError, "dist lies outside the bounds 0 to 20 USD/bbl; choose another distribution."),
        ("x\n\x00\n", DataError, "this column."),
    ],
)
def test_a_bad_column_is_refused(tree: Path, csv: str | None, error: type[DetenteError], sentence: str) -> None:
    path = tree / "scenarios/mine.toml"
    path.write_text(
        f'schema_version = 1\n{FLOOR}dist = {{ kind = "empirical", csv = "seen.csv", column = "x" }}\nsource = "x"\n'
    )
    if csv is not None:
        (tree / "scenarios/seen.csv").write_text(csv)
    message = refusal(error, lambda: load("mine", configs=tree))
    assert "mine.toml, line 3" in message and sentence in message
