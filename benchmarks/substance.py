"""Checks of substance for oil: what a run must show, with the range expected beforehand and the value found.

``python benchmarks/substance.py [--paths N]`` prints one line a check: name, range, value, and "ok" or "OUT".
"""

import argparse
import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import NamedTuple

import numpy as np
from detente.config import loader
from detente.config.schema import Event
from detente.engine import simulate, tables
from detente.engine.outputs import Variable
from detente_kernels import world

TARGETS = ("china", "india", "turkiye", "eu", "brazil", "japan", "korea", "other")
FIELDS = (
    "oil.brent", "oil.discount", "oil.exports", "oil.crude", "oil.products", "oil.crude_india", "oil.crude_china",
    "oil.crude_price", "oil.product_price", "oil.price_cap", "oil.stored", "oil.shut_in", "gulf.severity",
)  # fmt: skip
OCTOBER = ("US.oil-majors", "EU.oil-producers", "UK.oil-majors")
"""Acts of October 2025, announced after the facts of September."""


class Check(NamedTuple):
    """A check: name, lowest and highest value expected, and the function that finds it."""

    name: str
    low: float
    high: float
    found: Callable[[int], float]


class Case(NamedTuple):
    """A run: scenario, as-of date, settings, dated events, acts that count as known, horizon and step."""

    scenario: str = "baseline"
    as_of: str = "2026-08-31"
    settings: tuple[tuple[str, float], ...] = ()
    events: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    known: tuple[str, ...] = ()
    horizon: int = 36
    step: str = "month"


@cache
def run(case: Case, paths: int) -> dict[str, np.ndarray]:
    """Fields by path and step."""
    loaded = loader.load(case.scenario, [f"as_of={case.as_of}"], paths=paths, horizon=case.horizon, step=case.step)
    events = [Event(date=dt.date.fromisoformat(day), set=dict(states), source="check") for day, states in case.events]
    instruments = [
        each.model_copy(update={"announced": loaded.as_of}) if f"{each.sender}.{each.name}" in case.known else each
        for each in loaded.instruments
    ]
    parameters, facts = dict(loaded.parameters), dict(loaded.facts)
    for key, value in case.settings:
        table = parameters if key in parameters else facts
        table[key] = table[key].model_copy(update={"value": value, "dist": None})
    config = replace(
        loaded, events=(*loaded.events, *events), instruments=tuple(instruments), parameters=parameters, facts=facts
    )
    plan = simulate.plan(config, keep_paths=paths)
    rows = np.array([tables.rows(world.STATE)[field] for field in FIELDS], np.int64)
    outputs = [
        Variable(field, "World", "1", int(row), False, (), field) for field, row in zip(FIELDS, rows, strict=True)
    ]
    recorded = plan.recorded._replace(all=rows, ranked=rows[:0])
    result = simulate.simulate(replace(plan, recorded=recorded, variables=outputs), jobs=2)
    return {field: result.path_values[:, :, k] for k, field in enumerate(FIELDS)}


BASE = Case()
LAW = (("2026-10-01", (("tariffs.bill", "law"), *((f"tariffs.{target}", "ordered") for target in TARGETS))),)
COMPLY = (
    *((f"tariffs.defiance_{target}", -1e6) for target in TARGETS),
    ("tariffs.choice_scale", 0.01),
    ("conflict.ceasefire_rate", 0.0),
)
NOBODY = (("tariffs.bill_chance", 0.0), ("tariffs.successor_chance", 0.0), ("tariffs.order_rate", 0.0))
NO_OPEC = (("oil.opec_offset", 0.0), ("conflict.ceasefire_rate", 0.0))
COMPLIED = Case(settings=COMPLY + NO_OPEC, events=LAW, horizon=12)
QUIET = Case(settings=NOBODY + NO_OPEC, horizon=12)
ANSWERED = Case(scenario="bill-on-all-buyers", horizon=24)
AUTUMN = Case(as_of="2025-09-30", known=OCTOBER, horizon=6, step="week")
LICENCE = Case(
    as_of="2026-02-28",
    settings=(("gulf.severity_low", 0.9), ("gulf.reopening_rate", 0.001)),
    events=(
        (
            "2026-03-05",
            (
                ("gulf.state", "disrupted"),
                ("sanctions.US.oil-majors", "licensed"),
                ("sanctions.US.oil-producers", "licensed"),
            ),
        ),
    ),
    horizon=3,
)


def months(case: Case, field: str, paths: int) -> np.ndarray:
    """Monthly means of a weekly run, (months, paths)."""
    values = run(case, paths)[field]
    middle = (np.arange(values.shape[1]) + 0.5) * 7.0 / 30.4375
    return np.array([values[:, (middle >= k) & (middle < k + 1)].mean(axis=1) for k in range(int(middle[-1]))])


