"""Hostile names, paths out of a folder, and files that everybody could write."""

import os
import stat
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import detente
import pytest
from click.testing import CliRunner
from detente.batches.batch import open_batch
from detente.batches.record import RECORD
from detente.cli import application
from detente.config.loader import load
from detente.report import write
from detente.report.context import Context
from detente.report.document import document
from detente.report.page import index_page
from detente.report.plots.picture import save
from detente.report.plots.style import SIZES, drawing
from detente.report.sections.finding import finding
from detente.report.sections.sanctions import sanctions
from detente.runs.manifest import sealed, unsealed
from detente.shared.errors import DetenteError

HOSTILE = '<script>alert(1)</script> $\\frac{1}$ \\\\ ${{ 1 }} %s {0} ]]> --> &amp; "=1+1"'
ESCAPES = (
    "..",
    "../x",
    "../../etc/passwd",
    "/etc/passwd",
    "a/../../x",
    "..\\x",
    "C:\\x",
    "x\x00y",
    "~/x",
    "%2e%2e/x",
    ".",
    "a/b",
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> list[detente.Run]:
    """Two runs with a title that means something to a browser, to a typesetter, to a template and to a spreadsheet."""
    folder = tmp_path_factory.mktemp("hostile")
    options = {"paths": 256, "horizon": 6, "output": folder}
    return [detente.run(name, sets={"title": HOSTILE}, **options) for name in ("us-first-relief", "no-relief")]


def test_figures_write_a_hostile_title_as_it_is(hostile: list[detente.Run], tmp_path: Path) -> None:
    figures = {figure.name: figure for figure in document(Context(hostile)).figures}
    for name in ("worth", "scenarios"):
        with drawing(name):
            picture = figures[name].draw(SIZES["a4"])
            assert picture is not None
            drawn = save(picture, tmp_path, name)
        tree = ElementTree.parse(drawn.svg)
        tags = {element.tag.rpartition("}")[2] for element in tree.iter()}
        assert not tags & {"script", "foreignObject", "a", "image"}
        assert not [key for element in tree.iter() for key in element.attrib if key.lower().startswith("on")]
        for line in drawn.csv.read_text(encoding="utf-8").splitlines():
            assert not any(cell.lstrip('"')[:1] in ("=", "@", "\t") for cell in line.split(","))


def test_the_commands_print_hostile_names_without_harm(hostile: list[detente.Run]) -> None:
    folder = hostile[0].folder.parent
    (folder / "a\x1b[31mb-00000000").mkdir()
    for arguments in (["list", "runs", "-o", str(folder)], ["index", str(folder)], ["validate", str(folder)]):
        result = CliRunner().invoke(application, arguments)
        assert "\x1b[31m" not in result.stdout and "Traceback" not in result.output
    (folder / "a\x1b[31mb-00000000").rmdir()


@pytest.mark.parametrize("name", ESCAPES)
def test_no_name_of_a_scenario_leads_out(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.parent.iterdir())
    path = tmp_path / "mine.toml"
    for key in ("name", "extends"):
        path.write_text(f"schema_version = 1\n{key} = '''{name}'''\n", encoding="utf-8")
        with pytest.raises(DetenteError, match=r"mine\.toml"):
            load(path)
    path.write_text(f"schema_version = 1\n[report]\ncompare = ['''{name}''']\n", encoding="utf-8")
    with pytest.raises(DetenteError, match=r"mine\.toml"):
        load(path)
    assert CliRunner().invoke(application, ["new", name]).exit_code == 2
    assert sorted(tmp_path.parent.iterdir()) == before and [entry.name for entry in tmp_path.iterdir()] == ["mine.toml"]


@pytest.mark.parametrize("name", ESCAPES)
def test_no_name_of_a_batch_or_unit_leads_out(tmp_path: Path, name: str) -> None:
    path = tmp_path / "mine.toml"
    for text in (
        f"name = '''{name}'''\nscenarios = ['baseline']",
        f"scenarios = ['''{name}''']",
        f"scenarios = ['baseline']\n[[overrides]]\nname = '''{name}'''",
        f"[[case]]\nname = '''{name}'''",
        f"[[case]]\nname = 'a'\nscenario = '''{name}'''",
    ):
        path.write_text(f"schema_version = 1\n{text}\n", encoding="utf-8")
        with pytest.raises(DetenteError, match=r"mine\.toml"):
            open_batch(path, output=tmp_path / "results")
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine.toml"]


def test_links_do_not_lead_a_scenario_out(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "base.toml").write_text("schema_version = 1\n")
    (inside / "base.toml").symlink_to(outside / "base.toml")
    (inside / "mine.toml").write_text('schema_version = 1\nextends = "base.toml"\n')
    with pytest.raises(DetenteError, match="lies outside"):
        load(inside / "mine.toml")


def test_a_forged_record_of_a_batch_is_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text("schema_version = 1\nscenarios = ['baseline']\n[run]\npaths = 256\nhorizon = 3\n")
    batch = open_batch(path, output=tmp_path / "results").run()
    record = batch.path / RECORD
    content = unsealed(record.read_bytes())
    content["units"][0]["folder"] = "../../elsewhere"
    record.write_bytes(sealed(content))
    assert batch.folder.read() is None
    again = open_batch(path, output=tmp_path / "results")
    assert [task.folder.parent for task in again.tasks] == [tmp_path / "results"] and all(
        status.done for status in again.statuses.values()
    )


# --- Who may write what the program writes --------------------------------------------------------------------------


@pytest.fixture(params=[0o000, 0o022, 0o077], ids=["000", "022", "077"])
def mask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def check_modes(folder: Path, mask: int) -> int:
    """No file or folder is writable for all, and the user's mask holds; returns how many there are."""
    number = 0
    for path in (folder, *folder.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert not mode & 0o002 and not mode & mask, f"{path.relative_to(folder)}: {mode:o}"
        assert mode & 0o600 == 0o600
        number += 1
    return number


def test_runs_reports_and_batches_follow_the_mask(mask: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "new" / "results"
    run = detente.run("baseline", paths=256, horizon=3, keep_paths=16, output=root)
    monkeypatch.setattr("detente.report.document.SECTIONS", (finding, sanctions))
    write.write([run])
    index_page.write(root)
    batch = tmp_path / "mine.toml"
    batch.write_text("schema_version = 1\nscenarios = ['baseline']\n[run]\npaths = 300\nhorizon = 3\n")
    open_batch(batch, output=root).run()
    assert check_modes(tmp_path / "new", mask) > 25


def test_the_commands_follow_the_mask(tmp_path: Path, mask: int) -> None:
    folder = tmp_path / "work"
    folder.mkdir(mode=0o755)
    command = [sys.executable, "-m", "detente", "new", "mine", "-o", str(folder)]
    subprocess.run(command, check=True, capture_output=True)
    written = folder / "mine.toml"
    assert stat.S_IMODE(written.stat().st_mode) == 0o666 & ~mask & ~0o002
