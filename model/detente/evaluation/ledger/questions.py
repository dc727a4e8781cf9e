"""Questions of the ledger: configs/questions.toml, or a file of the same form."""

import datetime as dt
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from detente.config.fields import Real, RunDate, Slug, Strict, Text, Title, require
from detente.config.toml import read
from detente.config.validation import check
from detente.shared.errors import DataError
from detente.shared.paths import config_roots, find

FILE = "questions.toml"
Share = Annotated[float, Field(gt=0.0, lt=1.0)]
Expression = Annotated[str, Field(min_length=3, max_length=2_000)]


class Outside(Strict):
    """A published forecast of the same question: a probability, or a value in the unit of the quantity.

    ``differs`` states a difference in definition.
    """

    value: Real
    date: dt.date
    source: Text
    differs: Text | None = None


class Question(Strict):
    """A question with its rule and date of resolution.

    ``ask`` is a probability, ``P(...)``; ``quantity`` a number, whose quantiles are registered. ``base_rate`` is a
    probability from past frequency; ``latest`` the fact whose value is the no-change forecast of a quantity.
    """

    key: Slug
    title: Title
    group: Literal["war", "sanctions", "tariffs", "oil", "gas", "budget"]
    ask: Expression | None = None
    quantity: Expression | None = None
    rule: Text
    where: Text
    resolves: RunDate
    base_rate: Share | None = None
    base_source: Text | None = None
    latest: Title | None = None
    outside: Outside | None = None

    @model_validator(mode="after")
    def _one_form(self) -> "Question":
        require((self.ask is None) != (self.quantity is None), f"{self.key} needs either ask or quantity.")
        require(self.ask is None or self.ask.startswith("P("), f"{self.key}: ask must be a probability, P(...).")
        require(
            (self.base_rate is None) == (self.base_source is None),
            f"{self.key}: base_rate and base_source go together.",
        )
        require(self.base_rate is None or self.ask is not None, f"{self.key}: a base rate belongs to a probability.")
        require(self.latest is None or self.quantity is not None, f"{self.key}: latest belongs to a quantity.")
        return self

    def definition(self) -> dict[str, Any]:
        """What an outcome refers to, and what later forecasts of the key must share: question, rule and date."""
        return self.model_dump(mode="json", include={"key", "ask", "quantity", "rule", "resolves"})


class Questions(Strict):
    """A file of questions."""

    schema_version: Literal[1] = 1
    question: tuple[Question, ...]

    @model_validator(mode="after")
    def _distinct(self) -> "Questions":
        keys = [question.key for question in self.question]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        require(not twice, f"the key {twice[0] if twice else ''} stands twice; keys of questions must differ.")
        return self


def read_questions(path: Path | None = None) -> tuple[Question, ...]:
    """The questions of a file.

    Parameters
    ----------
    path : TOML file; by default ``questions.toml`` of the configuration.

    Raises
    ------
    ConfigError : an entry is not valid; the message names file, line and key.
    DataError : there is no such file.
    """
    file = path or find(FILE, config_roots())
    if file is None or not file.is_file():
        raise DataError(f"{file or f'configs/{FILE}'}: there is no such file of questions.")
    return check(Questions, read(file)).question
