"""Tables of inverse distribution functions against SciPy's distributions; every kind a record may carry."""

import datetime as dt

import numpy as np
import pytest
from detente.config.distributions import Distribution
from detente.config.schema import Joint, Record
from detente.engine.quantiles import GRID, table
from pydantic import TypeAdapter
from scipy import stats

P = stats.norm.cdf(GRID)
INNER = (P > 1e-6) & (P < 1 - 1e-6)


def record(bounds=(-1e6, 1e6), **dist):
    built = TypeAdapter(Distribution).validate_python(dist, strict=False)
    return Record.model_construct(
        value=0.0,
        dist=built,
        unit="1",
        bounds=bounds,
        doc="d",
        source="s",
        confidence="J",
        as_of=dt.date(2026, 8, 31),
        kind="uncertain",
    )


CASES = {
    "normal": (dict(kind="normal", mean=2.0, sd=3.0), stats.norm(2, 3)),
    "lognormal": (dict(kind="lognormal", median=14.0, log_sd=0.35), stats.lognorm(0.35, scale=14)),
    "uniform": (dict(kind="uniform", min=-1.0, max=4.0), stats.uniform(-1, 5)),
    "triangular": (dict(kind="triangular", min=5.0, mode=8.0, max=12.0), stats.triang(3 / 7, 5, 7)),
    "beta": (dict(kind="beta", a=2.0, b=6.0), stats.beta(2, 6)),
    "stretched beta": (dict(kind="beta", a=2.0, b=6.0, min=1.0, max=3.0), stats.beta(2, 6, 1, 2)),
    "gamma": (dict(kind="gamma", shape=1.5, rate=100.0), stats.gamma(1.5, scale=0.01)),
    "quantiles": (
        dict(kind="quantiles", p5=40.0, p95=90.0, family="normal"),
        stats.norm(65, 25 / stats.norm.ppf(0.95)),
    ),
    "truncated": (dict(kind="normal", mean=0.0, sd=1.0, truncate=[-1.0, 2.0]), stats.truncnorm(-1, 2)),
}


@pytest.mark.parametrize("name", CASES)
def test_tables_are_scipys_quantiles(name):
    dist, truth = CASES[name]
    values, stepped = table(record(**dist), None, "oil.x")
    assert not stepped
    np.testing.assert_allclose(values[INNER], truth.ppf(P[INNER]), rtol=2e-6, atol=1e-9)
    assert np.all(np.diff(values) >= 0)


def test_two_piece_quantiles_hit_all_three():
    values, _ = table(record(kind="quantiles", p5=10.0, p50=14.0, p95=30.0, family="lognormal"), None, "oil.x")
    assert np.interp([0.05, 0.5, 0.95], P, values) == pytest.approx([10.0, 14.0, 30.0], rel=1e-4)


def test_bounds_hold():
    values, _ = table(record(bounds=(0.0, 20.0), kind="normal", mean=10.0, sd=10.0), None, "oil.x")
    assert values.min() == 0.0 and values.max() == 20.0


def test_choice_and_joint_tables_keep_their_weights_and_rows():
    values, stepped = table(record(kind="choice", values=[30.0, 90.0, 180.0], weights=[0.2, 0.5, 0.3]), None, "oil.x")
    assert stepped
    uniform = np.interp((np.arange(1000) + 0.5) / 1000, P, np.arange(P.size))
    share = np.mean(values[np.round(uniform).astype(int)] == 90.0)
    assert share == pytest.approx(0.5, abs=0.01)
    joint = Joint(
        columns=("oil.a", "oil.b"), rows=((1.0, 4.0), (2.0, 5.0), (3.0, 6.0)), weights=(0.2, 0.3, 0.5), source="s"
    )
    first, second = (table(record(kind="joint", table="t"), joint, key)[0] for key in ("oil.a", "oil.b"))
    assert {*zip(first, second, strict=True)} == {(1.0, 4.0), (2.0, 5.0), (3.0, 6.0)}


def test_mixture_and_empirical():
    dist = dict(
        kind="mixture",
        components=[
            dict(weight=0.25, dist=dict(kind="normal", mean=0.0, sd=1.0)),
            dict(weight=0.75, dist=dict(kind="normal", mean=10.0, sd=1.0)),
        ],
    )
    values, _ = table(record(**dist), None, "oil.x")
    assert np.mean(np.interp((np.arange(4000) + 0.5) / 4000, P, values) < 5.0) == pytest.approx(0.25, abs=0.005)
    values, _ = table(record(kind="empirical", values=[1.0, 2.0, 3.0, 10.0]), None, "oil.x")
    assert (values.min(), values.max()) == pytest.approx((1.0, 10.0))


def test_values_are_rounded_to_twelve_digits():
    values, _ = table(record(kind="lognormal", median=14.0, log_sd=0.35), None, "oil.x")
    assert all(float(f"{v:.12g}") == pytest.approx(v, rel=1e-15) for v in values[::100])
