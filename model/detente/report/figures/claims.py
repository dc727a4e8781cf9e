"""Claims in the news: the probability of each over its key sensitivity, and the verdict."""

from typing import Any

import numpy as np
import pandas as pd

from detente.questions.claims import read
from detente.questions.claims.text import answer_text
from detente.report.plots import labels
from detente.report.plots.numbers import Numbers, given
from detente.report.plots.page import Sheet, widest
from detente.report.plots.picture import Picture
from detente.report.plots.style import BLUE, GREEN, GRID, INK, MUTED, ORANGE, RULE, VERMILION, Size
from detente.report.plots.timeline import foot
from detente.runs.run import Run
from detente.shared import formatting

MARKS = {"supported": (GREEN, "o"), "depends": (ORANGE, "D"), "contradicted": (VERMILION, "X")}
"""Colour and shape of a verdict: distinct in grey, too."""
VERDICTS = {
    "supported": "consistent with the model",
    "depends": "depends on an assumption",
    "contradicted": "not what the model finds",
    "untestable": "outside the model",
}
"""Codes of the answers and their words."""
ZONES = ("contradicted", "depends", "supported")
ROW, HEAD = 1.3, 1.7
"""Height of a claim and of the name of its group, in lines of text; a slide has no room for the groups."""
OVER, UNDER = 1.6, 1.8
"""Room for the key above the rows and for the scale below them, in lines."""
UNTESTED = "untestable"


