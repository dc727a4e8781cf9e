"""Every parameter and every fact at the values that break programs, in three scenarios.

Values: both declared bounds, just outside them, 0, 1e300, -1 and nan; every choice of a word, and a foreign word. Some
settings make sense only together (``TOGETHER``), and corners set several keys to their bounds at once. Each setting is
refused in one sentence that names it, or it runs for the whole horizon and every path keeps all of its state in the
physical range (``_ranges.py``), without a warning.
"""

import argparse
import collections
import sys
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np
from detente.config.loader import Files
from detente.config.schema import Record
from detente.engine import tables
from detente.engine.chunks import Store, Worker
from detente.engine.plan import Plan, plan
from detente.shared.errors import DetenteError
from detente.shared.paths import config_roots
from detente_kernels import world

from tests.sweep import _ranges

SCENARIOS = ("baseline", "bill-on-all-buyers", "us-first-relief")
PATHS = 128
HORIZON = 36
SEED = 20261128
BUYERS = ("china", "india", "turkiye", "eu", "other")
NO_SMALL = tuple(f"facts.tariffs.russian_oil_{buyer}=0.0" for buyer in ("brazil", "japan", "korea"))
HUGE = "1e300"
CORNERS = 300
"""Settings of several keys at once; ``MOST`` keys at most."""
MOST = 8
TOGETHER = (
    *(
        tuple(f"facts.oil.{kind}_share_{buyer}={float(buyer == only)}" for buyer in BUYERS)
        for kind in ("crude", "product")
        for only in BUYERS
    ),
    ("parameters.oil.storage_capacity=0.0", "facts.oil.stored=0.0"),
    ("parameters.oil.storage_capacity=300.0", "facts.oil.stored=300.0"),
    ("facts.oil.brent=5.0", "facts.oil.urals_discount=4.99"),
    ("facts.oil.brent=5.0", "facts.oil.urals_discount=0.0"),
    ("facts.oil.crude_exports=0.5", "facts.oil.product_exports=0.0", "parameters.oil.pipeline_exports=0.0", *NO_SMALL),
    ("facts.oil.crude_exports=0.5", "parameters.oil.pipeline_exports=0.0"),
    ("facts.oil.crude_exports=8.0", "facts.oil.product_exports=4.0", "facts.tariffs.oil_imports_turkiye=50.0"),
    ("facts.gas.ttf=1000.0", "parameters.gas.price_ceiling=3000.0"),
    (
        "facts.gas.turkstream=0.0",
        "facts.gas.lng=0.0",
        "parameters.gas.turkstream_cap=0.0",
        "parameters.gas.lng_cap=0.0",
    ),
    ("facts.gas.nord_stream=27.5", "facts.gas.yamal=33.0"),
    ("facts.gas.demand=600.0", "facts.gas.other_supply=400.0"),
    ("facts.gas.demand=100.0", "facts.gas.other_supply=50.0", "facts.gas.turkstream=0.0", "facts.gas.lng=0.0"),
    ("parameters.tariffs.applied_on_any_chance=1.0", "parameters.tariffs.applied_on_china_chance=1.0"),
    ("parameters.tariffs.elasticity_short=8.0", "parameters.tariffs.elasticity_long=8.0"),
    ("parameters.attrition.ceasefire_intensity=1.0", "parameters.attrition.truce_intensity=1.5"),
)


@dataclass(frozen=True)
class Setting:
    """One key, or several, set in one scenario; ``why`` says to what."""

    scenario: str
    texts: tuple[str, ...]
    why: str

    @property
    def names(self) -> list[str]:
        """Last parts of the keys."""
        return [text.partition("=")[0].rsplit(".", 1)[-1] for text in self.texts]


@dataclass
class Outcome:
    """What came of the settings of a sweep; ``faults`` by setting."""

    attempts: int = 0
    refusals: int = 0
    runs: int = 0
    guarded: int = 0
    faults: dict[Setting, list[str]] = field(default_factory=dict)


def values(record: Record) -> dict[str, str]:
    """Values to try, each once, and what they are."""
    if isinstance(record.value, str):
        return {f'"{word}"': "choice" for word in (*(record.choices or ()), "something else")}
    assert record.bounds is not None
    low, high = record.bounds
    tried = {repr(low): "lower bound", repr(high): "upper bound"}
    for value, why in (
        (repr(low - 1e-6 * max(abs(low), 1.0)), "below the bounds"),
        (repr(high + 1e-6 * max(abs(high), 1.0)), "above the bounds"),
        ("0.0", "zero"),
        (HUGE, "huge"),
        ("-1.0", "minus one"),
        ("nan", "no number"),
    ):
        tried.setdefault(value, why)
    return tried


