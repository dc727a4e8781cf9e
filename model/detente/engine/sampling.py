"""From parameter records to the tables the kernels draw from.

Sobol' coordinates, copula, inverse distribution functions.
"""

from dataclasses import dataclass
from functools import lru_cache
from sys import intern
from typing import Any

import numpy as np
from detente_kernels import world
from detente_kernels.tools import sobol as kernel
from detente_kernels.tools.jit import BLOCK

from detente.config.distributions import JointDraw
from detente.config.loader import Config
from detente.config.schema import Joint, Record
from detente.config.vocabulary import BillState, ConflictState, GulfState, LossDefinition, LossSource, TalksState
from detente.engine import tables as register
from detente.engine.quantiles import table
from detente.shared.errors import ConfigError
from detente.shared.memo import Remembered

COORDINATES = {block.name: block.coordinates for block in world.BLOCKS}
"""Sobol' coordinates of each block, from the first to before the last."""
DIMENSIONS = 512
"""Coordinates of the Sobol' sequence, used or not: the scrambling depends on this number, so it never changes."""
WORDS = (GulfState, ConflictState, TalksState, BillState, LossSource, LossDefinition)
CODES = {str(state): float(code) for states in WORDS for code, state in enumerate(states)}


@dataclass(frozen=True)
class Design:
    """The sampler of a run, and its parameters.

    ``drawn`` maps a dotted key to its coordinate among those in use.
    """

    sampler: kernel.Sampler
    drawn: dict[str, int]


def design(config: Config) -> Design:
    """Build the sampler of a configuration: which Sobol' coordinate feeds which parameter, through which table."""
    rows = parameter_rows()
    coordinate = {key: _coordinate(config, key) for key in rows}
    used = sorted({c for c in coordinate.values() if c is not None})
    place = {c: k for k, c in enumerate(used)}
    dimension = np.full(len(rows), -1, np.int64)
    tables = np.zeros((len(rows), kernel.NODES))
    knots: dict[int, np.ndarray] = {}
    fixed = np.zeros(len(rows))
    for key, row in rows.items():
        record = _record(config, key)
        drawn_from = coordinate[key]
        if drawn_from is None:
            fixed[row] = _number(record)
        else:
            dimension[row] = place[drawn_from]
            tables[row], knots[row] = _tabulated(record, _joint(record, config), intern(key))
    shifts, directions = sobol_numbers(used, config.run.paths, config.run.seed)
    drawn = {key: place[c] for key, c in coordinate.items() if c is not None}
    cholesky = _cholesky(config, drawn)
    correlated = np.flatnonzero(np.abs(cholesky - np.eye(len(used))).sum(axis=1))
    starts = np.cumsum([0, *(knots[row].shape[1] if row in knots else 0 for row in range(len(rows)))])
    places, values = np.hstack([np.empty((2, 0)), *(knots[row] for row in sorted(knots))])
    sampler = kernel.Sampler(
        shifts, directions, cholesky, correlated, dimension, tables, starts, places.copy(), values.copy(), fixed
    )
    return Design(sampler, drawn)


_tabulated = Remembered(table, most=2_000)


