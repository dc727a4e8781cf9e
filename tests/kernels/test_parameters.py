"""Parameter draws: the kernels' Sobol' points are SciPy's, path i is the same whatever else is drawn, tables give
back their distributions."""

import numpy as np
import pytest
from detente.engine import sampling
from detente_kernels.tools import sobol
from detente_kernels.tools.jit import BLOCK
from scipy.special import ndtr
from scipy.stats import qmc


def points(paths, shifts, directions, out):
    """The kernels' points, through the drawing kernel with tables of the identity on the uniform scale."""
    d = shifts.shape[1]
    grid = np.linspace(-sobol.REACH, sobol.REACH, sobol.NODES)
    tables = np.tile(ndtr(grid), (d, 1))
    view = np.empty((d, BLOCK))
    none, no_knots, empty = np.empty(0, np.int64), np.zeros(d + 1, np.int64), np.empty(0)
    sampler = sobol.Sampler(
        shifts, directions, np.eye(d), none, np.arange(d), tables, no_knots, empty, empty, np.zeros(d)
    )
    for first in range(0, paths, BLOCK):
        sobol.draw(first, sampler, view)
        out[first : first + BLOCK] = view.T


def test_points_are_scipys():
    coordinates = [0, 3, 77]
    paths = 3 * BLOCK * sobol.SCRAMBLES
    shifts, directions = sampling.sobol_numbers(coordinates, paths, seed=11)
    ours = np.empty((paths, len(coordinates)))
    points(paths, shifts, directions, ours)
    path = np.arange(paths)
    for s, child in enumerate(np.random.SeedSequence(11).spawn(sobol.SCRAMBLES)):
        engine = qmc.Sobol(
            sampling.DIMENSIONS, scramble=True, bits=30, rng=np.random.Generator(np.random.Philox(child))
        )
        theirs = engine.random(4 * BLOCK)[: 3 * BLOCK, coordinates]
        mine = ours[(path // BLOCK) % sobol.SCRAMBLES == s]
        np.testing.assert_allclose(mine, theirs + 2.0**-31, atol=2e-6)


def test_the_fast_way_to_the_numbers_is_the_public_way():
    coordinates = [0, 9, 300]
    shifts, directions = sampling.sobol_numbers(coordinates, 2**18, seed=4)
    child = np.random.SeedSequence(4).spawn(sobol.SCRAMBLES)[7]
    engine = qmc.Sobol(sampling.DIMENSIONS, scramble=True, bits=30, rng=np.random.Generator(np.random.Philox(child)))
    engine.random(1)
    slow = sampling.directions_from_points(engine, shifts[7], coordinates, directions.shape[2])
    np.testing.assert_array_equal(directions[7], slow)


def test_more_paths_keep_the_first_ones():
    few, many = (sampling.sobol_numbers([0, 5], paths, seed=3) for paths in (4096, 300_000))
    np.testing.assert_array_equal(few[0], many[0])
    np.testing.assert_array_equal(few[1], many[1][:, :, : few[1].shape[2]])


def test_scrambles_are_balanced():
    """Each scramble is a net of its own: its first 2^k points hit every interval of width 2^-k once."""
    paths = 2 * BLOCK * sobol.SCRAMBLES
    shifts, directions = sampling.sobol_numbers([0, 1], paths, seed=5)
    ours = np.empty((paths, 2))
    points(paths, shifts, directions, ours)
    first = ours[:BLOCK]
    for d in range(2):
        np.testing.assert_array_equal(np.sort((first[:, d] * BLOCK).astype(int)), np.arange(BLOCK))


@pytest.mark.parametrize("z", [-7.0, -1.234, 0.0, 0.5, 6.39, 7.0])
def test_look_up_is_linear_between_nodes(z):
    grid = np.linspace(-sobol.REACH, sobol.REACH, sobol.NODES)
    values = np.exp(0.3 * grid)
    assert sobol.look_up(values, z) == pytest.approx(np.interp(z, grid, values), rel=1e-12)
