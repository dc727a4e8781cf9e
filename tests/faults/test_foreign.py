"""Files that détente did not write survive runs, batches, pages, kills and resumption, whatever they are called."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import detente
import pytest
from click.testing import CliRunner, Result
from detente.batches.batch import open_batch
from detente.batches.record import RECORD
from detente.cli import application
from detente.config import loader
from detente.report import write
from detente.report.page import index_page
from detente.report.sections.finding import finding
from detente.runs import checkpoints, hidden, manifest, runner, store
from detente.runs.identity import identity
from detente.shared import files
from detente.shared.errors import DataError

TINY = dict(paths=16, horizon=1)
KINDS = (hidden.WRITING, hidden.REPORTING, hidden.REPLACED, hidden.CHECKPOINT)
BATCH = "schema_version = 1\nscenarios = ['baseline']\n[run]\npaths = 16\nhorizon = 1\n"


def call(*arguments: object) -> Result:
    return CliRunner().invoke(application, [str(one) for one in arguments])


def own_name(paths: int = 16) -> str:
    """The folder that a run of the baseline would have."""
    return f"baseline-{identity(loader.load('baseline', paths=paths, horizon=1))}"


def state(folder: Path) -> dict[str, object]:
    """Everything below a folder: links by target, files by content."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        found[name] = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else "folder"
    return found


def fill(root: Path, elsewhere: Path) -> None:
    """Hidden files, links and look-alikes of every kind, none of them made by détente."""
    elsewhere.mkdir()
    (elsewhere / "thesis.txt").write_text("three years of work")
    for kind in KINDS:
        for name in (".thesis", ".mymodel", ".a", ".baseline-1234567", ".Baseline-12345678", ".no-relief-1234567g"):
            (root / f"{name}.{kind}").mkdir(parents=True)
            (root / f"{name}.{kind}" / "mine.txt").write_text("mine")
        # The exact name of a run's hidden folder, without the marker, and with somebody else's.
        (root / f".baseline-00000001.{kind}").mkdir()
        (root / f".baseline-00000001.{kind}" / "mine.txt").write_text("mine")
        (root / f".baseline-00000002.{kind}").mkdir()
        (root / f".baseline-00000002.{kind}" / hidden.MARKER).write_text("Temporary folder of another program.\n")
        # A marked folder under a name that is not the marker's.
        copied = hidden.create(root / "baseline-00000003", kind)
        copied.rename(root / f".baseline-00000004.{kind}")
        # Links to a folder that carries a marker, and a file in the place of a folder.
        (root / f".baseline-00000005.{kind}").symlink_to(elsewhere)
        (root / f".baseline-00000006.{kind}").write_text("a file")
        (root / f".baseline-00000007.{kind}").symlink_to(root / "nowhere")
    (elsewhere / hidden.MARKER).write_bytes(hidden._mark(root / f".baseline-00000005.{hidden.WRITING}"))
    (root / ".baseline-00000008.partial").mkdir()
    (root / ".baseline-00000008.partial" / hidden.MARKER).symlink_to(elsewhere / hidden.MARKER)
    (root / ".index.html.partial").write_text("mine")
    (root / "notes.txt").write_text("mine")
    (root / "weekly-batch.txt").write_text("mine")


