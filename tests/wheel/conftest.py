"""The built wheel, installed without the checkout."""

import os
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
Installed = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """installed(*arguments): the command of a new environment, in an empty folder; its dependencies are those of the
    environment that runs the tests."""
    folder = tmp_path_factory.mktemp("new")
    venv.create(folder / "environment", with_pip=True)
    python = folder / "environment" / "bin" / "python"
    (site,) = (folder / "environment" / "lib").glob("python*/site-packages")
    others = [path for path in sys.path if Path(path).name == "site-packages"]
    (site / "dependencies.pth").write_text("\n".join(others) + "\n", encoding="utf-8")
    command = [python, "-m", "pip", "--quiet", "install", "--no-index", "--no-deps", "--ignore-installed", str(wheel)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    empty = folder / "empty"
    empty.mkdir()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}

    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python.with_name("detente"), *arguments],
            cwd=empty,
            env=environment | {"COLUMNS": "200"},
            capture_output=True,
            text=True,
        )

    return call
