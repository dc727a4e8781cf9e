"""Every supported Python of this machine.

``python pythons.py check`` tries the built wheel on each, ``python pythons.py constraints`` writes the versions that
the package index gives each today.

Interpreters are looked for by name on PATH and among those of pyenv. Environments are made in ``build`` and stay there.
"""

import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
PIP = ("-m", "pip", "--disable-pip-version-check", "--quiet")
EVERYTHING = "cluster,test,coverage,lint"
PROBE = "import ensurepip, sys, venv; print('{}.{}'.format(*sys.version_info))"
IMPORTS = """
import importlib, pkgutil, detente, detente_kernels
names = [info.name for package in (detente, detente_kernels)
         for info in pkgutil.walk_packages(package.__path__, package.__name__ + ".")]
names = [name for name in names if not name.endswith("__main__") and not name.startswith("detente.engine.cluster.")]
for name in names:
    importlib.import_module(name)
print(len(names), "modules")
"""
"""The modules of the cluster need an extra; the suite imports them."""


def supported() -> list[str]:
    """Versions of Python that the classifiers name, such as 3.12."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    named = (re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", text) for text in project["classifiers"])
    return [match[1] for match in named if match]


def interpreter(version: str) -> Path | None:
    """An interpreter of that version that can make environments, or None."""
    named, home = shutil.which(f"python{version}"), Path.home() / ".pyenv" / "versions"
    candidates = [Path(named)] if named else []
    candidates += [folder / "bin" / "python" for folder in sorted(home.glob(f"{version}.*"), reverse=True)]
    for candidate in candidates:
        probe = subprocess.run([candidate, "-c", PROBE], capture_output=True, text=True, check=False)
        if probe.returncode == 0 and probe.stdout.strip() == version:
            return candidate
    return None


def build_wheel(target: Path) -> Path:
    """The wheel of this checkout in ``target``, built by the environment's own hatchling."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = target.glob("*.whl")
    return wheel


def environment(python: Path, folder: Path) -> Path:
    """A new environment of that interpreter; returns its python."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    return folder / "bin" / "python"


def constraints_file(version: str) -> Path:
    """The constraints file of a version, which need not exist."""
    return ROOT / "constraints" / f"py{version.replace('.', '')}.txt"


def check(version: str, python: Path, wheel: Path) -> None:
    """Install the wheel and its dependencies, then import every module, show the help and run 64 paths."""
    inside = environment(python, BUILD / f"wheel-{version}")
    pinned = constraints_file(version)
    options = ["--constraint", str(pinned)] if pinned.is_file() else []
    if not options:
        print(f"Python {version}: there is no {pinned.relative_to(ROOT)}; the newest versions are installed.")
    subprocess.run([inside, *PIP, "install", *options, str(wheel)], check=True)
    detente = inside.with_name("detente")
    with tempfile.TemporaryDirectory() as folder:
        for command in (
            [inside, "-c", IMPORTS],
            [detente, "--help"],
            [detente, "run", "-n", "64", "--horizon", "6", "--no-report"],
        ):
            subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)


def write_constraints(version: str, python: Path) -> None:
    """The versions of every dependency that the index gives this interpreter today."""
    inside = environment(python, BUILD / f"constraints-{version}")
    subprocess.run([inside, *PIP, "install", f"{ROOT}[{EVERYTHING}]"], check=True)
    frozen = subprocess.run(
        [inside, *PIP, "freeze", "--exclude", "detente"], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    unpinned = [line for line in frozen if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!_-]+", line)]
    if unpinned:
        raise SystemExit(f"Python {version}: no version of {', '.join(unpinned)}.")
    head = f"# Versions of every dependency on Python {version}. Written by: make constraints"
    constraints_file(version).write_text("\n".join([head, *frozen]) + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """Do one of the two for every interpreter; 5 if one of them failed."""
    if list(arguments) not in (["check"], ["constraints"]):
        print("python pythons.py check|constraints", file=sys.stderr)
        return 2
    present = {version: python for version in supported() if (python := interpreter(version))}
    absent = [version for version in supported() if version not in present]
    print(
        f"Python on this machine: {', '.join(present) or 'none'}" + (f"; not {', '.join(absent)}." if absent else ".")
    )
    if not present:
        return 5
    BUILD.mkdir(exist_ok=True)
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        wheel = build_wheel(Path(folder)) if arguments[0] == "check" else None
        for version, python in present.items():
            try:
                if wheel is not None:
                    check(version, python, wheel)
                    print(f"Python {version}: the wheel imports, helps and runs.", flush=True)
                else:
                    write_constraints(version, python)
                    print(f"Python {version}: wrote {constraints_file(version).relative_to(ROOT)}.")
            except subprocess.CalledProcessError as error:
                failed.append(version)
                command = " ".join(map(str, error.cmd))[:200]
                print(f"Python {version}: failed with exit code {error.returncode}: {command}\n{error.stderr or ''}")
    return 5 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
