"""docs/adding-a-submodel.md builds a submodel.

Its blocks are applied to a copy of the project, which then runs and reports.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import detente
import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "adding-a-submodel.md"
BLOCK = re.compile(r"^```(python|toml|diff)\n# (\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOUCHES = {
    "kernels/detente_kernels/grain/__init__.py",
    "configs/parameters/grain.toml",
    "configs/facts/2025-03-31.toml",
    "kernels/detente_kernels/world.py",
    "pyproject.toml",
    "configs/variables.toml",
    "model/detente/analysis/grain.py",
    "model/detente/report/sections/grain.py",
    "model/detente/report/figures/grain.py",
    "model/detente/report/sections/__init__.py",
    "tests/truths/test_grain.py",
}
SIZE = {"paths": 512, "horizon": 4, "seed": 11}
PROGRAM = """
import json, sys
import detente
from pathlib import Path
from detente.report.context import Context
from detente.report.plots.style import SIZES, drawing
from detente.report.sections import SECTIONS
size = json.loads(sys.argv[2])
run, none = (detente.run(name, output=sys.argv[1], keep_paths=256, **size) for name in ("baseline", "no-relief"))
summary = run.summary()
context = Context([run, none])
built = [build(context) for build in SECTIONS if build.__name__ in ("gas", "grain")]
sections = {section.key: section for section in built if section}
grain = sections["grain"]
with drawing("wheat"):
    picture = grain.figures[0].draw(SIZES["a4"])
print(json.dumps({
    "wheat": run.fan("Price|Agriculture|Wheat")["q50"].tolist(),
    "closed": float(run.events()["grain.first_closure"].notna().mean()),
    "findings": [finding.text for finding in grain.findings],
    "readings": len(picture.readings),
    "order": list(sections),
    "folder": str(run.folder),
}))
"""


def blocks() -> list[tuple[str, str, str]]:
    """Language, file and text of the blocks that name a file and belong to the submodel."""
    rows = [(match[1], match[2], match[3]) for match in BLOCK.finditer(PAGE.read_text(encoding="utf-8"))]
    return [row for row in rows if row[1] in TOUCHES]


def changed(text: str, diff: str, name: str) -> str:
    """A text after the hunks of a diff, which are parted by empty lines."""
    for hunk in diff.strip("\n").split("\n\n"):
        lines = hunk.splitlines()
        before = "\n".join(line[1:] for line in lines if line[:1] in (" ", "-")) + "\n"
        after = "\n".join(line[1:] for line in lines if line[:1] in (" ", "+")) + "\n"
        assert text.count(before) == 1, f"{name} holds this {text.count(before)} times, not once:\n{before}"
        text = text.replace(before, after)
    return text


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with the submodel of the page."""
    root = tmp_path_factory.mktemp("grain")
    leave = shutil.ignore_patterns("__pycache__")
    for name in ("model", "kernels", "configs"):
        shutil.copytree(ROOT / name, root / name, ignore=leave)
    shutil.copy(ROOT / "pyproject.toml", root)
    for language, name, text in blocks():
        path = root / name
        if language == "diff":
            path.write_text(changed(path.read_text(encoding="utf-8"), text, name), encoding="utf-8")
        elif name == "configs/variables.toml":
            path.write_text(
                path.read_text(encoding="utf-8") + text.replace("schema_version = 1\n", ""), encoding="utf-8"
            )
        elif name.startswith("configs/facts/"):
            record = text.replace("as_of = 2025-03-31\n\n", "", 1)
            for facts in sorted((root / "configs" / "facts").glob("20*.toml")):
                facts.write_text(facts.read_text(encoding="utf-8") + "\n" + record, encoding="utf-8")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return root


def started(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A process that sees the copy in place of the project."""
    variables = os.environ | {"PYTHONPATH": os.pathsep.join(str(copy / name) for name in ("model", "kernels"))}
    return subprocess.run([sys.executable, *command], cwd=copy, env=variables, capture_output=True, text=True)


@pytest.fixture(scope="module")
def result(copy: Path) -> dict[str, object]:
    """What the copy says of its run."""
    ended = started(copy, "-c", PROGRAM, str(copy / "results"), json.dumps(SIZE))
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout.splitlines()[-1])


def test_the_page_names_nine_touches() -> None:
    rows = re.findall(r"^\| (\d) \| (.*?) \|", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    assert [int(number) for number, _ in rows] == list(range(1, 10))
    assert {name for _, name, _ in blocks()} == TOUCHES


def test_the_submodel_runs_and_reports(result: dict[str, object]) -> None:
    assert all(150.0 < price < 400.0 for price in result["wheat"])
    assert 0.0 < result["closed"] < 1.0
    assert "corridor closes" in result["findings"][0] and "Against no relief" in result["findings"][1]
    assert result["readings"] == 1
    assert result["order"] == ["gas", "grain"]


def test_no_older_number_moves(result: dict[str, object], tmp_path: Path) -> None:
    keys = ["region", "variable", "time", "statistic"]
    before = detente.run("baseline", output=tmp_path, keep_paths=0, **SIZE).summary()
    both = before.merge(detente.load(result["folder"]).summary(), on=keys, how="left", suffixes=("_before", "_after"))
    assert len(both) == len(before) and (both["value_before"] == both["value_after"]).all()


def test_its_imports_follow_the_contract(copy: Path) -> None:
    program = "from importlinter import cli; raise SystemExit(cli.lint_imports(config_filename='pyproject.toml'))"
    ended = started(copy, "-c", program)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_its_own_test_passes(copy: Path) -> None:
    ended = started(copy, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "tests/truths/test_grain.py")
    assert ended.returncode == 0, ended.stdout + ended.stderr
