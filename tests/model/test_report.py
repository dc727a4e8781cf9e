"""The report as a reader, a screen reader, a browser without network and the manifest meet it."""

import base64
import html.parser
import io
import itertools
import os
import re
import shutil
import xml.dom.minidom
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

import detente
import matplotlib
import pytest
from detente.analysis.estimates import Readings
from detente.report import drawing, write
from detente.report.context import Context
from detente.report.page.images import HEAVIEST, address, embed
from detente.report.page.svg import path as outline
from detente.report.page.svg import shrink
from detente.report.section import Figure
from detente.report.sections.annex import changed
from detente.report.sections.by_when import by_when_table
from detente.report.sections.limits import all_limits, limits_of
from detente.runs import store
from detente.shared.errors import ConfigError, DataError
from filelock import FileLock
from fontTools.ttLib import TTFont

NASTY = """
schema_version = 1
name = "nasty"
title = '<script>alert("x")</script> & "quoted"'
description = "A <b>bold</b> claim, 'single' and double \\" quotes"
[parameters.sanctions.us_initiative_rate]
value = 0.01
source = "<img src=x onerror=alert(1)>"
[[event]]
date = 2026-12-01
set = { "conflict.state" = "ceasefire" }
source = "</td></table><script>1</script>"
"""
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(html.parser.HTMLParser):
    """Elements with their attributes and depth, and whether every tag is closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.text.append(data)

    def all(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture
def light_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three figures drawn by hand in place of the real ones, which take ten seconds."""

    def draw(figures: Iterable[Figure], folder: Path, sizes: tuple[str, ...]) -> list[SimpleNamespace]:
        drawings = []
        asked = {figure.name for figure in figures}
        assert {"brent", "regimes"} <= asked
        for name in sorted(asked & {"worth", "brent", "losses", "regimes"}):
            for size in sizes:
                files = {
                    ending: folder / f"{name}{'' if size == 'a4' else '-' + size}.{ending}"
                    for ending in ("png", "svg", "csv")
                }
                files["png"].write_bytes(b"\x89PNG")
                files["svg"].write_text('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>')
                files["csv"].write_text("time,value\n2027-01-01,1\n")
                title = f"Finding of {name} <&>"
                drawings.append(
                    SimpleNamespace(
                        name=name, size=size, title=title, subtitle="", alt=f'Says "{title}"', readings=(), **files
                    )
                )
        return drawings

    monkeypatch.setattr(drawing, "draw", draw)


@pytest.fixture
def copies(compared: list[detente.Run], tmp_path: Path) -> list[detente.Run]:
    """The two runs in folders that a test may write."""
    return [detente.load(shutil.copytree(run.folder, tmp_path / run.folder.name)) for run in compared]


