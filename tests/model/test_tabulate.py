"""Tables of inverse distribution functions: what a path draws is what was declared, for every kind."""

import datetime as dt
import math
import os
import warnings

import numpy as np
import pytest
from detente.config import laws
from detente.config.distributions import Distribution
from detente.config.schema import Joint, Record
from detente.engine.quantiles import GRID, table
from detente_kernels.tools import sobol
from pydantic import TypeAdapter
from scipy import stats

from tests.sweep import distributions as sweep

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


def drawn(p, joint=None, key="oil.x", **dist):
    """Values at probabilities, as the kernels look them up."""
    nodes, knots = table(record(**dist), joint, key)
    z = stats.norm.ppf(np.atleast_1d(p))
    if not knots.size:
        return np.array([sobol.look_up(nodes, one) for one in z])
    places, values = knots[0].copy(), knots[1].copy()
    return np.array([sobol.between_knots(places, values, 0, places.size, one) for one in z])


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
    values, knots = table(record(**dist), None, "oil.x")
    assert knots.shape == (2, 0)
    np.testing.assert_allclose(values[INNER], truth.ppf(P[INNER]), rtol=2e-6, atol=1e-9)
    assert np.all(np.diff(values) >= 0)


TAILS = {
    "gamma": (dict(kind="gamma", shape=2.0, rate=10.0, truncate=[5.0, 30.0]), stats.gamma(2.0, scale=0.1)),
    "beta": (dict(kind="beta", a=2.0, b=200.0, max=100.0, truncate=[25.0, 30.0]), stats.beta(2, 200, 0, 100)),
    "normal": (dict(kind="normal", mean=0.0, sd=1.0, truncate=[20.0, 40.0]), stats.norm()),
    "normal below": (dict(kind="normal", mean=0.0, sd=1.0, truncate=[-40.0, -20.0]), stats.norm()),
    "lognormal": (dict(kind="lognormal", median=1.0, log_sd=0.2, truncate=[20.0, 50.0]), stats.lognorm(0.2)),
}


@pytest.mark.parametrize("name", TAILS)
def test_far_tails_are_drawn_with_their_shape(name):
    """Against the integral of SciPy's density between the limits: 1e-13 to 1e-89 of the distribution is left."""
    dist, truth = TAILS[name]
    low, high = dist["truncate"]
    near = np.geomspace(1e-9, 1.0, 40_000)
    grid = np.unique(np.clip(np.r_[low, low + (high - low) * near, high - (high - low) * near], low, high))
    logs = truth.logpdf(grid)
    density = np.exp(logs - logs.max())
    reached = np.r_[0.0, np.cumsum(0.5 * (density[1:] + density[:-1]) * np.diff(grid))]
    p = np.array([0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99])
    expected = np.interp(p * reached[-1], reached, grid)
    np.testing.assert_allclose(drawn(p, **dist), expected, atol=1e-3 * (expected[4] - expected[2]))


def test_two_piece_quantiles_hit_all_three():
    dist = dict(kind="quantiles", p5=10.0, p50=14.0, p95=30.0, family="lognormal")
    assert drawn([0.05, 0.5, 0.95], **dist) == pytest.approx([10.0, 14.0, 30.0], rel=1e-4)


def test_choices_have_their_weights_to_the_finest_point():
    dist = dict(kind="choice", values=[90.0, 30.0, 180.0], weights=[0.5, 0.2, 0.3])
    step = 1e-8
    p = [0.2 - step, 0.2 + step, 0.7 - step, 0.7 + step, 1e-9, 1.0 - 1e-9]
    assert drawn(p, **dist).tolist() == [30.0, 90.0, 90.0, 180.0, 30.0, 180.0]


