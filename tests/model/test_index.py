"""The page of a results folder: every run and batch on it, harmless whatever they are called, replaced whole."""

import os
import shutil
from html.parser import HTMLParser
from pathlib import Path

import pytest
from detente.report.page import index_page
from detente.runs import manifest, store
from detente.shared.errors import DataError
from filelock import FileLock

HOSTILE = '<script>alert(1)</script>"><img src=x onerror=alert(2)> {{ 7 * 7 }}'


class Page(HTMLParser):
    """Elements, their attributes, and the text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def addresses(self, tag: str, name: str) -> list[str]:
        return [
            attributes[name] or "" for element, attributes in self.elements if element == tag and name in attributes
        ]

    @property
    def words(self) -> str:
        return " ".join(" ".join(self.text).split())


def changed(run: Path, name: str, **changes: object) -> Path:
    """A copy of a run under another name, with another head of its manifest."""
    folder = Path(shutil.copytree(run, run.with_name(name)))
    (folder / "manifest.json").write_bytes(manifest.sealed(manifest.read_manifest(folder) | changes))
    return folder


def with_report(run: Path) -> None:
    (run / "figures").mkdir()
    (run / "figures" / "worth.png").write_bytes(b"picture")
    (run / "report.html").write_text("report")
    digests = {name: store.digest(run / name) for name in ("figures/worth.png", "report.html")}
    (run / "manifest.json").write_bytes(manifest.sealed(manifest.read_manifest(run) | {"report_files": digests}))


def read(page: Path) -> Page:
    return Page(page.read_text(encoding="utf-8"))


def test_runs_stand_newest_first_with_picture_and_report(run_copy: Path) -> None:
    with_report(run_copy)
    changed(run_copy, "no-relief-00000001", finished="2031-01-02T03:04:05Z", title="Newest", report_files={})
    changed(run_copy, "no-relief-00000002", finished="2001-01-02T03:04:05Z", title="Oldest", report_files={})
    page = read(index_page.write(run_copy.parent))
    assert page.words.index("Newest") < page.words.index("Baseline:") < page.words.index("Oldest")
    assert "3 runs" in page.words and "2 January 2031, 03:04 UTC" in page.words.replace("\u00a0", " ")
    assert page.addresses("img", "src") == [f"{run_copy.name}/figures/worth.png"]
    assert set(page.addresses("a", "href")) == {f"{run_copy.name}/report.html"}
    for address in (*page.addresses("img", "src"), *page.addresses("a", "href")):
        assert (run_copy.parent / address).is_file()


def test_damaged_runs_are_named_and_have_no_links(run_copy: Path) -> None:
    with_report(run_copy)
    path = run_copy / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"title"', b'"titel"'))
    (run_copy.parent / "baseline-00000001").mkdir()
    page = read(index_page.write(run_copy.parent))
    assert (
        f"{run_copy.name}/manifest.json: the manifest is damaged" in page.words
        and "baseline-00000001: has no manifest.json" in page.words
    )
    assert "0 runs, 2 damaged" in page.words and not page.addresses("a", "href")
    assert str(run_copy.parent) not in page.words


def test_a_vanished_report_has_no_link(run_copy: Path) -> None:
    with_report(run_copy)
    shutil.rmtree(run_copy / "figures")
    (run_copy / "report.html").unlink()
    page = read(index_page.write(run_copy.parent))
    assert "no report" in page.words and not page.addresses("img", "src") and not page.addresses("a", "href")


def test_every_name_is_escaped(run_copy: Path) -> None:
    with_report(run_copy)
    changed(run_copy, "a<b>'\"&?#:%", title=HOSTILE, finished="<b>now</b>", as_of="<i>")
    batch = run_copy.parent / "<svg onload=x>-batch"
    batch.mkdir()
    (batch / "batch.json").write_bytes(
        manifest.sealed({"title": HOSTILE, "units": [{"state": "done"}, {"state": "failed"}]})
    )
    (run_copy.parent / "<u>-batch").mkdir()
    (run_copy.parent / "<u>-batch" / "batch.json").write_bytes(b"torn")
    page = read(index_page.write(run_copy.parent))
    assert [tag for tag, _ in page.elements if tag in ("script", "svg", "b", "i", "u")] == ["script"]
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]
    assert HOSTILE in page.words and "{{ 7 * 7 }}" in page.words
    assert (
        "1 of 2 units finished, 1 failed" in page.words
        and "<u>-batch" in page.words
        and "batch.json is damaged" in page.words
    )
    links = page.addresses("a", "href")
    assert "a%3Cb%3E%27%22%26%3F%23%3A%25/report.html" in links and len(links) == 4


def test_a_batch_of_the_program_is_listed(run_copy: Path) -> None:
    batch = run_copy.parent / "weekly-batch"
    batch.mkdir()
    (batch / "comparison.html").write_text("x")
    (batch / "batch.json").write_bytes(manifest.sealed({"title": "Weekly", "units": [{"state": "done"}] * 3}))
    page = read(index_page.write(run_copy.parent))
    assert page.addresses("a", "href") == ["weekly-batch/comparison.html"] and "3 of 3 units finished" in page.words


def test_the_page_is_replaced_whole(run_copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = index_page.write(run_copy.parent)
    before = page.read_bytes()
    changed(run_copy, "baseline-00000001")

    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", broken)
        with pytest.raises(DataError, match="No space left"):
            index_page.write(run_copy.parent)
    assert page.read_bytes() == before and not list(run_copy.parent.glob("*.partial"))
    assert index_page.write(run_copy.parent).read_bytes() != before


def test_what_cannot_be_written_is_said(run_copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="there is no such folder"):
        index_page.write(tmp_path / "absent")
    monkeypatch.setattr(index_page, "PATIENCE", 0.01)
    with FileLock(run_copy.parent / ".index.lock"), pytest.raises(DataError, match="another process"):
        index_page.write(run_copy.parent)


def test_an_empty_folder_has_a_page(tmp_path: Path) -> None:
    assert "There are no finished runs here" in read(index_page.write(tmp_path)).words
