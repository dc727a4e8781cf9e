"""What the sections of a report share: every number is computed once, when a section first needs it."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import pandas as pd

from detente.analysis.cost_incidence import CostIncidence, cost_incidence, default_counterfactual
from detente.analysis.estimates import Readings
from detente.analysis.feedback import FeedbackEffects, split_feedback
from detente.analysis.gas_costs import GasCosts, gas_costs
from detente.analysis.outcomes import outcomes
from detente.analysis.relief_value import Pairing, ReliefValue, pair
from detente.analysis.sensitivity import Sensitivity, Target, Values, drawn_values, sensitivity
from detente.analysis.tariff_effects import TariffEffects, against_no_tariffs
from detente.config.loader import Config
from detente.questions.claims import read
from detente.report.figures.gas_effects import effect_table
from detente.report.figures.tariff_brent import brent_table
from detente.report.plots.example_paths import Story, stories
from detente.runs.pairing import installed, model_difference, must_match_installed, must_share_model
from detente.runs.run import Run


class Context:
    """The first of ``runs``, the runs it is compared with, and the analyses of them.

    Parameters
    ----------
    runs
        The run of the report, then its comparison runs in any order; the run with feedback off is told from the
        others by its configuration.

    Raises
    ------
    ConfigError
        If different models made the runs.
    """

    def __init__(self, runs: Sequence[Run]) -> None:
        self.run = runs[0]
        for other in runs[1:]:
            must_share_model(self.run.manifest, other.manifest, (self.run.folder.name, other.folder.name))
        self.feedback: FeedbackEffects | None
        self.feedback, self.others = split_feedback(self.run, [run for run in runs[1:] if run.id != self.run.id])

    @property
    def runs(self) -> list[Run]:
        """The run and the scenarios it is compared with."""
        return [self.run, *self.others]

    @property
    def all_runs(self) -> list[Run]:
        """Every run that the report draws on, the run with feedback off last."""
        return [*self.runs, *([self.feedback.reference] if self.feedback else [])]

    @property
    def config(self) -> Config:
        """Configuration of the run."""
        return self.run.config

    @cached_property
    def estimates(self) -> Readings:
        """Numbers of the run by date."""
        return Readings(self.run)

    @cached_property
    def columns(self) -> frozenset[str]:
        """Event columns and variables of the run."""
        return frozenset({*self.run.events().columns, *self.run.summary()["variable"].unique()})

    @cached_property
    def same_model(self) -> bool:
        """Whether the installed model is the one that made the run, so that simulated values can be recomputed."""
        return not model_difference(self.run.manifest, installed())

    @cached_property
    def draws(self) -> Values:
        """Simulated values of the uncertain assumptions, by key, (paths,); ConfigError unless ``same_model``."""
        must_match_installed(self.run.manifest, self.run.folder.name)
        return drawn_values(self.config)

    @cached_property
    def pairing(self) -> Pairing:
        """Every run against the run without relief."""
        return pair(self.runs)

    @cached_property
    def relief(self) -> ReliefValue | None:
        """The run against the run without relief; None if either is missing."""
        return self.pairing.of(self.run)

    @cached_property
    def gas_costs(self) -> tuple[GasCosts, ...]:
        """Gas in every run against the run without relief."""
        return tuple(costs for value in self.pairing.values if (costs := gas_costs(value)) is not None)

    @cached_property
    def own_gas_costs(self) -> GasCosts | None:
        """Gas in this run against the run without relief."""
        return next((costs for costs in self.gas_costs if costs.run.id == self.run.id), None)

    @cached_property
    def tariffs(self) -> TariffEffects | None:
        """The run against the same scenario without tariffs; None if it sets none, or the run is missing."""
        return against_no_tariffs(self.run, self.others)

    @cached_property
    def counterfactual(self) -> Run | None:
        """The run that costs are measured against."""
        return default_counterfactual(self.tariffs, self.relief)

    @cached_property
    def costs(self) -> CostIncidence | None:
        """Costs by country against the counterfactual."""
        return cost_incidence(self.run, self.counterfactual) if self.counterfactual is not None else None

    @cached_property
    def outcomes(self) -> dict[str, Target]:
        """Outcomes of the sensitivity analysis."""
        return outcomes(self.run, self.relief.reference if self.relief else None)

    @cached_property
    def sensitivity(self) -> Sensitivity:
        """Shares of the uncertain assumptions in each outcome; empty for a run of another model version."""
        if not self.same_model:
            return Sensitivity((), 0, {}, {}, {})
        return sensitivity(self.config, self.outcomes, self.draws)

    @cached_property
    def examples(self) -> list[Story]:
        """Example paths, named by their events."""
        return stories(self.run)

    @cached_property
    def gas_effects(self) -> pd.DataFrame:
        """Effect of more Russian gas on TTF."""
        return effect_table(self.draws)

    @cached_property
    def brent_effects(self) -> pd.DataFrame:
        """Effect on Brent of losing Russian oil."""
        return brent_table(self.draws)

    @cached_property
    def claims(self) -> dict[str, Any] | None:
        """Answers to the claims, as stored with the run; None if there are none."""
        return read(self.run)
