"""The distributions of records: their parameterisation, their support and a central value.

Only what validation needs stands here; quantile tables for sampling are built elsewhere. Every kind may carry
``truncate = [low, high]``.

==========  =====================================  =============================================================
kind        parameters                             meaning
==========  =====================================  =============================================================
normal      mean, sd                               arithmetic mean and standard deviation
lognormal   median, log_sd                         median of the variable; standard deviation of its natural log
triangular  min, mode, max
beta        a, b[, min, max]                       shapes; stretched from [0, 1] to [min, max]
gamma       shape, rate                            mean = shape / rate
uniform     min, max
quantiles   p5, p95[, p50], family                 5th, 50th and 95th percentile of a (log)normal
empirical   values, or csv and column              observed numbers, equally likely
choice      values, weights                        a few numbers with probabilities
mixture     components = [{ weight, dist }]        one component is drawn by weight
joint       table                                  a row of [joint.NAME], shared by several parameters
==========  =====================================  =============================================================
"""

import math
from typing import Annotated, Literal

from pydantic import Field

from detente.config.continuous import REALS, Beta, Dist, Gamma, Lognormal, Normal, Quantiles, Range, Triangular, Uniform
from detente.config.fields import Real, Strict, Text, Weight, require, require_weights, weighted_median

MAX_VALUES = 5_000


class Empirical(Dist):
    """Observed numbers, equally likely.

    Given as ``values``, or read from a column of a CSV file beside the TOML file.
    """

    kind: Literal["empirical"]
    values: tuple[Real, ...] | None = Field(None, min_length=1, max_length=MAX_VALUES)
    csv: Text | None = None
    column: Text | None = None

    def _check(self) -> None:
        complete = (self.values is None) == (self.csv is not None) == (self.column is not None)
        require(
            complete, 'an empirical distribution has either values = [...], or csv = "file.csv" and column = "name".'
        )

    def _within(self) -> list[float]:
        low, high = self.truncate or REALS
        return sorted(value for value in self.values or () if low <= value <= high)

    def _full_range(self) -> Range:
        return (min(self.values), max(self.values)) if self.values else REALS

    def _keeps_any(self, low: float, high: float) -> bool:
        return self.values is None or bool(self._within())

    def support(self) -> Range:
        """Lowest and highest observed number within the truncation."""
        values = self._within()
        return (values[0], values[-1]) if values else super().support()

    def _middle(self) -> float:
        values = self._within()
        return values[(len(values) - 1) // 2] if values else 0.0


class Choice(Dist):
    """A few numbers with their probabilities."""

    kind: Literal["choice"]
    values: tuple[Real, ...] = Field(min_length=1, max_length=MAX_VALUES)
    weights: tuple[Weight, ...]

    def _check(self) -> None:
        require_weights(self.weights, len(self.values), "values")
        require(len({*self.values}) == len(self.values), "values must differ from one another.")

    def _within(self) -> list[tuple[float, float]]:
        low, high = self.truncate or REALS
        return [
            (value, weight)
            for value, weight in zip(self.values, self.weights, strict=True)
            if low <= value <= high and weight > 0.0
        ]

    def _full_range(self) -> Range:
        return min(self.values), max(self.values)

    def _keeps_any(self, low: float, high: float) -> bool:
        return bool(self._within())

    def support(self) -> Range:
        """Lowest and highest number of positive weight within the truncation."""
        values = [value for value, _ in self._within()]
        return (min(values), max(values)) if values else super().support()

    def _middle(self) -> float:
        return weighted_median(*zip(*self._within(), strict=True))


class Component(Strict):
    """One part of a mixture."""

    weight: Weight
    dist: "Distribution"


class Mixture(Dist):
    """One of several distributions, drawn by weight."""

    kind: Literal["mixture"]
    components: tuple[Component, ...] = Field(min_length=1, max_length=20)

    def _check(self) -> None:
        require_weights([part.weight for part in self.components], len(self.components), "components")
        require(
            all(not isinstance(part.dist, JointDraw) for part in self.components),
            "a joint draw cannot be part of a mixture.",
        )

    def _full_range(self) -> Range:
        supports = [part.dist.support() for part in self.components]
        return min(low for low, _ in supports), max(high for _, high in supports)

    def _keeps_any(self, low: float, high: float) -> bool:
        return any(
            part.weight > 0.0 and part.dist._keeps_any(*_overlap(part.dist.support(), (low, high)))
            for part in self.components
        )

    def _middle(self) -> float:
        return math.fsum(part.weight * part.dist.centre() for part in self.components)


class JointDraw(Dist):
    """The parameter's column in a row of ``[joint.NAME]``; support and centre are the table's."""

    kind: Literal["joint"]
    table: Text

    def _check(self) -> None:
        require(self.truncate is None, "a joint draw cannot be truncated; leave rows out of its table instead.")

    def _full_range(self) -> Range:
        return REALS

    def _middle(self) -> float:
        return 0.0


def _overlap(first: Range, second: Range) -> Range:
    return max(first[0], second[0]), min(first[1], second[1])


Distribution = Annotated[
    Normal | Lognormal | Triangular | Beta | Gamma | Uniform | Quantiles | Empirical | Choice | Mixture | JointDraw,
    Field(discriminator="kind"),
]
