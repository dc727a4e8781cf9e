"""A new title alone is taken up by the run that has the numbers."""

from pathlib import Path

from detente.config.loader import load
from detente.runs import runner
from detente.runs.integrity import check


def test_a_new_title_is_taken_up_without_another_run(tmp_path: Path) -> None:
    first = runner.run(load("baseline", paths=128, horizon=1), output=tmp_path, keep_paths=0)
    finished = first.manifest["finished"]
    again = runner.run(
        load("baseline", {"title": "Another title"}, paths=128, horizon=1), output=tmp_path, keep_paths=0
    )
    assert (again.folder, again.manifest["finished"]) == (first.folder, finished)
    assert again.manifest["title"] == "Another title"
    assert load(again.folder / "config.toml").title == "Another title"
    assert not check(again.folder).damage
