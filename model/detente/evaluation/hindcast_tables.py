"""Tables and sentences of a hindcast, for the console and the page."""

import datetime as dt
from typing import Any

from detente.evaluation.outcomes import targets
from detente.shared import formatting

__all__ = ["COLUMNS", "NOTE", "blind_sentence", "cells", "event_sentences"]

COLUMNS = (
    "output",
    "months",
    "fitted",
    "50%",
    "80%",
    "90%",
    "95%",
    "90% all",
    "above",
    "CRPS",
    "ratio",
    "ratio all",
    "p range",
    "p sign",
    "eff.",
)
NOTE = (
    "Months: outcomes scored. Fitted: outcomes that a parameter was fitted on, not scored. 50% to 95%: scored outcomes "
    "inside the range. 90% all, ratio all: fitted outcomes included. Above: outcomes above the median. Ratio: CRPS "
    "over that of no change (* a single number, scored by its absolute error). p: chance of so large a deviation of "
    "the 90% range and of the side of the median, with the effective number of months (eff.)."
)


def cells(row: dict[str, Any]) -> list[str]:
    """Cells of COLUMNS for an output."""
    inside, number = row["inside"], row["scored"]
    mark = "*" if row["no_change"] == "number" else ""
    return [
        row["title"],
        str(number),
        str(row["fitted"] or ""),
        *(str(inside[level]) for level in ("0.5", "0.8", "0.9", "0.95")),
        f"{row['inside_90_all']} of {row['outcomes']}",
        str(row["above_median"]),
        "" if row["crps"] is None else f"{row['crps']:.3g}",
        *("" if row[name] is None else f"{row[name]:.2f}{mark}" for name in ("ratio", "ratio_all")),
        "" if row["coverage_p"] is None else f"{row['coverage_p']:.2f}",
        "" if row["sign_p"] is None else f"{row['sign_p']:.2f}",
        f"{row['effective'][0]:.1f}",
    ]


def blind_sentence(origin: dict[str, Any]) -> str:
    """How many records know the future, and which outputs depend on them."""
    blind = origin["blindness"]
    names = {target.key: target.title for target in targets()}
    touched = [names[one["output"]] for one in blind["outputs"] if one["measurable"]]
    free = [names[one["output"]] for one in blind["outputs"] if not one["measurable"]]
    date = formatting.day(dt.date.fromisoformat(origin["as_of"])).replace("\u00a0", " ")
    text = (
        f"{blind['drawn_late']} of {blind['drawn']} simulated records are dated after {date}; at least "
        f"{blind['drawn_late_naming_later_events']} of them rest on later events."
    )
    if touched:
        text += f" They measurably affect {formatting.join(map(formatting.inside, touched))}."
    if free:
        text += f" No effect was measurable on {formatting.join(map(formatting.inside, free))}."
    return text


def event_sentences(events: dict[str, Any]) -> list[str]:
    """Scores of the event questions, beside the base rate and the crowd."""
    number, fitted = events["questions"], events["fitted"]
    if not number:
        return ["No event question was asked after these dates."]
    lines = [
        f"{formatting.plural(number, 'event question')}, of which {events['happened_all']} happened.",
        *_beside(events, "_all"),
    ]
    if fitted and fitted < number:
        lines.append(f"Without the {fitted} questions on whose answers a parameter was fitted:")
        lines += _beside(events, "")
    return lines


def _beside(events: dict[str, Any], suffix: str) -> list[str]:
    lines = [
        f"Model: Brier score {_three(events[f'model_brier{suffix}'])}, "
        f"log score {_three(events[f'model_log{suffix}'])}."
    ]
    for name, text in (("base_rate", "the base rate"), ("crowd", "the crowd")):
        if count := events[f"with_{name}{suffix}"]:
            own, other = events[f"model_beside_{name}_brier{suffix}"], events[f"{name}_brier{suffix}"]
            questions = formatting.plural(count, "question")
            lines.append(f"Brier score on {questions} with {text}: model {_three(own)}, {text} {_three(other)}.")
    return lines


def _three(value: float | None) -> str:
    return "infinite" if value is None else f"{value:.3f}"
