"""Elementary functions: their stated accuracy, their edges, and the same bits on other instruction sets."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest
from detente_kernels.tools import special
from detente_kernels.tools.hazards import strikes, waiting_time
from scipy.special import ndtri

RNG = np.random.default_rng(7)


@pytest.mark.parametrize(
    ("function", "truth", "points", "tolerance"),
    [
        (special.exp, math.exp, RNG.uniform(-700, 700, 4000), 4e-16),
        (special.log, math.log, np.exp(RNG.uniform(-300, 300, 4000)), 4e-16),
        (special.log, math.log, 1.0 + RNG.uniform(-1e-3, 1e-3, 4000), 4e-16),
        (special.normal_quantile, ndtri, RNG.uniform(1e-9, 1 - 1e-9, 4000), 1.2e-9),
        (special.normal_quantile, ndtri, 10.0 ** RNG.uniform(-12, -2, 1000), 1.2e-9),
    ],
)
def test_accuracy(function, truth, points, tolerance):
    for x in points:
        expected = float(truth(x))
        assert abs(function(x) - expected) <= tolerance * max(
            abs(expected), 1e-3 if function is special.normal_quantile else 1e-6
        )


def test_edges():
    assert special.exp(0.0) == 1.0
    assert special.exp(1000.0) == math.inf
    assert 0.0 <= special.exp(-1000.0) < 1e-300
    assert math.isnan(special.exp(math.nan))
    assert special.log(0.0) == -math.inf
    assert special.log(math.inf) == math.inf
    assert math.isnan(special.log(-1.0))
    assert special.power(0.0, 0.6) == 0.0


def test_decay_halves_at_the_half_life():
    assert special.half_life_decay(6.0, 6.0) == pytest.approx(0.5, rel=1e-15)
    assert special.decay(0.3, 2.0) == pytest.approx(math.exp(-0.6), rel=1e-15)


def test_waiting_time_solves_the_cumulative_hazard():
    age, rate, shape, multiplier, uniform = 7.0, 1 / 20, 1.5, 1.3, 0.4
    x = waiting_time(age, rate, shape, multiplier, uniform, 100.0)
    gained = multiplier * ((rate * (age + x)) ** shape - (rate * age) ** shape)
    assert gained == pytest.approx(-math.log(uniform), rel=1e-12)
    assert waiting_time(age, 0.0, shape, multiplier, uniform, 100.0) == math.inf
    assert waiting_time(age, rate, shape, 0.0, uniform, 100.0) == math.inf


def test_strikes_has_the_exponential_probability():
    uniforms = (np.arange(10_000) + 0.5) / 10_000
    share = np.mean([strikes(0.2, 0.5, u) for u in uniforms])
    assert share == pytest.approx(1 - math.exp(-0.1), abs=1e-4)


SCRIPT = """
import hashlib, numpy as np
from detente_kernels.tools import special
from detente_kernels.tools.jit import kernel
@kernel.__globals__["njit"](error_model="numpy")
def tabulate(x, out):
    for i in range(x.size):
        out[0, i] = special.exp(x[i])
        out[1, i] = special.log(abs(x[i]) + 1e-9)
        out[2, i] = special.normal_quantile((i + 0.5) / x.size)
x = np.linspace(-40, 40, 20001)
out = np.empty((3, x.size))
tabulate(x, out)
print(hashlib.sha256(out.tobytes()).hexdigest())
"""


def test_same_bits_on_other_instruction_sets():
    hashes = set()
    for cpu in ("haswell", ""):
        environment = (
            {**os.environ, "NUMBA_CPU_NAME": cpu}
            if cpu
            else {k: v for k, v in os.environ.items() if k != "NUMBA_CPU_NAME"}
        )
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
        )
        hashes.add(done.stdout.strip())
    assert len(hashes) == 1
