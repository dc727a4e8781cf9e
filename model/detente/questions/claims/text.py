"""Answers to claims in words, from the data of ``table.document``."""

from typing import Any

from detente.shared import formatting

COUNTED = {
    "supported": "supported",
    "contradicted": "contradicted",
    "depends": "depend on an assumption",
    "untestable": "cannot be tested",
}


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
    """The answer with its Monte Carlo error, differences of probabilities in percentage points; "" without answer."""
    if entry["value"] is None:
        return ""
    if entry["unit"] == "1" and not entry["probability"]:
        return number(100.0 * entry["value"], 100.0 * entry["mc_error"], "percentage points", probability=False)
    return number(entry["value"], entry["mc_error"], entry["unit"], probability=entry["probability"])


def effect_text(entry: dict[str, Any]) -> str:
    """Effect of an assumption: ``Depends on oil.x: 71% (lowest third) to 8% (highest third)``.

    ``Varies with`` if the assumption does not decide the verdict.
    """
    effect = entry["depends_on"]
    if not effect:
        return ""
    low, high = (_end(effect[end], entry) for end in ("low", "high"))
    verb = "Depends on" if entry["verdict"] == "depends" and not entry["reason"] else "Varies with"
    return f"{verb} {effect['name']}: {low} ({effect['low_name']}) to {high} ({effect['high_name']})"


def _end(value: float, entry: dict[str, Any]) -> str:
    if entry["probability"]:
        return formatting.percent(value)
    if entry["unit"] == "1":
        return f"{formatting.rounded(100.0 * value, 0.1, 0.1)} percentage points"
    return formatting.quantity(formatting.plain(value), entry["unit"])


def basis(entry: dict[str, Any]) -> str:
    """What the answer measures, the reason of the verdict and the assumption it depends on."""
    return " ".join(formatting.sentence(part) for part in (entry["reads"], entry["reason"], effect_text(entry)) if part)


def tally(entries: list[dict[str, Any]]) -> str:
    """Number of claims by verdict, such as ``14 supported, 9 contradicted, 7 cannot be tested.``."""
    counts = {verdict: sum(entry["verdict"] == verdict for entry in entries) for verdict in COUNTED}
    return formatting.sentence(
        formatting.join(f"{count} {COUNTED[verdict]}" for verdict, count in counts.items() if count)
    )


def lines(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """One claim in full, as labelled lines."""
    rows = [("says", f"{entry['who']}, {entry['when']}: {entry['claim']}"), ("source", entry["source"])]
    answer = answer_text(entry)
    if answer:
        supported, contradicted = (formatting.plain(entry[key]) for key in ("supported_at", "contradicted_at"))
        rows += [
            ("answer", f"{answer}: {entry['reads']}"),
            ("rule", f"supported at {supported}, contradicted at {contradicted}"),
            ("question", entry["question"]),
            ("from", f"{entry['from']}, {formatting.plural(entry['paths'], 'path')}"),
        ]
    if entry["reason"]:
        rows.append(("because", entry["reason"]))
    rows += [("assumption", effect_text(entry | {"depends_on": effect})) for effect in entry["assumptions"]]
    for also in entry["also"]:
        value = number(also["value"], also["mc_error"], also["unit"], probability=also["probability"])
        rows.append(("also", f"{also['says']}: {value}"))
    rows += [("fact", f"{fact['text']} ({fact['source']}; {fact['confidence']})") for fact in entry["facts"]]
    if entry["note"]:
        rows.append(("note", entry["note"]))
    rows += [("run", f"{name}: {folder}") for name, folder in entry["runs"].items()]
    return rows
