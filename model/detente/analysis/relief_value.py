"""Revenue effect of relief: a run against the run without relief, paired by simulation."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from detente.analysis.estimates import BOTH_EVENTS, BOTH_PATHS, Reading, Readings, reading, share
from detente.catalog.changes import differences
from detente.runs.comparison import Comparison, compare, paired, valid_events
from detente.runs.run import Run
from detente.shared import formatting
from detente.shared.errors import ConfigError

REFERENCE = "no-relief"
PARTS = ("volume", "discount", "Brent", "total")
FEWEST_KEPT = 100
"""Stored paths below which their mean difference is not reported."""


@dataclass(frozen=True)
class ReliefValue:
    """Difference in oil revenue between ``run`` and ``reference``, bn USD a year, in components that add up."""

    run: Run
    reference: Run
    comparison: Comparison

    @cached_property
    def revenue(self) -> pd.DataFrame:
        """Rows volume, Brent, discount, total; columns mean, sd, quantiles, mc_error."""
        return self.comparison.revenue()

    @cached_property
    def by_path(self) -> pd.DataFrame:
        """Columns volume, Brent, discount, total; one row a path valid in both runs."""
        return self.comparison.revenue_by_path()

    def part(self, name: str, statistic: str = "mean") -> Reading:
        """A statistic of one component of the difference."""
        quantity = f"the paired difference in oil.total_revenue, {name}, {self.pair}"
        return reading(self.by_path[name], statistic, BOTH_EVENTS, quantity)

    def by_route(self) -> list[tuple[str, Reading, Reading]]:
        """Probability of each route to US oil relief, and the mean effect given it (bn USD a year).

        Routes that no path takes are left out.
        """
        events = self.run.events().set_index("path")
        total = self.by_path["total"]
        deal = events["sanctions.first_oil_relief_by_deal"].notna()
        relief, licence = events["sanctions.first_oil_relief"].notna(), events["sanctions.first_price_licence"].notna()
        only_licence = licence & ~deal & events["sanctions.first_broad_US_relief"].isna()
        groups = {
            "US oil relief under a deal": deal,
            "only a price-triggered general licence": only_licence,
            "other US oil relief, without a deal": relief & ~deal & ~only_licence,
            "no US oil relief": ~relief & ~deal & ~only_licence,
        }
        rows = []
        for name, member in groups.items():
            chosen = member.reindex(total.index).astype(bool)
            if chosen.any():
                row = f"paths with {name}, {self.pair}"
                effect = reading(total[chosen], "mean", BOTH_EVENTS, row)
                rows.append((name, share(chosen, BOTH_EVENTS, f"share of {row}"), effect))
        return rows

    def at_the_end(self, variable: str, region: str) -> Reading:
        """Mean difference of a level in the last step.

        From all paths, or from the stored ones where pairing is more precise.
        """
        mine, theirs = (
            Readings(run).level(variable, region, Readings(run).horizon, "mean") for run in (self.run, self.reference)
        )
        error = (mine.error**2 + theirs.error**2) ** 0.5
        unpaired = Reading(mine.value - theirs.value, error, "summary.parquet of both runs", f"{mine.row}, {self.pair}")
        column = f"{region}|{variable}"
        if any(
            column not in run.kept_paths() or run.kept_paths()["path"].nunique() < FEWEST_KEPT
            for run in (self.run, self.reference)
        ):
            return unpaired
        last = self.comparison.series(variable, region).iloc[-1]
        if last["mc_error"] >= error:
            return unpaired
        row = f"paired difference of {mine.row}, {self.pair}"
        return Reading(float(last["mean"]), float(last["mc_error"]), BOTH_PATHS, row)

    def has(self, *fields: str) -> bool:
        """Whether both runs have these totals."""
        return all(field in run.events() for field in fields for run in (self.run, self.reference))

    def casualties(self, field: str) -> Reading:
        """Mean paired difference of a total of casualties, thousands over the horizon."""
        mine, theirs = paired(*(valid_events(run)[[field]].astype(float) for run in (self.run, self.reference)))
        values = (mine - theirs)[field].dropna()
        return reading(values, "mean", BOTH_EVENTS, f"the paired difference in {field}, {self.pair}")

    @property
    def pair(self) -> str:
        """Names of both scenarios, as rows cite them."""
        return f"{self.run.scenario} less {self.reference.scenario}"

    @cached_property
    def other_differences(self) -> list[str]:
        """Differences between the two scenarios outside sanctions relief: facts, dated states, other parameters."""
        keys = [difference.key for difference in differences(self.reference.config, self.run.config)]
        own = ("run.", "roadmap.", "instrument.", "parameters.sanctions.")
        return [_in_words(key) for key in keys if not key.startswith(own) and ".sanctions." not in key]


def _in_words(key: str) -> str:
    """``conflict.state from 1 December 2026`` for a dated state, the key without its section for the rest."""
    section, _, rest = key.partition(".")
    if section != "event":
        return rest
    date, _, state = rest.partition(".")
    return f"{state} from {formatting.day(dt.date.fromisoformat(date))}"


@dataclass(frozen=True)
class Pairing:
    """Every run that can be compared with the run without relief; ``notes`` name the runs that cannot, and why."""

    reference: Run | None
    values: tuple[ReliefValue, ...]
    notes: tuple[str, ...]

    def of(self, run: Run) -> ReliefValue | None:
        """The effect of relief in one run; None if it has no reference run."""
        return next((value for value in self.values if value.run.id == run.id), None)


def pair(runs: Sequence[Run]) -> Pairing:
    """Compare each run with the first one of the scenario without relief, if there is one."""
    reference = next((run for run in runs if run.scenario == REFERENCE), None)
    values: list[ReliefValue] = []
    notes: list[str] = []
    for run in runs if reference is not None else ():
        if reference is None or run.id == reference.id:
            continue
        try:
            values.append(ReliefValue(run, reference, compare(run, reference)))
        except ConfigError:
            notes.append(
                f"{run.folder.name} differs from {reference.folder.name} in date, size, seed or model version."
            )
    return Pairing(reference, tuple(values), tuple(notes))
