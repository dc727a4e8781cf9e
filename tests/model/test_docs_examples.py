"""The hand-written pages hold to what they show: examples load, imports exist, commands parse, links and keys lead
somewhere."""

import ast
import importlib
import importlib.util
import re
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import detente
import numpy as np
import pytest
from detente.cli.app import application
from detente.config import loader
from detente.config.schema import FactsFile, InstrumentsFile, Record
from detente.config.toml import Document, parse
from detente.config.validation import check
from detente.engine import sampling, simulate, tables
from detente.engine.outputs import Codelist
from detente.shared.errors import ConfigError
from detente_kernels import conflict, world
from detente_kernels.tools.jit import BLOCK

ROOT = Path(__file__).resolve().parents[2]
PAGES = (
    "README.md",
    "docs/tour.md",
    "docs/method.md",
    "docs/scenarios.md",
    "docs/adding-a-submodel.md",
    "docs/trade.md",
    "docs/cluster.md",
    "docs/questions.md",
)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]*)(#[^)\s]*)?\)")
KEY = re.compile(r"`((?:gulf|conflict|sanctions|oil)\.[A-Za-z_]+)`")


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def fences(language: str) -> list:
    """Every fenced block of a language, as a test case with its place."""
    found = []
    for page in PAGES:
        for match in FENCE.finditer(text(page)):
            if match[1] == language:
                line = text(page)[: match.start()].count("\n") + 2
                found.append(pytest.param(match[2], id=f"{page}-{line}"))
    return found


def python_modules(source: str) -> Iterator[tuple[str, str | None]]:
    """Module and name of every import; a relative one is the kernels'."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if node.level:
                module = f"detente_kernels.{module}".rstrip(".")
            yield from ((module, alias.name) for alias in node.names)


# --- TOML ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", fences("toml"))
def test_a_toml_example_is_valid(example: str, tmp_path: Path) -> None:
    """The comment on the first line says which file it would stand in; one in a folder of its own, or in none, is a
    scenario."""
    first = example.splitlines()[0]
    assert first.startswith("# ") and first.endswith(".toml"), "begin a TOML example with a comment that names its file"
    name = first.removeprefix("# ")
    document = Document(name, parse(example, name).data)
    if name.startswith("configs/parameters/"):
        for key, table in document.data.items():
            check(Record, document, (key,), table)
    elif name.startswith("configs/facts/"):
        check(FactsFile, document)
    elif name == "configs/instruments.toml":
        check(InstrumentsFile, document)
    elif name == "configs/variables.toml":
        Codelist.model_validate(document.data, strict=False)
    else:
        path = tmp_path / Path(name).name
        path.write_text(example, encoding="utf-8")
        loaded = loader.load(path)
        simulate.plan(loaded, keep_paths=0)
        assert loaded.digest() != loader.load("baseline").digest()


def test_there_are_examples_of_each_kind() -> None:
    assert len(fences("toml")) >= 5
    assert len(fences("python")) >= 4
    assert len(fences("sh")) >= 3


def test_a_wrong_scenario_would_be_noticed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        test_a_toml_example_is_valid(
            '# wrong.toml\nschema_version = 1\n[parameters.oil.nothing]\nvalue = 1.0\nsource = "x"\n', tmp_path
        )


# --- Python ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", fences("python"))
def test_a_python_example_imports_what_is_there(example: str) -> None:
    for module, name in python_modules(example):
        if name == "grain" or module.endswith(".grain"):
            continue  # built by tests/contracts/test_adding_a_submodel.py
        found = importlib.import_module(module)
        assert name is None or hasattr(found, name) or importlib.util.find_spec(f"{module}.{name}"), f"{module}.{name}"
    for node in ast.walk(ast.parse(example)):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "detente":
            assert node.attr in detente.__all__ or importlib.util.find_spec(f"detente.{node.attr}"), node.attr


def test_the_example_of_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    example = next(match[2] for match in FENCE.finditer(text("README.md")) if match[1] == "python")
    assert "65_536" in example
    monkeypatch.chdir(tmp_path)
    exec(compile(example.replace("65_536", "256"), "README.md", "exec"), {})
    assert capsys.readouterr().out.strip()


@pytest.fixture(scope="module")
def grain(tmp_path_factory: pytest.TempPathFactory):
    """The submodel of the page, imported as one of the kernels."""
    first = "# kernels/detente_kernels/grain/__init__.py\n"
    example = next(
        match[2] for match in FENCE.finditer(text("docs/adding-a-submodel.md")) if match[2].startswith(first)
    )
    folder = tmp_path_factory.mktemp("kernels") / "grain_of_the_page"
    folder.mkdir()
    path = folder / "__init__.py"
    path.write_text(example, encoding="utf-8")
    name = "detente_kernels.grain_of_the_page"
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=[str(folder)])
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[name]


def record(names: tuple[str | tuple[str, int], ...], value: float = 0.0) -> np.ndarray:
    """A record of one block, every field filled with a number; a field may have rows."""
    fields = [
        (name, np.float64, (BLOCK,)) if isinstance(name, str) else (name[0], np.float64, (name[1], BLOCK))
        for name in names
    ]
    made = np.zeros(1, np.dtype(fields))
    made.view(np.float64)[:] = value
    return made


def test_the_skeleton_of_a_submodel_compiles_and_steps(grain) -> None:
    for part in ("PARAMS", "FACTS", "STATE", "EVENTS", "DRAWS", "Step", "step", "start", "advance"):
        assert hasattr(grain, part)
    words = tuple(word for stream in grain.DRAWS for word, _ in stream.words)
    state, p, draws = record(grain.STATE), record(grain.PARAMS + grain.FACTS), record(words, 0.5)
    war = record(conflict.STATE, conflict.WAR)
    values = {
        "closure_rate": 0.5,
        "reopening_rate": 0.0,
        "closure_effect": 0.2,
        "price_half_life": 1.0,
        "price_noise": 0.0,
        "price": 250.0,
    }
    for name, value in values.items():
        p[name][:] = value
    state["first_closure"][:] = np.nan
    draws["corridor"][:] = np.exp(-0.25)  # a closure after half a month
    draws["price"][:] = 0.0
    grain.start(state[0], p[0])
    assert np.all(state["price"] == 250.0)
    grain.advance(state[0], p[0], draws[0], grain.Inputs(war[0]), 2, 1.0)
    np.testing.assert_allclose(state["first_closure"], 2.5, rtol=1e-12)
    np.testing.assert_allclose(state["price"], 250.0 * np.exp(0.1), rtol=1e-12)
    case = ((0.5, 0.1, 0.2, 1.0, 0.3), (0.7, -0.4), 1.0, 5.5, 5.4, 1.0, 1.0)
    assert grain.step(*case) == grain.step.py_func(*case)


def test_the_coordinates_of_the_page_are_those_of_the_program() -> None:
    """Length of the sequence; the example of the page lies behind the blocks, and its context is theirs."""
    page = text("docs/adding-a-submodel.md")
    lines = re.findall(
        r'^([ +])    Block\("(\w+)", (\w+), coordinates=\((\d+), (\d+)\), title="(.*)"\),$', page, re.MULTILINE
    )
    added = [(name, int(first)) for mark, name, _, first, *_ in lines if mark == "+"]
    assert added == [("grain", max(block.coordinates[1] for block in world.BLOCKS))]
    known = {(block.name, block.coordinates, block.title) for block in world.BLOCKS}
    assert {(name, (int(first), int(end)), title) for mark, name, _, first, end, title in lines if mark == " "} <= known
    assert f"has {sampling.DIMENSIONS} coordinates" in page


def test_every_block_fits_into_its_coordinates() -> None:
    """Ranges do not overlap, lie within the sequence, and hold what the block draws."""
    taken: set[int] = set()
    for block in world.BLOCKS:
        room = range(*block.coordinates)
        assert room.stop <= sampling.DIMENSIONS and taken.isdisjoint(room)
        taken |= {*room}
        parameters, facts = tables.declared(block.name)
        assert len(parameters) + len(facts) <= len(room), block.name


# --- commands, links, keys --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", fences("sh"))
def test_commands_parse(example: str) -> None:
    for line in example.splitlines():
        words = shlex.split(line, comments=True)
        if not words or words[0].rpartition("/")[2] != "detente":
            continue
        with click.Context(
            application, **application.context_settings
        ) as context:  # click keeps the help option of the first context
            name, command, rest = application.resolve_command(context, words[1:])
            assert command is not None
            command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    for target, anchor in LINK.findall(text(page)):
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), f"{page}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
            assert anchor[1:] in slugs, f"{page}: {target}{anchor}"


@pytest.mark.parametrize("page", PAGES)
def test_keys_exist(page: str) -> None:
    known = {*tables.rows(world.PARAMS), *tables.rows(world.STATE)}
    for key in KEY.findall(text(page)):
        block, name = key.split(".")
        assert key in known or name in ("py", "toml") or hasattr(world.SUBMODELS[block], name), f"{page}: {key}"


@pytest.mark.parametrize("page", PAGES)
def test_files_exist(page: str) -> None:
    """Paths of the repository in code marks."""
    for path in re.findall(r"`((?:kernels|model|configs|tests|docs|benchmarks)/[\w./-]+\.\w+)`", text(page)):
        if "grain" not in path:
            assert (ROOT / path).exists(), f"{page}: {path}"


def test_every_scenario_is_in_the_readme() -> None:
    for name in loader.scenario_titles():
        assert f"`{name}`" in text("README.md"), name
