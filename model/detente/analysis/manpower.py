"""Casualties by source, and the change of the Russian force in a month of ceasefire, from a run's assumptions.

The equations are those of the attrition kernels for a single month; functions take numbers or arrays and return the
same. Unit: thousand persons a month, unless stated otherwise.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from detente_kernels.attrition import CSIS, GENERAL_STAFF, KILLED, NAMED_DEAD, UK_MOD
from detente_kernels.tools.units import DAYS_PER_MONTH

from detente.config.loader import Config
from detente.engine.sampling import CODES

__all__ = [
    "DAYS_PER_MONTH",
    "FACTS",
    "KEYS",
    "SOURCES",
    "a_month",
    "casualties",
    "casualties_per_claim",
    "central",
    "daily_additions",
    "home_share",
    "net_losses",
    "returning",
    "stated",
]

SOURCES = {"General Staff": GENERAL_STAFF, "UK MoD": UK_MOD, "CSIS": CSIS, "dead known by name": NAMED_DEAD}
"""Sources on Russian losses, by the codes of the switch ``attrition.source``."""
BIAS = {GENERAL_STAFF: "claim_bias", UK_MOD: "uk_bias", CSIS: "csis_bias"}
KEYS = (
    *(
        f"attrition.{name}"
        for name in ("claim_bias", "uk_bias", "csis_bias", "named_per_claim", "capture_ratio", "killed_share")
    ),
    *(
        f"attrition.{name}"
        for name in (
            "source",
            "definition",
            "ceasefire_intensity",
            "returned_share",
            "peace_enlistment",
            "demobilisation",
        )
    ),
    *(f"fiscal.{name}" for name in ("recruit_limit", "sign_on_cost")),
)
"""Parameters that this module reads."""
FACTS = ("attrition.level_now", "attrition.enlistment_ru", "attrition.force_ru", "fiscal.spending")
"""Facts that this module reads."""
Numbers = Mapping[str, Any]


def stated(config: Config) -> bool:
    """Whether a configuration holds all that this module reads."""
    return all(key in config.parameters for key in KEYS) and all(key in config.facts for key in FACTS)


def central(config: Config) -> dict[str, float]:
    """The stated value of each parameter and fact that this module reads, switches as their codes."""
    records = [(key, config.parameters[key]) for key in KEYS] + [(key, config.facts[key]) for key in FACTS]
    return {
        key: CODES[record.value] if isinstance(record.value, str) else float(record.value) for key, record in records
    }


def a_month(persons_a_day: Any) -> Any:
    """Persons a day as thousand persons a month."""
    return persons_a_day * DAYS_PER_MONTH / 1000.0


def casualties_per_claim(values: Numbers, source: float) -> Any:
    """Casualties for each person claimed, according to one source; depends on ``attrition.definition``."""
    share = values["attrition.killed_share"]
    if source == NAMED_DEAD:
        return values["attrition.named_per_claim"] / (values["attrition.capture_ratio"] * share)
    ratio = values[f"attrition.{BIAS[source]}"]
    return np.where(np.asarray(values["attrition.definition"]) == KILLED, ratio / share, ratio)


def casualties(values: Numbers, source: float | None = None) -> Any:
    """Russian killed and wounded at the claim of the as-of date, by one source; by default the run's own."""
    claimed = a_month(np.exp(values["attrition.level_now"]))
    if source is not None:
        return claimed * casualties_per_claim(values, source)
    believed = np.asarray(values["attrition.source"])
    return claimed * np.select(
        [believed == code for code in SOURCES.values()],
        [casualties_per_claim(values, code) for code in SOURCES.values()],
    )


def daily_additions(values: Numbers, enlistment: Any = None, demobilisation: Any = None) -> Any:
    """Net change of the Russian force in a month of ceasefire, persons a day.

    Recruits and returning wounded less casualties and demobilised soldiers, at the force of the as-of date. Wounded of
    the war who return in the first months are not included. ``enlistment``: recruits relative to war;
    ``demobilisation``: share of the force sent home a month; both default to ``values``.
    """
    share = values["attrition.peace_enlistment"] if enlistment is None else enlistment
    rate = values["attrition.demobilisation"] if demobilisation is None else demobilisation
    paid = values["fiscal.recruit_limit"] * values["fiscal.spending"] * 1000.0 / 12.0 / values["fiscal.sign_on_cost"]
    recruits = np.minimum(values["attrition.enlistment_ru"] * share, paid)
    return (recruits - net_losses(values) - values["attrition.force_ru"] * -np.expm1(-rate)) * 1000.0 / DAYS_PER_MONTH


def net_losses(values: Numbers) -> Any:
    """Casualties of a month of ceasefire, less the wounded who return to duty."""
    killed_and_wounded = casualties(values) * values["attrition.ceasefire_intensity"]
    return killed_and_wounded * (1.0 - values["attrition.returned_share"] * (1.0 - values["attrition.killed_share"]))


def returning(values: Numbers) -> Any:
    """Wounded who return to duty in a month of war: the initial flow in a ceasefire, which then fades."""
    return values["attrition.returned_share"] * (1.0 - values["attrition.killed_share"]) * casualties(values)


def home_share(values: Numbers, enlistment: np.ndarray, level: float) -> np.ndarray:
    """Share demobilised a month at which ``daily_additions`` is ``level`` persons a day, by recruits relative to war.

    Negative where the force falls short of the level without demobilisation, infinite where it exceeds it with full.
    """
    rest: np.ndarray = a_month(daily_additions(values, enlistment, 0.0) - level) / values["attrition.force_ru"]
    return np.where(rest < 1.0, -np.log1p(-np.minimum(rest, 1.0 - 1e-12)), np.inf)
