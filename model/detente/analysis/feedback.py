"""Feedback of money, forces and threats on the war: a run against the same scenario with feedback off.

Base rates describe the as-of date. Later changes act on them through a few effects; the direction of each is assumed
and its size is not known. ``conflict.feedback = false`` turns all of them off, a parameter of 0 turns off its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from detente.analysis.estimates import BOTH_EVENTS, MILESTONES, Reading, Readings, event_dates, reading
from detente.config.loader import Config
from detente.runs import store
from detente.runs.comparison import TOTAL, paired, valid_events
from detente.runs.identity import identity
from detente.runs.pairing import model_difference
from detente.runs.run import Run, load
from detente.shared.errors import DataError
from detente.shared.paths import run_folder

SUFFIX = "-no-feedback"
LONGEST = 60
"""Characters of a scenario's name."""
CEASEFIRE, EXHAUSTED = "conflict.first_ceasefire", "fiscal.first_exhausted"


@dataclass(frozen=True)
class Feedback:
    """A feedback parameter: what acts, and on what."""

    key: str
    what: str
    on: str


FEEDBACKS = (
    Feedback("conflict.runway_effect", "shortage of money", "ceasefire and settlement"),
    Feedback("conflict.net_force_effect", "growth of the Russian force", "ceasefire and settlement"),
    Feedback("conflict.threat_effect", "threat of a tariff on buyers", "ceasefire and settlement"),
    Feedback("conflict.relief_offer_effect", "relief on offer", "ceasefire and settlement"),
    Feedback("conflict.gulf_effect", "disruption in the Gulf", "ceasefire and settlement"),
    Feedback("conflict.regeneration_effect", "force regenerated in a ceasefire", "renewed war"),
    Feedback("fiscal.bonus_revenue_elasticity", "oil and gas revenue", "pay of recruits"),
)


@dataclass(frozen=True)
class Quantity:
    """A total that feedback may change: name, unit, column of events, divisor, last digit shown."""

    name: str
    unit: str
    field: str
    scale: float
    resolution: float


def without_feedback(config: Config) -> Config:
    """The same scenario with feedback off, under a name of its own."""
    origin = "comparison run of a report"
    origins = {**config.origins, "name": origin, "conflict.feedback": origin}
    return replace(
        config,
        name=f"{config.name[: LONGEST - len(SUFFIX)]}{SUFFIX}",
        title=f"{' '.join(config.title.split())}, without feedback",
        conflict_feedback=False,
        origins=origins,
    )


def split_feedback(run: Run, others: Sequence[Run]) -> tuple["FeedbackEffects | None", list[Run]]:
    """The effects of feedback if the run with feedback off is among the others, and the others without it."""
    if not run.config.conflict_feedback:
        return None, list(others)
    wanted = _numbers(without_feedback(run.config))
    off = next(
        (
            other
            for other in others
            if not model_difference(run.manifest, other.manifest) and _numbers(other.config) == wanted
        ),
        None,
    )
    return (FeedbackEffects(run, off) if off else None), [other for other in others if other is not off]


def find_without_feedback(run: Run) -> Run | None:
    """The finished run with feedback off in the same results folder; None if there is none by the same model."""
    if not run.config.conflict_feedback:
        return None
    config = without_feedback(run.config)
    folder: Path = run_folder(config.name, identity(config), run.folder.parent)
    if not (folder / store.MANIFEST).is_file():
        return None
    try:
        other = load(folder)
    except DataError:
        return None
    return None if model_difference(run.manifest, other.manifest) else other


def _numbers(config: Config) -> dict[str, Any]:
    """The canonical form without the name: all that determines the numbers."""
    return {key: value for key, value in config.canonical().items() if key != "name"}


@dataclass(frozen=True)
class FeedbackEffects:
    """``run`` with feedback on against ``reference`` with feedback off, paired by simulation, from all paths."""

    run: Run
    reference: Run

    @cached_property
    def _events(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        return paired(*(valid_events(run) for run in (self.run, self.reference)))

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """The totals that both runs have."""
        years = self.run.manifest["config"]["run"]["horizon"] / 12.0
        known = (
            Quantity("Russian oil revenue", "bn USD a year", TOTAL, years, 0.1),
            Quantity("Russian casualties", "thousand", "attrition.total_casualties_ru", 1.0, 1.0),
            Quantity("Ukrainian casualties", "thousand", "attrition.total_casualties_ua", 1.0, 1.0),
        )
        return tuple(one for one in known if self.has(one.field))

    @property
    def dates(self) -> tuple[int, ...]:
        """Months at which probabilities are compared: a year and the end of the horizon, as far as within it."""
        horizon = Readings(self.run).horizon
        return tuple(dict.fromkeys(months for months in (MILESTONES[2], horizon) if months <= horizon))

    def has(self, field: str) -> bool:
        """Whether both runs have a column of events."""
        return all(field in events for events in self._events)

    def probability(self, field: str, months: int) -> tuple[Reading, Reading, Reading]:
        """Probability of an event within that many months: on, off, and the paired difference."""
        on, off = (
            pd.Series(event_dates(events, field) <= months, events.index).astype(float) for events in self._events
        )
        return self._three(on, off, f"share of paths with {field} <= {months}")

    def mean(self, quantity: Quantity) -> tuple[Reading, Reading, Reading]:
        """Mean of a total: on, off, and the paired difference."""
        on, off = (events[quantity.field].astype(float) / quantity.scale for events in self._events)
        return self._three(on, off, f"{quantity.field}, {quantity.unit}")

    def _three(self, on: pd.Series, off: pd.Series, row: str) -> tuple[Reading, Reading, Reading]:
        mine, theirs = self.run.scenario, self.reference.scenario
        return (
            reading(on, "mean", "events.parquet", f"{row}, {mine}"),
            reading(off, "mean", "events.parquet", f"{row}, {theirs}"),
            reading(on - off, "mean", BOTH_EVENTS, f"{row}, {mine} less {theirs}"),
        )
