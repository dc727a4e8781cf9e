"""Golden numbers of the scenarios, block by block: they change only when somebody means them to.

After such a change ``python tests/golden/test_golden.py`` writes the file anew; CHANGELOG.md says what moved and why.
"""

import tomllib
from pathlib import Path

import numpy as np
import pytest
from detente.config import loader
from detente.engine import outputs, simulate, tables
from detente_kernels import world

FILE = Path(__file__).with_name("numbers.toml")
PATHS, HORIZON = 8_192, 36
SCENARIOS = (
    "baseline",
    "no-relief",
    "us-first-relief",
    "coordinated-relief",
    "price-triggered-licences",
    "snap-back",
    "maximum-pressure",
    "cold-winter-low-storage",
    "ukraine-transit-returns",
    "emergency-suspension",
    "bill-on-china-and-india",
    "tariff-struck-down",
    "ceasefire-regeneration",
)
RUSSIA, UKRAINE, AMERICA = "Russian Federation", "Ukraine", "United States"
MEANS = {  # mean over paths, by month; a name that several regions have stands with one
    "Price|Oil|Brent": (1, 12, 36),
    "Price|Oil|Urals|FOB Discount": (1, 12, 36),
    "Trade|Oil|Volume": (12, 36),
    "Trade|Oil|Value": (12, 36),
    "Conflict|Ceasefire": (12, 36),
    "Gulf|Severity": (12,),
    "Channel|Blocking of producers|Effective": (12, 36),
    "Price|Natural Gas|TTF": (1, 12, 36),
    "Price|Natural Gas|TTF|Volatility": (1, 12),
    "Price|Natural Gas|TTF|Scarcity": (7,),
    "Price|Natural Gas|Households": (36,),
    "Price|Natural Gas|Industry": (12, 36),
    ("Trade|Natural Gas|Volume", "Russian Federation>European Union"): (12, 36),
    ("Trade|Natural Gas|Pipeline|Ukraine Transit|Volume", "Russian Federation>European Union"): (36,),
    "Supply|Natural Gas|Firm": (12,),
    "Demand|Natural Gas": (12, 36),
    "Storage|Natural Gas|Fill": (7, 14, 36),
    "Bill|Natural Gas": (12, 36),
    "Inflation|HICP|Gas Effect": (12, 36),
    "GDP|Gas Effect": (36,),
    "Tariff|Bill|Law": (12, 36),
    "Tariff|Threat": (12,),
    ("Tariff|Applied", "China"): (12, 36),
    ("Tariff|Applied", "India"): (12, 36),
    ("Tariff|Waived", "India"): (12,),
    "Tariff|Russian Oil Dropped|Volume": (12, 36),
    ("Welfare|Tariff Effect", "China"): (36,),
    ("Welfare|Tariff Effect", AMERICA): (12, 36),
    "Inflation|CPI|Tariff Effect": (36,),
    "Revenue|Tariffs on Buyers": (12,),
    "Government Revenue|Oil and Gas": (1, 12, 36),
    "Government Deficit|Unfunded": (36,),
    "Sovereign Fund|Liquid": (12, 36),
    "Sovereign Fund|Runway": (12,),
    "Sovereign Fund|Pressure": (36,),
    "War|Pay on Signing": (12, 36),
    "War|Casualties|Claimed": (1, 12, 36),
    ("War|Casualties", UKRAINE): (12,),
    ("War|Killed", RUSSIA): (36,),
    ("War|Enlisted", RUSSIA): (12, 36),
    ("War|Force", RUSSIA): (12, 36),
    ("War|Force", UKRAINE): (12, 36),
    "War|Force|Daily Additions": (12, 36),
    ("War|Manpower Runway", UKRAINE): (12,),
    "War|Tanks|Store": (12, 36),
    "War|Armoured Vehicles": (36,),
}
EVENTS = (
    "conflict.first_ceasefire",
    "sanctions.first_US_relief",
    "sanctions.first_EU_relief",
    "sanctions.first_snapback",
    "sanctions.first_EU_gas_reversal",
    "gas.first_low_storage",
    "gas.first_suspension",
    "gas.first_shortage",
    "tariffs.first_law",
    "tariffs.first_tariff",
    "tariffs.first_order",
    "tariffs.first_struck_down",
    "tariffs.first_compliance",
    "fiscal.first_exhausted",
    "attrition.first_mobilisation",
)


def numbers(scenario: str) -> dict[str, float]:
    """The numbers of one scenario, by a name a person can read."""
    plan = simulate.plan(loader.load(scenario, paths=PATHS, horizon=HORIZON), keep_paths=0)
    collected = []
    result = simulate.simulate(plan, jobs=2, on_events=lambda events, _: collected.append(events))
    mean = result.total.sum(axis=0) / result.count.sum(axis=0)[:, None]
    values: dict[str, float] = {}
    for key, months in MEANS.items():
        name, region = key if isinstance(key, tuple) else (key, None)
        (k, *_) = [
            place
            for place, variable in enumerate(plan.variables)
            if variable.name == name and (variable.region == region if region else ">" not in variable.region)
        ]
        label = f"{name}, {region}" if region else name
        values |= {f"{label}, month {month}": float(f"{mean[month - 1, k]:.9g}") for month in months}
    events = dict(zip([entry.field for entry in outputs.events()], np.concatenate(collected, axis=1), strict=True))
    values |= {f"paths with {field} within {HORIZON} months": int(np.sum(events[field] <= HORIZON)) for field in EVENTS}
    return values


def test_every_submodel_has_golden_numbers():
    named = {key if isinstance(key, str) else key[0] for key in MEANS}
    variables = simulate.plan(loader.load("baseline", paths=128, horizon=1), keep_paths=0).variables
    submodels = {
        row: field.partition(".")[0]
        for field, place in tables.rows(world.STATE).items()
        for row in ([place] if isinstance(place, int) else place)
    }
    assert {submodels[variable.row] for variable in variables if variable.name in named} >= set(world.SUBMODELS)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_golden_numbers_hold(scenario):
    golden = tomllib.loads(FILE.read_text())[scenario]
    assert numbers(scenario) == pytest.approx(golden, rel=1e-8)


def write() -> None:
    """Write the file anew."""
    lines = [f"# Golden numbers: means over {PATHS:,} paths, counts of paths. Written by test_golden.py."]
    for scenario in SCENARIOS:
        lines += ["", f"[{scenario}]"] + [f'"{name}" = {value}' for name, value in numbers(scenario).items()]
    FILE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    write()
