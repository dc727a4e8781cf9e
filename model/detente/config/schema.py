"""Every table that a configuration file may hold, as a strict model: names, types and ranges."""

import datetime as dt
from typing import Annotated, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from detente.config.distributions import Distribution
from detente.config.fields import (
    CalendarDay,
    Confidence,
    Key,
    Real,
    RunDate,
    Slug,
    Strict,
    Text,
    Title,
    Value,
    Weight,
    flat,
    require,
    require_weights,
    weighted_median,
)
from detente.config.vocabulary import Channel, Rule, Sender

SCHEMA_VERSION = 1
SenderWord = Annotated[Sender, Field(strict=False)]
RuleWord = Annotated[Rule, Field(strict=False)]
ChannelWord = Annotated[Channel, Field(strict=False)]
"""Words of the vocabulary, written as strings in files."""
LONGEST_HORIZON = 240


BY_HAND = "set by hand for this run"
"""Source of a value that the command line, a caller or a batch sets without naming one."""


class FittedOn(Strict):
    """An observation that a record was fitted on: an outcome of ``configs/hindcast.toml``, or a question of events.

    ``first`` and ``last`` are days of the first and last month used; without them the whole outcome.
    """

    outcome: Text
    first: dt.date | None = None
    last: dt.date | None = None

    def covers(self, outcome: str, month: dt.date | None = None) -> bool:
        """Whether an outcome, in the month that contains a day, is among the observations."""
        if outcome != self.outcome or month is None:
            return outcome == self.outcome
        position = (month.year, month.month)
        begins = self.first is None or (self.first.year, self.first.month) <= position
        return begins and (self.last is None or position <= (self.last.year, self.last.month))


class Record(Strict):
    """A parameter or a fact: value, distribution (``dist``; None for a fixed value), meaning and source.

    ``carried_from``: the date whose facts the record repeats, because no value of the file's own date was found. A date
    after the run's as-of date marks a record that knows the future. ``fitted_on``: observations from which the value
    comes, which a hindcast with this value does not score.
    """

    value: Value
    dist: Distribution | None = None
    unit: Text
    bounds: tuple[Real, Real] | None = None
    choices: tuple[Text, ...] | None = Field(default=None, min_length=1)
    doc: Text
    source: Text
    confidence: Confidence
    as_of: dt.date
    carried_from: dt.date | None = None
    fitted_on: tuple[FittedOn, ...] | None = None
    kind: Literal["uncertain", "policy", "constant", "fact"]

    @property
    def drawn(self) -> bool:
        """Whether a path draws this value rather than taking it as it stands."""
        return self.dist is not None

    @property
    def by_hand(self) -> bool:
        """Whether the value was set by hand, so that it has no source."""
        return self.source == BY_HAND


class Overlay(Strict):
    """A scenario's change to a declared record: another value or distribution, and why."""

    elsewhere: ClassVar[dict[str, str]] = {
        name: f"{name} is declared once, with the record, and cannot be changed in an overlay."
        for name in ("bounds", "choices", "kind")
    }
    value: Value | None = None
    dist: Distribution | None = None
    unit: Text | None = Field(default=None, description="May be repeated for the reader; must be the declared unit.")
    doc: Text | None = None
    source: Text | None = Field(default=None, description="Why; required with a new value or dist.")
    confidence: Confidence | None = None
    as_of: dt.date | None = None


class Correlation(Strict):
    """Rank-preserving (Gaussian copula) correlation of two uncertain parameters."""

    pair: tuple[Text, Text]
    rho: Annotated[float, Field(gt=-1.0, lt=1.0)]
    source: Text


class Joint(Strict):
    """Parameters that are drawn together: one row of the table at a time, with its weight."""

    columns: tuple[Text, ...] = Field(min_length=2, max_length=50)
    rows: tuple[tuple[Real, ...], ...] = Field(min_length=1, max_length=5_000)
    weights: tuple[Weight, ...]
    source: Text

    @model_validator(mode="after")
    def _shapes(self) -> "Joint":
        require(len({*self.columns}) == len(self.columns), "columns must differ from one another.")
        for index, row in enumerate(self.rows, 1):
            require(
                len(row) == len(self.columns), f"row {index} has {len(row)} numbers for {len(self.columns)} columns."
            )
        require_weights(self.weights, len(self.rows), "rows")
        return self

    def column(self, key: str) -> tuple[float, ...]:
        """The numbers of one parameter, a row each."""
        return tuple(row[self.columns.index(key)] for row in self.rows)

    def support(self, key: str) -> tuple[float, float]:
        """Lowest and highest value of a column in rows of positive weight."""
        values = [value for value, weight in zip(self.column(key), self.weights, strict=True) if weight > 0.0]
        return min(values), max(values)

    def centre(self, key: str) -> float:
        """Weighted median of a column."""
        return weighted_median(self.column(key), self.weights)


