"""Generated pages of the documentation say what the program says."""

from pathlib import Path

import pytest
from detente.cli import reference_pages

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return reference_pages.pages()


@pytest.mark.parametrize("name", ["parameters.md", "variables.md", "cli.md"])
def test_page_is_in_sync(name: str, pages: dict[str, str]) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == pages[name], (
        f"docs/{name} is out of date; run python -m detente.reference"
    )


def test_every_page_is_checked(pages: dict[str, str]) -> None:
    assert set(pages) == {"parameters.md", "variables.md", "cli.md"}


def test_tables_have_as_many_cells_as_heads(pages: dict[str, str]) -> None:
    for name, text in pages.items():
        width = 0
        for line in text.splitlines():
            if not line.startswith("|"):
                width = 0
                continue
            cells = line.replace("\\|", "").count("|") - 1
            width = width or cells
            assert cells == width, f"{name}: {line}"
