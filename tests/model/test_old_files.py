"""Files of earlier versions: run folders, facts files, and configuration keys that were renamed."""

import datetime as dt
import shutil
import tarfile
from collections.abc import Callable
from pathlib import Path

import detente
import pandas as pd
import pytest
from detente.batches.batch import open_batch
from detente.config import loader
from detente.config.declarations import fact_records, facts_files, read_facts
from detente.report import write
from detente.runs import find, integrity, manifest, reproduce, store
from detente.runs.comparison import summaries
from detente.shared.errors import ConfigError, DataError
from detente.shared.paths import shipped_configs

DATA = Path(__file__).resolve().parents[1] / "data"
SMALL = Path(__file__).parent / "small_configs"
OLD_MODEL = "0.1.0+10f6c11d"


def refusal(call: Callable[[], object], error: type[Exception] = ConfigError) -> str:
    """The message of a refused call: one sentence."""
    with pytest.raises(error) as caught:
        call()
    message = str(caught.value)
    assert "\n" not in message and message.endswith(".")
    return message


# --- A run folder of the first schema ---------------------------------------------------------------------------------


@pytest.fixture
def old_run(tmp_path: Path) -> detente.Run:
    """The run folder in a results folder of its own."""
    folder = tmp_path / "results" / "no-relief-ad1bb0fb"
    folder.mkdir(parents=True)
    with tarfile.open(DATA / "old-runs" / "manifest-1.tar.xz") as archive:
        archive.extractall(folder, filter="data")
    return detente.load(folder)


@pytest.fixture(scope="session")
def new_run(tmp_path_factory: pytest.TempPathFactory) -> detente.Run:
    """The same scenario and size by the installed model."""
    return detente.run("no-relief", paths=64, horizon=1, keep_paths=0, output=tmp_path_factory.mktemp("new"))


def test_an_old_run_is_listed_and_valid(old_run: detente.Run) -> None:
    (row,) = find.finished(old_run.folder.parent)
    assert (row["scenario"], row["paths"], row["horizon"], row["status"]) == ("no-relief", 64, 1, "complete")
    assert integrity.check(old_run.folder).damage == []
    assert old_run.manifest["versions"]["model"] == OLD_MODEL and "schema" not in old_run.manifest


def test_an_old_run_is_read(old_run: detente.Run) -> None:
    fan = old_run.fan("Price|Oil|Brent")
    assert fan.index.dtype == "datetime64[ms]" and list(fan.index) == [pd.Timestamp("2026-09-01")]
    assert fan["mean"].iloc[0] == pytest.approx(98.003890705, abs=1e-8)
    assert old_run.config.name == "no-relief" and old_run.origins == {}
    assert old_run.ask("E(Price|Oil|Brent at 2026-09)").value == fan["mean"].iloc[0]


def test_an_old_run_is_reported_as_it_stands(old_run: detente.Run) -> None:
    (page,) = write.write([old_run])
    text = page.read_text(encoding="utf-8")
    assert OLD_MODEL in text and "another version cannot recompute its simulated values" in text


def test_the_summaries_of_an_old_and_a_new_run_are_compared(old_run: detente.Run, new_run: detente.Run) -> None:
    table = summaries(new_run, old_run)
    brent = table[(table["variable"] == "Price|Oil|Brent") & (table["statistic"] == "mean")].iloc[0]
    assert brent["a"] == new_run.fan("Price|Oil|Brent")["mean"].iloc[0]
    assert brent["b"] == old_run.fan("Price|Oil|Brent")["mean"].iloc[0]
    assert brent["difference"] == brent["a"] - brent["b"]
    # Statistics that one of the two lacks, such as errors of probabilities above thresholds, are left out.
    assert 0.98 * len(old_run.summary()) < len(table) <= len(old_run.summary()) < len(new_run.summary())


def test_what_needs_the_code_of_an_old_run_says_so(old_run: detente.Run, new_run: detente.Run) -> None:
    for message in (
        refusal(lambda: detente.compare(old_run, new_run)),
        refusal(old_run.draws),
        refusal(lambda: old_run.ask("E(oil.demand_elasticity)")),
    ):
        assert "different versions of the model" in message and OLD_MODEL in message
    assert "no-relief-ad1bb0fb" in refusal(old_run.draws)
    changes = {name: (then, now) for name, then, now in reproduce.version_changes(old_run.manifest)}
    assert changes["model"] == (OLD_MODEL, new_run.manifest["versions"]["model"])


