"""A weekly and a monthly run of one scenario agree on means at common dates: within Monte Carlo error plus the bound
stated in docs/method.md.

What is left is the timing within a step: law and covariates act once a step, and prices of the last step feed the next.
"""

import numpy as np
import pytest
from detente.config import loader
from detente.engine import simulate

BOUND = {  # unit of the variable
    "Price|Oil|Brent": 1.5,
    "Price|Oil|Urals|FOB Discount": 0.5,
    "Trade|Oil|Volume": 0.05,
    "Trade|Oil|Value": 0.35,
    "Conflict|War": 0.015,
    "Conflict|Ceasefire": 0.015,
    "Gulf|Disrupted": 0.015,
    "Sanctions|US|Eased": 0.03,
    "Channel|Blocking of producers|Effective": 0.03,  # licences of a month act within weeks
    "Government Revenue|Oil and Gas": 12.0,
    "Government Deficit": 15.0,
    "Sovereign Fund|Pressure": 0.01,
    "Exchange Rate|Rouble": 0.2,
    "War|Casualties": 0.8,
    "War|Force": 5.0,
    "War|Tanks": 25.0,
}


@pytest.fixture(scope="module")
def both():
    found = {}
    for step in ("month", "week"):
        made = simulate.plan(loader.load("baseline", paths=16_384, horizon=24, step=step), keep_paths=0)
        result = simulate.simulate(made, jobs=2)
        means = result.total / result.count[:, :, None]
        mean = result.total.sum(axis=0) / result.count.sum(axis=0)[:, None]
        error = np.sqrt(((means - mean) ** 2).sum(axis=0) / (16 * 15))
        found[step] = (made, mean, error)
    return found


@pytest.mark.parametrize("name", BOUND)
@pytest.mark.parametrize("month", [5, 11, 23])
def test_means_agree(both, name, month):
    made, monthly, error = both["month"]
    weeks, weekly, weekly_error = both["week"]
    k = next(i for i, v in enumerate(made.variables) if v.name == name and ">" not in v.region)
    begin, end = made.calendar.start(month), made.calendar.start(month + 1)
    inside = [t for t, day in enumerate(weeks.calendar.starts()) if begin <= day < end]
    averaged = name.startswith(
        ("Price", "Trade", "Government", "Exchange", "War|Casualties")
    )  # means over the month; the others are states at its end
    value = weekly[inside, k].mean() if averaged else weekly[inside[-1], k]
    noise = 4.0 * np.hypot(error[month, k], weekly_error[inside[-1], k])
    assert abs(value - monthly[month, k]) < BOUND[name] + noise
