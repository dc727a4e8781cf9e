"""Readers' texts in short sentences: README, the help of every command, and the main text of three reports."""

import re
from pathlib import Path
from statistics import mean

import pytest

README = Path(__file__).resolve().parents[2] / "README.md"
MEAN, LONGEST = 20.0, 35
ABBREVIATIONS = {
    *("e.g", "i.e", "etc", "cf", "vs", "no", "nos", "art", "arts", "reg", "fig", "figs", "pp", "p", "ch", "s", "ss"),
    *("approx", "ca", "al", "eds", "ed", "vol", "mr", "ms", "mrs", "dr", "prof", "st", "u.s", "u.k", "u.s.c", "jr"),
    *("jan", "feb", "mar", "apr", "jun", "jul", "aug", "sept", "sep", "oct", "nov", "dec", "a.m", "p.m", "inc", "ltd"),
}
"""Words whose full stop does not end a sentence, without it and in lower case."""
CAPITAL = r"(?=[\"'“‘(\[]?[A-ZÀ-Þ0-9])"


def blocks(page: str) -> list[str]:
    """Blocks of prose of a Markdown page: paragraphs and items of lists, without code, tables, headings, comments.

    A link counts as its text, an address and a piece of code as one word each.
    """
    page = re.sub(r"<!--.*?-->", "", page, flags=re.DOTALL)
    page = re.sub(r"^(```|~~~).*?^\1\s*?$", "", page, flags=re.DOTALL | re.MULTILINE)
    gathered: list[list[str]] = [[]]
    for line in page.splitlines():
        bare = line.strip()
        if not bare or bare.startswith(("#", "|")) or re.fullmatch(r"[-*_=]{3,}", bare):
            gathered.append([])
        elif item := re.match(r"(?:[-*+]|\d+[.)])\s+(.*)", bare):
            gathered.append([item[1]])
        else:
            gathered[-1].append(bare.lstrip("> "))
    return [text for lines in gathered if (text := plain(" ".join(lines)))]


def plain(text: str) -> str:
    """Text without marks of Markdown."""
    text = re.sub(r"`[^`]*`", "Code", text)
    text = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", text)
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"<?\bhttps?://[^\s>)]*[^\s>).,;]>?", "Address", text)
    text = re.sub(r"(\*\*|__|\*|(?<!\w)_|_(?!\w))", "", text)
    return " ".join(text.split())


def sentences(text: str) -> list[str]:
    """Sentences of a block. The full stop of a number, an abbreviation or an initial ends none."""
    parts: list[str] = []
    for block in re.split(r"\s+·\s+", " ".join(text.split())):
        begun = 0
        for end in re.finditer(rf"[.!?…][\"'”’)\]]*\s+{CAPITAL}", block):
            before = re.split(r"[\s(\[“‘\"']", block[begun : end.start()])[-1]
            if block[end.start()] == "." and (before.lower() in ABBREVIATIONS or re.fullmatch(r"[A-Z]", before)):
                continue
            parts.append(block[begun : end.end()].strip())
            begun = end.end()
        parts.append(block[begun:].strip())
    return [part for part in parts if words(part)]


def words(sentence: str) -> int:
    """Words of a sentence: whatever holds a letter or a digit between two spaces."""
    return sum(any(letter.isalnum() for letter in token) for token in sentence.split())


def complete(sentence: str) -> bool:
    """Whether it ends as a sentence does; labels and fragments of lists would lower the mean."""
    return re.search(r"[.!?…][\"'”’)\]]*$", sentence) is not None


def check(place: str, texts: list[str]) -> None:
    """Hold prose to the limits: the mean over complete sentences, the longest over fragments too."""
    all_sentences = [sentence for text in texts for sentence in sentences(text)]
    finished = [words(sentence) for sentence in all_sentences if complete(sentence)]
    assert finished, f"{place}: no sentence was found"
    long = sorted((sentence for sentence in all_sentences if words(sentence) > LONGEST), key=words, reverse=True)
    listed = "\n".join(f"  {words(sentence)} words: {sentence}" for sentence in long)
    assert not long, f"{place}: {len(long)} sentences have more than {LONGEST} words\n{listed}"
    assert mean(finished) <= MEAN, f"{place}: a sentence has {mean(finished):.1f} words on average, more than {MEAN}"


def test_the_readme_has_short_sentences() -> None:
    check("README.md", blocks(README.read_text(encoding="utf-8")))


def test_the_help_of_the_commands_has_short_sentences(command_help: dict[str, list[str]]) -> None:
    check("help", [text for texts in command_help.values() for text in texts])


@pytest.mark.parametrize("scenario", ["baseline", "bill-on-india", "ukraine-transit-returns"])
def test_the_main_text_of_a_report_has_short_sentences(scenario: str, report_texts: dict[str, list[str]]) -> None:
    check(f"report of {scenario}", report_texts[scenario])


# --- the splitter ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("One sentence. And another one.", [2, 3]),
        ("Brent is at 95.29 USD/bbl, i.e. high. TTF is not.", [7, 3]),
        ("It costs USD 5.2bn. 2026 was worse.", [4, 3]),
        ("See e.g. Baumeister and Hamilton et al. Their priors differ.", [10]),
        ("Regulation No. 261 and Art. 5 apply.", [7]),
        ("The U.S. Congress votes. J. Smith objects!", [4, 3]),
        ("Is it so? “Yes.” Then go on…", [3, 1, 3]),
        ("(A note in brackets.) A sentence after it.", [4, 4]),
        ("the file config.toml. a lower-case word follows", [7]),
        ("tour · method · trade", [1, 1, 1]),
        ("90% range: 0 to 20 – the median is 5", [9]),
        ("no full stop", [3]),
        ("...", []),
    ],
)
def test_sentences_end_where_readers_end_them(text: str, lengths: list[int]) -> None:
    assert [words(sentence) for sentence in sentences(text)] == lengths


def test_prose_is_taken_out_of_markdown() -> None:
    page = """# A heading. Not prose.

A first paragraph
over two lines, with `code. More code`, a [link to a page](docs/x.md) and https://example.org/a.b.

```sh
detente run    # A comment. Not prose.
```

| a table. | with cells |
|---|---|
| One. | Two. |

- An item with **bold** text
  that goes on.
- Another item: `x`.
1. A numbered item.

<!-- a comment. -->
---
> A quotation.
"""
    assert blocks(page) == [
        "A first paragraph over two lines, with Code, a link to a page and Address.",
        "An item with bold text that goes on.",
        "Another item: Code.",
        "A numbered item.",
        "A quotation.",
    ]


@pytest.mark.parametrize("text", ["word " * 36 + ".", " ".join(["A sentence of more than twenty words" * 4 + "."] * 2)])
def test_long_sentences_are_noticed(text: str) -> None:
    with pytest.raises(AssertionError):
        check("a page", [text])


def test_fragments_do_not_lower_the_mean() -> None:
    sentence = " ".join(["word"] * 24) + "."
    with pytest.raises(AssertionError, match="on average"):
        check("a page", [sentence, *["a label"] * 50])
