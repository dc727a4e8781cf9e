"""Chunks, executors and states: sums merge in one tree, whoever computes them and wherever a run is taken up again."""

from concurrent.futures import Future
from contextlib import contextmanager
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from detente.config import loader
from detente.engine import simulate, state
from detente.engine.chunks import Cells, Store, Worker
from detente.engine.executors import Threads, spans
from detente.engine.sums import Partial, Sums, Tree
from detente.shared import arrays
from detente.shared.errors import DataError
from detente_kernels.reductions import UNIT
from hypothesis import given
from hypothesis import strategies as st

KEEP = 3_000
ARRAYS = ("count", "total", "square", "counts", "path_values", "exact")


def leaf(unit: int) -> Sums:
    """Sums of one unit over a wide range of magnitudes, so that the order of additions shows in the bits."""
    rng = np.random.default_rng(unit)
    values = rng.standard_normal((2, 1, 2, 3)) * 10.0 ** rng.integers(-8, 8, (2, 1, 2, 3))
    return Sums(rng.integers(0, 9, (1, 2)), *values)


def written_out(first: int, units: int) -> Sums:
    """The same tree by recursion over halves, for an aligned power of two."""
    if units == 1:
        return leaf(first)
    left, right = written_out(first, units // 2), written_out(first + units // 2, units // 2)
    return Sums(*(a + b for a, b in zip(left, right, strict=True)))


def equal(a: Sums, b: Sums) -> bool:
    return all(np.array_equal(x, y) for x, y in zip(a, b, strict=True))


@given(st.integers(1, 70), st.data())
def test_any_chunks_give_the_same_bits(units, data):
    cuts = sorted(data.draw(st.sets(st.integers(1, units), max_size=12)) | {0, units})
    tree, apart = Tree(), Tree()
    for first, end in pairwise(cuts):
        portion = Tree(first)
        for unit in range(first, end):
            portion.add(Partial(0, leaf(unit)))
        for partial in portion.partials:
            tree.add(partial)
    for unit in range(units):
        apart.add(Partial(0, leaf(unit)))
    assert tree.end == units
    assert [level for level, _ in tree.partials] == [level for level in reversed(range(7)) if units >> level & 1]
    assert equal(tree.folded(), apart.folded())


@pytest.mark.parametrize("level", [0, 1, 3, 5])
def test_an_aligned_chunk_is_one_sum_added_in_pairs(level):
    units = 1 << level
    tree = Tree(2 * units)
    for unit in range(2 * units, 3 * units):
        tree.add(Partial(0, leaf(unit)))
    (partial,) = tree.partials
    assert partial.level == level
    assert equal(partial.sums, written_out(2 * units, units))


def test_a_block_that_is_not_aligned_is_refused():
    tree = Tree()
    tree.add(Partial(0, leaf(0)))
    with pytest.raises(ValueError, match="cannot begin at unit 1"):
        tree.add(Partial(1, leaf(1)))


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 16))
def test_spans_are_all_units_once_in_aligned_chunks(first, more, chunk_units):
    found = list(spans(first, first + more, chunk_units))
    assert [unit for start, units in found for unit in range(start, start + units)] == list(range(first, first + more))
    assert all(start % chunk_units == 0 for start, _ in found[1:])
    assert all(units <= chunk_units for _, units in found)


@cache
def made(paths: int, keep: int = KEEP, exact: bool = False, **options) -> simulate.Plan:
    return simulate.plan(loader.load("baseline", paths=paths, horizon=2, **options), keep_paths=keep, exact=exact)


def gathered(plan: simulate.Plan, **options) -> tuple[simulate.Reduction, np.ndarray]:
    events = []
    result = simulate.simulate(plan, on_events=lambda found, _: events.append(found), **options)
    return result, np.concatenate(events, axis=1) if events else np.empty((plan.recorded.event.size, 0))


def same(a: simulate.Reduction, b: simulate.Reduction) -> bool:
    return all(getattr(a, name).tobytes() == getattr(b, name).tobytes() for name in ARRAYS) and (
        a.failed,
        a.failures,
    ) == (b.failed, b.failures)


class Alone:
    """An executor that shares nothing with the run and computes a chunk only when its result is asked for, the last
    one first."""

    @contextmanager
    def pool(self, plan: simulate.Plan, store: Store):
        yield Alone.Pool(plan)

    class Pool:
        slots, chunk_units = 3, 2

        def __init__(self, plan: simulate.Plan) -> None:
            self.worker = Worker(plan)
            self.waiting: list[tuple[int, int, Future]] = []

        def submit(self, first_unit: int, units: int):
            future: Future = Future()
            self.waiting.append((first_unit, units, future))
            wait, future.result = future.result, lambda: (self.work(), wait())[1]
            return future

        def work(self) -> None:
            while self.waiting:
                first_unit, units, future = self.waiting.pop()
                future.set_result(self.worker.run_alone(first_unit, units))

        def collect(self, counts: np.ndarray) -> None:
            """Every chunk has carried its own bins."""