def test_a_folder_full_of_foreign_files_survives_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "sw"
    fill(root, tmp_path / "elsewhere")
    before, outside = state(root), state(tmp_path / "elsewhere")
    (tmp_path / "mine.toml").write_text(BATCH)

    def intact() -> None:
        now = state(root)
        assert {name: now.get(name) for name in before} == before
        assert state(tmp_path / "elsewhere") == outside

    assert call("run", "-n", 16, "--horizon", 1, "--no-report", "-o", root).exit_code == 0
    intact()
    assert call("run", "-n", 16, "--horizon", 1, "--no-report", "--force", "-o", root).exit_code == 0
    intact()
    assert call("batch", tmp_path / "mine.toml", "--no-report", "-o", root).exit_code == 0
    intact()
    assert call("index", root).exit_code == 0
    intact()
    # A kill leaves our own hidden folders, which the next run clears, and nothing else.
    for kind in (hidden.WRITING, hidden.REPORTING, hidden.CHECKPOINT):
        (hidden.create(root / "baseline-0000000a", kind) / "half.parquet").write_bytes(b"half")
    assert call("run", "-n", 16, "--horizon", 1, "--no-report", "-o", root).exit_code == 0
    intact()
    assert [path.name for path in root.glob(".baseline-0000000a.*")] in ([], [".baseline-0000000a.lock"])
    # Interrupted and resumed.
    monkeypatch.setattr(checkpoints, "units_between", lambda steps: 1)

    def stop(done: int, of: int) -> None:
        if done > 4_500:
            raise KeyboardInterrupt

    config = loader.load("baseline", paths=6_000, horizon=1)
    with pytest.raises(KeyboardInterrupt):
        runner.run(config, output=root, jobs=1, chunk_units=1, keep_paths=0, progress=stop)
    intact()
    assert runner.run(config, output=root, jobs=1, keep_paths=0).manifest["continued"]["source"] == checkpoints.OWN
    intact()


@pytest.mark.parametrize("kind", [hidden.WRITING, hidden.REPLACED])
def test_a_foreign_folder_of_the_same_name_is_named_and_left(tmp_path: Path, kind: str) -> None:
    run = runner.run(loader.load("baseline", **TINY), output=tmp_path)
    taken = hidden.place(run.folder, kind)
    taken.mkdir()
    (taken / "mine.txt").write_text("mine")
    with pytest.raises(DataError, match="was not made by détente; move it elsewhere"):
        runner.run(loader.load("baseline", **TINY), output=tmp_path, force=True)
    assert (taken / "mine.txt").read_text() == "mine" and store.damage(run.folder, run.manifest) == []


def test_a_foreign_checkpoint_costs_the_checkpoint_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoints, "units_between", lambda steps: 1)
    taken = tmp_path / f".{own_name(6_000)}.checkpoint"
    taken.mkdir()
    (taken / checkpoints.CHECKPOINT).write_text("mine")
    said: list[str] = []
    runner.run(loader.load("baseline", paths=6_000, horizon=1), output=tmp_path, keep_paths=0, talk=said.append)
    assert "saves no checkpoint" in said[0] and (taken / checkpoints.CHECKPOINT).read_text() == "mine"


@pytest.mark.parametrize("name", ["notes.txt", "figures/mine.pdf", "data/summary.csv", ".hidden"])
def test_a_run_is_not_replaced_over_files_of_others(run_copy: Path, name: str) -> None:
    (run_copy / name).parent.mkdir(exist_ok=True)
    (run_copy / name).write_text("mine")
    (run_copy / "summary.parquet").write_bytes(b"damaged")
    config = loader.load(run_copy / "config.toml")
    for force in (False, True):
        with pytest.raises(DataError, match=name.replace(".", r"\.")) as caught:
            runner.run(config, output=run_copy.parent, force=force)
        assert "move them elsewhere" in str(caught.value) and caught.value.exit_code == 4
    assert (run_copy / name).read_text() == "mine"
    (run_copy / name).unlink()
    assert store.damage(runner.run(config, output=run_copy.parent).folder, manifest.read_manifest(run_copy)) == []


def test_a_run_folder_that_is_a_link_is_not_replaced(run_copy: Path, tmp_path: Path) -> None:
    real = Path(shutil.move(run_copy, tmp_path / "real"))
    run_copy.symlink_to(real)
    before = state(real)
    with pytest.raises(DataError, match="stands in the way"):
        runner.run(loader.load(real / "config.toml"), output=run_copy.parent, force=True)
    assert state(real) == before and run_copy.is_symlink()


def test_a_page_of_somebody_else_is_not_replaced(run_copy: Path, tmp_path: Path) -> None:
    root = run_copy.parent
    page = root / "index.html"
    page.write_text("<html>my own site</html>")
    with pytest.raises(DataError, match="was not written by détente"):
        index_page.write(root)
    (tmp_path / "mine.toml").write_text(BATCH)
    done = call("batch", tmp_path / "mine.toml", "--no-report", "-o", root)
    assert done.exit_code == 0 and "left as it is" in done.stderr
    assert page.read_text() == "<html>my own site</html>"
    page.unlink()
    (tmp_path / "target.html").write_text("target")
    page.symlink_to(tmp_path / "target.html")
    with pytest.raises(DataError, match="was not written by détente"):
        index_page.write(root)
    page.unlink()
    index_page.write(root)
    assert index_page.write(root).is_file(), "its own page is replaced"


