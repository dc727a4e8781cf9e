"""The world of a block of paths, and the order of a month.

One structured record holds the state, a second one the parameters and facts, a third one the draws: in each a nested
record per submodel with one ``(BLOCK,)`` or ``(rows, BLOCK)`` float64 array per field. The records are built from the
submodels' own declarations; a new submodel adds its line to ``BLOCKS`` and its calls to ``start`` and ``month``.
"""

from itertools import groupby
from types import ModuleType
from typing import NamedTuple

import numpy as np

from . import attrition, conflict, fiscal, gas, gulf, oil, sanctions, tariffs
from .tools.jit import BLOCK, inline


class Block(NamedTuple):
    """A submodel: name of its records, module, Sobol' coordinates (from the first to before the last), title."""

    name: str
    module: ModuleType
    coordinates: tuple[int, int]
    title: str


BLOCKS = (
    Block("gulf", gulf, coordinates=(486, 496), title="The Gulf"),
    Block("conflict", conflict, coordinates=(108, 142), title="War and talks"),
    Block("sanctions", sanctions, coordinates=(142, 180), title="Sanctions"),
    Block("tariffs", tariffs, coordinates=(400, 486), title="Tariffs"),
    Block("oil", oil, coordinates=(0, 108), title="Oil"),
    Block("gas", gas, coordinates=(272, 400), title="European gas"),
    Block("fiscal", fiscal, coordinates=(180, 216), title="Public finances"),
    Block("attrition", attrition, coordinates=(216, 272), title="Losses and forces"),
)
"""The one list of submodels, in the causal order of a step.

Parameters count from a block's first coordinate, facts from its last, with room between, so that a new one shifts no
other number. The best-spread coordinates go to oil, which has the most parameters that matter.
"""
SUBMODELS = {block.name: block.module for block in BLOCKS}


class Tables(NamedTuple):
    """What a scenario sets, by submodel. ``gulf_pinned`` (steps,): state that a dated event sets, or -1."""

    gulf_pinned: np.ndarray
    conflict: conflict.Tables
    sanctions: sanctions.Tables
    tariffs: tariffs.Tables
    oil: oil.Tables
    gas: gas.Tables


def _record(fields) -> np.dtype:
    """A nested record: one (BLOCK,) or (rows, BLOCK) float64 array per field."""
    parts = []
    for field in fields:
        name, rows = (field, None) if isinstance(field, str) else field
        parts.append((name, np.float64, (BLOCK,) if rows is None else (rows, BLOCK)))
    return np.dtype(parts)


def _words(module):
    """All 4 words of each stream of a submodel, named or not, so that a stream's words are neighbouring rows.

    Neighbours of one name are one field with a row for each.
    """
    names = []
    for s, stream in enumerate(module.DRAWS):
        words = [name for name, _ in stream.words]
        names += words + [f"spare_{s}_{k}" for k in range(len(words), 4)]
    for name, group in groupby(names):
        rows = len(list(group))
        yield name if rows == 1 else (name, rows)


STATE = np.dtype([(name, _record(module.STATE)) for name, module in SUBMODELS.items()])
PARAMS = np.dtype([(name, _record(module.PARAMS + module.FACTS)) for name, module in SUBMODELS.items()])
DRAWS = np.dtype([(name, _record(tuple(_words(module)))) for name, module in SUBMODELS.items()])

STREAMS = np.array([stream.key for module in SUBMODELS.values() for stream in module.DRAWS], dtype=np.uint64)
KINDS = np.array(
    [
        kind
        for module in SUBMODELS.values()
        for stream in module.DRAWS
        for kind in [k for _, k in stream.words] + [0] * (4 - len(stream.words))
    ],
    dtype=np.int64,
)


def rows(dtype: np.dtype) -> dict[str, int | range]:
    """Row of each field, "submodel.field", when the record is seen as a (rows, BLOCK) float64 array.

    A range for a field of several rows.
    """
    places: dict[str, int | range] = {}
    for submodel in dtype.names:
        nested, base = dtype.fields[submodel][:2]
        for field in nested.names:
            kind, offset = nested.fields[field][:2]
            first = (base + offset) // (8 * BLOCK)
            places[f"{submodel}.{field}"] = first if len(kind.shape) == 1 else range(first, first + kind.shape[0])
    return places


def empty(dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """A zeroed record array of one block, and the same memory as (rows, BLOCK) float64."""
    record = np.zeros(1, dtype)
    return record, record.view(np.float64).reshape(-1, BLOCK)


EVENT_FIELDS = tuple(f"{name}.{field}" for name, module in SUBMODELS.items() for field in module.EVENTS)
EVENT_ROWS = np.array([rows(STATE)[field] for field in EVENT_FIELDS], dtype=np.int64)


@inline
def start(world, params, tables):
    """The as-of date."""
    gulf.start(world.gulf, params.gulf)
    conflict.start(world.conflict, params.conflict)
    sanctions.start(world.sanctions, tables.sanctions)
    tariffs.start(world.tariffs, params.tariffs)
    oil.start(world.oil, params.oil, world.sanctions, world.gulf)
    gas.start(world.gas, params.gas, world.sanctions, world.gulf, world.oil, tables.gas)
    attrition.start(world.attrition, params.attrition, world.conflict)
    fiscal.start(world.fiscal, params.fiscal, world.oil, world.gas, world.attrition)


@inline
def month(world, params, draws, tables, t, dt):
    """One step (a month or a week) of one block; the order is the causal order within it."""
    gulf.advance(world.gulf, params.gulf, draws.gulf, tables.gulf_pinned[t], dt)

    conflict_inputs = conflict.Inputs(world.gulf, world.tariffs, world.fiscal, world.attrition)
    conflict.advance(world.conflict, params.conflict, draws.conflict, conflict_inputs, tables.conflict, t, dt)

    sanctions_inputs = sanctions.Inputs(world.conflict, world.oil)
    sanctions.advance(world.sanctions, params.sanctions, draws.sanctions, sanctions_inputs, tables.sanctions, t, dt)

    tariffs_inputs = tariffs.Inputs(world.conflict, params.conflict, world.oil, params.oil)
    tariffs.advance(world.tariffs, params.tariffs, draws.tariffs, tariffs_inputs, tables.tariffs, t, dt)

    oil_inputs = oil.Inputs(world.sanctions, world.tariffs, world.gulf, world.conflict, params.tariffs)
    oil.advance(world.oil, params.oil, draws.oil, oil_inputs, tables.oil, t, dt)

    gas_inputs = gas.Inputs(world.conflict, world.sanctions, world.gulf, world.oil, params.fiscal)
    gas.advance(world.gas, params.gas, draws.gas, gas_inputs, tables.gas, t, dt)

    fiscal_inputs = fiscal.Inputs(world.conflict, world.oil, params.oil, world.gas, world.attrition)
    fiscal.advance(world.fiscal, params.fiscal, draws.fiscal, fiscal_inputs, tables.conflict.feedback, t, dt)

    attrition_inputs = attrition.Inputs(world.conflict, world.fiscal)
    attrition.advance(world.attrition, params.attrition, draws.attrition, attrition_inputs, t, dt)
