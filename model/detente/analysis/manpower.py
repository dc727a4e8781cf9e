"""What a run's own assumptions say about losses and the force: casualties by witness, and what a month of ceasefire
adds to the force or takes.

The equations are the model's (``attrition.py`` and ``forces.py`` of the kernels) for a single month; numbers or arrays
go in, the same come out. Persons in thousands a month where not said otherwise.
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
    "WITNESSES",
    "a_month",
    "casualties",
    "central",
    "daily_additions",
    "home_share",
    "lost",
    "returning",
    "stated",
    "truth",
]

WITNESSES = {"General Staff": GENERAL_STAFF, "UK MoD": UK_MOD, "CSIS": CSIS, "dead known by name": NAMED_DEAD}
"""Witnesses of Russian losses, by the codes of the switch ``attrition.source``."""
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
"""Facts that it reads."""
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


def a_month(persons_a_day):
    """Persons a day as thousand persons a month."""
    return persons_a_day * DAYS_PER_MONTH / 1000.0


def truth(values: Numbers, witness: float):
    """Casualties for each person claimed, if this witness is right, by what the claim counts
    (``attrition.definition``)."""
    share = values["attrition.killed_share"]
    if witness == NAMED_DEAD:
        return values["attrition.named_per_claim"] / (values["attrition.capture_ratio"] * share)
    ratio = values[f"attrition.{BIAS[witness]}"]
    return np.where(np.asarray(values["attrition.definition"]) == KILLED, ratio / share, ratio)


def casualties(values: Numbers, witness: float | None = None):
    """Russian killed and wounded in war at the claim of the as-of date, by a witness; without one, by the witness
    that the run believes."""
    claimed = a_month(np.exp(values["attrition.level_now"]))
    if witness is not None:
        return claimed * truth(values, witness)
    believed = np.asarray(values["attrition.source"])
    return claimed * np.select(
        [believed == code for code in WITNESSES.values()], [truth(values, code) for code in WITNESSES.values()]
    )


def daily_additions(values: Numbers, enlistment=None, demobilisation=None):
    """Net change of the Russian force in a month of ceasefire, persons a day: recruits and returning wounded less
    casualties and those sent home.

    ``enlistment``: recruits relative to war; ``demobilisation``: share of the force sent home a month; without them
    those of ``values``. At the force of the as-of date; casualties are those of a ceasefire, and so are the wounded who
    return: those of the war come back in its first months, on top.
    """
    share = values["attrition.peace_enlistment"] if enlistment is None else enlistment
    rate = values["attrition.demobilisation"] if demobilisation is None else demobilisation
    paid = values["fiscal.recruit_limit"] * values["fiscal.spending"] * 1000.0 / 12.0 / values["fiscal.sign_on_cost"]
    recruits = np.minimum(values["attrition.enlistment_ru"] * share, paid)
    return (recruits - lost(values) - values["attrition.force_ru"] * -np.expm1(-rate)) * 1000.0 / DAYS_PER_MONTH


def lost(values: Numbers):
    """What a month of ceasefire takes from the force by casualties, less the wounded among them who return."""
    hurt = casualties(values) * values["attrition.ceasefire_intensity"]
    return hurt * (1.0 - values["attrition.returned_share"] * (1.0 - values["attrition.killed_share"]))


def returning(values: Numbers):
    """Wounded of the war who return to duty in a month of it: the flow that a ceasefire begins with, and that fades."""
    return values["attrition.returned_share"] * (1.0 - values["attrition.killed_share"]) * casualties(values)


def home_share(values: Numbers, enlistment: np.ndarray, level: float) -> np.ndarray:
    """Share sent home a month at which ``daily_additions`` is ``level`` persons a day, by recruits relative to war;
    negative where the force falls short of it with nobody sent home, infinite where it exceeds it with everybody."""
    rest = a_month(daily_additions(values, enlistment, 0.0) - level) / values["attrition.force_ru"]
    return np.where(rest < 1.0, -np.log1p(-np.minimum(rest, 1.0 - 1e-12)), np.inf)
