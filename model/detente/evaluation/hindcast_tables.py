"""Tables and sentences of a hindcast, for the console and the page."""

import datetime as dt
from typing import Any

from detente.evaluation.outcomes import targets
from detente.shared import formatting

__all__ = ["COLUMNS", "NOTE", "blind_sentence", "cells", "event_sentences", "unit_line"]

COLUMNS = ("output", "months", "fitted", "50%", "80%", "90%", "95%", "90% all", "above", "CRPS", "ratio", "p range", "p sign", "eff.")
NOTE = (
    "Months: outcomes scored. Fitted: outcomes that a parameter was fitted on, not scored. 50% to 95%: scored outcomes "
    "inside the range. 90% all: inside the 90% range, fitted ones included. Above: outcomes above the median. Ratio: CRPS "
    "over that of no change (* a single number, scored by its absolute error). p: chance of so large a deviation of the "
    "90% range and of the side of the median, with the effective number of months (eff.)."
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
        "" if row["ratio"] is None else f"{row['ratio']:.2f}{mark}",
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
    date = formatting.day(dt.date.fromisoformat(origin["as_of"]))
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
    """Scores of the event questions, beside the crowd and the base rate."""
    if not events["questions"]:
        return ["No event question was asked after these dates."]
    number = formatting.plural(events["questions"], "event question")
    lines = [
        f"{number}, {events['happened_all']} of which happened. Brier score of the model {_three(events['model_brier_all'])}, "
        f"log score {_three(events['model_log_all'])}."
    ]
    for name, text in (("base_rate", "the base rate"), ("crowd", "the crowd")):
        count = events[f"with_{name}_all"]
        if count:
            own, other = events[f"model_beside_{name}_brier_all"], events[f"{name}_brier_all"]
            lines.append(f"On the {count} with {text}: model {_three(own)}, {text} {_three(other)}.")
    used = events["questions"] - events["fitted"]
    if not events["fitted"]:
        return lines
    left_out = f"Parameters of the model were fitted on the answers to {events['fitted']} questions."
    if not used:
        return [*lines, left_out]
    rest = f"On the other {used}: model {_three(events['model_brier'])}, the base rate {_three(events['base_rate_brier'])}"
    crowd = f", and on {events['with_crowd']} of them the crowd {_three(events['crowd_brier'])}" if events["with_crowd"] else ""
    beside = f" against {_three(events['model_beside_crowd_brier'])}" if crowd else ""
    return [*lines, f"{left_out} {rest}{crowd}{beside}."]


def unit_line() -> str:
    """Units of the CRPS by output."""
    return "CRPS in " + "; ".join(f"{target.title}: {target.unit}" for target in targets()) + "."


def _three(value: float | None) -> str:
    return "infinite" if value is None else f"{value:.3f}"
