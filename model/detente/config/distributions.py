"""The distributions of records: their parameterisation, their support and a central value.

Every kind but ``joint`` may carry ``truncate = [low, high]``; what remains keeps its proportions. ``laws`` computes
probabilities and quantiles, the engine tables for sampling.

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

from typing import Annotated, Literal

from pydantic import Field

from detente.config.continuous import REALS, Beta, Dist, Gamma, Lognormal, Normal, Quantiles, Range, Triangular, Uniform
from detente.config.fields import Real, Strict, Text, Weight, require, require_weights, weighted_median

MAX_VALUES = 5_000


class _Points(Dist):
    """Single values with probabilities."""

    def _pairs(self) -> list[tuple[float, float]]:
        """Values and weights before truncation, in rising order."""
        raise NotImplementedError

    def weighted(self) -> list[tuple[float, float]]:
        """Values of positive weight within the truncation, with their weights, in rising order."""
        low, high = self.truncate or REALS
        return [(value, weight) for value, weight in self._pairs() if low <= value <= high and weight > 0.0]

    def within(self, low: float, high: float) -> Range | None:
        """Lowest and highest value of positive weight between two limits, before truncation; None if there is none."""
        values = [value for value, weight in self._pairs() if low <= value <= high and weight > 0.0]
        return (values[0], values[-1]) if values else None

    def _full_range(self) -> Range:
        return self.within(*REALS) or REALS

    def _leaves_any(self) -> bool:
        return bool(self.weighted()) or not self._pairs()

    def centre(self) -> float:
        """The median."""
        pairs = self.weighted()
        return weighted_median(*zip(*pairs, strict=True)) if pairs else 0.0


class Empirical(_Points):
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

    def _pairs(self) -> list[tuple[float, float]]:
        values = sorted(self.values or ())
        return [(value, 1.0 / len(values)) for value in values]


class Choice(_Points):
    """A few numbers with their probabilities."""

    kind: Literal["choice"]
    values: tuple[Real, ...] = Field(min_length=1, max_length=MAX_VALUES)
    weights: tuple[Weight, ...]

    def _check(self) -> None:
        require_weights(self.weights, len(self.values), "values")
        require(len({*self.values}) == len(self.values), "values must differ from one another.")

    def _pairs(self) -> list[tuple[float, float]]:
        return sorted(zip(self.values, self.weights, strict=True))


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

    def _leaves_any(self) -> bool:
        return any(without_values(part.dist) for part in self.components) or super()._leaves_any()

    def within(self, low: float, high: float) -> Range | None:
        """Lowest and highest possible value between two limits, before truncation; None if there is none."""
        ranges = []
        for part in self.components:
            limits = _overlap(part.dist.truncate or REALS, (low, high))
            inside = part.dist.within(*limits) if part.weight > 0.0 and limits[0] <= limits[1] else None
            ranges += [] if inside is None else [inside]
        return (min(first for first, _ in ranges), max(last for _, last in ranges)) if ranges else None

    def _full_range(self) -> Range:
        return self.within(*REALS) or REALS


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


def without_values(dist: Dist) -> bool:
    """Whether a distribution still names a column of a file instead of its numbers."""
    if isinstance(dist, Mixture):
        return any(without_values(part.dist) for part in dist.components)
    return isinstance(dist, Empirical) and dist.values is None


def _overlap(first: Range, second: Range) -> Range:
    return max(first[0], second[0]), min(first[1], second[1])


Distribution = Annotated[
    Normal | Lognormal | Triangular | Beta | Gamma | Uniform | Quantiles | Empirical | Choice | Mixture | JointDraw,
    Field(discriminator="kind"),
]
