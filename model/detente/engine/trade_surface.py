"""The surface of trade effects that the path loop reads.

Exact hat algebra solved once for every set of buyers, tariff and trade elasticity.

Solved on the shipped table by the fixed-deficit variant of Dekle, Eaton and Kortum (2008) with a lump-sum rebate, kept
in the user's cache folder under a hash of all that it rests on, and read back from there. A file is believed if its
checksums hold and a sample of its nodes, drawn anew each time, is the equilibrium again; else it is solved again.
"""

import hashlib
import random
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import numpy as np
from detente_kernels.tariffs.buyers import BUYERS, OTHER, REGIONS
from detente_kernels.tariffs.surface import Surface

from detente import trade
from detente.engine.version import digest_of
from detente.shared import arrays
from detente.shared.errors import ConfigError, DataError
from detente.shared.files import replacing
from detente.shared.paths import cache_folder, make_folder

RATES = (0.0, 0.05, 0.125, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Tariffs at the nodes; 1.0 is 100%. Linear in ln(1 + tariff) between them, the last node beyond."""
ELASTICITIES = (0.5, 0.8, 1.25, 2.0, 4.0, 8.0)
"""Trade elasticities at the nodes; linear in their logarithm between them."""
CHECKED = 24
"""Nodes of a file from the cache that are solved again, some twenty milliseconds."""
TOLERANCE = 1e-8
"""Per cent by which a node may differ from the equilibrium: other libraries differ in the last digits."""
EFFECTS = "effects"
"""Name of the array in a file of the cache."""


@dataclass(frozen=True)
class Solved:
    """The surface and the GDP of its regions (bn USD a year)."""

    table: Surface
    gdp: np.ndarray


@cache
def surface() -> Solved:
    """The surface of the shipped table.

    Solved at most once a process, and once a machine as long as nothing it rests on changes.
    """
    table = trade.shipped()
    if len(table.keys) != len(REGIONS):
        raise ConfigError(
            f"configs/trade/table.csv has {len(table.keys)} regions, the compiled model {len(REGIONS)}; "
            "restore the shipped table."
        )
    effects = _cached_effects(table)
    nodes = np.log1p(np.array(RATES)), np.log(np.array(ELASTICITIES))
    return Solved(Surface(*nodes, effects), table.gdp * table.unit / 1e9)


def solve(
    table: "trade.Table", rates: tuple[float, ...], elasticities: tuple[float, ...], sets: tuple[int, ...]
) -> np.ndarray:
    """Welfare in per cent, (sets, rates, elasticities, regions); bit b of a set is buyer b of the kernel."""
    effects = np.zeros((len(sets), len(rates), len(elasticities), len(REGIONS)))
    for (s, members), (i, rate), (j, elasticity) in product(enumerate(sets), enumerate(rates), enumerate(elasticities)):
        if members and rate:
            effects[s, i, j] = welfare(table, members, rate, elasticity)
    return effects


def welfare(table: "trade.Table", members: int, rate: float, elasticity: float) -> np.ndarray:
    """Welfare in per cent at one node, (regions,)."""
    return trade.equilibrium(
        table.trade,
        table.gdp,
        _tariff(members, rate),
        home=0,
        trade_elasticity=elasticity,
        variant="dek",
        rebate="lump-sum",
    ).welfare


def _tariff(members: int, rate: float) -> np.ndarray:
    """(exporters, importers): the rate on all that the US buys from the members."""
    tariff = np.zeros((len(REGIONS), len(REGIONS)))
    for b in range(len(BUYERS)):
        if members >> b & 1:
            tariff[len(REGIONS) - 1 if b == OTHER else b + 1, 0] = rate
    return tariff


def _cached_effects(table: "trade.Table") -> np.ndarray:
    """The effects from the cache, or solved and put there."""
    sets = tuple(range(2 ** len(BUYERS)))
    path = _path(table)
    effects = _read(path, table)
    if effects is not None:
        return effects
    effects = solve(table, RATES, ELASTICITIES, sets)
    with suppress(OSError):  # a cache that cannot be written costs time and nothing else
        make_folder(path.parent)
        with replacing(path) as temporary:
            arrays.write(temporary, {EFFECTS: effects})
    return effects


def available() -> bool:
    """Whether the surface needs no solving: it is in memory, or valid in the cache."""
    if surface.cache_info().currsize > 0:
        return True
    table = trade.shipped()
    return _read(_path(table), table) is not None


def _read(path: Path, table: "trade.Table") -> np.ndarray | None:
    """What a file of the cache holds; None if it is missing, damaged, altered or of another shape."""
    try:
        effects = arrays.read(path)[EFFECTS]
    except (DataError, KeyError):
        return None
    shape = (2 ** len(BUYERS), len(RATES), len(ELASTICITIES), len(REGIONS))
    valid = effects.shape == shape and effects.dtype == np.float64 and bool(np.isfinite(effects).all())
    return effects if valid and _confirmed(effects, table) else None


def _confirmed(effects: np.ndarray, table: "trade.Table") -> bool:
    """Whether effects are zero without a tariff, and equal to the equilibrium at nodes drawn at random.

    The draw decides what is checked and no number of a run.
    """
    if effects[0].any() or effects[:, 0].any():
        return False
    draw = random.SystemRandom()
    for _ in range(CHECKED):
        s, i, j = (draw.randrange(low, size) for low, size in zip((1, 1, 0), effects.shape[:3], strict=True))
        expected = welfare(table, s, RATES[i], ELASTICITIES[j])
        if not np.allclose(effects[s, i, j], expected, rtol=0.0, atol=TOLERANCE):
            return False
    return True


@cache
def digest() -> str:
    """Key of this surface: sixteen digits over the shipped table, the nodes and the solver's syntax trees."""
    return _digest(trade.shipped())


def _path(table: "trade.Table") -> Path:
    return cache_folder() / f"trade-surface-{_digest(table)}.parquet"


def _digest(table: "trade.Table") -> str:
    """Sixteen digits over the table, the nodes and the solver's syntax trees."""
    digest = hashlib.sha256(repr((RATES, ELASTICITIES, BUYERS, REGIONS)).encode())
    digest.update(np.ascontiguousarray(table.trade).tobytes() + np.ascontiguousarray(table.gdp).tobytes())
    digest.update(digest_of({"trade": Path(trade.__file__).parent}).encode())
    return digest.hexdigest()[:16]
