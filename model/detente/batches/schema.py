"""A batch file as strict models: which scenarios, with which seeds and settings, at which size."""

import math
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from detente.config.fields import Slug, Strict, Text, Title, require
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
"""A table with this key is a distribution, one value; any other table holds further keys."""


def flat(value: Any, prefix: str = "") -> Any:
    """``{ facts.oil.brent = 55 }``, ``{ "facts.oil.brent" = 55 }`` and ``{ "facts.oil.brent.value" = 55 }`` are the
    same setting."""
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, dict) and KIND not in item:
            found |= flat(item, f"{name}.")
        else:
            found[name.removesuffix(".value") if name.startswith(("facts.", "parameters.")) else name] = item
    return found


def _some(values: dict[str, Any]) -> dict[str, Any]:
    require(
        len(values) <= MAX_SETTINGS,
        f"has {len(values)} keys; {MAX_SETTINGS} is the most, so put some of them into a scenario file.",
    )
    for key, value in values.items():
        require(key not in ELSEWHERE, f"{key} is not set here; {ELSEWHERE.get(key)}.")
        require(not isinstance(value, float) or math.isfinite(value), f"{key} must be a finite number.")
    return values


def _listed(values: dict[str, Any]) -> dict[str, Any]:
    for key, listed in _some(values).items():
        require(isinstance(listed, tuple), f"{key} must be a list of values, [8.0, 14.0] say.")
        require(len(listed) > 0, f"{key} is an empty list; give it a value or remove it.")
    return values


Settings = Annotated[dict[str, Any], BeforeValidator(flat), AfterValidator(_some)]
"""Dotted keys as after ``--set``, with their values."""
Axes = Annotated[dict[str, Any], BeforeValidator(flat), AfterValidator(_listed)]
"""Dotted keys, each with a list of values."""


class Override(Strict):
    """Settings under one name; an empty one is the scenario as it is."""

    name: Slug | None = Field(default=None, description="How the units are called that have these settings.")
    set: Settings = Field(default_factory=dict, description="Dotted keys with values, as after --set.")


class BatchRun(Strict):
    """Size and output of every unit, over the scenario's own."""

    paths: Paths | None = Field(default=None, description="Number of simulated paths.")
    horizon: Horizon | None = Field(default=None, description="Months from the as-of date.")
    step: StepName | None = Field(default=None, description="Time step.")
    seed: Seed | None = Field(default=None, description="One seed for all; seeds takes several.")
    keep_paths: Annotated[int, Field(ge=0, le=10_000_000)] | None = Field(
        default=None, description="Number of whole paths kept."
    )
    exact: bool = Field(default=False, description="Exact quantiles instead of bins.")
    keep_state: bool | None = Field(default=None, description="Keep what a larger number of paths can go on from.")


class Case(Strict):
    """One unit beside the product."""

    name: Slug
    scenario: Text = Field(default="baseline", description="Name, or file beside the batch file.")
    set: Settings = Field(default_factory=dict, description="Dotted keys with values, as after --set.")
    seed: Seed | None = None
    run: RunOverlay = RunOverlay()

    @model_validator(mode="after")
    def _one_seed(self) -> "Case":
        require(self.seed is None or self.run.seed is None, "has two seeds, seed and run.seed; keep one of them.")
        return self


class BatchFile(Strict):
    """The product of scenarios, overrides, grid, zip and seeds, and single cases beside it."""

    schema_version: Literal[1]
    name: Slug | None = Field(default=None, description="Defaults to the file's name.")
    title: Title | None = None
    description: Text | None = None
    scenarios: Annotated[tuple[Text, ...], Field(min_length=1)] | None = None
    seeds: Annotated[tuple[Seed, ...], Field(min_length=1)] | None = None
    overrides: Annotated[tuple[Override, ...], Field(min_length=1)] = (Override(),)
    run: BatchRun = BatchRun()
    grid: Axes = Field(default_factory=dict, description="Every combination of the listed values.")
    zip: Axes = Field(default_factory=dict, description="The first values together, then the second ones, and so on.")
    case: tuple[Case, ...] = ()

    @model_validator(mode="after")
    def _sense(self) -> "BatchFile":
        require(self.seeds is None or self.run.seed is None, "seeds and run.seed are both given; keep one of the two.")
        product = self.seeds is not None or self.grid or self.zip or self.overrides != (Override(),)
        require(
            self.scenarios is not None or not product,
            'the key scenarios is missing; write scenarios = ["baseline"], say.',
        )
        require(
            self.scenarios is not None or bool(self.case), "there is nothing to run; give scenarios, or a [[case]]."
        )
        lengths = {len(values) for values in self.zip.values()}
        require(
            len(lengths) <= 1,
            f"the lists under [zip] must have the same length, not {' and '.join(map(str, sorted(lengths)))}.",
        )
        both = sorted(set(self.grid) & set(self.zip))
        require(not both, f"{both[0] if both else ''} stands under [grid] and under [zip]; keep one of the two.")
        named = [override.name for override in self.overrides if override.name is not None] + [
            case.name for case in self.case
        ]
        twice = sorted({name for name in named if named.count(name) > 1})
        require(
            not twice, f"two overrides or cases are called {twice[0] if twice else ''}; each needs a name of its own."
        )
        return self

    @property
    def units(self) -> int:
        """How many units the file stands for."""
        product = (
            len(self.overrides) * len(self.seeds or (0,)) * math.prod(len(values) for values in self.grid.values())
        )
        return len(self.scenarios or ()) * product * max(
            (len(values) for values in self.zip.values()), default=1
        ) + len(self.case)


def read_batch(path: Path) -> tuple[Document, BatchFile]:
    """A batch file, checked in itself (ConfigError or DataError that names file, line, key and fix)."""
    document = read(path, shown(path))
    check_version(document)
    file = check(BatchFile, document)
    if file.units > MAX_UNITS:
        document.fail(
            (), f"this batch has {file.units:,} units; {MAX_UNITS:,} is the most, so split it or thin out a list."
        )
    return document, file