def test_a_manifest_of_a_later_schema_is_refused(old_run: detente.Run) -> None:
    content = old_run.manifest | {"schema": manifest.SCHEMA + 1}
    (old_run.folder / "manifest.json").write_bytes(store.sealed({k: v for k, v in content.items() if k != "digest"}))
    message = refusal(lambda: detente.load(old_run.folder), DataError)
    assert f"has schema {manifest.SCHEMA + 1}" in message and "newer version" in message
    assert find.finished(old_run.folder.parent)[0]["status"] == "damaged"


# --- Digests of source and probe values -------------------------------------------------------------------------------


def other(run: detente.Run, tmp_path: Path, **digests: str) -> detente.Run:
    """A copy of a run whose manifest holds other digests."""
    folder = Path(shutil.copytree(run.folder, tmp_path / "other" / run.folder.name))
    content = {key: value for key, value in run.manifest.items() if key != "digest"}
    content["digests"] = content["digests"] | digests
    (folder / "manifest.json").write_bytes(store.sealed(content))
    return detente.load(folder)


@pytest.mark.parametrize(
    ("name", "words"), [("source", "different versions of the model"), ("probe", "different probe values")]
)
def test_other_digests_are_refused_by_name(new_run: detente.Run, tmp_path: Path, name: str, words: str) -> None:
    changed = other(new_run, tmp_path, **{name: "0" * 64})
    for message in (
        refusal(lambda: detente.compare(new_run, changed)),
        refusal(changed.draws),
        refusal(lambda: changed.ask("E(oil.demand_elasticity)")),
    ):
        assert words in message and "00000000" in message


def test_other_libraries_are_named_and_pair(new_run: detente.Run, tmp_path: Path) -> None:
    changed = other(new_run, tmp_path)
    changed.manifest["versions"] = changed.manifest["versions"] | {"numpy": "2.0.1"}
    pair = detente.compare(changed, new_run)
    assert pair.versions == f"numpy 2.0.1 and {new_run.manifest['versions']['numpy']}"
    assert detente.compare(new_run, new_run).versions == ""
    (note,) = changed.ask("E(oil.demand_elasticity)").notes
    assert note == f"{changed.folder.name} and this installation have {pair.versions}"
    assert new_run.ask("E(oil.demand_elasticity)").notes == ()
    assert len(changed.draws()) == 64


def test_draws_are_the_numbers_of_the_kernels(new_run: detente.Run) -> None:
    from detente.engine.sampling import draws

    frame = new_run.draws()
    records = new_run.config.parameters | new_run.config.facts
    assert frame.index.name == "path" and len(frame) == 64
    assert set(frame.columns) == {key for key in draws(new_run.config, 1) if records[key].drawn}
    assert (frame.dtypes == "float64").all()
    for key, column in draws(new_run.config, 64).items():
        if key in frame:
            assert (frame[key].to_numpy() == column).all()
    low, high = records["oil.demand_elasticity"].bounds
    assert frame["oil.demand_elasticity"].between(low, high).all() and frame["oil.demand_elasticity"].nunique() > 1


# --- Origins ----------------------------------------------------------------------------------------------------------


def test_origins_are_data_of_the_manifest(tmp_path: Path) -> None:
    sets = ["facts.oil.brent=80"]
    run = detente.run("us-first-relief", paths=64, horizon=6, keep_paths=0, sets=sets, output=tmp_path)
    origins = run.manifest["origins"]
    assert origins["facts.oil.brent.value"] == "--set facts.oil.brent=80"
    assert origins["facts.oil.brent"].startswith("configs/facts/2026-08-31.toml, line ")
    assert "us-first-relief.toml, line " in origins["parameters.sanctions.us_agreement_probability.value"]
    assert "facts.oil.stored.value" not in origins
    text = (run.folder / "config.toml").read_text(encoding="utf-8")
    (run.folder / "config.toml").write_text(
        "\n".join(line.partition("  # ")[0] for line in text.splitlines()) + "\n", encoding="utf-8"
    )
    run.manifest["files"]["config.toml"] = store.digest(run.folder / "config.toml")
    assert run.config.origins["facts.oil.brent.value"] == "--set facts.oil.brent=80"