def test_a_lock_that_is_somebody_elses_file_is_not_emptied(tmp_path: Path) -> None:
    (tmp_path / ".index.lock").write_text("mine")
    with pytest.raises(DataError, match="was not made by détente"):
        index_page.write(tmp_path)
    assert (tmp_path / ".index.lock").read_text() == "mine"


def test_a_batch_keeps_out_of_a_folder_that_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text(BATCH)
    folder = tmp_path / "results" / "mine-batch"
    folder.mkdir(parents=True)
    (folder / "notes.txt").write_text("mine")
    (folder / "summary.csv").write_text("mine")
    with pytest.raises(DataError, match="give the batch another name"):
        open_batch(tmp_path / "mine.toml", output=tmp_path / "results").run()
    assert state(folder) == {"notes.txt": b"mine", "summary.csv": b"mine"}
    (folder / "summary.csv").unlink()
    (folder / "errors").mkdir()
    (folder / "errors" / "todo.txt").write_text("mine")
    assert open_batch(tmp_path / "mine.toml", output=tmp_path / "results").run().failures == {}
    assert (folder / RECORD).is_file()
    assert (folder / "notes.txt").read_text() == (folder / "errors" / "todo.txt").read_text() == "mine"


def test_figures_of_others_stay_where_they_are(run_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("detente.report.document.SECTIONS", (finding,))
    write.write([detente.load(run_copy)])
    (run_copy / "figures" / "mine.png").write_bytes(b"mine")
    write.write([detente.load(run_copy)])
    assert (run_copy / "figures" / "mine.png").read_bytes() == b"mine"
    assert not list(run_copy.parent.glob(".*report*"))
    shutil.rmtree(run_copy / "figures")
    (run_copy / "figures").symlink_to(run_copy.parent)
    with pytest.raises(DataError, match="is a link"):
        write.write([detente.load(run_copy)])


def test_a_file_is_never_written_over_by_a_temporary_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.secrets, "token_hex", lambda size: "0" * 2 * size)
    taken = files.temporary(tmp_path / "page.html")
    taken.write_text("mine")
    with pytest.raises(FileExistsError):
        files.replace(tmp_path / "page.html", b"new")
    assert taken.read_text() == "mine" and not (tmp_path / "page.html").exists()


def test_what_a_killed_process_left_is_removed_and_look_alikes_are_not(tmp_path: Path) -> None:
    def left(process: int) -> Path:
        code = f"import os; os.getpid = lambda: {process}; from pathlib import Path; from detente.shared import files; "
        made = subprocess.run(
            [sys.executable, "-c", f"{code}print(files.temporary(Path({str(tmp_path / 'page.html')!r})))"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        return Path(made.stdout.strip())

    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead, alive = left(ended.pid), left(os.getpid())
    look_alike = dead.with_name(dead.name[:-9] + ("0" if dead.name[-9] != "0" else "1") + ".partial")
    for path in (dead, alive, look_alike):
        path.write_text("mine")
    files.replace(tmp_path / "page.html", b"new")
    assert not dead.exists() and alive.exists() and look_alike.exists()


def test_written_files_leave_hidden_files_of_their_name_alone(
    run_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("mine.toml", "table.csv"):
        (tmp_path / f".{name}.partial").write_text("mine")
        (tmp_path / name).write_text("old")
    assert call("new", "mine", "--force").exit_code == 0
    assert call("export", run_copy, "--format", "iamc", "--to", "table.csv", "--force").exit_code == 0
    for name in ("mine.toml", "table.csv"):
        assert (tmp_path / f".{name}.partial").read_text() == "mine" and (tmp_path / name).read_text() != "old"
    assert len(list(tmp_path.glob(".*partial"))) == 2