class Instrument(Strict):
    """One legal instrument of one sender.

    How it can be lifted, when it lapses, and which channels it acts on with which weight.
    """

    sender: SenderWord
    name: Slug
    title: Title
    act: Text
    rule: RuleWord
    announced: dt.date
    in_force: dt.date | None = None
    ends: dt.date | None = None
    status: Literal["in force", "proposed"]
    price_licence: bool = False
    breadth: Literal["first", "broad"]
    licence_months: Annotated[float, Field(ge=0.0, le=600.0)] = 0.0
    renewal: tuple[CalendarDay, ...] = ()
    wind_down_days: Annotated[int, Field(ge=0, le=3_650)]
    channels: dict[ChannelWord, Annotated[float, Field(gt=0.0, le=1.0)]]
    source: Text
    confidence: Confidence

    @property
    def key(self) -> str:
        """``US.oil-majors``."""
        return f"{self.sender}.{self.name}"

    @model_validator(mode="after")
    def _dates(self) -> "Instrument":
        require(
            self.status == "proposed" or self.in_force is not None,
            'an instrument with status = "in force" needs in_force, a date.',
        )
        begin = self.in_force or self.announced
        require(self.ends is None or self.ends > begin, f"ends must come after {begin}.")
        return self


class Gate(Strict):
    """What must have happened before a stage is reached."""

    ceasefire_months: Annotated[float, Field(ge=0.0, le=LONGEST_HORIZON)] = 0.0
    verified_withdrawal: bool = False
    talks_concluded: bool = False


class Stage(Strict):
    """One stage of a roadmap: its gate, what each sender eases at it, and the lag from gate to easing in days."""

    name: Slug
    gate: Gate
    eases: dict[SenderWord, tuple[Slug, ...]]
    lag_days: Annotated[float, Field(ge=0.0, le=3_650.0)] = 0.0


class Event(Strict):
    """A dated fact or assumption that pins states, such as ``"sanctions.US.oil-majors" = "licensed"``."""

    date: dt.date
    set: Annotated[dict[str, str], BeforeValidator(flat), Field(min_length=1)]
    source: Text | None = None


Paths = Annotated[int, Field(ge=1, le=1_000_000_000)]
Horizon = Annotated[int, Field(ge=1, le=LONGEST_HORIZON)]
Seed = Annotated[int, Field(ge=0, le=2**63 - 1)]
StepName = Literal["month", "week"]


class RunOptions(Strict):
    """Size of a run: paths, horizon in months, time step, seed."""

    paths: Paths = 65_536
    horizon: Horizon = 36
    step: StepName = "month"
    seed: Seed = 20_260_831


class RunOverlay(Strict):
    """The run options that a scenario changes."""

    paths: Paths | None = Field(default=None, description="Number of simulated paths.")
    horizon: Horizon | None = Field(default=None, description="Months from the as-of date.")
    step: StepName | None = Field(default=None, description="Time step.")
    seed: Seed | None = Field(default=None, description="Equal seeds give equal numbers.")


class ReportOptions(Strict):
    """Scenarios that the report sets beside this one."""

    compare: tuple[Slug, ...] | None = None


class ConflictOptions(Strict):
    """Options of the conflict block.

    ``feedback``: whether gulf, money, forces, threats and relief on offer act on the ceasefire probability, and
    revenue on recruits' pay.
    """

    feedback: bool | None = None


class Roadmap(Strict):
    """The stages of a phased relief."""

    stage: tuple[Stage, ...] = ()


class Scenario(Strict):
    """A scenario file: the difference over the baseline, or over the scenario it extends."""

    schema_version: Literal[1]
    name: Slug | None = Field(default=None, description="Defaults to the file's name.")
    title: Title | None = None
    description: Text | None = None
    as_of: RunDate | None = Field(default=None, description="Facts after this date are unknown to the run.")
    extends: Text | None = Field(
        default=None, description="Name or file of the scenario this one starts from; the baseline if absent."
    )
    run: RunOverlay = RunOverlay()
    conflict: ConflictOptions = ConflictOptions()
    report: ReportOptions = ReportOptions()
    parameters: dict[str, dict[str, Overlay]] = Field(default_factory=dict)
    facts: dict[str, dict[str, Overlay]] = Field(default_factory=dict)
    roadmap: Roadmap | None = None
    event: tuple[Event, ...] = ()


class Effective(Strict):
    """A complete configuration as written beside results: nothing is looked up elsewhere."""

    schema_version: Literal[1]
    effective: Literal[True]
    name: Slug
    title: Title
    description: str
    as_of: RunDate
    run: RunOptions
    conflict: ConflictOptions
    report: ReportOptions
    parameters: dict[Key, dict[Key, Record]]
    correlation: tuple[Correlation, ...] = ()
    joint: dict[Key, Joint] = Field(default_factory=dict)
    facts: dict[Key, dict[Key, Record]]
    instrument: tuple[Instrument, ...] = ()
    roadmap: Roadmap = Roadmap()
    event: tuple[Event, ...] = ()
    overrides: dict[str, str] = Field(default_factory=dict)


class FactsFile(Strict):
    """What is known on one date: facts, parameters that differ by that date, and events already on the calendar."""

    schema_version: Literal[1] = 1
    as_of: RunDate
    facts: dict[Key, dict[Key, Record]]
    parameters: dict[str, dict[str, Overlay]] = Field(default_factory=dict)
    event: tuple[Event, ...] = ()


class InstrumentsFile(Strict):
    """The file of the sanctions register."""

    schema_version: Literal[1] = 1
    instrument: tuple[Instrument, ...]


class JointTables(Strict):
    """What a parameter file may hold beside its parameters."""

    schema_version: Literal[1] = 1
    correlation: tuple[Correlation, ...] = ()
    joint: dict[Key, Joint] = Field(default_factory=dict)
