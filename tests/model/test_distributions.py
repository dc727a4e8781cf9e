"""Supports, central values and refusals of the distributions that a record may carry."""

import math
from typing import Any

import numpy as np
import pytest
from detente.config import laws
from detente.config.distributions import Distribution
from detente.config.fields import Strict
from detente.config.toml import Document
from detente.config.validation import check
from detente.shared.errors import ConfigError
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats


class Holder(Strict):
    dist: Distribution


def make(**keys: Any) -> Distribution:
    return check(Holder, Document("a.toml", {"dist": keys})).dist


CASES: list[tuple[dict[str, Any], Any]] = [
    ({"kind": "normal", "mean": -3, "sd": 2.0}, stats.norm(-3, 2)),
    ({"kind": "lognormal", "median": 14.0, "log_sd": 0.35}, stats.lognorm(0.35, scale=14)),
    ({"kind": "uniform", "min": 1, "max": 5}, stats.uniform(1, 4)),
    ({"kind": "triangular", "min": 1, "mode": 2, "max": 9}, stats.triang(1 / 8, 1, 8)),
    ({"kind": "triangular", "min": 1, "mode": 1, "max": 9}, stats.triang(0, 1, 8)),
    ({"kind": "triangular", "min": 1, "mode": 9, "max": 9}, stats.triang(1, 1, 8)),
    ({"kind": "quantiles", "p5": 3, "p95": 8, "family": "normal"}, stats.norm(5.5, 2.5 / stats.norm.ppf(0.95))),
    (
        {"kind": "quantiles", "p5": 3, "p95": 8, "family": "lognormal"},
        stats.lognorm(math.log(8 / 3) / 2 / stats.norm.ppf(0.95), scale=24**0.5),
    ),
]


@pytest.mark.parametrize(("keys", "reference"), CASES)
def test_support_and_median_are_exact_with_and_without_truncation(keys: dict[str, Any], reference: Any) -> None:
    dist = make(**keys)
    assert dist.support() == pytest.approx(reference.support())
    assert dist.centre() == pytest.approx(reference.median())
    low, high = reference.ppf([0.6, 0.99])
    cut = make(**keys, truncate=[low, high])
    assert cut.support() == (low, high)
    assert cut.centre() == pytest.approx(reference.ppf((0.6 + 0.99) / 2))


@pytest.mark.parametrize(
    ("keys", "reference"),
    [
        ({"kind": "beta", "a": 6.0, "b": 3.0}, stats.beta(6, 3)),
        ({"kind": "beta", "a": 2, "b": 5, "min": 10, "max": 20}, stats.beta(2, 5, 10, 10)),
        ({"kind": "gamma", "shape": 1.5, "rate": 100}, stats.gamma(1.5, scale=0.01)),
        ({"kind": "gamma", "shape": 40, "rate": 2}, stats.gamma(40, scale=0.5)),
    ],
)
def test_the_centre_of_beta_and_gamma_is_the_median(keys: dict[str, Any], reference: Any) -> None:
    dist = make(**keys)
    assert dist.support() == pytest.approx(reference.support())
    assert dist.centre() == pytest.approx(reference.median())


def test_three_percentiles_are_all_met() -> None:
    dist = make(kind="quantiles", p5=2.0, p50=3.0, p95=9.0, family="lognormal")
    assert dist.centre() == 3.0
    assert laws.law(dist).tails(np.array([2.0, 3.0, 9.0]))[0] == pytest.approx([0.05, 0.5, 0.95])
    assert make(kind="quantiles", p5=2, p50=3, p95=9, family="normal", truncate=[3, 100]).centre() > 3.0


