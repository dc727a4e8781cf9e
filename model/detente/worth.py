"""What relief is worth: a run against the run without relief, path by path on the same luck."""

from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from detente.comparison import Comparison, compare
from detente.differences import differences
from detente.errors import ConfigError
from detente.readings import Reading, Readings
from detente.results import Run

YARDSTICK = "no-relief"
PARTS = ("volume", "discount", "Brent", "total")
TAIL = 2.5
"""Error of a 5% or 95% quantile over that of the mean: 2.1 for a normal law, more for longer tails."""
TABLE = "events.parquet of both runs"


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

    def at_the_end(self, variable: str, region: str) -> Reading | None:
        """Mean paired difference of a level in the last step, from the whole paths that both runs kept; None if they kept too few."""
        column = f"{region}|{variable}"
        if any(column not in run.kept_paths() or run.kept_paths()["path"].nunique() < 100 for run in (self.run, self.yardstick)):
            return None
        last = self.comparison.series(variable, region).iloc[-1]
        time = Readings(self.run).calendar.start(Readings(self.run).calendar.steps - 1)
        row = f"mean paired difference of {variable}, {region}, {time}, {self.run.scenario} less {self.yardstick.scenario}"
        return Reading(float(last["mean"]), float(last["mc_error"]), "paths.parquet of both runs", row)

    @cached_property
    def beyond_relief(self) -> list[str]:
        """Keys outside the sanctions in which the two scenarios differ: facts, dated states of war and gulf, parameters of other blocks."""
        keys = [difference.key for difference in differences(self.yardstick.config, self.run.config)]
        own = ("run.", "roadmap.", "instrument.", "parameters.sanctions.")
        return [key for key in keys if not key.startswith(own) and ".sanctions." not in key]


@dataclass(frozen=True)
class Pairing:
    """Every run that can be set against the yardstick, and why the others cannot."""

    yardstick: Run | None
    worths: tuple[Worth, ...]
    refused: tuple[str, ...]

    def of(self, run: Run) -> Worth | None:
        return next((worth for worth in self.worths if worth.run.id == run.id), None)


def pair(runs: list[Run]) -> Pairing:
    """Set each run against the first one of the scenario without relief, if there is one."""
    yardstick = next((run for run in runs if run.scenario == YARDSTICK), None)
    worths, refused = [], []
    if yardstick is not None:
        for run in runs:
            if run.id == yardstick.id:
                continue
            try:
                worths.append(Worth(run, yardstick, compare(run, yardstick)))
            except ConfigError as error:
                refused.append(str(error))
    return Pairing(yardstick, tuple(worths), tuple(refused))
