"""What relief is worth: a run against the run without relief, path by path on the same luck."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from detente.analysis.estimates import Reading, Readings
from detente.catalog.changes import differences
from detente.runs.comparison import Comparison, compare
from detente.runs.run import Run
from detente.shared import formatting
from detente.shared.errors import ConfigError

YARDSTICK = "no-relief"
PARTS = ("volume", "discount", "Brent", "total")
TAIL = 2.5
"""Error of a 5% or 95% quantile over that of the mean: 2.1 for a normal law, more for longer tails."""
TABLE = "events.parquet of both runs"
FEWEST_KEPT = 100
"""Kept paths below which their mean difference is not looked at."""


@dataclass(frozen=True)
class Worth:
    """``run`` less ``yardstick``: bn USD of oil revenue a year, in parts that add up."""

    run: Run
    yardstick: Run
    comparison: Comparison

    @cached_property
    def revenue(self) -> pd.DataFrame:
        """Rows volume, Brent, discount, total; columns mean, sd, quantiles, mc_error."""
        return self.comparison.revenue()

    def part(self, name: str, statistic: str = "mean") -> Reading:
        """One number of the split; its error is that of the mean, wider in the tails."""
        error = float(self.revenue.loc[name, "mc_error"]) * (1.0 if statistic == "mean" else TAIL)
        row = f"{statistic} of the paired difference in oil.total_revenue, {name}, {self.run.scenario} less {self.yardstick.scenario}"
        return Reading(float(self.revenue.loc[name, statistic]), error, TABLE, row)

    def by_route(self) -> list[tuple[str, Reading, Reading]]:
        """What happened to US oil relief, the share of paths, and what relief is worth on them (bn USD a year);
        empty groups are left out."""
        events = self.run.events().set_index("path")
        total = self.comparison.revenue_by_path()["total"]
        deal = events["sanctions.first_oil_relief_by_deal"].notna()
        relief, licence = events["sanctions.first_oil_relief"].notna(), events["sanctions.first_price_licence"].notna()
        only_licence = licence & ~deal & events["sanctions.first_broad_US_relief"].isna()
        groups = {
            "US oil relief under a deal": deal,
            "a licence because oil is dear, and no more": only_licence,
            "other US oil relief, without a deal": relief & ~deal & ~only_licence,
            "no US oil relief": ~relief & ~deal & ~only_licence,
        }
        found = []
        for name, member in groups.items():
            values = total[member.reindex(total.index)]
            if len(values):
                share = len(values) / len(total)
                row = f"paths with {name}, {self.run.scenario} less {self.yardstick.scenario}"
                error = float(values.std()) / len(values) ** 0.5 if len(values) > 1 else 0.0
                spread = (share * (1.0 - share) / len(total)) ** 0.5
                found.append(
                    (
                        name,
                        Reading(share, spread, TABLE, f"share of {row}"),
                        Reading(float(values.mean()), error, TABLE, f"mean on {row}"),
                    )
                )
        return found

    def at_the_end(self, variable: str, region: str) -> Reading:
        """Mean difference of a level in the last step: from all paths, or from the kept ones if pairing them tells
        more."""
        mine, theirs = (
            Readings(run).level(variable, region, Readings(run).horizon, "mean") for run in (self.run, self.yardstick)
        )
        error = (mine.error**2 + theirs.error**2) ** 0.5
        pair = f"{self.run.scenario} less {self.yardstick.scenario}"
        found = Reading(mine.value - theirs.value, error, "summary.parquet of both runs", f"{mine.row}, {pair}")
        column = f"{region}|{variable}"
        if any(
            column not in run.kept_paths() or run.kept_paths()["path"].nunique() < FEWEST_KEPT
            for run in (self.run, self.yardstick)
        ):
            return found
        last = self.comparison.series(variable, region).iloc[-1]
        if last["mc_error"] >= error:
            return found
        return Reading(
            float(last["mean"]),
            float(last["mc_error"]),
            "paths.parquet of both runs",
            f"paired difference of {mine.row}, {pair}",
        )

    def has(self, *fields: str) -> bool:
        """Whether both runs have these totals."""
        return all(field in run.events() for field in fields for run in (self.run, self.yardstick))

    def people(self, field: str) -> Reading:
        """Mean paired difference of a total of people, thousands over the horizon."""
        mine, theirs = (
            run.events()[run.events()["failed_at_step"] == 0].set_index("path")[field].astype(float)
            for run in (self.run, self.yardstick)
        )
        values = (mine - theirs).dropna()
        row = f"mean of the paired difference in {field}, {self.run.scenario} less {self.yardstick.scenario}"
        return Reading(float(values.mean()), float(values.std()) / max(len(values), 1) ** 0.5, TABLE, row)

    @cached_property
    def beyond_relief(self) -> list[str]:
        """What differs between the two scenarios outside the sanctions, in words: facts, dated states of war and
        gulf, parameters of other blocks."""
        keys = [difference.key for difference in differences(self.yardstick.config, self.run.config)]
        own = ("run.", "roadmap.", "instrument.", "parameters.sanctions.")
        return [_in_words(key) for key in keys if not key.startswith(own) and ".sanctions." not in key]


def _in_words(key: str) -> str:
    """``conflict.state from 1 December 2026 on`` for a dated state, the key without its section for the rest."""
    section, _, rest = key.partition(".")
    if section != "event":
        return rest
    date, _, state = rest.partition(".")
    return f"{state} from {formatting.day(dt.date.fromisoformat(date))} on"


@dataclass(frozen=True)
class Pairing:
    """Every run that can be set against the yardstick; ``notes`` say which cannot, and what else a reader of the
    differences must know."""

    yardstick: Run | None
    worths: tuple[Worth, ...]
    notes: tuple[str, ...]

    def of(self, run: Run) -> Worth | None:
        return next((worth for worth in self.worths if worth.run.id == run.id), None)


def pair(runs: list[Run]) -> Pairing:
    """Set each run against the first one of the scenario without relief, if there is one."""
    yardstick = next((run for run in runs if run.scenario == YARDSTICK), None)
    worths, notes = [], []
    if yardstick is not None:
        for run in runs:
            if run.id == yardstick.id:
                continue
            try:
                worths.append(Worth(run, yardstick, compare(run, yardstick)))
            except ConfigError as error:
                notes.append(str(error))
                continue
    return Pairing(yardstick, tuple(worths), tuple(notes))