# --- Facts files ------------------------------------------------------------------------------------------------------


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the small configuration folder."""
    return Path(shutil.copytree(SMALL, tmp_path / "configs"))


NEW_FACT = """
[facts.oil.floating]
value = 3.5
unit = "million bbl"
bounds = [0.0, 200.0]
doc = "Added later."
source = "Test tree"
confidence = "J"
as_of = 2025-03-01
kind = "fact"
"""


def add(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def test_a_fact_newer_than_the_file_is_carried_over(tree: Path) -> None:
    own = (
        (tree / "facts/2026-08-31.toml")
        .read_text()
        .replace("as_of = 2026-08-31\n\n[facts", "as_of = 2026-05-31\n\n[facts", 1)
    )
    own = own.replace("as_of = 2026-08-31", "as_of = 2026-05-01").replace("value = 95.3", "value = 77.0")
    (tree / "facts/2026-05-31.toml").write_text(own.partition("[[event]]")[0])
    for date in ("2025-03-31", "2026-08-31"):
        path = tree / f"facts/{date}.toml"
        path.write_text(path.read_text().replace("[facts.gulf.state]", f"{NEW_FACT}\n[facts.gulf.state]"))
    config = loader.load("baseline", ["as_of=2026-05-31"], configs=tree)
    record = config.facts["oil.floating"]
    assert record.value == 3.5 and record.source == "Carried over from 2025-03-31: Test tree"
    assert config.origins["facts.oil.floating"].startswith("configs/facts/2025-03-31.toml, line ")
    assert config.facts["oil.brent"].value == 77.0 and config.facts["oil.brent"].source == "Test tree"
    assert record.carried_from == dt.date(2025, 3, 31)
    again = loader.load_effective(config.to_toml(), "again")
    assert again.digest() == config.digest() and again.facts["oil.floating"] == record
    fixed = loader.load("baseline", ["as_of=2026-05-31", "facts.oil.floating=4.0"], configs=tree)
    assert fixed.facts["oil.floating"].value == 4.0 and fixed.facts["oil.floating"].carried_from is None


def test_a_record_of_a_later_date_is_marked(tree: Path) -> None:
    path = tree / "facts/2025-03-31.toml"
    before = path.read_text()
    dated = 'confidence = "J"\nas_of = 2025-03-01'
    mark = f"{dated[:-10]}2026-08-31\ncarried_from = {{}}"
    text = before + NEW_FACT
    (tree / "facts/2026-08-31.toml").write_text(
        (tree / "facts/2026-08-31.toml").read_text().replace("[facts.gulf.state]", f"{NEW_FACT}\n[facts.gulf.state]")
    )
    path.write_text(text.replace(dated, mark.format("2026-08-31")))
    record = loader.load("baseline", ["as_of=2025-03-31"], configs=tree).facts["oil.floating"]
    assert record.as_of == record.carried_from == dt.date(2026, 8, 31)
    for line, expected in (
        ("2026-01-31", "facts.oil.floating.as_of = 2026-08-31 is later than carried_from = 2026-01-31."),
        ("2025-03-31", "facts.oil.floating.carried_from is the file's own date; leave it out."),
    ):
        path.write_text(text.replace(dated, mark.format(line)))
        assert expected in refusal(lambda: loader.load("baseline", ["as_of=2025-03-31"], configs=tree))
    path.write_text(text.replace(dated, mark.partition("\ncarried")[0]))
    message = refusal(lambda: loader.load("baseline", ["as_of=2025-03-31"], configs=tree))
    assert "could not be known then. Name the date whose facts it repeats in carried_from." in message


def test_a_fact_that_no_earlier_file_has_is_missing(tree: Path) -> None:
    path = tree / "facts/2026-08-31.toml"
    path.write_text(path.read_text().replace("[facts.gulf.state]", f"{NEW_FACT}\n[facts.gulf.state]"))
    message = refusal(lambda: loader.load("baseline", ["as_of=2025-03-31"], configs=tree))
    assert "the fact oil.floating is missing" in message and "no facts file of an earlier date has it" in message


def test_a_fact_with_a_wrong_name_is_refused(tree: Path) -> None:
    path = tree / "facts/2025-03-31.toml"
    path.write_text(path.read_text() + NEW_FACT)
    message = refusal(lambda: loader.load("baseline", ["as_of=2025-03-31"], configs=tree))
    assert "the fact oil.floating is not in configs/facts/2026-08-31.toml" in message


@pytest.mark.parametrize("path", sorted((DATA / "old-facts").glob("*.toml")), ids=lambda path: path.stem)
def test_a_facts_file_of_an_earlier_version_is_read(tmp_path: Path, path: Path) -> None:
    """Beside the shipped files, and after a fact was added to these."""
    tree = Path(shutil.copytree(shipped_configs(), tmp_path / "configs"))
    (tree / "facts/2026-10-15.toml").write_text(path.read_text())
    for date in facts_files((shipped_configs(),)):
        add(tree / f"facts/{date}.toml", NEW_FACT.replace("2025-03-01", date.isoformat()))
    (tree / "facts/2027-01-31.toml").write_text(
        (tree / "facts/2026-08-31.toml").read_text().replace("\nas_of = 2026-08-31\n", "\nas_of = 2027-01-31\n", 1)
    )
    facts = read_facts(pd.Timestamp("2026-10-15").date(), (tree,))
    carried = {key: record.source for key, record, _ in facts.carried}
    assert carried["oil.floating"] == "Carried over from 2026-08-31: Test tree"
    config = loader.load("baseline", ["as_of=2026-10-15"], configs=tree)
    assert config.facts["oil.brent"].source == "Shortened." and config.facts["oil.floating"].value == 3.5


def test_all_shipped_facts_files_hold_the_same_keys() -> None:
    roots = (shipped_configs(),)
    keys = {date: {key for key, _, _ in fact_records(read_facts(date, roots).file)} for date in facts_files(roots)}
    assert len(keys) > 1 and len({frozenset(names) for names in keys.values()}) == 1


# --- Renamed keys -----------------------------------------------------------------------------------------------------

RENAMED = """
schema_version = 1

