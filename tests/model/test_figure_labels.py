"""Placing labels: measured widths, columns of labels without overlap, free places, round ticks, and the judge of
overlaps itself."""

import numpy as np
from detente.report.plots import labels, style
from detente.report.plots.page import Sheet, nice
from hypothesis import given, settings
from hypothesis import strategies as st


def test_the_judge_of_overlaps_sees_them():
    with style.drawing("a test"):
        sheet = Sheet(style.SIZES["a4"], "A title", "A subtitle", "A foot")
        assert labels.faults(sheet.figure) == []
        sheet.text(2.0, 2.0, "one")
        sheet.text(2.1, 2.02, "another")
        sheet.text(6.5, 2.0, "too far to the right")
    assert sorted(labels.faults(sheet.figure)) == ["'one' lies on 'another'", "'too far to the right' leaves the page"]


label = st.tuples(st.floats(-5.0, 15.0), st.floats(0.05, 1.0), st.floats(0.5, 5.0))


@given(st.lists(label, min_size=1, max_size=9))
@settings(deadline=None, max_examples=200)
def test_spread_labels_stay_in_order_apart_and_inside(entries: list[tuple[float, float, float]]):
    wanted, heights, weights = (np.array(column) for column in zip(*entries, strict=True))
    centres = labels.spread(wanted, heights, 0.0, 10.0, weights)
    order = np.argsort(wanted, kind="stable")
    tops, bottoms = centres[order] + heights[order] / 2, centres[order] - heights[order] / 2
    assert (bottoms[1:] >= tops[:-1] - 1e-9).all()
    assert bottoms.min() >= -1e-9 and tops.max() <= 10.0 + 1e-9
    # the least-squares optimum: no shift of any run of touching labels comes nearer to where they are wanted
    for first in range(len(entries)):
        for last in range(first + 1, len(entries) + 1):
            part = order[first:last]
            for shift in (1e-3, -1e-3):
                moved = centres.copy()
                moved[part] += shift
                low, high = moved[order] - heights[order] / 2, moved[order] + heights[order] / 2
                if (low[1:] >= high[:-1] - 1e-12).all() and low.min() >= 0.0 and high.max() <= 10.0:
                    assert (weights * (moved - wanted) ** 2).sum() >= (weights * (centres - wanted) ** 2).sum() - 1e-9


def test_labels_with_room_stand_where_they_are_wanted():
    assert labels.spread([3.0, 1.0, 5.0], [0.5, 0.5, 0.5], 0.0, 10.0).tolist() == [3.0, 1.0, 5.0]


def test_wrapped_lines_are_as_narrow_as_asked():
    text = "Brent less Urals, free on board at the Baltic port, USD a barrel; observed at the port"
    wrapped = labels.wrap(text, 1.5, 9.0)
    assert wrapped.replace("\n", " ") == text
    assert labels.width(wrapped, 9.0) <= 1.5


def test_a_place_is_free_of_lines_and_of_other_text():
    clutter = labels.Clutter()
    clutter.add_line([0.0, 4.0], [1.0, 1.0])
    assert clutter.place((1.0, 0.2), [(0.5, 0.9), (0.5, 1.5)]) == (0.5, 1.5)
    assert clutter.place((1.0, 0.2), [(0.6, 1.6), (2.5, 1.5)]) == (2.5, 1.5)
    assert clutter.place((1.0, 0.2), [(0.5, 0.9)], strict=True) is None
    assert clutter.place((1.0, 0.2), [(0.5, 1.5)]) is None


@given(st.floats(-500.0, 500.0), st.floats(0.01, 500.0), st.integers(3, 6))
def test_ticks_are_round_and_few(low: float, width: float, most: int):
    ticks = nice(low, low + width, most)
    assert len(ticks) <= most
    assert all(low - 1e-6 <= tick <= low + width + 1e-6 for tick in ticks)
