"""Golden numbers of the scenarios: they move only when somebody means them to.

After a change that is meant to move them: ``python tests/golden/test_golden.py`` writes the file anew; say in
CHANGELOG.md what moved and why.
"""

import tomllib
from pathlib import Path

import numpy as np
import pytest
from detente.config import loader
from detente.engine import outputs, simulate

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
)
MEANS = {  # mean over paths, by month
    "Price|Oil|Brent": (1, 12, 36),
    "Price|Oil|Urals|FOB Discount": (1, 12, 36),
    "Trade|Oil|Volume": (12, 36),
    "Trade|Oil|Value": (12, 36),
    "Conflict|Ceasefire": (12, 36),
    "Gulf|Severity": (12,),
    "Channel|Blocking of producers|Effective": (12, 36),
}
EVENTS = (
    "conflict.first_ceasefire",
    "sanctions.first_US_relief",
    "sanctions.first_EU_relief",
    "sanctions.first_snapback",
)


def numbers(scenario: str) -> dict[str, float]:
    """The numbers of one scenario, by a name a person can read."""
    made = simulate.plan(loader.load(scenario, paths=PATHS, horizon=HORIZON), keep_paths=0)
    collected = []
    result = simulate.simulate(made, jobs=2, on_events=lambda events, _: collected.append(events))
    mean = result.total.sum(axis=0) / result.count.sum(axis=0)[:, None]
    found = {}
    for name, months in MEANS.items():
        k = next(i for i, v in enumerate(made.variables) if v.name == name and ">" not in v.region)
        found |= {f"{name}, month {month}": float(f"{mean[month - 1, k]:.9g}") for month in months}
    events = dict(zip([entry.field for entry in outputs.events()], np.concatenate(collected, axis=1), strict=True))
    found |= {f"paths with {field} within {HORIZON} months": int(np.sum(events[field] <= HORIZON)) for field in EVENTS}
    return found


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_golden_numbers_stand(scenario):
    golden = tomllib.loads(FILE.read_text())[scenario]
    assert numbers(scenario) == pytest.approx(golden, rel=1e-8)


def write() -> None:
    lines = [f"# Golden numbers: means over {PATHS:,} paths, counts of paths. Written by test_golden.py."]
    for scenario in SCENARIOS:
        lines += ["", f"[{scenario}]"] + [f'"{name}" = {value}' for name, value in numbers(scenario).items()]
    FILE.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    write()