[[renamed]]
key = "parameters.oil.urals_discount"
since = "0.2.0"
replaced_by = ["parameters.oil.price_cap", "parameters.oil.freight_floor"]
sentence = "the first acts under blocking sanctions only."

[[renamed]]
key = "run.draws"
since = "0.3.0"
replaced_by = ["run.paths"]
sentence = "the number is the same."

[[renamed]]
key = "sanctions.US.majors"
since = "0.2.0"
sentence = "the instrument ended in 2025."

[[renamed]]
key = "facts.oil.floating"
since = "0.2.0"
replaced_by = ["facts.oil.stored"]
sentence = "the unit is the same."
"""


@pytest.fixture
def renamed(tree: Path) -> Path:
    (tree / "renamed.toml").write_text(RENAMED)
    return tree


SPLIT = (
    'the key "parameters.oil.urals_discount" was split into "parameters.oil.price_cap" and '
    '"parameters.oil.freight_floor" since version 0.2.0; the first acts under blocking sanctions only.'
)


@pytest.mark.parametrize(
    ("scenario", "place", "sentence"),
    [
        ("[parameters.oil.urals_discount]\nvalue = 3\nsource = 'x'", "line 2", SPLIT),
        ("[run]\ndraws = 9", "line 3", 'the key "run.draws" is now "run.paths" since version 0.3.0; the number is'),
        (
            '[[event]]\ndate = 2026-10-01\nset = { "sanctions.US.majors" = "lifted" }\nsource = "x"',
            "line 4",
            'the key "sanctions.US.majors" was dropped since version 0.2.0; the instrument ended in 2025.',
        ),
    ],
)
def test_a_renamed_key_of_a_scenario_is_quoted(renamed: Path, scenario: str, place: str, sentence: str) -> None:
    path = renamed / "scenarios/mine.toml"
    path.write_text(f"schema_version = 1\n{scenario}\n")
    message = refusal(lambda: loader.load("mine", configs=renamed))
    assert message.startswith(f"configs/scenarios/mine.toml, {place}: ") and sentence in message


def test_a_renamed_key_of_the_command_line_a_facts_file_and_a_batch_is_quoted(renamed: Path, tmp_path: Path) -> None:
    message = refusal(lambda: loader.load("baseline", ["parameters.oil.urals_discount=3"], configs=renamed))
    assert message == f"--set parameters.oil.urals_discount=3: {SPLIT}"
    assert 'is now "run.paths"' in refusal(lambda: loader.load("baseline", ["run.draws=3"], configs=renamed))
    add(renamed / "facts/2025-03-31.toml", NEW_FACT)
    message = refusal(lambda: loader.load("baseline", ["as_of=2025-03-31"], configs=renamed))
    assert 'the key "facts.oil.floating" is now "facts.oil.stored" since version 0.2.0' in message
    batch = tmp_path / "batch.toml"
    for setting in ('"parameters.oil.urals_discount.value" = [3]', '"run.draws" = [3]'):
        batch.write_text(f'schema_version = 1\nscenarios = ["baseline"]\n[grid]\n{setting}\n')
        with pytest.raises(ConfigError, match=r"batch\.toml, line .*since version 0\."):
            open_batch(batch, configs=renamed, output=tmp_path / "results")


def test_a_key_that_was_not_renamed_has_its_nearest_valid_one(renamed: Path) -> None:
    assert "the nearest valid one is" in refusal(lambda: loader.load("baseline", ["run.path=3"], configs=renamed))


def test_the_shipped_list_names_valid_keys_only() -> None:
    """Every replacement exists, and no renamed key is valid still."""
    from detente.config.renamed import renamed_keys

    roots = (shipped_configs(),)
    valid = loader.Files(roots).keys()
    for entry in renamed_keys(roots).values():
        assert set(entry.replaced_by) <= set(valid) and entry.key not in valid
