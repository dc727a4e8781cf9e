"""The disk cache notices an edit anywhere in the kernels: machine code of yesterday never answers for the sources of
today."""

import shutil
import subprocess
import sys
from pathlib import Path

import detente_kernels

CALLER = """
from ._jit import kernel
from .helpers import gain


@kernel
def doubled(x):
    return gain(x)
"""
HELPER = """
from ._jit import inline


@inline
def gain(x):
    return {factor} * x
"""
ASK = "import sys; sys.path.insert(0, sys.argv[1]); from copied.caller import doubled; print(doubled(2.0), doubled.stats.cache_hits.__len__())"


def ask(folder: Path) -> tuple[float, int]:
    out = subprocess.run(
        [sys.executable, "-c", ASK, str(folder)], capture_output=True, text=True, check=True
    ).stdout.split()
    return float(out[0]), int(out[1])


def test_editing_a_helper_recompiles_its_callers(tmp_path):
    package = tmp_path / "copied"
    package.mkdir()
    (package / "__init__.py").write_text("")
    shutil.copy(Path(detente_kernels.__file__).parent / "_jit.py", package)
    (package / "caller.py").write_text(CALLER)
    (package / "helpers.py").write_text(HELPER.format(factor=2.0))
    assert ask(tmp_path) == (4.0, 0)
    assert ask(tmp_path) == (4.0, 1), "the second process should load the compiled caller from disk"
    (package / "helpers.py").write_text(HELPER.format(factor=3.0))
    assert ask(tmp_path) == (6.0, 0), "the caller kept the helper's old machine code"
