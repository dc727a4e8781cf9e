"""Where configuration is found, from a checkout, from a wheel and from the user's own folder."""

from pathlib import Path

import pytest
from detente.shared.errors import DataError
from detente.shared.paths import config_roots, find, listing, results_root, run_folder, shipped_configs, shown


def make(folder: Path, *files: str) -> Path:
    for name in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    return folder


@pytest.fixture(params=["checkout", "wheel"])
def package(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """The folder of an installed package, in both forms, with its configuration where that form has it."""
    if request.param == "checkout":
        make(tmp_path / "a checkout/configs", "baseline.toml", "parameters/oil.toml", "scenarios/one.toml")
        return make(tmp_path / "a checkout/model/detente", "__init__.py")
    make(tmp_path / "site-packages/detente/configs", "baseline.toml", "parameters/oil.toml", "scenarios/one.toml")
    return make(tmp_path / "site-packages/detente", "__init__.py")


def test_the_same_files_are_found_in_a_checkout_and_in_a_wheel(package: Path, tmp_path: Path) -> None:
    roots = config_roots(package=package, working=tmp_path)
    assert find("baseline.toml", roots) is not None
    assert list(listing("scenarios", roots)) == ["one"]
    assert shown(roots[0] / "parameters" / "oil.toml", roots) == "configs/parameters/oil.toml"


def test_the_users_own_configuration_comes_first_and_hides_only_equal_names(package: Path, tmp_path: Path) -> None:
    make(tmp_path / "desk/configs", "scenarios/one.toml", "scenarios/two.toml")
    roots = config_roots(package=package, working=tmp_path / "desk")
    found = listing("scenarios", roots)
    assert list(found) == ["one", "two"]
    assert found["one"].is_relative_to(tmp_path / "desk")
    assert find("parameters/oil.toml", roots) == shipped_configs(package) / "parameters/oil.toml"


def test_working_in_the_checkout_itself_gives_one_root(package: Path) -> None:
    assert len(config_roots(package=package, working=shipped_configs(package).parent)) == 1


def test_a_named_root_stands_alone(tmp_path: Path) -> None:
    assert config_roots(tmp_path) == (tmp_path,)
    with pytest.raises(DataError, match="no such configuration folder"):
        config_roots(tmp_path / "nowhere")


def test_an_installation_without_configuration_says_so(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="install détente again"):
        shipped_configs(make(tmp_path / "site-packages/detente", "__init__.py"))


def test_results_go_to_the_working_folder_unless_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert results_root() == Path.cwd() / "results"
    assert run_folder("baseline", "1a2b3c4d", tmp_path / "out") == tmp_path / "out" / "baseline-1a2b3c4d"


def test_files_are_shown_from_the_working_folder_where_possible(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert shown(Path.cwd() / "mine" / "a.toml") == "mine/a.toml"
    assert shown(Path("b.toml")) == "b.toml"
