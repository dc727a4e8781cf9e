"""Answers to claims in words, from the plain rows of ``table.document``."""

from typing import Any

from detente.shared import formatting

POINTS = "percentage points"


def share(entry: dict[str, Any]) -> bool:
    """Whether the answer is a share that lies between 0 and 1, and not a difference of shares or a number with a
    unit."""
    return bool(entry["probability"])


def number(value: float, error: float, unit: str, *, probability: bool) -> str:
    """``71% ± 1%``, ``+0.1 ± 0.1 percentage points`` or ``19.2 ± 0.2 bn USD``."""
    if probability:
        return f"{formatting.percent(value)} ± {_percent(error)}"
    amount = formatting.rounded(value, error, 1e-3)
    sign = "+" if value > 0.0 else ""
    return formatting.quantity(f"{sign}{amount} ± {formatting.rounded(error, error / 10.0, 1e-3)}", unit)


def _percent(error: float) -> str:
    return "<1%" if 0.0 < error < 0.005 else f"{formatting.whole_percent(error)}%"


def answer_text(entry: dict[str, Any]) -> str:
    """The answer with its Monte Carlo error; "" where there is none. A difference of probabilities is in percentage
    points."""
    if entry["value"] is None:
        return ""
    if entry["unit"] == "1" and not share(entry):
        return number(100.0 * entry["value"], 100.0 * entry["mc_error"], "points", probability=False)
    return number(entry["value"], entry["mc_error"], entry["unit"], probability=share(entry))


def turn_text(entry: dict[str, Any]) -> str:
    """``turns on attrition.demobilisation: 71% (lowest third) to 8% (highest third)``, or ``moves with`` where it
    decides nothing."""
    turn = entry["turns_on"]
    if not turn:
        return ""
    low, high = (_end(turn[end], entry) for end in ("low", "high"))
    verb = "Turns on" if entry["verdict"] == "depends" and not entry["reason"] else "Moves with"
    return f"{verb} {turn['name']}: {low} ({turn['low_name']}) to {high} ({turn['high_name']})"


def _end(value: float, entry: dict[str, Any]) -> str:
    if share(entry):
        return formatting.percent(value)
    return (
        f"{formatting.rounded(100.0 * value, 0.1, 0.1)} points"
        if entry["unit"] == "1"
        else formatting.quantity(formatting.plain(value), entry["unit"])
    )


def behind(entry: dict[str, Any]) -> str:
    """What the answer is the chance of, what the verdict rests on besides, and what moves it."""
    return " ".join(formatting.sentence(part) for part in (entry["reads"], entry["reason"], turn_text(entry)) if part)


def tally(entries: list[dict[str, Any]]) -> str:
    """``14 supported, 9 contradicted, 4 depend on an assumption, 7 cannot be tested.``"""
    said = {
        "supported": "supported",
        "contradicted": "contradicted",
        "depends": "depend on an assumption",
        "not testable": "cannot be tested",
    }
    counts = {verdict: sum(entry["verdict"] == verdict for entry in entries) for verdict in said}
    return formatting.sentence(
        formatting.join(f"{number} {said[verdict]}" for verdict, number in counts.items() if number)
    )


def lines(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """Everything about one claim as labelled lines."""
    found = [("says", f"{entry['who']}, {entry['when']}: {entry['claim']}"), ("source", entry["source"])]
    answer = answer_text(entry)
    if answer:
        found.append(("answer", f"{answer}: {entry['reads']}"))
        rule = f"supported at {formatting.plain(entry['supported_at'])}, contradicted at {formatting.plain(entry['contradicted_at'])}"
        found.append(("rule", rule))
        found.append(("question", entry["question"]))
        found.append(("from", f"{entry['from']}, {formatting.plural(entry['paths'], 'path')}"))
    if entry["reason"]:
        found.append(("because", entry["reason"]))
    for turn in entry["assumptions"]:
        found.append(("assumption", turn_text(entry | {"turns_on": turn})))
    for also in entry["also"]:
        found.append(
            (
                "also",
                f"{also['says']}: {number(also['value'], also['mc_error'], also['unit'], probability=also['probability'])}",
            )
        )
    for fact in entry["facts"]:
        found.append(("fact", f"{fact['text']} ({fact['source']}; {fact['confidence']})"))
    if entry["note"]:
        found.append(("note", entry["note"]))
    for name, folder in entry["runs"].items():
        found.append(("run", f"{name}: {folder}"))
    return found