def settings(files: Files) -> Iterator[Setting]:
    """All settings of the sweep."""
    rng = np.random.default_rng(SEED)
    for scenario in SCENARIOS:
        config = files.load(scenario, paths=PATHS, horizon=HORIZON)
        records = {f"parameters.{key}": record for key, record in config.parameters.items()}
        records |= {f"facts.{key}": record for key, record in config.facts.items()}
        for key, record in records.items():
            for value, why in values(record).items():
                yield Setting(scenario, (f"{key}={value}",), why)
        for texts in TOGETHER:
            yield Setting(scenario, texts, "together")
        bounded = [key for key, record in records.items() if record.bounds is not None and "_share_" not in key]
        for _ in range(CORNERS):
            chosen = rng.choice(bounded, size=rng.integers(2, MOST + 1), replace=False)
            ends = [(records[key].bounds or (0.0, 0.0))[rng.integers(2)] for key in chosen]
            yield Setting(scenario, tuple(f"{key}={end!r}" for key, end in zip(chosen, ends, strict=True)), "corner")


def state_fields() -> list[tuple[str, int]]:
    """Name and row of every field of the state that is a finite number on each step."""
    fields = []
    for name, row in world.rows(world.STATE).items():
        if name not in world.EVENT_FIELDS and name not in _ranges.UNBOUNDED:
            fields += [(name, r) for r in ([row] if isinstance(row, int) else row)]
    return fields


def recording_all(made: Plan, fields: list[tuple[str, int]]) -> Plan:
    """The plan of a run that records the whole state on each path instead of the published outputs."""
    rows = np.array([row for _, row in fields], np.int64)
    return replace(made, recorded=made.recorded._replace(all=rows, ranked=rows[:0]), variables=list(made.variables[:0]))


def sweep(tried: Iterator[Setting] | list[Setting], files: Files | None = None) -> Outcome:
    """Try all settings."""
    files = files or Files(config_roots(None))
    fields = state_fields()
    outcome = Outcome()
    for setting in tried:
        outcome.attempts += 1
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            try:
                config = files.load(setting.scenario, setting.texts, paths=PATHS, horizon=HORIZON, seed=SEED)
                made = plan(config, keep_paths=PATHS)
            except DetenteError as error:
                outcome.refusals += 1
                found = wrong_refusal(str(error), setting)
            except Exception as error:  # whatever reaches a user as a traceback
                found = [f"{type(error).__name__}: {error}"]
            else:
                outcome.runs += 1
                found, guarded = wrong_run(recording_all(made, fields), fields)
                outcome.guarded += guarded
        if found:
            outcome.faults[setting] = found
    return outcome


def wrong_refusal(message: str, setting: Setting) -> list[str]:
    """A refusal is one line that ends like a sentence and names one of the keys."""
    if "\n" in message or not message.endswith(".") or not any(name in message for name in setting.names):
        return [f"refusal is no sentence about the setting: {message!r}"]
    return []


def wrong_run(made: Plan, fields: list[tuple[str, int]]) -> tuple[list[str], bool]:
    """Faults of a run on any path and step, and whether a guard acted on any path."""
    worker = Worker(made)
    store = Store.of(made, 0, made.grid.paths)
    chunk = worker.run(0, made.units, store)
    found = [] if not chunk.failed.any() else [f"{(chunk.failed > 0).sum()} paths not finite"]
    by_name: dict[str, list[int]] = collections.defaultdict(list)
    for column, (name, _) in enumerate(fields):
        by_name[name].append(column)
    for name, columns in by_name.items():
        found += _ranges.faults(name, store.path_values[:, :, columns])
    for name in _ranges.UNBOUNDED:
        row = tables.rows(world.STATE)[name]
        if (worker.scratch.world_rows[row] < 0.0).any():
            found.append(f"{name} negative")
    horizon = made.grid.steps * made.grid.dt
    guarded = False
    for name, event in zip(world.EVENT_FIELDS, chunk.events, strict=True):
        happened = event[~np.isnan(event)]
        if name.endswith(".first_guard"):
            guarded = guarded or happened.size > 0
        if ".total_" in name:
            found += _ranges.faults(name, event)
        elif not name.endswith("_route") and ((happened < 0.0) | (happened > horizon)).any():
            found.append(f"{name} outside the horizon")
    return found, guarded


def table(outcome: Outcome, seconds: float) -> str:
    """The result in words: counts, then each fault."""
    lines = [
        f"attempts {outcome.attempts}, refusals {outcome.refusals}, runs {outcome.runs} "
        f"(in {outcome.guarded} a guard acted), settings with faults {len(outcome.faults)}; {seconds:.0f} s"
    ]
    lines += [
        f"  {s.scenario}: {' '.join(s.texts)} ({s.why}): {'; '.join(found[:6])}" for s, found in outcome.faults.items()
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="settings whose key contains this")
    parser.add_argument("--sample", type=int, default=0, help="so many settings, drawn at random")
    parser.add_argument("--seed", type=int, default=SEED, help="of that draw")
    options, _ = parser.parse_known_args()
    begun = time.perf_counter()
    files = Files(config_roots(None))
    tried = [setting for setting in settings(files) if options.only in " ".join(setting.texts)]
    if options.sample:
        chosen = np.random.default_rng(options.seed).choice(len(tried), min(options.sample, len(tried)), replace=False)
        tried = [tried[i] for i in np.sort(chosen)]
    outcome = sweep(tried, files)
    print(table(outcome, time.perf_counter() - begun))
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