@pytest.fixture(scope="module")
def written(compared: list[detente.Run], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with its real figures."""
    where = tmp_path_factory.mktemp("a report")
    runs = [detente.load(shutil.copytree(run.folder, where / run.folder.name)) for run in compared]
    return write.write(runs)[0]


@pytest.fixture(scope="module")
def page(written: Path) -> Page:
    return Page(written.read_text(encoding="utf-8"))


# --- The page --------------------------------------------------------------


def test_it_is_one_light_file_that_asks_nothing_of_the_network(written: Path, page: Page):
    assert written.stat().st_size < 3_000_000
    for tag, attributes in page.elements:
        for name in ("src", "href", "srcset", "action", "data", "poster"):
            if name in attributes:
                assert attributes[name].startswith(("data:", "#")), (tag, attributes[name][:60])
    assert "link" not in {tag for tag, _ in page.elements}
    text = written.read_text(encoding="utf-8")
    assert "@import" not in text and "url(" not in re.search(r"<style>(.*?)</style>", text, re.DOTALL)[1]
    assert "default-src 'none'" in text


def test_a_screen_reader_finds_its_way(page: Page):
    tags = Counter(tag for tag, _ in page.elements)
    assert tags["main"] == tags["nav"] == tags["header"] == tags["footer"] == tags["h1"] == tags["title"] == 1
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    identities = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(identities) == len(set(identities))
    for attributes in page.all("a"):
        if attributes["href"].startswith("#"):
            assert attributes["href"][1:] in identities
    for _, attributes in page.elements:
        if "aria-labelledby" in attributes:
            assert attributes["aria-labelledby"] in identities
    assert all(attributes.get("scope") in ("col", "row") for attributes in page.all("th"))
    assert tags["caption"] == tags["table"] and page.all("html")[0]["lang"] == "en"
    assert all(len(attributes["alt"]) > 20 for attributes in page.all("img"))


def test_the_order_is_the_briefing_s(page: Page):
    sections = [attributes["id"] for attributes in page.all("section")]
    expected = (
        "finding by-when relief gas scenarios tariffs cost-incidence oil war sanctions feedback sensitivity "
        "track-record limits annex traces"
    )
    assert sections == expected.split()


def test_every_figure_has_a_drawing_for_telephones_and_its_numbers(written: Path, page: Page):
    figures = page.all("figure")
    assert len(figures) >= 8
    downloads = [attributes for attributes in page.all("a") if "download" in attributes]
    assert len(downloads) == len(figures)
    assert all(
        attributes["href"].startswith("data:text/csv") and attributes["download"].endswith(".csv")
        for attributes in downloads
    )
    assert len([attributes for attributes in page.all("img") if attributes["class"] == "narrow"]) == len(figures)
    assert {path.suffix for path in (written.parent / "figures").iterdir()} == {".png", ".svg", ".csv"}


def test_it_says_who_made_it_and_how_to_read_it(page: Page, compared: list[detente.Run]):
    text = " ".join(page.text)
    run = compared[0]
    for wanted in (
        run.folder.name,
        run.manifest["versions"]["model"],
        run.manifest["config_digest"],
        "31\u00a0August\u00a02026",
        "4,096",
        "exceptionally unlikely",
        "In past forecasts since",
        "CC BY 4.0",
        "docs/method.md",
        "How to read a fan chart",
        "Monte Carlo error",
        "European gas",
        "Europe's gas bill does not change measurably.",
        "TTF below 25 EUR/MWh",
    ):
        assert wanted in text, wanted
    assert run.manifest["finished"] not in text


def test_every_parameter_fact_and_instrument_of_the_run_is_listed(page: Page, compared: list[detente.Run]):
    config, text = compared[0].config, " ".join(page.text)
    for key in (*config.parameters, *config.facts):
        assert key.partition(".")[2] in text
    for instrument in config.instruments:
        assert (instrument.key in text) == (instrument.announced <= config.as_of)


def test_writing_it_again_gives_the_same_bytes(compared: list[detente.Run], copies: list[detente.Run], written: Path):
    again = write.write(copies)[0]
    assert again.read_bytes() == written.read_bytes()
    assert store.file_digests(again.parent) == store.file_digests(written.parent)


def test_what_comes_from_a_configuration_is_escaped(light_figures: None, compared: list[detente.Run], tmp_path: Path):
    scenario = tmp_path / "nasty.toml"
    scenario.write_text(NASTY, encoding="utf-8")
    run = detente.run(scenario, paths=4096, horizon=12, output=tmp_path)
    text = write.write([run, compared[1]])[0].read_text(encoding="utf-8")
    found = Page(text)
    assert len(found.all("script")) == 1 and "b" not in {tag for tag, _ in found.elements}
    assert all(attributes.get("src", "").startswith("data:") for attributes in found.all("img"))
    assert '<script>alert("x")</script> & "quoted"' in "".join(found.text)
    assert "The scenario assumes a ceasefire from 1\u00a0December\u00a02026." in "".join(found.text)
    assert "conflict.state from 1\u00a0December\u00a02026" in "".join(found.text)


@pytest.mark.parametrize(
    ("name", "options"),
    [("no-relief", {"paths": 256, "horizon": 6}), ("baseline", {"paths": 1024, "horizon": 3, "step": "week"})],
)
def test_small_and_weekly_runs_have_a_page_too(light_figures: None, tmp_path: Path, name: str, options: dict):
    run = detente.run(name, output=tmp_path, **options)
    text = " ".join(Page(write.write([run])[0].read_text(encoding="utf-8")).text)
    assert "Main quantities" in text and "Revenue effect of relief" not in text
    assert ("in that week" in text) == ("step" in options)
    assert store.damage(run.folder, store.read_manifest(run.folder)) == []


def test_draws_of_another_version_are_not_looked_at(light_figures: None, copies: list[detente.Run]):
    copies[0].manifest["versions"]["model"] = "0.0.1+abcdef01"
    with pytest.raises(ConfigError, match="different versions of the model"):
        write.write(copies)
    text = " ".join(Page(write.write(copies[:1])[0].read_text(encoding="utf-8")).text)
    assert "cannot recompute its simulated values" in text and "Assumptions with the largest effects" not in text


def test_a_look_back_knows_no_later_law(light_figures: None, tmp_path: Path):
    run = detente.run("baseline", paths=256, horizon=12, sets=["as_of=2025-03-31"], output=tmp_path)
    text = " ".join(Page(write.write([run])[0].read_text(encoding="utf-8")).text)
    assert "EU gas law reversed" not in text and "GL 134" not in text.partition("Parameters and facts of this run")[0]


# --- Tables ----------------------------------------------------------------


def test_by_when_counts_paths(compared: list[detente.Run]):
    table = by_when_table(Readings(compared[0]), Context(compared).columns)
    rows = {row[0].text: row for row in table.rows}
    events = compared[0].events()
    share = (events["conflict.first_ceasefire"] <= 12).mean()
    assert rows["General ceasefire"][-1].sort == pytest.approx(share)
    assert [column.text for column in table.columns] == ["Event", "3 months", "6 months", "12 months"]
    for row in table.rows:
        for cell in row[1:]:
            assert cell.text == "–" or 0.0 <= cell.bar <= 1.0


def test_what_the_scenario_changed_is_marked(tmp_path: Path):
    run = detente.run("us-first-relief", paths=256, horizon=12, sets=["facts.oil.brent=80"], output=tmp_path)
    marks = changed(run)
    assert marks["facts.oil.brent"].startswith("--set")
    assert "us-first-relief.toml" in marks["parameters.sanctions.us_agreement_probability"]
    assert "parameters.oil.freight_floor" not in marks


def test_limits_concern_the_blocks_and_the_date_of_a_run(compared: list[detente.Run]):
    config = compared[0].config
    found = limits_of(config)
    assert set(found) == {"benchmark", "unknown", "gap", "conflict", "ethics"}
    shown = [limit for group in found.values() for limit in group]
    assert all(
        not limit.blocks
        or {"oil", "conflict", "sanctions", "gulf", "gas", "tariffs", "fiscal", "attrition"} & set(limit.blocks)
        for limit in shown
    )
    assert any("gas" in limit.blocks for limit in found["benchmark"]) and not any(
        "sanctions and oil only" in limit.text for limit in shown
    )
    assert all(limit.source and limit.text for limit in all_limits())
    earlier = SimpleNamespace(parameters=config.parameters, facts=config.facts, as_of=config.as_of.replace(year=2025))
    assert len([limit for group in limits_of(earlier).values() for limit in group]) < len(shown)


# --- The folder ------------------------------------------------------------


def test_the_manifest_knows_the_report(written: Path):
    manifest = store.read_manifest(written.parent)
    assert store.damage(written.parent, manifest) == []
    assert set(manifest["report_files"]) == {
        name for name in store.file_digests(written.parent) if name not in manifest["files"]
    }
    written.with_name("stray").write_text("x")
    assert len(store.damage(written.parent, manifest)) == 1
    written.with_name("stray").unlink()


@pytest.mark.parametrize("step", range(7))
def test_an_interrupted_report_leaves_the_run_whole(
    light_figures: None, run_copy: Path, monkeypatch: pytest.MonkeyPatch, step: int
):
    run = detente.load(run_copy)
    write.write([run])
    whole, calls = os.replace, []

    def replace(source: Path, target: Path) -> None:
        calls.append(target)
        if len(calls) == step + 1:
            raise KeyboardInterrupt
        whole(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        if step < 6:  # manifest, old page out, new one in, old figures out, new ones in, manifest
            with pytest.raises(KeyboardInterrupt):
                write.write([run])
        else:
            write.write([run])
    assert store.damage(run_copy, store.read_manifest(run_copy)) == []
    assert not [path for path in run_copy.parent.iterdir() if path.name.endswith(".report.partial")]
    write.write([run])
    assert (run_copy / "report.html").is_file() and (run_copy / "figures").is_dir()


def test_a_failed_drawing_leaves_the_old_report(
    light_figures: None, copies: list[detente.Run], monkeypatch: pytest.MonkeyPatch
):
    page = write.write(copies)[0]
    before = store.file_digests(page.parent)

    def broken(*arguments: object, **options: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(drawing, "draw", broken)
    with pytest.raises(DataError, match="No space left"):
        write.write(copies)
    assert store.file_digests(page.parent) == before
    assert store.damage(page.parent, store.read_manifest(page.parent)) == []


def test_a_folder_in_use_is_left_alone(copies: list[detente.Run]):
    folder = copies[0].folder
    with FileLock(folder.parent / f".{folder.name}.lock"), pytest.raises(DataError, match="another process"):
        write.write(copies)


def test_an_unknown_format_is_refused(copies: list[detente.Run]):
    with pytest.raises(ConfigError, match="docx"):
        write.write(copies, ("docx",))


# --- Figures in the page ---------------------------------------------------


def test_letters_become_text_of_the_same_width_in_a_font_of_just_these_letters():
    """``fi`` is one glyph in the drawing; its line of lettering is two letters on the same width."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
        ' viewBox="0 0 9 9"><title>t</title><g id="text_1">'
        '<!-- A&amp;fi --><g style="fill: #1a1a1a" transform="translate(5.127 7.5) scale(0.09 -0.09)">'
        '<defs><path id="DejaVuSans-24" d="M 1 2 z"/></defs><use xlink:href="#DejaVuSans-24"/>'
        '<use xlink:href="#DejaVuSans-9" transform="translate(68.4 0)"/>'
        '<use xlink:href="#DejaVuSans-1466" transform="translate(146.4 0)"/></g></g></svg>'
    )
    after = shrink(svg)
    style, body = re.fullmatch(r"<svg [^>]*viewBox='0 0 9 9'><style>(.*)</style>(.*)</svg>", after).groups()
    assert body == "<text class='a' x='5.13' y='7.5' textLength='18.84'>A&amp;fi</text>"
    assert style.endswith(".a{fill:#1a1a1a;font-size:9px}")
    font = TTFont(io.BytesIO(base64.b64decode(re.search(r"base64,([^)]*)\)", style)[1])))
    assert sorted(map(chr, font.getBestCmap())) == ["&", "A", "f", "i"]
    with font, TTFont(Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf") as whole:
        for letter in map(ord, "A&fi"):
            assert font["hmtx"][font.getBestCmap()[letter]][0] == whole["hmtx"][whole.getBestCmap()[letter]][0]


def test_letters_that_the_font_lacks_stay_outlines():
    group = (
        "<!-- {said} --><g transform='translate(1 2) scale(0.09 -0.09)'><defs><path id='DejaVuSans-24' d='M 1 2 "
        "z'/></defs>"
        "<use xlink:href='#DejaVuSans-24'/></g>"
    )
    svg = "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'>{groups}</svg>"
    assert shrink(svg.format(groups=group.format(said="A"))).count("<text") == 1
    after = shrink(svg.format(groups=group.format(said="A") + group.format(said="語")))
    assert "<text" not in after and after.count("<use href='#a'/>") == 2 and after.count("<path id='a'") == 2


def test_shrinking_keeps_the_drawing(written: Path):
    for path in sorted((written.parent / "figures").glob("*.svg")):
        before = path.read_text(encoding="utf-8")
        after = shrink(before)
        assert len(after) < 0.4 * len(before)
        old, new = (xml.dom.minidom.parseString(text) for text in (before, after))
        outlines = [
            one for one in old.getElementsByTagName("path") if not one.getAttribute("id").startswith("DejaVuSans")
        ]
        marks = [one for one in old.getElementsByTagName("use") if "DejaVuSans" not in one.getAttribute("xlink:href")]
        assert [len(new.getElementsByTagName(tag)) for tag in ("path", "use")] == [len(outlines), len(marks)]
        for tag in ("clipPath", "image", "rect"):
            assert len(new.getElementsByTagName(tag)) == len(old.getElementsByTagName(tag))
        said = [html.unescape(text.strip()) for text in re.findall(r"<!-- (.*?) -->", before)]
        assert [one.firstChild.data.strip() for one in new.getElementsByTagName("text")] == [
            text for text in said if text
        ]
        assert set(re.findall(r"href='#([^']+)'|url\(#([^)]+)\)", after)) <= {
            pair for found in re.findall(r" id='([^']+)'", after) for pair in ((found, ""), ("", found))
        }


def test_a_shrunk_path_goes_to_the_same_places():
    assert outline("M 10.123456 20 L 30.5 -0.004 L 30.5 7.777777 Q 1 2 3 4.25 z M 5 5 L 6 6.016 ") == (
        "M10.12 20l20.38-20 0 7.78q-29.5-5.78-27.5-3.53zM5 5l1 1.02"
    )
    assert outline("M 0 0\nA 1 1 0 0 1 2 2.123456") == "M 0 0 A 1 1 0 0 1 2 2.123456"


def test_an_address_cannot_end_its_attribute(tmp_path: Path):
    path = tmp_path / "figure.csv"
    path.write_text('time,"<a>"\n1,&"\'>\n', encoding="utf-8")
    assert not re.search(r'["<>&\n]', address(path))


def test_a_heavy_page_drops_the_telephone_s_drawings_first(tmp_path: Path):
    def figure(size: str, points: int) -> SimpleNamespace:
        files = {ending: tmp_path / f"{size}{points}.{ending}" for ending in ("png", "svg", "csv")}
        files["svg"].write_text(f"<svg><path fill='{'x' * points}'/></svg>")
        files["png"].write_bytes(b"png")
        files["csv"].write_text("a\n")
        return SimpleNamespace(name="one", size=size, title="t", alt="a", readings=(), **files)

    light, heavy = 1000, HEAVIEST + 1
    three = [figure("a4", light), figure("column", light), figure("a4", 2 * light), figure("column", heavy)]
    three[2].name = three[3].name = "other"
    assert [bool(one.narrow) for one in embed(three, "run")] == [True, False], "the heaviest goes, the others stay"
    assert embed([figure("a4", light), figure("column", light)], "run")[0].narrow
    both = embed([figure("a4", light), figure("column", heavy)], "run")[0]
    assert not both.narrow and both.picture.startswith("data:image/svg")
    assert embed([figure("a4", heavy), figure("column", light)], "run")[0].picture.startswith("data:image/png")
