"""Reductions: every value in its bin, quantiles within a bin's width, sums that do not depend on chunks, exact order
statistics."""

import numpy as np
import pytest
from detente_kernels import exact, reductions
from detente_kernels.tools.jit import BLOCK, kernel


@kernel
def bins(values, out):
    for i in range(values.size):
        out[i] = reductions.bin_of(values[i])


def test_bins_lie_between_their_edges():
    rng = np.random.default_rng(3)
    values = np.concatenate(
        [
            rng.normal(0, 100, 5000),
            10 ** rng.uniform(-6, 6, 5000),
            -(10 ** rng.uniform(-6, 6, 5000)),
            [0.0, 60.0, 100.0, 8.0, -8.0],
        ]
    )
    found = np.empty(values.size, np.int64)
    bins(values, found)
    edges = reductions.edges()
    assert edges.size == reductions.BINS + 1
    assert np.all(np.diff(edges) > 0)
    inside = np.abs(values) < 2.0**reductions.HIGHEST
    assert np.all(np.abs(values[inside]) <= np.maximum(np.abs(edges[found[inside]]), np.abs(edges[found[inside] + 1])))
    assert np.all(
        np.abs(values[inside])
        >= np.where(
            np.abs(values[inside]) < 2.0**-12,
            0,
            np.minimum(np.abs(edges[found[inside]]), np.abs(edges[found[inside] + 1])),
        )
    )
    assert set(found[~inside]) <= {0, reductions.BINS - 1}


@pytest.mark.parametrize("threshold", [8.0, 25.0, 60.0, 100.0])
def test_thresholds_are_edges(threshold):
    assert threshold in reductions.edges()


def test_counts_leave_out_failed_paths():
    state = np.arange(2 * BLOCK, dtype=float).reshape(2, BLOCK)
    active = np.ones(BLOCK, np.int64)
    active[3] = 0
    counts = np.zeros((1, 2, reductions.BINS), np.uint32)
    reductions.add_counts(state, np.array([0, 1]), active, 0, counts)
    assert counts.sum(axis=2).tolist() == [[BLOCK - 1, BLOCK - 1]]


def test_a_path_that_is_not_finite_is_dropped_once():
    state = np.ones((3, BLOCK))
    state[1, 5] = np.nan
    state[2, 9] = np.inf
    state[0, 11] = 1e31
    state[0, 12] = 1e30
    active = np.ones(BLOCK, np.int64)
    assert reductions.drop_failed(state, np.array([0, 1, 2]), active) == 3
    assert reductions.drop_failed(state, np.array([0, 1, 2]), active) == 0
    assert np.flatnonzero(active == 0).tolist() == [5, 9, 11]
    assert np.all(state[:, [5, 9, 11]] == 0.0)


def test_sums_are_numpys():
    state = np.random.default_rng(1).normal(50, 20, (4, BLOCK))
    active = np.ones(BLOCK, np.int64)
    count = np.zeros((reductions.SCRAMBLES, 2), np.int64)
    total, square = np.zeros((reductions.SCRAMBLES, 2, 3)), np.zeros((reductions.SCRAMBLES, 2, 3))
    reductions.add_sums(state, np.array([0, 2, 3]), active, 5, 1, count, total, square)
    np.testing.assert_allclose(total[5, 1], state[[0, 2, 3]].sum(axis=1), rtol=1e-14)
    np.testing.assert_allclose(square[5, 1], (state[[0, 2, 3]] ** 2).sum(axis=1), rtol=1e-14)
    assert count[5, 1] == BLOCK and count.sum() == BLOCK


@pytest.mark.parametrize("n", [1, 2, 1000])
def test_order_statistics_are_exact(n):
    values = np.random.default_rng(n).normal(0, 1e3, n).astype(np.float32)
    values[: n // 7] = 0.0
    ranks = np.unique([0, n // 3, n // 2, n - 1])
    out = np.empty(ranks.size, np.uint32)
    exact.order_statistics(values.view(np.uint32), ranks, out)
    np.testing.assert_array_equal(out.view(np.float32), np.sort(values)[ranks])