def test_discrete_kinds_and_mixtures() -> None:
    assert make(kind="empirical", values=[4, 1, 3, 2, 9]).support() == (1, 9)
    assert make(kind="empirical", values=[4, 1, 3, 2, 9]).centre() == 3
    assert make(kind="empirical", values=[1, 2, 9], truncate=[1.5, 8]).support() == (2, 2)
    choice = make(kind="choice", values=[30, 90, 180], weights=[0.2, 0.5, 0.3])
    assert (choice.support(), choice.centre()) == ((30, 180), 90)
    assert make(kind="choice", values=[1, 2, 3], weights=[0.0, 0.5, 0.5]).support() == (2, 3)
    parts = [
        {"weight": 0.25, "dist": {"kind": "uniform", "min": 0, "max": 1}},
        {"weight": 0.75, "dist": {"kind": "uniform", "min": 4, "max": 6}},
    ]
    mixture = make(kind="mixture", components=parts)
    assert (mixture.support(), mixture.centre()) == ((0, 6), pytest.approx(4.0 + 2.0 / 3.0))


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ({"kind": "normal", "mean": 0, "sd": -0.1}, "dist.sd must be greater than 0, not -0.1."),
        ({"kind": "lognormal", "median": 0, "log_sd": 0.3}, "dist.median must be greater than 0, not 0."),
        ({"kind": "quantiles", "p5": 9, "p95": 3, "family": "normal"}, "dist: p5 = 9 must be less than p95 = 3."),
        (
            {"kind": "quantiles", "p5": 1, "p50": 5, "p95": 3, "family": "normal"},
            "dist: p50 = 5 must lie between p5 and p95.",
        ),
        (
            {"kind": "quantiles", "p5": -1, "p95": 3, "family": "lognormal"},
            "dist: p5 must be positive in the lognormal family.",
        ),
        ({"kind": "quantiles", "p5": 1, "p95": 3}, 'the key dist.family is missing; it is "normal" or "lognormal".'),
        ({"kind": "uniform", "min": 2, "max": 2}, "dist: min = 2 must be less than max = 2."),
        ({"kind": "triangular", "min": 0, "mode": 3, "max": 2}, "dist: mode = 3 must lie between min and max."),
        ({"kind": "choice", "values": [1, 2], "weights": [0.5, 0.4]}, "dist: weights sum to 0.9; they must sum to 1."),
        (
            {"kind": "choice", "values": [1, 2], "weights": [1.0]},
            "dist: weights has 1 numbers for 2 values; give one for each.",
        ),
        ({"kind": "choice", "values": [1, 2], "weights": [1.5, -0.5]}, "dist.weights #1 must be at most 1, not 1.5."),
        ({"kind": "choice", "values": [1, 1], "weights": [0.5, 0.5]}, "dist: values must differ from one another."),
        ({"kind": "empirical", "values": []}, "dist.values needs at least 1 item."),
        ({"kind": "empirical", "csv": "a.csv"}, "dist: an empirical distribution has either values"),
        (
            {"kind": "normal", "mean": 0, "sd": 1, "truncate": [2, 1]},
            "dist: truncate = [2, 1] must give the lower limit first.",
        ),
        (
            {"kind": "normal", "mean": 0, "sd": 1, "truncate": [50, 51]},
            "dist: truncate = [50, 51] leaves nothing of the distribution, which runs from -inf to inf.",
        ),
        (
            {"kind": "uniform", "min": 0, "max": 1, "truncate": [1, 2]},
            "dist: truncate = [1, 2] leaves nothing of the distribution, which runs from 0 to 1.",
        ),
        ({"kind": "empirical", "values": [1, 2], "truncate": [1.2, 1.8]}, "dist: truncate = [1.2, 1.8] leaves nothing"),
        ({"kind": "normal", "mean": 0, "sd": 1, "truncate": [2]}, "dist.truncate has too few items: 1."),
        ({"kind": "lognorml", "median": 1}, '"mixture" or "joint", not "lognorml" (did you mean "lognormal"?).'),
        ({"median": 1}, "dist needs a key kind that names the distribution"),
        (
            {"kind": "lognormal", "median": 1, "logsd": 1},
            'unknown key "dist.logsd"; the nearest valid one is "dist.log_sd".',
        ),
        (
            {"kind": "mixture", "components": [{"weight": 1.0, "dist": {"kind": "joint", "table": "t"}}]},
            "a joint draw cannot be part of a mixture.",
        ),
        ({"kind": "joint", "table": "t", "truncate": [0, 1]}, "a joint draw cannot be truncated"),
        ({"kind": "normal", "mean": 1e300, "sd": 1}, "dist.mean must be at most 1e+30"),
        ({"kind": "gamma", "shape": 1e-320, "rate": 1}, "dist.shape must be at least 0.01, not 1e-320."),
    ],
)
def test_what_does_not_fit_is_said(keys: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make(**keys)
    assert sentence in str(caught.value)


numbers = st.floats(-1e30, 1e30) | st.floats(-10, 10) | st.integers(-3, 3)
anything = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(
            ["normal", "lognormal", "triangular", "beta", "gamma", "uniform", "quantiles", "empirical", "choice"]
        )
    },
    optional={
        **{
            key: numbers
            for key in (
                "mean",
                "sd",
                "median",
                "log_sd",
                "min",
                "mode",
                "max",
                "a",
                "b",
                "shape",
                "rate",
                "p5",
                "p50",
                "p95",
            )
        },
        "family": st.sampled_from(["normal", "lognormal"]),
        "values": st.lists(numbers, max_size=3),
        "weights": st.lists(numbers, max_size=3),
    },
)
NEEDS = {
    "normal": ("mean", "sd"),
    "lognormal": ("median", "log_sd"),
    "triangular": ("min", "mode", "max"),
    "beta": ("a", "b", "min", "max"),
    "gamma": ("shape", "rate"),
    "uniform": ("min", "max"),
    "quantiles": ("p5", "p50", "p95", "family"),
    "empirical": ("values",),
    "choice": ("values", "weights"),
}


@given(anything, st.none() | st.lists(numbers, min_size=2, max_size=2))
def test_any_numbers_give_a_finite_centre_within_the_support_or_a_sentence(
    keys: dict[str, Any], truncate: list[float] | None
) -> None:
    kept = {key: value for key, value in keys.items() if key == "kind" or key in NEEDS[keys["kind"]]}
    try:
        dist = make(**kept, **({} if truncate is None else {"truncate": truncate}))
    except ConfigError:
        return
    low, high = dist.support()
    assert low <= dist.centre() <= high
    assert np.isfinite(dist.centre())
