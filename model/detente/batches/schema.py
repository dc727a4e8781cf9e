"""Schema of a batch file: scenarios, seeds, settings and size."""

import math
from collections import Counter
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from detente.config.fields import RunDate, Slug, Strict, Text, Title, require
from detente.config.layers import check_version
from detente.config.schema import Horizon, Paths, RunOverlay, Seed, StepName
from detente.config.toml import Document, read
from detente.config.validation import check
from detente.shared.paths import shown

MAX_UNITS = 10_000
MAX_SETTINGS = 200
ELSEWHERE = {
    "run.seed": "use seeds, or seed under [run] or [[case]]",
    "name": "an override or a case has a name of its own",
}
KIND = "kind"
"""A table with this key is a distribution, hence one value; any other table holds further keys."""


def flat(value: Any, prefix: str = "") -> Any:
    """Flatten nested settings to dotted keys.

    ``{ facts.oil.brent = 55 }``, ``{ "facts.oil.brent" = 55 }`` and ``{ "facts.oil.brent.value" = 55 }`` are equal.
    """
    if not isinstance(value, dict):
        return value
    settings: dict[str, Any] = {}
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, dict) and KIND not in item:
            settings |= flat(item, f"{name}.")
        else:
            settings[name.removesuffix(".value") if name.startswith(("facts.", "parameters.")) else name] = item
    return settings


def _some(values: dict[str, Any]) -> dict[str, Any]:
    require(
        len(values) <= MAX_SETTINGS,
        f"has {len(values)} keys; the maximum is {MAX_SETTINGS}, so move some of them to a scenario file.",
    )
    for key, value in values.items():
        require(key not in ELSEWHERE, f"{key} cannot be set here; {ELSEWHERE.get(key)}.")
        require(not isinstance(value, float) or math.isfinite(value), f"{key} must be a finite number.")
    return values


def _listed(values: dict[str, Any]) -> dict[str, Any]:
    for key, listed in _some(values).items():
        require(isinstance(listed, tuple), f"{key} must be a list of values, e.g. [8.0, 14.0].")
        require(len(listed) > 0, f"{key} is an empty list; add a value or remove it.")
    return values


Settings = Annotated[dict[str, Any], BeforeValidator(flat), AfterValidator(_some)]
"""Dotted keys as after ``--set``, with their values."""
Axes = Annotated[dict[str, Any], BeforeValidator(flat), AfterValidator(_listed)]
"""Dotted keys, each with a list of values."""


class Override(Strict):
    """Named settings; an empty override leaves the scenario unchanged."""

    name: Slug | None = Field(default=None, description="Name of the units with these settings.")
    set: Settings = Field(default_factory=dict, description="Dotted keys with values, as after --set.")


class BatchRun(Strict):
    """Size and output of every unit; overrides the scenario."""

    paths: Paths | None = Field(default=None, description="Number of simulated paths.")
    horizon: Horizon | None = Field(default=None, description="Months from the as-of date.")
    step: StepName | None = Field(default=None, description="Time step.")
    seed: Seed | None = Field(default=None, description="One seed for all units; seeds takes several.")
    keep_paths: Annotated[int, Field(ge=0, le=10_000_000)] | None = Field(
        default=None, description="Number of complete paths stored."
    )
    exact: bool = Field(default=False, description="Exact quantiles instead of bins.")
    keep_state: bool | None = Field(default=None, description="Keep the state needed to extend the run.")


class Case(Strict):
    """A single unit in addition to the product."""

    name: Slug
    scenario: Text = Field(default="baseline", description="Name, or file beside the batch file.")
    set: Settings = Field(default_factory=dict, description="Dotted keys with values, as after --set.")
    seed: Seed | None = None
    as_of: RunDate | None = Field(default=None, description="As-of date; overrides the batch and the scenario.")
    run: RunOverlay = RunOverlay()

    @model_validator(mode="after")
    def _one_seed(self) -> "Case":
        require(self.seed is None or self.run.seed is None, "has two seeds, seed and run.seed; keep one of them.")
        return self


class BatchFile(Strict):
    """Product of scenarios, overrides, grid, zip and seeds, plus single cases."""

    schema_version: Literal[1]
    name: Slug | None = Field(default=None, description="Defaults to the file's name.")
    title: Title | None = None
    description: Text | None = None
    as_of: RunDate | None = Field(default=None, description="As-of date of every unit; overrides the scenarios.")
    scenarios: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)] | None = None
    overrides: Annotated[tuple[Override, ...], Field(min_length=1)] = (Override(),)
    run: BatchRun = BatchRun()
    grid: Axes = Field(default_factory=dict, description="Every combination of the listed values.")
    zip: Axes = Field(default_factory=dict, description="Lists combined element by element.")
    case: tuple[Case, ...] = ()

    @model_validator(mode="after")
    def _sense(self) -> "BatchFile":
        require(self.seeds is None or self.run.seed is None, "seeds and run.seed are both given; keep one of the two.")
        product = self.seeds is not None or self.grid or self.zip or self.overrides != (Override(),)
        require(
            self.scenarios is not None or not product,
            'the key scenarios is missing; add e.g. scenarios = ["baseline"].',
        )
        require(self.scenarios is not None or bool(self.case), "there is nothing to run; add scenarios or a [[case]].")
        lengths = {len(values) for values in self.zip.values()}
        require(
            len(lengths) <= 1,
            f"the lists under [zip] must have the same length, not {' and '.join(map(str, sorted(lengths)))}.",
        )
        both = sorted(set(self.grid) & set(self.zip))
        require(not both, f"{both[0] if both else ''} is under both [grid] and [zip]; keep one of the two.")
        named = [override.name for override in self.overrides if override.name is not None] + [
            case.name for case in self.case
        ]
        twice = sorted(name for name, number in Counter(named).items() if number > 1)
        require(not twice, f"two overrides or cases have the name {twice[0] if twice else ''}; names must be unique.")
        return self


def counted(data: dict[str, Any]) -> int:
    """Units that a file asks for, counted before anything in it is checked or expanded."""

    def size(value: Any, absent: int = 1) -> int:
        return len(value) if isinstance(value, list) else absent

    grid, together = (flat(data.get(key, {})) for key in ("grid", "zip"))
    product = math.prod(size(values) for values in grid.values()) if isinstance(grid, dict) else 1
    longest = max((size(values) for values in together.values()), default=1) if isinstance(together, dict) else 1
    lists = math.prod(size(data.get(key)) for key in ("overrides", "seeds"))
    return size(data.get("scenarios"), absent=0) * lists * product * longest + size(data.get("case"), absent=0)


def read_batch(path: Path) -> tuple[Document, BatchFile]:
    """Read and check a batch file (ConfigError or DataError with file, line, key and remedy)."""
    document = read(path, shown(path))
    check_version(document)
    units = counted(document.data)
    if units > MAX_UNITS:
        document.fail(
            (), f"the batch has {units:,} units; the maximum is {MAX_UNITS:,}, so split it or shorten a list."
        )
    return document, check(BatchFile, document)