@pytest.fixture(scope="module")
def reference() -> tuple[simulate.Plan, simulate.Reduction, np.ndarray]:
    plan = made(5 * UNIT + 700, exact=True)
    return plan, *gathered(plan, jobs=1, chunk_units=1)


@pytest.mark.parametrize(
    "executor", [Threads(2, 4), Threads(3, 3), Alone()], ids=["threads", "odd chunks", "nothing shared"]
)
def test_the_executor_leaves_no_trace(reference, executor):
    plan, expected, events = reference
    result, found = gathered(plan, executor=executor)
    assert same(result, expected)
    assert found.tobytes() == events.tobytes()
    assert not np.isnan(result.path_values).any()


@pytest.mark.parametrize("exact", [False, True])
@pytest.mark.parametrize("executor", [None, Alone()], ids=["threads", "nothing shared"])
def test_more_paths_go_on_from_the_state_of_fewer(tmp_path, executor, exact):
    """The smaller run ends within a unit, keeps less than the larger one asks for, and is read back from its file."""
    file = tmp_path / "state.parquet"
    _, early = gathered(made(2 * UNIT + 300, exact=exact), on_state=lambda found: arrays.write(file, found.to_arrays()))
    start = state.State.from_arrays(arrays.read(file))
    larger = made(4 * UNIT + 51, exact=exact)
    expected, events = gathered(larger)
    result, late = gathered(larger, start=start, executor=executor)
    assert start.paths == result.continued == 2 * UNIT
    assert same(result, expected)
    assert np.array_equal(np.concatenate([early[:, : start.paths], late], axis=1), events, equal_nan=True)
    assert not np.isnan(result.path_values).any()


@pytest.mark.parametrize("units", [1, 2, 3])
def test_a_run_goes_on_from_each_of_its_states(units):
    plan = made(5 * UNIT)
    states = []
    expected, events = gathered(plan, on_state=lambda found: states.append(found.copy()), state_units=units)
    assert [found.units for found in states] == sorted({*range(units, 5, units), 5})
    for found in states:
        result, late = gathered(plan, start=found)
        assert same(result, expected)
        assert late.tobytes() == np.ascontiguousarray(events[:, found.paths :]).tobytes()


def test_a_state_comes_after_the_events_of_its_paths():
    seen = []
    plan = made(3 * UNIT + 5)
    simulate.simulate(
        plan,
        chunk_units=1,
        on_events=lambda _, failed: seen.append(failed.size),
        on_state=lambda found: seen.append(-found.paths),
        state_units=2,
    )
    assert seen == [UNIT, UNIT, -2 * UNIT, UNIT, -3 * UNIT, 5]


def test_a_state_of_a_run_that_is_no_kin_is_refused():
    states = []
    simulate.simulate(made(UNIT, keep=10), on_state=lambda found: states.append(found.copy()))
    (found,) = states
    assert found.objection(made(3 * UNIT, keep=10)) is None
    assert "another configuration" in found.objection(made(3 * UNIT, keep=10, seed=5))
    assert "another configuration" in found.objection(made(3 * UNIT, keep=10, exact=True))
    assert "holds 10 paths in full" in found.objection(made(3 * UNIT, keep=11))
    assert "more than the 100" in found.objection(made(100, keep=10))
    with pytest.raises(DataError, match="cannot continue from the saved state"):
        simulate.simulate(made(3 * UNIT, keep=10, seed=5), start=found)


def test_a_damaged_state_is_refused_or_whole(tmp_path):
    """Flipped bytes and lost ends: a sentence, or the state as it was."""
    file = tmp_path / "state.parquet"
    simulate.simulate(made(UNIT, keep=5), on_state=lambda found: arrays.write(file, found.to_arrays()))
    whole, original = file.read_bytes(), state.State.from_arrays(arrays.read(file)).to_arrays()
    rng = np.random.default_rng(6)
    damaged = [whole[: int(cut)] for cut in rng.integers(0, len(whole), 20)]
    for place in [*rng.integers(0, len(whole), 40), *range(60), *range(len(whole) - 60, len(whole))]:
        changed = bytearray(whole)
        changed[int(place)] ^= 1 << int(rng.integers(8))
        damaged.append(bytes(changed))
    refused = 0
    for content in damaged:
        file.write_bytes(content)
        try:
            found = state.State.from_arrays(arrays.read(file)).to_arrays()
        except DataError as error:
            assert "delete the file and run again" in str(error)
            refused += 1
        else:
            assert all(np.array_equal(found[name], original[name]) for name in original)
    assert refused > len(damaged) // 2
    with pytest.raises(DataError, match="missing or damaged"):
        arrays.read(tmp_path / "nothing.parquet")


def test_cells_are_the_bins_that_hold_something():
    counts = np.random.default_rng(1).integers(0, 3, (2, 3, 50)).astype(np.uint32)
    counts[counts == 1] = 0
    cells = Cells.of(counts)
    assert cells.place.size == np.count_nonzero(counts)
    again = np.ones_like(counts)
    cells.add_to(again)
    assert np.array_equal(again, counts + 1)


def test_threads_that_fail_say_so_and_stop():
    def fail(*_):
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        simulate.simulate(made(6 * UNIT), on_events=fail, chunk_units=1)
