"""Continuous distributions of records, and what all distributions share.

``distributions`` has the table of kinds; ``laws`` computes their probabilities and quantiles.
"""

import math
from statistics import NormalDist
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from detente.config.fields import Positive, Real, Strict, require
from detente.shared.messages import number

SMALLEST_MASS = 1e-300  # below this share a truncation leaves nothing that numbers could hold

Range = tuple[float, float]
REALS: Range = (-math.inf, math.inf)
POSITIVE_REALS: Range = (0.0, math.inf)
Shape = Annotated[float, Field(ge=0.01, le=1e6)]
"""Shapes at which the distribution functions are exact."""


class Dist(Strict):
    """What all distributions share."""

    truncate: tuple[Real, Real] | None = None

    def _check(self) -> None:
        """Refuse parameters that do not fit together (ValueError)."""

    def _full_range(self) -> Range:
        """Support before truncation."""
        raise NotImplementedError

    def _middle(self) -> float | None:
        """Median before truncation where it has a closed form."""
        return None

    def _typical(self) -> float | None:
        """A value of ordinary density before truncation."""
        return self._middle()

    def within(self, low: float, high: float) -> Range | None:
        """Lowest and highest possible value between two limits, before truncation; None if there is none."""
        first, last = self._full_range()
        low, high = max(low, first), min(high, last)
        return (low, high) if low < high else None

    def support(self) -> Range:
        """Lowest and highest possible value."""
        return self.within(*(self.truncate or REALS)) or self._full_range()

    def centre(self) -> float:
        """The median. Imports scipy where it has no closed form."""
        middle = self._middle() if self.truncate is None else None
        if middle is None:
            from detente.config import laws

            this: Any = self
            middle = laws.median(this)
        low, high = self.support()
        return min(max(middle, low), high)

    def _leaves_any(self) -> bool:
        """Whether the truncation leaves a probability that numbers can hold."""
        within = self.within(*(self.truncate or REALS))
        if within is None:
            return False
        typical = self._typical()
        if typical is not None and within[0] < typical < within[1]:
            return True
        from detente.config import laws

        this: Any = self
        return laws.share_left(this) >= SMALLEST_MASS

    @model_validator(mode="after")
    def _consistent(self) -> "Dist":
        self._check()
        if self.truncate is not None:
            low, high = self.truncate
            limits = f"truncate = [{number(low)}, {number(high)}]"
            require(low < high, f"{limits} must give the lower limit first.")
            first, last = self._full_range()
            require(
                self._leaves_any(),
                f"{limits} leaves nothing of the distribution, which runs from {number(first)} to {number(last)}.",
            )
        return self


class Gaussian(Dist):
    """Normal in the variable itself or in its natural logarithm."""

    def _gauss(self) -> NormalDist:
        raise NotImplementedError

    def in_logs(self) -> bool:
        """Whether the logarithm of the variable is normal."""
        return False

    def halves(self) -> tuple[float, float, float]:
        """Median, and standard deviation below and above it.

        On the scale (plain or logarithmic) on which the halves are normal.
        """
        gauss = self._gauss()
        return gauss.mean, gauss.stdev, gauss.stdev

    def _full_range(self) -> Range:
        return POSITIVE_REALS if self.in_logs() else REALS

    def _middle(self) -> float:
        middle = self.halves()[0]
        return math.exp(middle) if self.in_logs() else middle


class Normal(Gaussian):
    """Normal by arithmetic mean and standard deviation."""

    kind: Literal["normal"]
    mean: Real
    sd: Positive

    def _gauss(self) -> NormalDist:
        return NormalDist(self.mean, self.sd)


class Lognormal(Gaussian):
    """Lognormal by its median and the standard deviation of its natural logarithm."""

    kind: Literal["lognormal"]
    median: Positive
    log_sd: Annotated[float, Field(ge=1e-9, le=10.0)]

    def _gauss(self) -> NormalDist:
        return NormalDist(math.log(self.median), self.log_sd)

    def in_logs(self) -> bool:
        """Always."""
        return True

    def _middle(self) -> float:
        return self.median


class Quantiles(Gaussian):
    """A family through the 5th and 95th percentile.

    With ``p50`` each half has its own spread, so that all three percentiles are met.
    """

    kind: Literal["quantiles"]
    p5: Real
    p50: Real | None = None
    p95: Real
    family: Literal["normal", "lognormal"]

    def _check(self) -> None:
        require(self.p5 < self.p95, f"p5 = {number(self.p5)} must be less than p95 = {number(self.p95)}.")
        if self.p50 is not None:
            require(self.p5 < self.p50 < self.p95, f"p50 = {number(self.p50)} must lie between p5 and p95.")
        require(self.family == "normal" or self.p5 >= 1e-30, "p5 must be positive in the lognormal family.")
        require(min(self.halves()[1:]) > 0.0, "the percentiles are too close to tell apart.")

    def in_logs(self) -> bool:
        """In the lognormal family."""
        return self.family == "lognormal"

    def _gauss(self) -> NormalDist:
        low, high = (math.log(self.p5), math.log(self.p95)) if self.in_logs() else (self.p5, self.p95)
        return NormalDist((low + high) / 2.0, (high - low) / (2.0 * NormalDist().inv_cdf(0.95)))

    def halves(self) -> tuple[float, float, float]:
        """As for the others; with ``p50`` the two standard deviations differ."""
        if self.p50 is None:
            return super().halves()
        low, middle, high = (math.log(p) if self.in_logs() else p for p in (self.p5, self.p50, self.p95))
        z95 = NormalDist().inv_cdf(0.95)
        return middle, (middle - low) / z95, (high - middle) / z95

    def _middle(self) -> float:
        return self.p50 if self.p50 is not None else super()._middle()


class _Spanned(Dist):
    """Between two declared ends, ``min`` and ``max``."""

    def _ends(self) -> Range:
        raise NotImplementedError

    def _check(self) -> None:
        low, high = self._ends()
        require(low < high, f"min = {number(low)} must be less than max = {number(high)}.")

    def _full_range(self) -> Range:
        return self._ends()


class Uniform(_Spanned):
    """Equally likely between two limits."""

    kind: Literal["uniform"]
    min: Real
    max: Real

    def _ends(self) -> Range:
        return self.min, self.max

    def _middle(self) -> float:
        return (self.min + self.max) / 2.0


class Triangular(_Spanned):
    """Triangular by its two ends and its mode."""

    kind: Literal["triangular"]
    min: Real
    mode: Real
    max: Real

    def _ends(self) -> Range:
        return self.min, self.max

    def _check(self) -> None:
        super()._check()
        require(self.min <= self.mode <= self.max, f"mode = {number(self.mode)} must lie between min and max.")

    def _middle(self) -> float:
        width, rise = self.max - self.min, self.mode - self.min
        if width <= 2.0 * rise:
            return self.min + math.sqrt(0.5 * width * rise)
        return self.max - math.sqrt(0.5 * width * (self.max - self.mode))


class Beta(_Spanned):
    """Beta with shapes a and b, stretched to [min, max]."""

    kind: Literal["beta"]
    a: Shape
    b: Shape
    min: Real = 0.0
    max: Real = 1.0

    def _ends(self) -> Range:
        return self.min, self.max

    def _typical(self) -> float:
        return self.min + (self.max - self.min) * self.a / (self.a + self.b)


class Gamma(Dist):
    """Gamma by shape and rate; the mean is shape / rate."""

    kind: Literal["gamma"]
    shape: Shape
    rate: Positive

    def _full_range(self) -> Range:
        return POSITIVE_REALS

    def _typical(self) -> float:
        return self.shape / self.rate
