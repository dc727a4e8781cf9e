"""Views as a user writes them: a TOML file, or measures with their values."""

from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from detente.config.fields import Real, Strict, Title, require
from detente.config.toml import read
from detente.config.validation import check
from detente.shared.errors import ConfigError, DataError


class View(Strict):
    """One view: a probability, a mean or a quantile, and what it is, or at least or at most is.

    ``probability`` is a condition and ``mean`` and ``of`` are numbers of the language of questions. A probability of 0
    or 1 leaves out the simulations that disagree.
    """

    probability: Title | None = None
    mean: Title | None = None
    quantile: float | None = Field(default=None, gt=0.0, lt=1.0)
    of: Title | None = None
    is_: Real | None = Field(default=None, alias="is")
    at_least: Real | None = None
    at_most: Real | None = None
    source: Title | None = None

    @model_validator(mode="after")
    def _one_form(self) -> "View":
        forms = [self.probability is not None, self.mean is not None, self.quantile is not None]
        require(sum(forms) == 1, "needs one of probability, mean and quantile.")
        require((self.quantile is None) == (self.of is None), "needs quantile and of together.")
        given = [each for each in (self.is_, self.at_least, self.at_most) if each is not None]
        require(len(given) == 1, "needs one of is, at_least and at_most.")
        require(self.probability is None or 0.0 <= given[0] <= 1.0, "a probability must lie between 0 and 1.")
        return self

    @property
    def target(self) -> float:
        """The number of the view."""
        return next(each for each in (self.is_, self.at_least, self.at_most) if each is not None)

    @property
    def sign(self) -> str:
        """``=``, ``>=`` or ``<=``."""
        return "=" if self.is_ is not None else ">=" if self.at_least is not None else "<="

    @property
    def text(self) -> str:
        """The measure in the language of questions."""
        if self.probability is not None:
            return f"P({self.probability})"
        return f"E({self.mean})" if self.mean is not None else f"Q({self.quantile:g}, {self.of})"


class ViewsFile(Strict):
    """A file of views."""

    schema_version: Literal[1] = 1
    view: tuple[View, ...] = Field(min_length=1)


def read_views(path: Path) -> tuple[View, ...]:
    """The views of a TOML file.

    Raises
    ------
    ConfigError : an entry is not valid; the message names file, line and key.
    DataError : there is no such file.
    """
    if not path.is_file():
        raise DataError(f"{path}: there is no such file of views.")
    return check(ViewsFile, read(path)).view


def views_of(values: dict[str, float]) -> tuple[View, ...]:
    """Views from measures and their values, such as ``{"P(ceasefire before 2027-07)": 0.4}``.

    Raises
    ------
    ConfigError : a key is not P(condition) or E(number).
    """
    views = []
    for text, value in values.items():
        kind, inner = text.strip()[:2], text.strip()[2:-1]
        if kind not in ("P(", "E(") or not text.strip().endswith(")"):
            raise ConfigError(f"{text!r} is not a view; write P(condition) or E(number).")
        views.append(View.model_validate({{"P(": "probability", "E(": "mean"}[kind]: inner, "is": float(value)}))
    return tuple(views)
