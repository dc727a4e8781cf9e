"""Closed forms are met through the kernels and tables that every run uses: a configuration, a plan, the block loop.
Only what is recorded differs."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from detente.config import loader
from detente.engine import simulate, tables
from detente.engine.outputs import Variable
from detente_kernels import world

CALM = {"gulf.state": "open", "gulf.severity": 0.0, "gulf.disruption_rate": 0.0, "conflict.months_in_state": 0.0}
"""Nothing of the outside world moves."""
TRANSITIONS = (
    "war_to_truce",
    "war_to_settlement",
    "truce_to_war",
    "ceasefire_to_war",
    "ceasefire_to_settlement",
    "settlement_to_war",
)
STILL = (
    CALM
    | {f"conflict.{name}_rate": 0.0 for name in (*TRANSITIONS, "ceasefire")}
    | {
        f"conflict.{name}": 1.0
        for name in ("agreement_strength_multiplier", "contested_outcome_multiplier", "talks_ratio")
    }
    | {"conflict.relief_offer_effect": 0.0, "conflict.gulf_effect": 0.0, "conflict.threat_effect": 0.0}
    | {"conflict.runway_effect": 0.0, "conflict.net_force_effect": 0.0, "conflict.regeneration_effect": 0.0}
)
"""A war without transitions; tests switch on the ones they look at."""
PRICE_ALONE = CALM | {
    "oil.volatility_noise": 0.0,
    "oil.volatility_scale": 1.0,
    "oil.explained_variance": 0.0,
    "oil.shock_tail": 0.0,
    "oil.momentum": 0.0,
    "oil.crude_exports": 0.0,
    "oil.product_exports": 0.0,
    "oil.shut_in": 0.0,
    "oil.export_upside": 0.0,
    "oil.eu_return_crude": 0.0,
    "oil.stored": 0.0,
    "oil.refinery_damage": 0.0,
    "tariffs.bill_chance": 0.0,
    "tariffs.successor_chance": 0.0,
    "tariffs.order_rate": 0.0,
}
"""The log price is its two factors alone: normal shocks, constant volatility, no premium, no lost supply, no buyer
under threat."""


@dataclass
class Sample:
    """Fields of the state by path and step, (paths, steps) each; event times (paths,), NaN for never."""

    values: dict[str, np.ndarray]
    dt: float

    def __getitem__(self, field: str) -> np.ndarray:
        return self.values[field]


@pytest.fixture(scope="session")
def sample():
    """sample(settings, fields, horizon, paths=…, step=…, seed=…, as_of=…, events=…) -> Sample, through the product's
    own plan and block loop.

    ``settings`` fixes parameters and facts by dotted name; bounds do not apply, because a truth may lie outside what a
    scenario may ask for. A field of several rows is asked for by row: "tariffs.status[1]". ``as_of`` moves the start,
    calendar and register with it; ``events`` are further dated events; ``known`` instruments, such
    as "US.oil-majors", count as announced on the as-of date.
    """

    def draw(
        settings,
        fields,
        horizon,
        *,
        paths=100_000,
        step="month",
        seed=1,
        scenario="no-relief",
        as_of=None,
        events=(),
        known=(),
    ):
        loaded = loader.load(scenario, paths=paths, horizon=horizon, step=step, seed=seed)
        loaded = replace(loaded, as_of=as_of or loaded.as_of, events=(*loaded.events, *events))
        instruments = [
            each.model_copy(update={"announced": loaded.as_of}) if f"{each.sender}.{each.name}" in known else each
            for each in loaded.instruments
        ]
        loaded = replace(loaded, instruments=tuple(instruments))
        made = _plan(loaded, settings, paths)
        each_step = [field for field in fields if field not in world.EVENT_FIELDS]
        rows = np.array([_row(field) for field in each_step], np.int64)
        outputs = [
            Variable(field, "World", "1", int(row), False, (), field)
            for field, row in zip(each_step, rows, strict=True)
        ]
        recorded = made.recorded._replace(all=rows, ranked=rows[:0])
        happened = []
        result = simulate.simulate(
            replace(made, recorded=recorded, variables=outputs),
            jobs=2,
            on_events=lambda events, _: happened.append(events),
        )
        assert result.failed == 0
        events = dict(zip(world.EVENT_FIELDS, np.concatenate(happened, axis=1), strict=True))
        values = {field: result.path_values[:, :, v] for v, field in enumerate(each_step)}
        return Sample(values | {field: events[field] for field in fields if field in events}, made.grid.dt)

    return draw


def _row(field):
    name, _, row = field.rstrip("]").partition("[")
    found = tables.rows(world.STATE)[name]
    return found[int(row)] if row else found


def _plan(base, settings, paths):
    parameters, facts = dict(base.parameters), dict(base.facts)
    for key, value in settings.items():
        table = parameters if key in parameters else facts
        table[key] = table[key].model_copy(update={"value": value, "dist": None})
    return simulate.plan(replace(base, parameters=parameters, facts=facts), keep_paths=paths)


@pytest.fixture(scope="session")
def still():
    return STILL


@pytest.fixture(scope="session")
def price_alone():
    return PRICE_ALONE


@pytest.fixture(scope="session")
def within():
    """within(sample of a statistic, truth): |mean - truth| below four standard errors of independent draws."""

    def check(values, truth):
        error = np.std(values) / np.sqrt(len(values))
        assert abs(np.mean(values) - truth) < 4.0 * max(error, 1e-12), (
            f"{np.mean(values):.6g} against {truth:.6g}, standard error {error:.2g}"
        )

    return check
