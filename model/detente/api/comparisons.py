"""Which runs a run is compared with, and how they are made: one rule for library and command line."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from detente.analysis.feedback import without_feedback
from detente.config.loader import Config, scenario_titles
from detente.runs.companions import companion
from detente.runs.run import Run
from detente.shared.errors import ConfigError

Say = Callable[[str], None]


@dataclass(frozen=True)
class ComparisonRun:
    """A run to compare with: its configuration, and whether it stores complete paths."""

    config: Config
    stores_paths: bool = True


Simulate = Callable[[ComparisonRun], Run]
"""Simulates a comparison run, or opens it if it is there."""


def comparisons(config: Config, configs: Path | None = None, say: Say = lambda sentence: None) -> list[ComparisonRun]:
    """The runs that a report compares a run with.

    These are the scenarios of ``report.compare`` with the date, size, seed and hand-made settings of the run, and the
    run itself without feedback.

    Parameters
    ----------
    config
        Configuration of the run.
    configs
        Folder of configuration files.
    say
        Receives a sentence for each scenario that does not fit, such as a dated event beyond a short horizon.

    Raises
    ------
    ConfigError
        If there is no scenario of that name.
    """
    runs = []
    for name in config.report.compare or ():
        if name == config.name:
            continue
        try:
            runs.append(ComparisonRun(companion(config, name, configs=configs)))
        except ConfigError as error:
            if name not in scenario_titles(configs):
                raise
            say(f"{name} is left out of the comparison: {error}")
    if config.conflict_feedback:
        runs.append(ComparisonRun(without_feedback(config), stores_paths=False))
    return runs
