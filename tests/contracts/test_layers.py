"""The wall: kernels know numpy and numba only, and each module of the pipe imports only what lies upstream of it."""

import ast
from pathlib import Path

import pytest
from importlinter import cli

ROOT = Path(__file__).resolve().parents[2]
KERNELS = sorted((ROOT / "kernels" / "detente_kernels").rglob("*.py"))
MODEL = sorted((ROOT / "model" / "detente").rglob("*.py"))
SYSTEM = {"tools/jit.py": {"functools"}, "tools/trust.py": {"functools", "grp", "os", "pwd", "stat"}}
"""Imports of the two modules that own the cache of compiled code."""
ALLOWED = {"numpy", "numba", "llvmlite", "hashlib", "itertools", "pathlib", "types", "typing", "detente_kernels"}


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").split(".")[0])
    return found


def test_import_linter_contracts_hold(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert cli.lint_imports(config_filename="pyproject.toml") == 0


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_kernels_import_numpy_and_numba_only(path):
    own = SYSTEM.get(path.relative_to(path.parents[1]).as_posix(), set())
    assert imports(path) <= ALLOWED | own


@pytest.mark.parametrize("path", KERNELS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_kernel_has_nine_positional_arguments(path):
    """Groups of numbers travel as named records."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef):
            assert len(node.args.posonlyargs) + len(node.args.args) <= 8, node.name
        elif isinstance(node, ast.Call):
            assert len(node.args) <= 8, f"line {node.lineno}: {ast.unparse(node.func)}"


@pytest.mark.parametrize("path", MODEL, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_the_model_defines_no_jitted_function(path):
    assert "numba" not in imports(path)
    assert "njit" not in path.read_text()


@pytest.mark.parametrize(
    "path", [p for p in KERNELS if p.name != "jit.py"], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_one_module_owns_njit(path):
    assert "njit" not in path.read_text()


@pytest.mark.parametrize(
    "path", [p for p in MODEL if p.parent.name != "cluster"], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_one_folder_knows_dask(path):
    assert not {"dask", "distributed"} & imports(path)


def test_source_roots_hold_one_package_each():
    for root, package in (("model", "detente"), ("kernels", "detente_kernels")):
        entries = {
            entry.name
            for entry in (ROOT / root).iterdir()
            if entry.name != "__pycache__" and not entry.name.endswith(".egg-info")
        }
        assert entries == {package}


@pytest.mark.parametrize("path", KERNELS + MODEL, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_modules_stay_small(path):
    assert len(path.read_text().splitlines()) <= 480
