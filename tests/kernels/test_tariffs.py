"""Pieces of the tariff kernel against their closed forms: logit, large tariffs, costs, cuts, reviews, the Congress,
places on the surface."""

import numpy as np
import pytest
from detente_kernels.tariffs import congress, response, surface

RNG = np.random.default_rng(4)
GRID = (np.arange(20_000) + 0.5) / 20_000


@pytest.mark.parametrize("scale", [0.02, 0.05, 0.5])
def test_answers_are_a_logit_on_their_costs(scale):
    """The share of the unit interval that gives an answer is its softmax probability."""
    for _ in range(20):
        costs = RNG.uniform(0.0, 0.4, 4)
        weights = np.exp(-(costs - costs.min()) / scale)
        given = np.array([response.choose(response.Costs(*costs), scale, u) for u in GRID])
        shares = [
            (given == answer).mean()
            for answer in (response.COMPLY, response.CUT_PART, response.REROUTE, response.REFUSE)
        ]
        np.testing.assert_allclose(shares, weights / weights.sum(), atol=1.0 / len(GRID))


@pytest.mark.parametrize(("elasticity", "percent"), [(0.64, 68), (0.76, 74), (0.8, 76), (1.5, 93), (2.0, 97)])
def test_a_tariff_of_500_per_cent_stops_most_trade_and_never_more_than_all(elasticity, percent):
    assert response.trade_lost(5.0, elasticity) == pytest.approx(1.0 - 6.0**-elasticity, rel=1e-14)
    assert round(100.0 * response.trade_lost(5.0, elasticity)) == percent
    assert response.trade_lost(0.0, elasticity) == 0.0
    assert response.trade_lost(1e-6, elasticity) == pytest.approx(1e-6 * elasticity, rel=1e-5), (
        "small tariffs are the familiar t x e"
    )


def test_costs_agree_with_a_calculation_by_hand():
    """1.9 mb/d with 10 USD/bbl off, imports of 6.2 mb/d, an oil price 2 USD/bbl higher, GDP 3,600 bn USD."""
    options = response.Options(0.35, 0.3, 3.0)
    c = response.costs(response.Purchase(1.9, 10.0, 6.2, 2.0, 3600.0), response.Threat(0.15, 0.8, 0.5), options)
    forgone = 100.0 * 365.25 * (1.9 * 10.0 + 6.2 * 2.0) / 1000.0 / 3600.0
    assert c.comply == pytest.approx(forgone + 0.15)
    assert c.refuse == pytest.approx(0.5 * 0.8)
    assert c.part == pytest.approx(0.35 * forgone + 0.5 * 0.15 + 0.5 * 0.4)
    assert c.reroute == pytest.approx(100.0 * 365.25 * 1.9 * 3.0 / 1000.0 / 3600.0 + 0.7 * 0.4)
    premium = response.costs(response.Purchase(1.9, -5.0, 6.2, 0.0, 3600.0), response.Threat(0.0, 0.8, 0.5), options)
    assert premium.comply == 0.0, "a premium is no reason to go on buying, and no gain from stopping"


def test_a_partial_cut_returns_in_part_and_compliance_stays():
    assert response.wanted_cut(response.COMPLY, 100.0, 0.35, 0.1, 0.6, 3.0) == 1.0
    assert response.wanted_cut(response.CUT_PART, 0.0, 0.35, 0.1, 0.6, 3.0) == 0.35
    assert response.wanted_cut(response.CUT_PART, 3.0, 0.35, 0.1, 0.6, 3.0) == pytest.approx(0.35 * (1.0 - 0.3))
    assert response.wanted_cut(response.REROUTE, 1e3, 0.35, 0.1, 0.6, 3.0) == pytest.approx(0.1 * 0.4)
    assert response.wanted_cut(response.REFUSE, 0.0, 0.35, 0.1, 0.6, 3.0) == 0.0
    cut = 0.0
    for _ in range(200):
        wanted = RNG.uniform()
        cut = response.cut_step(cut, wanted, RNG.uniform(0.05, 3.0), RNG.uniform(0.2, 9.0), 1.0)
        assert 0.0 <= cut <= 1.0


def test_four_reviews_make_the_declared_year():
    some, largest, waived = 0.25, 0.02, 0.25
    outcomes = np.array([congress.review(largest, some, waived, 1.0, u) for u in GRID])
    for least, chance in (
        (congress.ON_THE_LARGEST, largest),
        (congress.ON_OTHERS, some),
        (congress.WAIVED_FOR_ALL, some + (1.0 - some) * waived),
    ):
        assert 1.0 - (1.0 - (outcomes >= least).mean()) ** 4 == pytest.approx(chance, abs=4.0 / len(GRID))
    assert all(congress.review(0.5, 0.1, 0.0, 1.0, u) != congress.ON_OTHERS for u in GRID), (
        "the largest buyer is one of some"
    )


@pytest.mark.parametrize("talking", [0.2, 0.5, 0.8])
def test_the_weight_of_reviews_is_one_on_average(talking):
    assert talking * congress.refusal(talking, 0.3, 1.0) + (1.0 - talking) * congress.refusal(
        talking, 0.3, 0.0
    ) == pytest.approx(1.0)


def test_every_bill_dies_with_its_congress_and_a_law_does_not():
    never = (congress.Bill(0.0, 0.0, 4.0, 0.0), congress.Session(0.5, 1.0), 1.0, 0.5, 0.5, 1.0)
    assert congress.congress_step(congress.Clock(congress.PENDING, 0.0), *never) == (congress.DEAD, 1.0)
    assert congress.congress_step(congress.Clock(congress.LAW, 0.0), *never) == (congress.LAW, 1.0)


def test_the_surface_is_bilinear_in_logs_and_ends_at_its_edges():
    nodes = np.log1p(np.array([0.0, 0.5, 2.0, 5.0])), np.log(np.array([0.5, 2.0, 8.0]))
    plane = 0.3 * nodes[0][:, None] - 0.7 * nodes[1][None, :]
    table = surface.Surface(*nodes, np.stack([np.zeros_like(plane), plane])[..., None])
    for _ in range(200):
        tariff, elasticity = RNG.uniform(0.0, 5.0), RNG.uniform(0.5, 8.0)
        at = surface.place(table, tariff, elasticity)
        assert surface.read(table, 1, at, 0) == pytest.approx(
            0.3 * np.log1p(tariff) - 0.7 * np.log(elasticity), abs=1e-12
        )
        assert surface.read(table, 0, at, 0) == 0.0
    assert surface.read(table, 1, surface.place(table, 50.0, 100.0), 0) == plane[-1, -1]
