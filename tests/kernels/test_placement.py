"""Placement: balances, bounds and limits of the equations, and both episodes that the parameters come from."""

import numpy as np
import pytest
from detente_kernels.oil import exports, placement
from detente_kernels.tools.units import DAYS_PER_MONTH

RNG = np.random.default_rng(8)


def test_placement_balances_to_rounding():
    for _ in range(3_000):
        capacity = float(RNG.uniform(0, 120))
        shut_in, at_start = float(RNG.uniform(0, 2)), float(RNG.uniform(0, 1))
        stock = placement.Stock(float(RNG.uniform(0, capacity)), capacity, shut_in, at_start, float(RNG.uniform()))
        offered, wanted, room, ceiling = (float(RNG.uniform(0, high)) for high in (6, 6, 3, 8))
        dt = float(RNG.uniform(0.2, 1))
        new = placement.place(offered, wanted, room, ceiling, 9.0, stock, dt)
        into_store = (new.stored - stock.stored) / (DAYS_PER_MONTH * dt)
        newly_shut = max(new.shut_in - stock.shut_in, 0.0)
        placed = new.regular + new.search.placed
        assert offered == pytest.approx(placed + into_store + newly_shut, abs=1e-9)
        assert -1e-9 <= new.stored <= capacity + 1e-9
        assert placed <= ceiling + 1e-9 and new.search.placed <= room + 1e-12
        assert new.shut_in >= 0.0


@pytest.mark.parametrize("dt", [1.0, 7 / 30.4375])
def test_oil_without_room_ends_shut_in_and_no_more(dt):
    """Buyers drop 2 of 5 mb/d for three years and nobody has room: the store fills, the rest is shut in."""
    capacity, dropped, stored, shut_in = 5.0, 2.0, 0.0, 0.0
    for _ in range(round(36 / dt)):
        stock = placement.Stock(stored, 20.0, shut_in, 0.0, 0.2)
        new = placement.place(capacity - shut_in, capacity - dropped, 0.0, 8.0, 9.0, stock, dt)
        stored, shut_in = new.stored, new.shut_in
    assert stored == pytest.approx(20.0) and shut_in == pytest.approx(dropped)
    assert new.search.homeless > 0.9, "the idle wells keep the discount at its bound"


def test_the_widening_is_finite_and_rises_with_the_oil_that_looks_for_room():
    for room in (0.0, 1e-9, 0.3, 2.0):
        steps = [placement.search(without, 0.0, room, 9.0) for without in np.linspace(0.0, 5.0, 501)]
        discounts = [placement.discount_with(12.0, step.widening, step.homeless, 60.0) for step in steps]
        assert discounts[0] == pytest.approx(12.0) and np.isfinite(discounts).all()
        assert (np.diff(discounts) >= -1e-12).all() and max(discounts) <= 60.0
        assert max(step.placed for step in steps) <= placement.FULL * room + 1e-12


def test_half_of_the_room_costs_the_declared_slope():
    room, slope = 4.0, 9.0
    half = 0.5 * (room + placement.SMALLEST)
    assert placement.search(half, 0.0, room, slope).widening == pytest.approx(slope * np.log(2.0))


@pytest.mark.parametrize("parts", [1, 4, 30])
def test_settling_opening_and_damage_are_exact_over_any_step(parts):
    dt = 6.0 / parts
    established, openness, damage = 0.2, 0.3, 0.4
    for _ in range(parts):
        established = placement.settle(established, 1.0, 0.0, 5.0, dt)
        openness = placement.opening_step(openness, 0.3, 1.0, 7.0, dt)
        damage = exports.damage_step(damage, 0.3, 0.0, 0.0, 4.0, dt)
    assert established == pytest.approx(1.0 - 0.8 * 2.0 ** (-6.0 / 5.0))
    assert openness == pytest.approx(1.0 - 0.7 * 2.0 ** (-6.0 / 7.0))
    assert damage == pytest.approx(0.4 * 2.0 ** (-6.0 / 4.0))


def test_a_closed_buyer_establishes_nothing():
    assert placement.settle(0.2, 1.0, 1.0, 5.0, 1.0) == 0.2
    assert placement.room(3.0, 1.0, placement.closed(0.2, 1.0)) == 0.0


def test_wells_and_the_bound_of_the_discount():
    assert exports.uncovered(25.0, 5.0, 20.0) == 0.0 and exports.uncovered(12.5, 5.0, 20.0) == pytest.approx(0.5)
    for brent in np.linspace(1.0, 200.0, 200):
        assert 0.0 < exports.bound(brent, 5.0, 20.0) < brent


def test_opec_offsets_no_more_than_its_spare_capacity():
    offset = 0.0
    for _ in range(60):
        offset = exports.offset_step(offset, 7.0, 0.8, 4.0, 0.5, 0.9, 1.0)
    assert offset == pytest.approx(2.0)
    assert exports.offset_step(0.0, 1.0, 0.5, 4.0, 1.0, 1e-6, 1.0) == pytest.approx(0.0)
    assert exports.offset_step(0.0, 1.0, 0.5, 4.0, 0.0, 1e-6, 1.0) == pytest.approx(0.5)


def test_only_blocking_beyond_memory_is_news():
    kept = 0.9
    licensed = exports.blocking_step(0.3, 1.0, 0.4, 0.0, 0.7, kept)  # a licence is given
    assert licensed.transient == pytest.approx(0.27)
    assert licensed.threat < 0.25 * licensed.transient, "a licence frees buyers of most of the threat"
    back = exports.blocking_step(licensed.transient, licensed.memory, 1.0, 0.0, 0.7, kept)  # and lapses a month later
    assert back.transient < 0.4, "workarounds of a year do not vanish because of a month's licence"
    state = exports.Blocking(0.3, 1.0, 0.3)
    for _ in range(60):  # five years of relief
        state = exports.blocking_step(state.transient, state.memory, 0.0, 0.0, 0.7, kept)
    anew = exports.blocking_step(state.transient, state.memory, 0.7, 0.0, 0.7, kept)
    assert anew.transient > 0.9


def test_a_designation_of_october_2025_counts_one():
    assert exports.blocking_step(0.0, 0.3, 1.0, 0.0, 0.7, 0.9).transient == pytest.approx(1.0)
