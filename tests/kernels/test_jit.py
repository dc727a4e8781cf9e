"""The disk cache notices an edit anywhere in the kernels: old machine code is never used with new sources."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from detente_kernels.tools import jit

CALLER = """
from .tools.jit import kernel
from .{module} import gain


@kernel
def doubled(x):
    return gain(x)
"""
HELPER = """
from {dots}tools.jit import inline


@inline
def gain(x):
    return {factor} * x
"""
ASK = """
import sys

sys.path.insert(0, sys.argv[1])
from copied.caller import doubled

print(doubled(2.0), len(doubled.stats.cache_hits))
"""


def ask(folder: Path) -> tuple[float, int]:
    """What a new process computes, and how often it found machine code on disk."""
    out = subprocess.run(
        [sys.executable, "-c", ASK, str(folder)], capture_output=True, text=True, check=True
    ).stdout.split()
    return float(out[0]), int(out[1])


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package with the kernels' own tools/jit.py."""
    package = tmp_path / "copied"
    for folder in (package, package / "tools", package / "block"):
        folder.mkdir()
        (folder / "__init__.py").write_text("")
    shutil.copy(jit.__file__, package / "tools")
    return package


@pytest.mark.parametrize(("module", "dots"), [("helpers", "."), ("block.helpers", ".."), ("tools.helpers", "..")])
def test_editing_a_helper_recompiles_its_callers(package: Path, module: str, dots: str) -> None:
    """The helper stands beside its caller, in the folder of a block, or among the tools."""
    helper = (package / module.replace(".", "/")).with_suffix(".py")
    (package / "caller.py").write_text(CALLER.format(module=module))
    helper.write_text(HELPER.format(dots=dots, factor=2.0))
    assert ask(package.parent) == (4.0, 0)
    assert ask(package.parent) == (4.0, 1), "the second process should load the compiled caller from disk"
    helper.write_text(HELPER.format(dots=dots, factor=3.0))
    assert ask(package.parent) == (6.0, 0), "the caller kept the helper's old machine code"


@pytest.mark.parametrize("error", [AttributeError, ImportError])
def test_an_index_that_names_types_that_are_gone_counts_as_empty(tmp_path, error):
    def load():
        raise error("no such type")

    assert jit._trusted_index(load, str(tmp_path)) == {}
