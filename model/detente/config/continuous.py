"""Continuous distributions of records, and what all distributions share.

``distributions`` has the table of kinds.
"""

import math
from statistics import NormalDist
from typing import Annotated, Literal

from pydantic import Field, model_validator

from detente.config.fields import Positive, Real, Strict, require
from detente.shared.messages import number

SMALLEST_MASS = 1e-9  # a truncation that keeps less is a mistake, and no table could draw from it

Range = tuple[float, float]
REALS: Range = (-math.inf, math.inf)
POSITIVE_REALS: Range = (0.0, math.inf)


class Dist(Strict):
    """What all distributions share."""

    truncate: tuple[Real, Real] | None = None

    def _check(self) -> None:
        """Refuse parameters that do not fit together (ValueError)."""

    def _full_range(self) -> Range:
        """Support before truncation."""
        raise NotImplementedError

    def _middle(self) -> float:
        """Central value before truncation."""
        raise NotImplementedError

    def _keeps_any(self, low: float, high: float) -> bool:
        """Whether a noticeable probability lies within the limits."""
        return low < high

    def support(self) -> Range:
        """Lowest and highest possible value."""
        low, high = self._full_range()
        return (max(low, self.truncate[0]), min(high, self.truncate[1])) if self.truncate else (low, high)

    def centre(self) -> float:
        """Median, or a value close to it."""
        low, high = self.support()
        return min(max(self._middle(), low), high)

    @model_validator(mode="after")
    def _consistent(self) -> "Dist":
        self._check()
        if self.truncate is not None:
            low, high = self.truncate
            limits = f"truncate = [{number(low)}, {number(high)}]"
            require(low < high, f"{limits} must give the lower limit first.")
            first, last = self._full_range()
            require(
                self._keeps_any(*self.support()),
                f"{limits} leaves nothing of the distribution, which runs from {number(first)} to {number(last)}.",
            )
        return self


class _Gaussian(Dist):
    """Normal in the variable itself or in its natural logarithm; its truncated median is exact."""

    def _gauss(self) -> NormalDist:
        raise NotImplementedError

    def _in_logs(self) -> bool:
        return False

    def _halves(self) -> tuple[float, float, float]:
        """Median, and standard deviation below and above it.

        On the scale (plain or logarithmic) on which the halves are normal.
        """
        gauss = self._gauss()
        return gauss.mean, gauss.stdev, gauss.stdev

    def _full_range(self) -> Range:
        return POSITIVE_REALS if self._in_logs() else REALS

    def _cdf(self, value: float) -> float:
        if self._in_logs():
            value = math.log(value) if value > 0.0 else -math.inf
        median, below, above = self._halves()
        return NormalDist().cdf((value - median) / (below if value < median else above))

    def _keeps_any(self, low: float, high: float) -> bool:
        return low < high and self._cdf(high) - self._cdf(low) >= SMALLEST_MASS

    def _middle(self) -> float:
        low, high = self.support()
        level = (self._cdf(low) + self._cdf(high)) / 2.0 if self.truncate else 0.5
        median, below, above = self._halves()
        z = NormalDist().inv_cdf(min(max(level, 1e-16), 1.0 - 1e-16))
        middle = median + z * (below if z < 0.0 else above)
        return math.exp(min(middle, 700.0)) if self._in_logs() else middle


class Normal(_Gaussian):
    """Normal by arithmetic mean and standard deviation."""

    kind: Literal["normal"]
    mean: Real
    sd: Positive

    def _gauss(self) -> NormalDist:
        return NormalDist(self.mean, self.sd)


class Lognormal(_Gaussian):
    """Lognormal by its median and the standard deviation of its natural logarithm."""

    kind: Literal["lognormal"]
    median: Positive
    log_sd: Annotated[float, Field(ge=1e-9, le=10.0)]

    def _gauss(self) -> NormalDist:
        return NormalDist(math.log(self.median), self.log_sd)

    def _in_logs(self) -> bool:
        return True

    def _middle(self) -> float:
        return super()._middle() if self.truncate else self.median


