"""Inverse distribution functions with knots: linear between them, with jumps, constant beyond."""

import numpy as np
import pytest
from detente_kernels.tools import sobol

PLACES = np.array([9.0, -1.0, 0.0, 0.0, 2.0, 9.0])  # another row stands before and after
VALUES = np.array([99.0, 1.0, 2.0, 5.0, 9.0, 99.0])


@pytest.mark.parametrize(
    ("z", "value"),
    [(-3.0, 1.0), (-1.0, 1.0), (-0.5, 1.5), (-1e-12, 2.0), (0.0, 5.0), (1.0, 7.0), (2.0, 9.0), (4.0, 9.0)],
)
def test_values_lie_on_the_lines_and_jump_where_two_knots_stand_at_one_place(z: float, value: float) -> None:
    assert sobol.between_knots(PLACES, VALUES, 1, 5, z) == pytest.approx(value)
