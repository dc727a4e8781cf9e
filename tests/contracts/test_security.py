"""Configurations and results are data: nothing in the program executes text, unpickles, or starts another program."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for folder in ("model", "kernels") for path in (ROOT / folder).rglob("*.py"))
MODULES = {
    "pickle",
    "cPickle",
    "_pickle",
    "cloudpickle",
    "dill",
    "marshal",
    "shelve",
    "joblib",
    "yaml",
    "subprocess",
    "multiprocessing",
    "pty",
    "code",
}
MODULES |= {
    "commands",
    "runpy",
    "ctypes",
    "cffi",
    "xmlrpc",
    "telnetlib",
    "ftplib",
    "smtplib",
    "http",
    "requests",
    "httpx",
}
"""Modules that execute what they read, start programs, or reach for a network."""
NAMES = {"eval", "exec", "compile", "__import__", "execfile", "breakpoint"}
ATTRIBUTES = {
    "system",
    "popen",
    "execv",
    "execve",
    "execl",
    "execvp",
    "spawnl",
    "spawnv",
    "fork",
    "forkpty",
    "posix_spawn",
    "startfile",
}
"""Of the module os."""
METHODS = {"read_pickle", "to_pickle", "eval", "query", "from_string", "load_module", "exec_module", "chmod_all"}
"""Of anything: pandas evaluates texts, jinja compiles them."""


def found(path: Path) -> list[str]:
    """What a source does that it must not do, with its line."""
    faults = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".")[0] for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [(node.module or "").split(".")[0]]
        else:
            names = []
        faults += [f"line {node.lineno}: imports {name}" for name in names if name in MODULES]
        if not isinstance(node, ast.Call):
            continue
        function = node.func
        if isinstance(function, ast.Name) and function.id in NAMES:
            faults.append(f"line {node.lineno}: calls {function.id}")
        if isinstance(function, ast.Attribute):
            of = function.value.id if isinstance(function.value, ast.Name) else ""
            if (
                function.attr in METHODS
                or (of == "os" and function.attr in ATTRIBUTES)
                or (of == "yaml" and function.attr == "load")
            ):
                faults.append(f"line {node.lineno}: calls {of}.{function.attr}")
            if (
                function.attr == "load"
                and of in ("np", "numpy")
                and not any(
                    word.arg == "allow_pickle" and isinstance(word.value, ast.Constant) and word.value.value is False
                    for word in node.keywords
                )
            ):
                faults.append(f"line {node.lineno}: np.load without allow_pickle=False")
        for word in node.keywords:
            if word.arg in ("allow_pickle", "shell") and not (
                isinstance(word.value, ast.Constant) and word.value.value is False
            ):
                faults.append(f"line {node.lineno}: {word.arg} is not False")
            if word.arg == "autoescape" and not (isinstance(word.value, ast.Constant) and word.value.value is True):
                faults.append(f"line {node.lineno}: autoescape is not True")
    return faults


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_source_executes_data(path: Path) -> None:
    assert found(path) == []


BAD = (
    "eval('1')",
    "exec('x')",
    "import pickle",
    "from pickle import loads",
    "import subprocess",
    "import yaml",
    "os.system('x')",
    "f(shell=True)",
)
BAD += (
    "np.load('x')",
    "np.load('x', allow_pickle=True)",
    "frame.query('a')",
    "pd.read_pickle('x')",
    "Environment(autoescape=False)",
)


@pytest.mark.parametrize("text", BAD)
def test_the_check_finds_what_it_looks_for(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.py"
    path.write_text(text)
    assert found(path)


def test_templates_escape_everything() -> None:
    templates = sorted((ROOT / "model").rglob("*.j2"))
    assert len(templates) >= 3
    for template in templates:
        text = template.read_text(encoding="utf-8")
        assert "|safe" not in text.replace(" ", "") and "autoescape" not in text, template