class Quantiles(_Gaussian):
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
        require(min(self._halves()[1:]) > 0.0, "the percentiles are too close to tell apart.")

    def _in_logs(self) -> bool:
        return self.family == "lognormal"

    def _gauss(self) -> NormalDist:
        low, high = (math.log(self.p5), math.log(self.p95)) if self._in_logs() else (self.p5, self.p95)
        return NormalDist((low + high) / 2.0, (high - low) / (2.0 * NormalDist().inv_cdf(0.95)))

    def _halves(self) -> tuple[float, float, float]:
        if self.p50 is None:
            return super()._halves()
        low, middle, high = (math.log(p) if self._in_logs() else p for p in (self.p5, self.p50, self.p95))
        z95 = NormalDist().inv_cdf(0.95)
        return middle, (middle - low) / z95, (high - middle) / z95

    def _middle(self) -> float:
        return self.p50 if self.p50 is not None and self.truncate is None else super()._middle()


class Uniform(Dist):
    """Equally likely between two limits."""

    kind: Literal["uniform"]
    min: Real
    max: Real

    def _check(self) -> None:
        require(self.min < self.max, f"min = {number(self.min)} must be less than max = {number(self.max)}.")

    def _full_range(self) -> Range:
        return self.min, self.max

    def _middle(self) -> float:
        return sum(self.support()) / 2.0


class Triangular(Dist):
    """Triangular by its two ends and its mode."""

    kind: Literal["triangular"]
    min: Real
    mode: Real
    max: Real

    def _check(self) -> None:
        require(self.min < self.max, f"min = {number(self.min)} must be less than max = {number(self.max)}.")
        require(self.min <= self.mode <= self.max, f"mode = {number(self.mode)} must lie between min and max.")

    def _full_range(self) -> Range:
        return self.min, self.max

    def _cdf(self, value: float) -> float:
        width = self.max - self.min
        if value <= self.mode:
            return (
                (value - self.min) / width * ((value - self.min) / (self.mode - self.min)) if value > self.min else 0.0
            )
        return (
            1.0 - (self.max - value) / width * ((self.max - value) / (self.max - self.mode))
            if value < self.max
            else 1.0
        )

    def _keeps_any(self, low: float, high: float) -> bool:
        return low < high and self._cdf(high) - self._cdf(low) >= SMALLEST_MASS

    def _middle(self) -> float:
        low, high = self.support()
        level = (self._cdf(low) + self._cdf(high)) / 2.0
        if level * (self.max - self.min) <= self.mode - self.min:
            return self.min + math.sqrt(level * (self.max - self.min) * (self.mode - self.min))
        return self.max - math.sqrt((1.0 - level) * (self.max - self.min) * (self.max - self.mode))


class Beta(Dist):
    """Beta with shapes a and b, stretched to [min, max]."""

    kind: Literal["beta"]
    a: Positive
    b: Positive
    min: Real = 0.0
    max: Real = 1.0

    def _check(self) -> None:
        require(self.min < self.max, f"min = {number(self.min)} must be less than max = {number(self.max)}.")

    def _full_range(self) -> Range:
        return self.min, self.max

    def _middle(self) -> float:
        shift = 1.0 / 3.0 if min(self.a, self.b) > 1.0 else 0.0  # Kerman (2011) for the median; below 1 the mean
        return self.min + (self.max - self.min) * (self.a - shift) / (self.a + self.b - 2.0 * shift)


class Gamma(Dist):
    """Gamma by shape and rate; the mean is shape / rate."""

    kind: Literal["gamma"]
    shape: Positive
    rate: Positive

    def _full_range(self) -> Range:
        return POSITIVE_REALS

    def _middle(self) -> float:
        wilson_hilferty = (1.0 - 1.0 / (9.0 * self.shape)) ** 3 if self.shape > 0.5 else 1.0
        return self.shape / self.rate * wilson_hilferty
