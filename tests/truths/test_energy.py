"""What an energy cut costs (validation E1, Bachmann and others 2022) and what a change of supply does to TTF
(evidence, block C), in closed form."""

import math

import pytest
from detente.analysis import closed_forms

E1 = {0.04: 1.56856, 0.05: 1.19293, 0.1: 0.67910, 0.2: 0.51740, 1.0: 0.42056}


@pytest.mark.parametrize("elasticity", E1)
def test_e1_loss_of_output(elasticity):
    assert 100.0 * closed_forms.ces_loss(0.04, 0.9, elasticity) == pytest.approx(E1[elasticity], abs=1e-5)


def test_e1_leontief_and_relative_price():
    assert 100.0 * closed_forms.ces_loss(0.04, 0.9, 0.0) == pytest.approx(10.0, abs=1e-9)
    assert closed_forms.ces_relative_price(0.04, 0.9, 0.1) == pytest.approx(2.6791, abs=1e-4)


def test_limits_are_met_from_both_sides():
    cobb_douglas = closed_forms.ces_loss(0.04, 0.9, 1.0)
    for near in (1.0 - 1e-5, 1.0 + 1e-5):
        assert closed_forms.ces_loss(0.04, 0.9, near) == pytest.approx(cobb_douglas, rel=1e-4)
    assert closed_forms.ces_loss(0.04, 0.9, 1e-5) == pytest.approx(0.1, rel=1e-3)
    assert closed_forms.ces_loss(0.04, 1.0, 0.1) == 0.0
    assert closed_forms.ces_loss(1.0, 0.9, 0.3) == pytest.approx(0.1)
    assert closed_forms.ces_loss(0.04, 1.1, 0.1) < 0.0 < closed_forms.ces_loss(0.012, 0.7, 0.1)


def test_the_relative_price_is_the_marginal_product():
    share, quantity, elasticity, h = 0.04, 0.9, 0.2, 1e-6

    def output(e):
        return 1.0 - closed_forms.ces_loss(share, e, elasticity)

    slope = (output(quantity + h) - output(quantity - h)) / (2 * h)
    assert closed_forms.ces_relative_price(share, quantity, elasticity) == pytest.approx(slope / share, rel=1e-6)


@pytest.mark.parametrize("arguments", [(-0.1, 0.9, 0.1), (0.04, 0.0, 0.1), (0.04, 0.9, -1.0)])
def test_nonsense_is_refused(arguments):
    with pytest.raises(ValueError, match="share must lie"):
        closed_forms.ces_loss(*arguments)


@pytest.mark.parametrize(("elasticity", "percents"), [(0.30, (-8, -13, -21, -28)), (0.8, (-3, -5, -8, -12))])
def test_the_published_table_of_effects(elasticity, percents):
    found = [round(100 * closed_forms.ttf_effect(change, elasticity)) for change in (15, 25, 40, 57)]
    assert found == list(percents)


def test_the_elasticity_behind_the_spring_of_2026():
    """ln(60..65/32) on a loss of 18 to 20% of world LNG: about 0.30."""
    low, high = (
        closed_forms.supply_elasticity_from_loss(65 / 32, 0.18),
        closed_forms.supply_elasticity_from_loss(60 / 32, 0.20),
    )
    assert 0.27 < low < 0.30 < high < 0.36
    assert math.isclose(closed_forms.supply_elasticity_from_loss(2.0, 0.19), -math.log(0.81) / math.log(2.0))
