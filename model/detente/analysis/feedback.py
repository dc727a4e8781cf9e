"""What the loop changes: a run against the same scenario with the feedback of money, forces and threats on the war
switched off.

Base rates know the as-of date only. What changes after it acts on them through a handful of effects, each a prior with
a sign: with ``conflict.feedback = false`` none of them acts, with the parameter of one set to 0 that one does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from detente.analysis.estimates import MILESTONES, Reading, Readings
from detente.config.loader import Config
from detente.runs import store
from detente.runs.comparison import TOTAL
from detente.runs.identity import identity
from detente.runs.run import Run, load
from detente.shared.errors import DataError
from detente.shared.paths import run_folder

SUFFIX = "-open-loop"
LONGEST = 60
"""Characters of a scenario's name."""
CEASEFIRE, EXHAUSTED = "conflict.first_ceasefire", "fiscal.first_exhausted"
BOTH = "events.parquet of both runs"


@dataclass(frozen=True)
class Feedback:
    """A parameter that closes the loop: what acts, and on what."""

    key: str
    what: str
    on: str


FEEDBACKS = (
    Feedback("conflict.runway_effect", "money running short", "ceasefire and settlement"),
    Feedback("conflict.net_force_effect", "the Russian force growing", "ceasefire and settlement"),
    Feedback("conflict.threat_effect", "the threat of a tariff on buyers", "ceasefire and settlement"),
    Feedback("conflict.relief_offer_effect", "relief on offer", "ceasefire and settlement"),
    Feedback("conflict.gulf_effect", "a disrupted gulf", "ceasefire and settlement"),
    Feedback("conflict.regeneration_effect", "the force regenerated in a ceasefire", "war again"),
    Feedback("fiscal.bonus_revenue_elasticity", "oil and gas revenue", "pay of recruits"),
)


@dataclass(frozen=True)
class Quantity:
    """A total by path that the loop may move: its name, unit, column of events, divisor, last digit shown."""

    name: str
    unit: str
    field: str
    scale: float
    finest: float


def opened(config: Config) -> Config:
    """The same scenario with the loop open, under a name of its own."""
    origins = {**config.origins, "name": "open loop of a report", "conflict.feedback": "open loop of a report"}
    title = f"{' '.join(config.title.split())}, without feedback"
    return replace(
        config,
        name=f"{config.name[: LONGEST - len(SUFFIX)]}{SUFFIX}",
        title=title,
        conflict_feedback=False,
        origins=origins,
    )


def separate(run: Run, others: Sequence[Run]) -> tuple["Loop | None", list[Run]]:
    """The run's open-loop twin among others, and the others without it (all of them if there is none)."""
    if not run.config.conflict_feedback:
        return None, list(others)
    wanted, version = _numbers(opened(run.config)), run.manifest["versions"]["model"]
    found = next(
        (
            other
            for other in others
            if other.manifest["versions"]["model"] == version and _numbers(other.config) == wanted
        ),
        None,
    )
    return (Loop(run, found) if found else None), [other for other in others if other is not found]


def find(run: Run) -> Run | None:
    """The open-loop twin of a run where it already lies beside it, whole and made by the same model; None if it does
    not."""
    if not run.config.conflict_feedback:
        return None
    twin = opened(run.config)
    folder: Path = run_folder(twin.name, identity(twin), run.folder.parent)
    if not (folder / store.MANIFEST).is_file():
        return None
    try:
        return load(folder)
    except DataError:
        return None


def _numbers(config: Config) -> dict:
    """What makes a run's numbers: the canonical form without the name."""
    return {key: value for key, value in config.canonical().items() if key != "name"}


@dataclass(frozen=True)
class Loop:
    """``run`` with the loop closed against ``other`` with it open, path by path on the same luck; from all paths."""

    run: Run
    other: Run

    @cached_property
    def _events(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Events of the paths that failed in neither run."""
        both = [
            events[events["failed_at_step"] == 0].set_index("path")
            for events in (self.run.events(), self.other.events())
        ]
        common = both[0].index.intersection(both[1].index)
        return both[0].loc[common], both[1].loc[common]

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        """The totals that both runs have."""
        years = self.run.manifest["config"]["run"]["horizon"] / 12.0
        known = (
            Quantity("Russian oil revenue", "bn USD a year", TOTAL, years, 0.1),
            Quantity("Russian casualties, killed and wounded", "thousand", "attrition.total_casualties_ru", 1.0, 1.0),
            Quantity("Ukrainian casualties, killed and wounded", "thousand", "attrition.total_casualties_ua", 1.0, 1.0),
        )
        return tuple(one for one in known if all(one.field in events for events in self._events))

    @property
    def dates(self) -> tuple[int, ...]:
        """Months at which chances are compared: a year and the end of the horizon, as far as they are within it."""
        horizon = Readings(self.run).horizon
        return tuple(dict.fromkeys(months for months in (MILESTONES[2], horizon) if months <= horizon))

    def has(self, field: str) -> bool:
        return all(field in events for events in self._events)

    def chance(self, field: str, months: int) -> tuple[Reading, Reading, Reading]:
        """Probability of an event within that many months: closed, open, and the difference, whose error is that of
        paired draws."""
        hits = [
            np.nan_to_num(events[field].to_numpy(float, na_value=np.nan), nan=np.inf) <= months
            for events in self._events
        ]
        return self._three(hits[0].astype(float), hits[1].astype(float), f"share of paths with {field} <= {months}")

    def mean(self, quantity: Quantity) -> tuple[Reading, Reading, Reading]:
        """Mean of a total: closed, open, and the paired difference."""
        values = [events[quantity.field].to_numpy(float) / quantity.scale for events in self._events]
        return self._three(values[0], values[1], f"mean of {quantity.field}, {quantity.unit}")

    def _three(self, closed: np.ndarray, opened: np.ndarray, row: str) -> tuple[Reading, Reading, Reading]:
        n = max(len(closed), 1) ** 0.5
        names = (self.run.scenario, self.other.scenario, f"{self.run.scenario} less {self.other.scenario}")
        tables = ("events.parquet", "events.parquet", BOTH)
        arrays = (closed, opened, closed - opened)
        found = [
            Reading(float(values.mean()), float(values.std()) / n, table, f"{row}, {name}")
            for values, table, name in zip(arrays, tables, names, strict=True)
        ]
        return found[0], found[1], found[2]