def log_sd(month: int) -> Callable[[int], float]:
    return lambda paths: float(np.log(run(BASE, paths)["oil.brent"][:, month - 1]).std())


def a_month_above(price: float) -> Callable[[int], float]:
    return lambda paths: float((run(BASE, paths)["oil.brent"].max(axis=1) > price).mean())


def place_in_range(field: str, month: int, seen: float) -> Callable[[int], float]:
    """Share of simulations below what was seen."""
    return lambda paths: float((months(AUTUMN, field, paths)[month] < seen).mean())


def lowest(scenario: str) -> Callable[[int], float]:
    """Lowest price, cap, volume or stock of a scenario, and Brent less the discount."""

    def found(paths: int) -> float:
        values = run(Case(scenario=scenario), paths)
        least = min(float(values[field].min()) for field in FIELDS if field not in ("oil.discount", "gulf.severity"))
        return min(least, float((values["oil.brent"] - values["oil.discount"]).min()))

    return found


CHECKS = (
    Check("Brent, log sd at 12 months", 0.38, 0.52, log_sd(12)),
    Check("Brent, log sd at 24 months", 0.42, 0.60, log_sd(24)),
    Check("Brent, log sd at 36 months", 0.45, 0.65, log_sd(36)),
    Check("Brent, a month above 300 within 36 months", 0.0, 0.04, a_month_above(300.0)),
    Check("Brent, a month above 600 within 36 months", 0.0, 0.003, a_month_above(600.0)),
    Check(
        "All comply, no OPEC: exports after 10 months, mb/d",
        0.0,
        2.0,
        lambda n: float(np.median(run(COMPLIED, n)["oil.exports"][:, 9])),
    ),
    Check(
        "All comply, no OPEC: Brent after 10 months over no tariff",
        1.15,
        1.35,
        lambda n: float((run(COMPLIED, n)["oil.brent"][:, 9] / run(QUIET, n)["oil.brent"][:, 9]).mean()),
    ),
    Check(
        "Bill on all buyers as answered: exports at 12 months, mb/d",
        3.0,
        6.9,
        lambda n: float(run(ANSWERED, n)["oil.exports"][:, 11].mean()),
    ),
    *(Check(f"Lowest value, {name}", 0.0, np.inf, lowest(name)) for name in ("baseline", "bill-on-all-buyers")),
    *(
        Check(
            f"Discount {month} as seen ({seen}): share of simulations below",
            0.05,
            0.95,
            place_in_range("oil.discount", k, seen),
        )
        for k, (month, seen) in enumerate(
            (("2025-10", 13.0), ("2025-11", 20.1), ("2025-12", 26.5), ("2026-01", 26.7), ("2026-02", 28.3))
        )
    ),
    *(
        Check(
            f"India {month} as seen ({seen}): share of simulations below",
            0.05,
            0.95,
            place_in_range("oil.crude_india", k, seen),
        )
        for k, (month, seen) in enumerate(
            (("2025-10", 1.55), ("2025-11", 1.84), ("2025-12", 1.2), ("2026-01", 1.25), ("2026-02", 1.04))
        )
    ),
    Check(
        "First price licence: fall of the discount to April 2026, share of simulations below -13",
        0.05,
        0.95,
        lambda n: float((run(LICENCE, n)["oil.discount"][:, 1] - 28.3 < -13.0).mean()),
    ),
    Check(
        "First price licence: India in May over February 2026, share of simulations below +60%",
        0.05,
        0.95,
        lambda n: float((run(LICENCE, n)["oil.crude_india"][:, 2] / (4.5 * 0.24) < 1.6).mean()),
    ),
    Check(
        "Correlation of severity and discount at 12 months",
        -1.0,
        -0.05,
        lambda n: float(np.corrcoef(run(BASE, n)["gulf.severity"][:, 11], run(BASE, n)["oil.discount"][:, 11])[0, 1]),
    ),
    Check(
        "Ceasefire without relief over baseline: products at 12 months, mb/d",
        0.1,
        0.35,
        lambda n: float(
            (run(Case(scenario="ceasefire-without-relief"), n)["oil.products"] - run(BASE, n)["oil.products"])[
                :, 11
            ].mean()
        ),
    ),
)


def report(checks: tuple[Check, ...], paths: int) -> None:
    """Print the table of some checks."""
    for check in checks:
        value = check.found(paths)
        word = "ok" if check.low <= value <= check.high else "OUT"
        print(f"{check.name:<85} {check.low:>7.3g} to {check.high:<7.3g} {value:>8.3f}  {word}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description="Checks of substance for oil.")
    parser.add_argument("--paths", type=int, default=8_192)
    report(CHECKS, parser.parse_args().paths)


if __name__ == "__main__":
    main()
