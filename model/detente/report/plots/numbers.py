"""Numbers in the words of a figure: each written by its error, and the reading behind it kept."""

import dataclasses
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from detente.analysis.estimates import Reading
from detente.config.loader import Config
from detente.runs.run import Run
from detente.shared import formatting

SUMMARY, EVENTS, KEPT, CONFIG = "summary.parquet", "events.parquet", "paths.parquet", "manifest.json"
THOUSAND = 1000.0


@dataclass
class Numbers:
    """Writes the numbers of a figure's title and subtitle; ``readings`` holds what each was read from."""

    readings: list[Reading] = field(default_factory=list)

    def amount(self, reading: Reading, resolution: float = 1.0, *, signed: bool = False) -> str:
        """A number rounded by its error, without its sign unless ``signed``."""
        self.readings.append(reading)
        value = reading.value if signed else abs(reading.value)
        return formatting.rounded(value, reading.error, resolution, signed=signed)

    def quantity(self, reading: Reading, unit: str, resolution: float = 1.0) -> str:
        """A number with its unit, without its sign."""
        return formatting.quantity(self.amount(reading, resolution), unit)

    def span(self, low: Reading, high: Reading, resolution: float = 1.0, *, signed: bool = False) -> str:
        """``44 to 112``."""
        self.readings += [low, high]
        errors = (low.error, high.error)
        return formatting.span(low.value, high.value, errors, resolution, signed=signed)

    def percent(self, reading: Reading) -> str:
        """A probability or share in whole per cent."""
        self.readings.append(reading)
        return formatting.percent(reading.value)


def from_fan(
    run: Run, variable: str, region: str | None, statistic: str, step: int = -1, scale: float = 1.0
) -> Reading:
    """A statistic of the summary at a step (the last one if not given), times ``scale``."""
    table = run.fan(variable, region)
    row = table.iloc[step]
    value = float(row[statistic])
    error = float(row.get("mc_error" if statistic == "mean" else f"mc_error_{statistic}", 0.0))
    row_name = ", ".join(part for part in (variable, region, day_of(table.index[step]), statistic) if part)
    return Reading(scale * value, scale * error, SUMMARY, row_name)


def from_fact(config: Config, key: str, scale: float = 1.0) -> Reading:
    """A fact or parameter as the scenario states it."""
    record = (config.parameters | config.facts)[key]
    return Reading(scale * float(record.value), 0.0, CONFIG, key)


def proportion(value: float, paths: float, table: str, row: str) -> Reading:
    """A share of simulations with the error of independent simulations."""
    return Reading(value, binomial(value, paths), table, row)


def given(value: float, row: str, table: str = CONFIG) -> Reading:
    """A number without error: a setting of the figure, or a count."""
    return Reading(float(value), 0.0, table, row)


def scaled(reading: Reading, factor: float) -> Reading:
    """The reading in another unit."""
    return dataclasses.replace(reading, value=factor * reading.value, error=abs(factor) * reading.error)


def day_of(time: pd.Timestamp) -> str:
    """The first day of a step, as in the tables: ``2029-08-01``."""
    return str(time.date())


def significant(difference: Reading, resolution: float = 0.0) -> bool:
    """Whether a difference exceeds two standard errors and half of the last digit shown."""
    return abs(difference.value) > max(2.0 * difference.error, 0.5 * resolution)


def binomial(p: float, paths: float) -> float:
    """Standard error of a share of ``paths`` simulations."""
    return float(np.sqrt(max(p * (1.0 - p), 0.0) / max(paths, 1.0)))
