"""The model version: every module that decides a number is in it, and words are not."""

import ast
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import pytest
from detente.engine import probe, version

MODULES = dict(version.modules(version.roots()))
"""Every module under the source digest, by name."""


def digest(folders: dict[str, Path]) -> str:
    """The source digest of a tree, without the cache."""
    return version.syntax_digest((name, path.read_bytes()) for name, path in version.modules(folders))


@pytest.fixture(scope="module", autouse=True)
def each_module_once() -> Iterator[None]:
    """The digest of a module is remembered by its bytes, so that a test parses the changed one only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(version, "module_digest", lru_cache(maxsize=None)(version.module_digest))
        yield


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A copy of all folders under the digest."""
    base = tmp_path_factory.mktemp("tree")
    return {
        name: Path(shutil.copytree(folder, base / name, ignore=shutil.ignore_patterns("__pycache__")))
        for name, folder in version.roots().items()
    }


@pytest.fixture(scope="module")
def untouched(tree: dict[str, Path]) -> str:
    return digest(tree)


class Rewrite(ast.NodeTransformer):
    """Changes one number, operator or name, the first that it meets."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.done = False

    def visit(self, node: ast.AST) -> ast.AST:
        node = super().visit(node)
        if self.done:
            return node
        if self.kind == "literal" and isinstance(node, ast.Constant) and not isinstance(node.value, str | bytes):
            self.done = True
            return ast.Constant(False if node.value is None or node.value is ... else node.value + 1)
        if self.kind == "operator" and isinstance(node, ast.BinOp | ast.AugAssign):
            node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
            self.done = True
        if self.kind == "operator" and isinstance(node, ast.Compare):
            node.ops[0] = ast.Gt() if isinstance(node.ops[0], ast.Lt) else ast.Lt()
            self.done = True
        if self.kind == "name" and isinstance(node, ast.Name):
            node.id += "_"
            self.done = True
        return node


def changed(source: bytes, kind: str) -> bytes | None:
    """The module with one number, operator or name changed; None if it has none."""
    tree = ast.parse(source)
    rewrite = Rewrite(kind)
    tree = rewrite.visit(tree)
    return ast.unparse(ast.fix_missing_locations(tree)).encode() if rewrite.done else None


def rephrased(source: bytes) -> bytes:
    """The module with a comment and a blank line before every line that may have them, and other docstrings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list) and body and version._is_docstring(body[0]):
            body[0].value.value = "Other words."
    lines = ast.unparse(tree).splitlines()
    return ("# A comment.\n\n" + "\n".join(lines) + "\n\n# The end.\n").encode()


@pytest.mark.parametrize("kind", ["literal", "operator", "name"])
@pytest.mark.parametrize("name", MODULES)
def test_a_change_in_any_module_is_another_version(tree: dict[str, Path], untouched: str, name: str, kind: str) -> None:
    root, _, relative = name.partition("/")
    path = tree[root] / relative
    source = path.read_bytes()
    other = changed(source, kind)
    if other is None:  # a module of a docstring or of imports: an added statement stands for the change
        other = source + b"\nADDED = 1\n"
    path.write_bytes(other)
    try:
        assert digest(tree) != untouched
    finally:
        path.write_bytes(source)


@pytest.mark.parametrize("name", MODULES)
def test_words_and_layout_are_no_other_version(tree: dict[str, Path], untouched: str, name: str) -> None:
    root, _, relative = name.partition("/")
    path = tree[root] / relative
    source = path.read_bytes()
    path.write_bytes(rephrased(source))
    try:
        assert path.read_bytes() != source
        assert digest(tree) == untouched
    finally:
        path.write_bytes(source)


def test_a_module_that_is_added_removed_or_renamed_is_another_version(tree: dict[str, Path], untouched: str) -> None:
    added = tree["engine"] / "cluster" / "added.py"
    added.write_text('"""Nothing yet."""\n')
    try:
        assert digest(tree) != untouched
    finally:
        added.unlink()
    calendar = tree["engine"] / "calendar.py"
    renamed = calendar.rename(tree["engine"] / "dates.py")
    try:
        assert digest(tree) != untouched
    finally:
        renamed.rename(calendar)
    assert digest(tree) == untouched


def test_the_folders_hold_every_package_that_decides_a_number() -> None:
    names = set(MODULES)
    for wanted in (
        "config/continuous.py",
        "config/distributions.py",
        "config/schema.py",
        "engine/events.py",
        "engine/kept_paths.py",
        "engine/summary.py",
        "engine/version.py",
        "trade/newton.py",
    ):
        assert wanted in names
    assert sum(name.startswith("detente_kernels/") for name in names) > 25
    assert len([name for name in names if name.startswith("engine/cluster/")]) > 3


def test_the_version_is_the_digest_of_the_installed_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DETENTE_CACHE", str(tmp_path))
    fresh = digest(version.roots())
    assert version.digest_of(version.roots()) == fresh
    (kept,) = tmp_path.glob("source-*.txt")
    assert kept.read_text().splitlines()[1] == fresh
    assert version.model_version() == f"{version.__version__}+{version.source_digest()[:8]}"
    monkeypatch.setattr(version, "syntax_digest", lambda sources: pytest.fail("computed again"))
    assert version.digest_of(version.roots()) == fresh
    for altered in ("no digest", "0" * 64, f"{kept.read_text().splitlines()[0]}\n{'0' * 64}"):
        kept.write_text(altered)
        with monkeypatch.context() as patch:
            patch.setattr(version, "syntax_digest", lambda sources: "f" * 64)
            assert version.digest_of(version.roots()) == "f" * 64


HELP = """
import sys
import tomllib
from detente.engine import version
version.digest_of = lambda folders: sys.exit("the digest was computed")
from detente.cli import main
sys.argv = ["detente", "--help"]
main()
"""


def test_help_computes_no_digest() -> None:
    result = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    assert "Usage" in result.stdout


# --- Probe values -----------------------------------------------------------------------------------------------------


def test_every_family_of_distributions_is_probed() -> None:
    from typing import get_args

    from detente.config.distributions import Distribution

    families = {get_args(model.model_fields["kind"].annotation)[0] for model in get_args(get_args(Distribution)[0])}
    assert {table["kind"] for table in probe.DISTRIBUTIONS} == families - {"choice", "joint"}


def test_any_probe_value_changes_the_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    values = list(probe.probe_values())
    probe.probe_digest.cache_clear()
    expected = probe.probe_digest()
    for number, (name, array) in enumerate(values):
        other = array.copy()
        other.flat[-1] += 1 if other.dtype.kind == "i" else abs(other.flat[-1]) * 2e-16 + 1e-300
        assert (other != array).sum() == 1, name
        changed_values = [*values[:number], (name, other), *values[number + 1 :]]
        probe.probe_digest.cache_clear()
        monkeypatch.setattr(probe, "probe_values", lambda these=changed_values: iter(these))
        assert probe.probe_digest() != expected, name
    probe.probe_digest.cache_clear()


def test_the_version_of_the_package_stands_in_one_place() -> None:
    import detente

    root = Path(__file__).resolve().parents[2]
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    source = (root / project["tool"]["hatch"]["version"]["path"]).read_text(encoding="utf-8")
    assert project["project"]["dynamic"] == ["version"] and f'__version__ = "{detente.__version__}"' in source
    assert f"\nversion: {detente.__version__}\n" in (root / "CITATION.cff").read_text(encoding="utf-8")