def draws(config: Config, paths: int) -> dict[str, np.ndarray]:
    """Parameters and facts of the first ``paths`` paths, (paths,) each, as the kernels draw them."""
    sampler = design(config).sampler
    _, view = world.empty(world.PARAMS)
    values = np.empty((view.shape[0], -(-paths // BLOCK) * BLOCK))
    for first in range(0, paths, BLOCK):
        kernel.draw(first, sampler, view)
        values[:, first : first + BLOCK] = view
    return {key: values[row, :paths] for key, row in parameter_rows().items()}


def parameter_rows() -> dict[str, int]:
    """Row of each parameter and fact in the kernels' record of parameters."""
    return {key: row for key, row in register.rows(world.PARAMS).items() if isinstance(row, int)}


def sobol_numbers(coordinates: list[int], paths: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Numbers of independently scrambled Sobol' sequences, int64.

    Shifts (scrambles, d) and direction numbers (scrambles, d, bits).

    SciPy scrambles (Matousek 1998, linear matrix scramble and digital shift; direction numbers of Joe and Kuo 2008).
    The first point is the shift.
    """
    units = -(-paths // (BLOCK * kernel.SCRAMBLES))
    bits = max(int(units * BLOCK - 1).bit_length(), 1)
    if bits > kernel.BITS:
        raise ConfigError(
            f"run.paths = {paths} is more than the sequence holds; "
            f"use at most {kernel.SCRAMBLES * 2**kernel.BITS} paths."
        )
    shifts, directions = _scrambled(seed, bits)
    return shifts[:, coordinates], np.ascontiguousarray(directions[:, coordinates])


@lru_cache(maxsize=8)
def _scrambled(seed: int, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """The same for all DIMENSIONS; kept for the runs of a batch that share a seed."""
    everything = list(range(DIMENSIONS))
    shifts = np.empty((kernel.SCRAMBLES, DIMENSIONS), np.int64)
    directions = np.empty((kernel.SCRAMBLES, DIMENSIONS, bits), np.int64)
    for s, child in enumerate(np.random.SeedSequence(seed).spawn(kernel.SCRAMBLES)):
        engine = sobol_engine(child)
        shifts[s] = _words(engine.random(1), everything)
        directions[s] = _directions(engine, shifts[s], everything, bits)
    return shifts, directions


def sobol_engine(seed: np.random.SeedSequence) -> Any:
    """SciPy's scrambled Sobol' sequence in DIMENSIONS coordinates."""
    from scipy.stats import qmc

    return qmc.Sobol(d=DIMENSIONS, scramble=True, bits=kernel.BITS, rng=np.random.Generator(np.random.Philox(seed)))


def _words(points: np.ndarray, coordinates: list[int]) -> np.ndarray:
    """The coordinates of one point (1, d) as integers of 30 bits."""
    return np.round(points[0, coordinates] * 2.0**kernel.BITS).astype(np.int64)


def _directions(engine: Any, shift: np.ndarray, coordinates: list[int], bits: int) -> np.ndarray:
    """Direction numbers (d, bits) of an engine that has given its first point."""
    known = getattr(engine, "_sv", None)  # not public, but minutes faster for a hundred million paths
    if known is not None and known.shape == (DIMENSIONS, kernel.BITS):
        numbers: np.ndarray = known[coordinates, :bits].astype(np.int64)
        second = _words(engine.random(1), coordinates)
        if np.array_equal(second, shift ^ numbers[:, 0]):
            return numbers
        engine.reset()
        engine.random(1)
    return directions_from_points(engine, shift, coordinates, bits)


def directions_from_points(engine: Any, shift: np.ndarray, coordinates: list[int], bits: int) -> np.ndarray:
    """The same from public points alone.

    A scrambled sequence is linear in the bits of the Gray code of the index, so its points number 1, 2, 4, 8 and so on
    give the direction numbers. The engine stands after its first point.
    """
    numbers = np.empty((len(coordinates), bits), np.int64)
    position = 1
    previous = np.zeros(len(coordinates), np.int64)
    for k in range(bits):
        if (1 << k) > position:
            engine.fast_forward((1 << k) - position)
        previous = _words(engine.random(1), coordinates) ^ shift ^ previous
        numbers[:, k] = previous
        position = (1 << k) + 1
    return numbers


def _record(config: Config, key: str) -> Record:
    record = config.parameters.get(key) or config.facts.get(key)
    if record is None:
        raise ConfigError(
            f"the model needs {key}, which no parameter or facts file declares; "
            "restore it in configs/parameters or configs/facts."
        )
    return record


def _joint(record: Record, config: Config) -> Joint | None:
    """The joint table that a record is drawn from."""
    return config.joints[record.dist.table] if isinstance(record.dist, JointDraw) else None


def _number(record: Record) -> float:
    return CODES[record.value] if isinstance(record.value, str) else float(record.value)


def _coordinate(config: Config, key: str) -> int | None:
    """Sobol' coordinate of a parameter or fact; None if it is fixed.

    Parameters of one joint table share the first one's.
    """
    record = _record(config, key)
    if record.dist is None:
        return None
    if isinstance(record.dist, JointDraw):
        key = config.joints[record.dist.table].columns[0]
    block, name = key.split(".")
    (parameters, facts), (first, end) = register.declared(block), COORDINATES[block]
    return first + parameters.index(name) if name in parameters else end - 1 - facts.index(name)


def _cholesky(config: Config, place: dict[str, int]) -> np.ndarray:
    """Lower triangle of the Gaussian copula's correlation matrix over the coordinates in use.

    Factored where anything is correlated.
    """
    size = max(place.values(), default=-1) + 1
    matrix = np.eye(size)
    touched: set[int] = set()
    for correlation in config.correlations:
        first, second = correlation.pair
        if first in place and second in place:
            matrix[place[first], place[second]] = matrix[place[second], place[first]] = correlation.rho
            touched |= {place[first], place[second]}
    block = np.ix_(sorted(touched), sorted(touched))
    matrix[block] = np.linalg.cholesky(matrix[block])
    return np.round(matrix, 12)
