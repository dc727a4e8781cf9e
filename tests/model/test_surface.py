"""The surface of trade effects: right at its nodes, close between them, and kept in a cache that may fail in any way
without harm."""

import time

import numpy as np
import pytest
from detente import trade
from detente.engine import trade_surface
from detente.shared import arrays
from detente.shared.paths import CACHE
from detente_kernels.tariffs import surface as kernel
from detente_kernels.tariffs.buyers import BUYERS, REGIONS

RNG = np.random.default_rng(13)
SETS = 2 ** len(BUYERS)


def welfare(members: int, rate: float, elasticity: float) -> np.ndarray:
    """Per cent by region, solved directly."""
    table = trade.shipped()
    tariff = np.zeros((len(REGIONS), len(REGIONS)))
    rows = [b + 1 for b in range(7) if members >> b & 1] + [len(REGIONS) - 1] * (members >> 7)
    tariff[rows, 0] = rate
    return trade.equilibrium(
        table.trade, table.gdp, tariff, home=0, trade_elasticity=elasticity, variant="dek", rebate="lump-sum"
    ).welfare


def read(members: int, rate: float, elasticity: float) -> np.ndarray:
    table = trade_surface.surface().table
    at = kernel.place(table, rate, elasticity)
    return np.array([kernel.read(table, members, at, r) for r in range(len(REGIONS))])


def test_regions_are_those_of_the_trade_table():
    assert trade.shipped().keys == [
        "USA",
        "CHN",
        "IND",
        "TUR",
        "EU27",
        "BRA",
        "JPN",
        "KOR",
        "GBR",
        "RUS",
        "GULF",
        "CANMEX",
        "ROW",
    ]
    assert trade_surface.surface().gdp == pytest.approx(trade.shipped().gdp / 1e3), "bn USD"


@pytest.mark.parametrize("members", [0b1, 0b10, 0b11, 0b10000100, 0b11111111])
def test_nodes_are_the_equilibrium_itself(members):
    for rate in trade_surface.RATES[1:]:
        for elasticity in trade_surface.ELASTICITIES:
            np.testing.assert_allclose(
                read(members, rate, elasticity), welfare(members, rate, elasticity), rtol=0.0, atol=1e-12
            )


def test_nobody_and_nothing_have_no_effect():
    effects = trade_surface.surface().table.effects
    assert (effects[0] == 0.0).all() and (effects[:, 0] == 0.0).all()
    assert np.isfinite(effects).all()


def test_between_nodes_the_error_is_small():
    """Random sets, tariffs as they are felt and elasticities as they are drawn; docs/method.md states the figures."""
    errors = []
    for _ in range(200):
        members, rate, elasticity = (
            int(RNG.integers(1, SETS)),
            float(RNG.uniform(0.01, 3.25)),
            float(RNG.uniform(0.5, 8.0)),
        )
        errors.append(np.abs(read(members, rate, elasticity) - welfare(members, rate, elasticity)).max())
    print(
        f"worst {max(errors):.4f}, 95% {np.quantile(errors, 0.95):.4f}, median {np.median(errors):.4f} per cent of GDP"
    )
    assert max(errors) < WORST and np.median(errors) < TYPICAL


WORST, TYPICAL = 0.25, 0.05
"""Per cent of GDP, over all regions of a draw."""


def test_the_price_of_building_it():
    """A sixteenth of the sets; all of them take some ten seconds on one core."""
    begun = time.perf_counter()
    trade_surface.solve(trade.shipped(), trade_surface.RATES, trade_surface.ELASTICITIES, tuple(range(0, SETS, 16)))
    assert 16.0 * (time.perf_counter() - begun) < 60.0


# --- the cache --------------------------------------------------------------------------------------------------------


@pytest.fixture
def cheap(monkeypatch, tmp_path):
    """A cache folder of the test's own, and a solver that costs nothing; how often it was called."""
    calls = []

    def solve(table, rates, elasticities, sets):
        calls.append(1)
        effects = np.full((len(sets), len(rates), len(elasticities), len(REGIONS)), 0.5)
        effects[0], effects[:, 0] = 0.0, 0.0
        return effects

    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))
    monkeypatch.setattr(trade_surface, "solve", solve)
    monkeypatch.setattr(trade_surface, "welfare", lambda *node: np.full(len(REGIONS), 0.5))
    trade_surface.surface.cache_clear()
    yield calls
    trade_surface.surface.cache_clear()


def built() -> np.ndarray:
    """The surface as a new process would get it."""
    trade_surface.surface.cache_clear()
    return trade_surface.surface().table.effects


def test_it_is_solved_once_and_read_back(cheap, tmp_path):
    assert not trade_surface.available()
    first = built()
    assert trade_surface.available()
    trade_surface.surface.cache_clear()
    assert trade_surface.available()
    np.testing.assert_array_equal(built(), first)
    assert len(cheap) == 1
    names = sorted(path.name.partition("-")[0] + path.suffix for path in (tmp_path / "cache").iterdir())
    assert names == ["source.txt", "trade.parquet"], "no temporary file is left"


@pytest.mark.parametrize(
    "damage", ["noise", "truncated", "empty", "another shape", "not finite", "times -3", "not zero without a tariff"]
)
def test_a_damaged_file_is_solved_again_and_replaced(cheap, tmp_path, damage):
    whole = built()
    (path,) = (tmp_path / "cache").glob("trade-surface-*")
    good = path.read_bytes()
    if damage == "noise":
        path.write_bytes(b"not an array")
    elif damage == "truncated":
        path.write_bytes(good[: len(good) // 2])
    elif damage == "empty":
        path.write_bytes(b"")
    else:
        others = {
            "another shape": whole[:10],
            "not finite": np.where(whole == 0.5, np.nan, whole),
            "times -3": -3.0 * whole,
            "not zero without a tariff": np.full_like(whole, 0.5),
        }
        arrays.write(path, {trade_surface.EFFECTS: others[damage]})
    trade_surface.surface.cache_clear()
    assert not trade_surface.available()
    np.testing.assert_array_equal(built(), whole)
    assert len(cheap) == 2
    assert path.read_bytes() == good


def test_an_altered_surface_is_not_believed_and_the_true_one_is(monkeypatch, tmp_path):
    """Values times -3 under a valid checksum, shape and name: refused by the equilibrium itself."""
    effects = trade_surface.surface().table.effects
    table, path = trade.shipped(), tmp_path / "surface.parquet"
    arrays.write(path, {trade_surface.EFFECTS: effects})
    assert np.array_equal(trade_surface._read(path, table), effects)
    arrays.write(path, {trade_surface.EFFECTS: -3.0 * effects})
    assert trade_surface._read(path, table) is None
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)
    assert trade_surface._read(path, table) is None


def test_a_folder_that_cannot_be_written_costs_time_only(cheap, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(CACHE, str(tmp_path / "file" / "cache"))
    assert (built()[1:, 1:] == 0.5).all()
    assert (built()[1:, 1:] == 0.5).all()
    assert len(cheap) == 2


def test_another_table_is_another_surface(monkeypatch):
    table = trade.shipped()
    other = type(table)(**{**vars(table), "trade": table.trade * 1.001})
    assert trade_surface._digest(table) != trade_surface._digest(other)