def claims(run: Run, size: Size) -> Picture | None:
    """One row a claim in the groups of the ledger.

    None if the run's folder holds no answers (written by ``detente claims``).
    """
    saved = read(run)
    if saved is None:
        return None
    entries = saved["claims"]
    numbers = Numbers()
    tested = [entry for entry in entries if entry["verdict"] != UNTESTED]
    if not tested:
        return None
    half = -(-len(tested) // 2)
    columns = [tested[:half], tested[half:]] if size.height else [tested]
    lines = max(sum(_heights(column, size)) for column in columns)
    room = size.width - 2.0 * size.margin
    rest = [entry for entry in entries if entry["verdict"] == UNTESTED]
    named = formatting.join(f"{entry['short']} ({entry['number']})" for entry in rest)
    aside = labels.wrap(f"Outside the model: {named}.", room, size.text) if rest else ""
    below = labels.height(aside, size.text) + 0.5 * size.pitch if aside and not size.height else 0.0
    sheet = Sheet(
        size,
        _title(entries, numbers),
        _subtitle(size),
        foot(run),
        body=(lines + _over(size) + UNDER) * size.pitch + below,
    )
    pitch = min(1.0, ((sheet.top - sheet.bottom - below) / size.pitch - _over(size) - UNDER) / lines)
    gap = 1.5 * size.pitch
    wide = (sheet.right - sheet.left - gap * (len(columns) - 1)) / len(columns)
    top = _key(sheet)
    for number, column in enumerate(columns):
        _column(sheet, column, sheet.left + number * (wide + gap), wide, top, pitch)
    if below:
        sheet.text(sheet.left, sheet.bottom + below - 0.3 * size.pitch, aside, va="top", colour=MUTED)
    return Picture("claims", "claims", sheet, _alt(entries), _data(entries), tuple(numbers.readings))


def _heights(entries: list[dict[str, Any]], size: Size) -> list[float]:
    """Height of each row in lines, with the name of the group where one begins."""
    row = ROW + (1.0 if size.narrow else 0.0)
    return [row + (HEAD if _opens(entries, k) and not size.height else 0.0) for k in range(len(entries))]


def _opens(entries: list[dict[str, Any]], k: int) -> bool:
    return k == 0 or entries[k]["group"] != entries[k - 1]["group"]


def place(entry: dict[str, Any], value: float) -> float:
    """Place of an answer between 0 and 1.

    A probability stands at its value; another number by its own two limits, placed at one and two thirds.
    """
    if entry["probability"]:
        return value
    low, high = entry["contradicted_at"], entry["supported_at"]
    return float(np.clip(1.0 / 3.0 + (value - low) / (high - low) / 3.0, 0.0, 1.0))


def _over(size: Size) -> float:
    """Room for the key in lines: one line, on a narrow page a row for each verdict."""
    return OVER + (ROW * (len(MARKS) - 1) if size.narrow else 0.0)


def _key(sheet: Sheet) -> float:
    """The shapes and what they mean; returns where the rows begin."""
    size = sheet.size
    x, y = sheet.left, sheet.top - 0.6 * size.pitch
    for verdict, (colour, mark) in MARKS.items():
        _mark(sheet, x + 0.4 * size.pitch, y, colour, mark)
        words = VERDICTS[verdict]
        _write(sheet, x + 0.9 * size.pitch, y, words)
        if size.narrow:
            y -= ROW * size.pitch
        else:
            x += widest([words], size.text) + 1.9 * size.pitch
    return sheet.top - _over(size) * size.pitch


def _mark(sheet: Sheet, x: float, y: float, colour: str, mark: str) -> None:
    sheet.line(
        [x], [y], marker=mark, color=colour, markersize=0.62 * sheet.size.text, markeredgewidth=0.0, linestyle="none"
    )


def _column(sheet: Sheet, entries: list[dict[str, Any]], left: float, wide: float, top: float, pitch: float) -> None:
    """One column of rows: number, name, plot from 0 to 100%, answer."""
    size = sheet.size
    line = size.pitch * pitch
    numbers = widest([str(entry["number"]) for entry in entries], size.text) + 0.3 * size.pitch
    names = widest([entry["short"] for entry in entries], size.text) + numbers + 1.1 * size.pitch
    answers = widest([_short_answer(entry) for entry in entries], size.text) + 0.6 * size.pitch
    begin = left + 0.4 * size.pitch if size.narrow else left + names
    end = left + wide - answers
    heights = _heights(entries, size)
    bottom = top - sum(heights) * line
    if not size.narrow:
        _limits(sheet, begin, end, top - 0.2 * line, bottom)
    for share, name in ((0.0, "0%"), (1.0, "100%")):
        sheet.text(
            begin + share * (end - begin), bottom - 0.9 * size.pitch, name, ha="center", va="baseline", colour=MUTED
        )
    y = top
    for k, entry in enumerate(entries):
        if _opens(entries, k) and not size.height:
            y -= HEAD * line
            sheet.text(left, y + 0.4 * line, entry["group"], bold=True, va="baseline")
        y -= ROW * line
        middle = y + 0.5 * ROW * line
        _write(sheet, left + numbers, middle, str(entry["number"]), "right", MUTED)
        _write(sheet, left + numbers + 0.4 * size.pitch, middle, entry["short"])
        if size.narrow:
            y -= line
            middle = y + 0.65 * line
            _limits(sheet, begin, end, middle + 0.5 * line, middle - 0.5 * line)
        _row(sheet, entry, middle, begin, end)
        _write(sheet, left + wide, middle, _short_answer(entry), "right")


def _write(sheet: Sheet, x: float, middle: float, text: str, ha: str = "left", colour: str = INK) -> None:
    """A text with its small letters centred on a height."""
    sheet.text(x, middle - 0.36 * sheet.size.text / 72.0, text, ha=ha, va="baseline", colour=colour)


def _limits(sheet: Sheet, begin: float, end: float, top: float, bottom: float) -> None:
    """Lines at the ends and at the limits of the verdicts."""
    for share, limit in ((0.0, False), (1.0 / 3.0, True), (2.0 / 3.0, True), (1.0, False)):
        at = begin + share * (end - begin)
        sheet.line([at, at], [bottom, top], color=RULE if limit else GRID, linewidth=0.5 * sheet.size.line)


def _row(sheet: Sheet, entry: dict[str, Any], y: float, begin: float, end: float) -> None:
    """The answer as a mark, with the range over its key sensitivity; of a fact, a mark at the end of the scale."""
    size = sheet.size
    colour, mark = MARKS[entry["verdict"]]

    def at(value: float) -> float:
        return begin + place(entry, value) * (end - begin)

    if entry["value"] is None:
        _mark(sheet, end if entry["verdict"] == "supported" else begin, y, colour, mark)
        return
    if entry["depends_on"]:
        sheet.line(
            [at(entry["depends_on"]["low"]), at(entry["depends_on"]["high"])],
            [y, y],
            color=BLUE,
            linewidth=1.1 * size.line,
        )
    error = 2.0 * entry["mc_error"]
    sheet.line(
        [at(entry["value"] - error), at(entry["value"] + error)], [y, y], color=colour, linewidth=3.2 * size.line
    )
    _mark(sheet, at(entry["value"]), y, colour, mark)


def _short_answer(entry: dict[str, Any]) -> str:
    """``71%``, or the number without its error."""
    if entry["value"] is None:
        return "fact"
    if entry["probability"]:
        return formatting.percent(entry["value"])
    return f"{formatting.rounded(100.0 * entry['value'], 100.0 * entry['mc_error'], 0.1)} pts"


def _title(entries: list[dict[str, Any]], numbers: Numbers) -> str:
    counts = {verdict: sum(entry["verdict"] == verdict for entry in entries) for verdict in ZONES}
    agreed, number, against = (
        numbers.amount(given(count, row, "claims.json"))
        for count, row in (
            (counts["supported"], "claims supported"),
            (len(entries), "claims"),
            (counts["contradicted"], "claims contradicted"),
        )
    )
    return f"{agreed} of {number} claims in the news are consistent with the model; {against} are not"


def _subtitle(size: Size) -> str:
    if size.height:
        return (
            "Probability of each claim in this run (mark) and over its key sensitivity (blue). Grey: limits of "
            "the verdicts; "
            "points (pts): own limits."
        )
    return (
        "Probability of each claim in this run (mark; thick line: two standard errors of simulation each way), "
        "and from "
        "the lowest to the highest third of its key sensitivity (blue). Grey lines: limits of the verdicts, at one and "
        "two thirds. Differences, in percentage points (pts), are placed by their own limits; facts stand at an end."
    )


def _alt(entries: list[dict[str, Any]]) -> str:
    parts = [
        f"{entry['number']} {entry['short']}: {VERDICTS[entry['verdict']]}"
        + (f", {answer_text(entry)}" if answer_text(entry) else "")
        for entry in entries
    ]
    return f"Verdicts on {len(entries)} claims in the news. {'; '.join(parts)}."


def _data(entries: list[dict[str, Any]]) -> pd.DataFrame:
    rows = [
        {
            "number": entry["number"],
            "group": entry["group"],
            "claim": entry["short"],
            "verdict": entry["verdict"],
            "value": entry["value"],
            "mc_error": entry["mc_error"],
            "unit": entry["unit"],
            "depends_on": (entry["depends_on"] or {}).get("name", ""),
            "low": (entry["depends_on"] or {}).get("low"),
            "high": (entry["depends_on"] or {}).get("high"),
        }
        for entry in entries
    ]
    return pd.DataFrame(rows)