def test_joint_tables_keep_their_rows_and_weights():
    joint = Joint(
        columns=("oil.a", "oil.b"), rows=((1.0, 4.0), (2.0, 3.0), (3.0, 6.0)), weights=(0.2, 0.3, 0.5), source="s"
    )
    p = (np.arange(1000) + 0.5) / 1000
    first, second = (drawn(p, joint, key, kind="joint", table="t") for key in ("oil.a", "oil.b"))
    assert [*zip(first, second, strict=True)] == [(1.0, 4.0)] * 200 + [(2.0, 3.0)] * 300 + [(3.0, 6.0)] * 500


def test_observed_values_are_equally_likely():
    p = (np.arange(1000) + 0.5) / 1000
    values, counts = np.unique(drawn(p, kind="empirical", values=[5.0, 1.0, 10.0, 1.0]), return_counts=True)
    assert values.tolist() == [1.0, 5.0, 10.0] and counts.tolist() == [500, 250, 250]


def test_a_mixture_of_two_points_draws_two_points():
    points = [dict(weight=0.5, dist=dict(kind="empirical", values=[value])) for value in (5.0, 15.0)]
    assert {*drawn((np.arange(501) + 0.3) / 501, kind="mixture", components=points)} == {5.0, 15.0}


def test_nothing_is_drawn_in_the_gap_of_a_mixture():
    parts = [
        dict(weight=0.25, dist=dict(kind="uniform", min=0.0, max=1.0)),
        dict(weight=0.5, dist=dict(kind="choice", values=[2.0, 3.0], weights=[0.5, 0.5])),
        dict(weight=0.25, dist=dict(kind="uniform", min=8.0, max=9.0)),
    ]
    p = (np.arange(4000) + 0.5) / 4000
    values = drawn(p, kind="mixture", components=parts)
    inside = (values <= 1.0) | (values == 2.0) | (values == 3.0) | (values >= 8.0)
    assert inside.all()
    assert [np.mean(values <= 1.0), np.mean(values == 2.0), np.mean(values >= 8.0)] == pytest.approx([0.25] * 3)
    np.testing.assert_allclose(values[values <= 1.0], 4.0 * p[p < 0.25], atol=2e-4)


@pytest.mark.parametrize(
    "dist",
    [
        dict(kind="empirical", values=[7.0]),
        dict(kind="choice", values=[7.0], weights=[1.0]),
        dict(kind="mixture", components=[dict(weight=1.0, dist=dict(kind="choice", values=[7.0], weights=[1.0]))]),
        dict(kind="uniform", min=7.0, max=math.nextafter(7.0, 8.0)),
        dict(kind="normal", mean=7.0, sd=1e-12),
        dict(kind="normal", mean=0.0, sd=10.0, truncate=[7.0, 7.0 + 1e-9]),
        dict(kind="gamma", shape=0.01, rate=1e3, truncate=[0.0, 7.0]),
    ],
)
def test_narrow_and_one_valued_distributions_are_drawn_without_a_warning(dist):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        values = drawn([1e-9, 0.3, 1.0 - 1e-9], **dist)
    assert np.isfinite(values).all()
    if dist["kind"] != "gamma":
        np.testing.assert_allclose(values, 7.0)


def test_the_share_that_a_truncation_removes_is_exact():
    dist = TypeAdapter(Distribution).validate_python(dict(kind="normal", mean=0.0, sd=1.0, truncate=(20.0, 40.0)))
    assert laws.share_left(dist) == pytest.approx(stats.norm.sf(20), rel=1e-12)


def test_values_are_rounded_to_twelve_digits():
    values, _ = table(record(kind="lognormal", median=14.0, log_sd=0.35), None, "oil.x")
    assert all(float(f"{v:.12g}") == pytest.approx(v, rel=1e-15) for v in values[::100])


def test_generated_distributions_are_drawn_as_declared_or_refused():
    """500 of every kind; more with DETENTE_SWEEP=20000, or ``python tests/sweep/distributions.py 20000``."""
    count = int(os.environ.get("DETENTE_SWEEP", "500"))
    counts, problems = sweep.sweep(count)
    assert counts["valid"] >= 0.8 * count and counts["compared"] == counts["valid"]
    assert problems == []
