"""A batch file: what it stands for, how its units are called, and what is refused, with place and fix."""

import pytest
from detente.batches.schema import counted, read_batch
from detente.batches.tasks import Configurer, prepare
from detente.batches.units import batch_name, expand
from detente.shared.errors import ConfigError, DataError
from detente.shared.paths import config_roots, shipped_configs

HEAD = "schema_version = 1\n"
BASELINE = 'scenarios = ["baseline"]\n'
MANY = list(range(200))


@pytest.fixture(autouse=True)
def _working_folder(tmp_path, monkeypatch):
    """Sentences name files as they are seen from here, however deep the folder lies."""
    monkeypatch.chdir(tmp_path)


def units(tmp_path, text, name="weekly.toml"):
    path = tmp_path / name
    path.write_text(HEAD + text, encoding="utf-8")
    return expand(*read_batch(path))


def names(tmp_path, text):
    return [unit.name for unit in units(tmp_path, text)]


def test_the_product_of_all_lists_and_the_cases_beside_it(tmp_path):
    found = names(
        tmp_path,
        """
scenarios = ["baseline", "no-relief"]
seeds = [1, 2]
overrides = [{}, { name = "cheap", set = { "facts.oil.brent" = 55.0 } }]
[grid]
"parameters.oil.freight_floor" = [8.0, 10.0]
[zip]
"parameters.oil.opec_offset" = [0.2, 0.4, 0.6]
"facts.gulf.state" = ["open", "disrupted", "open"]
[[case]]
name = "stress"
""",
    )
    assert len(found) == 2 * 2 * 2 * 2 * 3 + 1 == len(set(found))
    assert found[0] == "baseline+freight_floor=8+opec_offset=0.2+state=open+seed=1"
    assert found[-2] == "no-relief+cheap+freight_floor=10+opec_offset=0.6+state=open+seed=2"
    assert found[-1] == "stress"


def test_settings_mean_the_same_however_they_are_written(tmp_path):
    written = [
        '"facts.oil.brent" = 55.0',
        '"facts.oil.brent.value" = 55.0',
        "facts.oil.brent = 55.0",
        "facts = { oil = { brent = { value = 55.0 } } }",
    ]
    for text in written:
        (unit,) = units(tmp_path, f'scenarios = ["baseline"]\noverrides = [{{ set = {{ {text} }} }}]')
        assert unit.settings == {"facts.oil.brent": 55.0}


def test_a_distribution_is_one_value(tmp_path):
    dist = '{ kind = "uniform", min = 1.0, max = 2.0 }'
    found = units(
        tmp_path,
        'scenarios = ["baseline"]\n[grid]\n'
        f'"parameters.oil.freight_floor.dist" = [{dist}, {dist.replace("2.0", "3.0")}]',
    )
    assert [unit.name for unit in found] == ["baseline+dist=#1", "baseline+dist=#2"]
    assert found[1].settings["parameters.oil.freight_floor.dist"]["max"] == 3.0


def test_labels_tell_keys_with_the_same_end_apart(tmp_path):
    (name, *_) = names(
        tmp_path, 'scenarios = ["baseline"]\n[grid]\n"parameters.oil.slope" = [1.0]\n"parameters.gas.slope" = [2.0]'
    )
    assert name == "baseline+oil.slope=1+gas.slope=2"


def test_names_are_unique_short_and_safe_for_files(tmp_path):
    found = names(
        tmp_path,
        'scenarios = ["baseline"]\n[grid]\n'
        f'"run.step" = ["{"a/b " * 60}1", "{"a/b " * 60}2"]\n"facts.gulf.state" = ["x", "x"]',
    )
    assert len(set(found)) == 4
    assert all(len(name) <= 130 and "/" not in name and " " not in name for name in found)


def test_a_case_has_its_own_scenario_seed_and_size(tmp_path):
    case = (
        '[[case]]\nname = "a"\nscenario = "no-relief"\nseed = 5\n'
        "run = { paths = 20 }\nset = { conflict.feedback = false }"
    )
    text = f"[run]\npaths = 10\nhorizon = 3\n{case}"
    (unit,) = units(tmp_path, text)
    assert (unit.scenario, unit.options) == ("no-relief", {"paths": 20, "horizon": 3, "seed": 5})
    assert unit.settings == {"conflict.feedback": False}


WRONG = {
    'scenario = ["baseline"]': r'line 2: unknown key "scenario"; the nearest valid one is "scenarios"',
    "": "there is nothing to run",
    "seeds = [1]": "the key scenarios is missing",
    "scenarios = []": "scenarios",
    BASELINE + "[run]\npath = 5": r'line 4: unknown key "run.path"; the nearest valid one is "run.paths"',
    BASELINE + '[[case]]\nname = "a"\nrun = { pats = 3 }': (
        r'line 5: unknown key "case #1.run.pats"; the nearest valid one is'
    ),
    BASELINE + "overrides = [{ sets = {} }]": r'line 3: unknown key "overrides #1.sets"',
    BASELINE + '[grid]\n"facts.oil.brent" = 5.0': "must be a list of values",
    BASELINE + '[grid]\n"facts.oil.brent" = []': "is an empty list",
    BASELINE + "[zip]\na.b = [1]\na.c = [1, 2]": "must have the same length, not 1 and 2",
    BASELINE + "[grid]\na.b = [1]\n[zip]\na.b = [1]": r"is under both \[grid\] and \[zip\]",
    BASELINE + "seeds = [1]\n[run]\nseed = 2": "seeds and run.seed are both given",
    '[[case]]\nname = "a"\nseed = 1\nrun = { seed = 2 }': "two seeds",
    '[[case]]\nname = "a"\n[[case]]\nname = "a"': "have the name a; names must be unique",
    '[[case]]\nname = "a"\nset = { run.seed = 3 }': "use seeds",
    '[[case]]\nname = "../a"': "lower-case letters",
    'scenarios = ["../other.toml"]': "is outside the folder of the batch file",
    'scenarios = ["/etc/passwd.toml"]': "is outside the folder of the batch file",
    'scenarios = ["missing.toml"]': 'no file "missing.toml" in the folder of the batch file',
    BASELINE + f"seeds = {MANY}\n[grid]\na.b = {MANY}": "has 40,000 units; the maximum is 10,000",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said_with_its_place(tmp_path, text):
    with pytest.raises(ConfigError, match=WRONG[text]) as caught:
        units(tmp_path, text)
    assert "weekly.toml" in str(caught.value)


def test_another_schema_version_and_a_missing_file(tmp_path):
    path = tmp_path / "b.toml"
    with pytest.raises(DataError, match="no such file"):
        read_batch(path)
    path.write_text("schema_version = 9\n")
    with pytest.raises(ConfigError, match="schema version 9"):
        read_batch(path)


def test_a_batch_is_called_as_it_says_or_as_its_file(tmp_path):
    for text, expected in (('name = "mine"\n[[case]]\nname = "a"', "mine"), ('[[case]]\nname = "a"', "weekly")):
        path = tmp_path / "weekly.toml"
        path.write_text(HEAD + text)
        assert batch_name(*read_batch(path)) == expected
    path = tmp_path / "Not This.toml"
    path.write_text(HEAD + '[[case]]\nname = "a"')
    with pytest.raises(ConfigError, match="is not a valid batch name"):
        batch_name(*read_batch(path))


@pytest.fixture(scope="module")
def configurer():
    return Configurer(config_roots(shipped_configs()))


def tasks(tmp_path, text, configurer):
    return prepare(units(tmp_path, text), configurer, tmp_path)


def test_a_unit_is_the_run_that_the_command_line_makes(tmp_path, configurer):
    from detente.config import loader
    from detente.runs.identity import identity

    text = (
        'scenarios = ["no-relief"]\noverrides = [{ set = { "facts.oil.brent" = 55.0 } }]\n'
        "[run]\npaths = 100\nhorizon = 12\nseed = 4"
    )
    (task,) = tasks(tmp_path, text, configurer)
    same = loader.load("no-relief", ["facts.oil.brent=55"], paths=100, horizon=12, seed=4, configs=shipped_configs())
    assert (task.id, task.digest, task.scenario) == (identity(same), same.digest(), "no-relief")
    assert task.folder == tmp_path / f"no-relief-{task.id}"


def test_units_that_are_the_same_run_are_run_once(tmp_path, configurer):
    text = (
        'scenarios = ["baseline"]\noverrides = [{}, { name = "same", set = { "facts.oil.brent" = 70.0 } }, '
        '{ set = { "facts.oil.brent" = 70 } }]'
    )
    first, second = tasks(tmp_path, text, configurer)
    assert (first.name, first.same, second.same) == ("baseline", (), ("baseline+override-3",))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('scenarios = ["baselin"]', r'line 2: unknown scenario "baselin"; the nearest valid one is "baseline"'),
        ('[[case]]\nname = "a"\nscenario = "no-relif"', r'line 4: unknown scenario "no-relif"'),
        (
            'scenarios = ["baseline"]\n[grid]\n"facts.oil.brend" = [1.0]',
            r'line 4: .*"facts.oil.brent".*\(unit baseline\+brend=1 of the batch\)',
        ),
        (
            'scenarios = ["baseline"]\n[grid]\n"facts.oil.brent" = [60.0, -1.0]',
            r"line 4: facts.oil.brent.value = -1 lies outside its bounds.*brent=-1",
        ),
        ('scenarios = ["baseline"]\noverrides = [{ set = { "paramters.oil.x" = 1 } }]', r"unknown key"),
    ],
)
def test_a_wrong_setting_is_refused_before_anything_is_run(tmp_path, configurer, text, said):
    with pytest.raises(ConfigError, match=said):
        tasks(tmp_path, text, configurer)


def test_a_scenario_file_beside_the_batch_file(tmp_path, configurer):
    (tmp_path / "mine.toml").write_text('schema_version = 1\nextends = "no-relief"\n[run]\npaths = 7\n')
    (task,) = tasks(tmp_path, 'scenarios = ["mine.toml"]', configurer)
    assert (task.name, task.scenario, task.run.paths) == ("mine", "mine", 7)


def test_the_number_of_paths_can_be_a_list(tmp_path, configurer):
    found = tasks(
        tmp_path, 'scenarios = ["baseline"]\n[run]\nhorizon = 2\n[grid]\n"run.paths" = [100, 200]', configurer
    )
    assert [task.run.paths for task in found] == [100, 200]
    assert [task.path_steps for task in found] == [200, 400]


def test_the_shipped_example(configurer, tmp_path):
    document, file = read_batch(shipped_configs() / "batches" / "weekly.toml")
    found = prepare(expand(document, file), configurer, tmp_path)
    assert len(found) == counted(document.data) == 13
