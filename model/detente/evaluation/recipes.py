"""Forecasts of one recipe alone: the estimate at an origin, the step functions of a run, an ensemble of monthly values.

The plan is that of a run with everything outside the block switched off: no gulf disturbance, no lost supply, no change
of forces, storage gap held, and the whole variance of the recipe (``explained_variance`` 0). Parameters are those that
``calibrate`` writes for a run, with their distributions; what it does not estimate has the value of the baseline.
Random numbers are those of the run's named streams; every path is paired with one that has the shocks and parameters
of the level mirrored and those of the volatility unchanged, so that medians carry little simulation error.
"""

import math
import tomllib
from collections.abc import Iterable, Sequence
from functools import lru_cache

import numpy as np
from detente_kernels import attrition, gas, oil, recipes
from detente_kernels.gas.ttf import Params as GasParams
from detente_kernels.oil.brent import Params as OilParams
from detente_kernels.tools import rng
from detente_kernels.tools.units import MMBTU_PER_BARREL, MWH_PER_MMBTU
from pydantic import TypeAdapter

from detente.calibrate import gas as gas_calibration
from detente.calibrate import losses as losses_calibration
from detente.calibrate import oil as oil_calibration
from detente.calibrate.files import Change
from detente.config.distributions import Distribution, JointDraw
from detente.config.loader import load
from detente.config.schema import Record
from detente.engine.quantiles import quantile

__all__ = ["PATHS", "gas_ensemble", "gas_paths", "losses_ensemble", "losses_paths", "oil_ensemble", "oil_paths"]

PATHS = 16_384
SEED = 1
ALONE = {"oil.explained_variance": 0.0, "gas.explained_variance": 0.0}
"""Settings that differ from a run: nothing else explains a part of the recipe's variance."""
OIL_WORDS = ("transient", "permanent", "averaging", "volatility", "tail_a", "tail_b", "tail_c")
WAVE_DISCOUNT = math.log(28.0 / 24.0)
"""Log effect of new LNG on the long-run price: 28 EUR/MWh without it and 24 with it, on average (judgement)."""
SLOW_REVERSION = 0.0116
"""1/month, a half-life of five years: pull to the trailing mean of a series whose costs are not known."""
GAS_WORDS = ("price", "tail", "volatility", "tail_a", "tail_b")
LOSSES_WORDS = ("level", "noise", "days")
MIRRORED = frozenset(
    [
        "transient",
        "permanent",
        "averaging",
        "price",
        "level",
        "noise",
        "days",
        "gas.storage_gap_effect",
        "gas.long_run_log",
        "oil.transient_log",
        "attrition.level_now",
        "attrition.long_run_level",
    ]
)
"""Shocks and parameters that move the level of a path, not its volatility."""


def oil_ensemble(
    fitted: oil_calibration.OilEstimate, horizons: Sequence[int], paths: int = PATHS, seed: int = SEED
) -> np.ndarray:
    """Monthly mean oil prices.

    Parameters
    ----------
    fitted : the estimate at the origin.
    horizons : months ahead, rising.
    paths : ensemble members, an even number.
    seed : equal seeds give equal ensembles.

    Returns
    -------
    (horizons, paths) prices, sorted, in the unit of the estimate.
    """
    return _sorted(oil_paths(fitted, max(horizons), paths, seed), horizons)


def gas_ensemble(
    fitted: gas_calibration.GasEstimate,
    horizons: Sequence[int],
    paths: int = PATHS,
    seed: int = SEED,
    oil: oil_calibration.OilEstimate | None = None,
) -> np.ndarray:
    """Monthly mean gas prices, (horizons, paths), sorted; arguments as in oil_ensemble.

    ``oil``: the estimate of Brent at the same origin. Without it oil has no effect, and the price is held by its mean
    of 60 months and not by costs, which are known in EUR/MWh and USD/mmbtu only.
    """
    return _sorted(gas_paths(fitted, max(horizons), paths, seed, oil), horizons)


def losses_ensemble(
    fitted: losses_calibration.LossesEstimate, horizons: Sequence[int], paths: int = PATHS, seed: int = SEED
) -> np.ndarray:
    """Claimed losses, persons a day, (horizons, paths), sorted; arguments as in oil_ensemble."""
    return _sorted(losses_paths(fitted, max(horizons), paths, seed), horizons)


def oil_paths(fitted: oil_calibration.OilEstimate, steps: int, paths: int, seed: int) -> np.ndarray:
    """Monthly mean oil prices, (steps, paths): first as a run draws them, then their mirror images."""
    return oil_paths_and_shocks(fitted, steps, paths, seed)[0]


def oil_paths_and_shocks(
    fitted: oil_calibration.OilEstimate, steps: int, paths: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Monthly mean oil prices and the standard normal of each month, (steps, paths) each."""
    value = _Values(oil_calibration.changes(fitted), paths, seed)
    momentum = value["oil.momentum"] / value["oil.averaging_weight"] * value["oil.last_return"]
    start = np.stack([value["oil.brent"], value["oil.transient_log"], value["oil.volatility_now"], momentum])
    means, shocks = np.empty((steps, paths)), np.empty((steps, paths))
    draws = _draws("oil", OIL_WORDS, steps, paths, seed)
    recipes.brent_means(value.table("oil", OilParams._fields), start, draws, means, shocks)
    return means, shocks


def gas_paths(
    fitted: gas_calibration.GasEstimate,
    steps: int,
    paths: int,
    seed: int,
    oil: oil_calibration.OilEstimate | None = None,
) -> np.ndarray:
    """Monthly mean gas prices, (steps, paths), order as in oil_paths; ``oil`` as in gas_ensemble."""
    value = _Values(gas_calibration.price_changes(fitted), paths, seed)
    drivers = np.zeros((steps, 3, paths))
    felt = np.zeros((2, paths))
    scale = {"EUR/MWh": 1.0, "USD/mmbtu": MWH_PER_MMBTU * float(value["fiscal.euro"][0])}.get(fitted.unit)
    if oil is None or scale is None or fitted.oil_filter is None or fitted.oil_mean is None:
        for name in ("oil_response", "oil_correlation", "floor_pull", "ceiling_pull"):
            value.fix(f"gas.{name}", 0.0)
        value.fix("gas.long_run_log", fitted.trailing_log)
        value.fix("gas.mean_reversion", SLOW_REVERSION)
    else:
        means, shocks = oil_paths_and_shocks(oil, steps, paths, seed)
        parity = value["gas.oil_parity"] * means / (MMBTU_PER_BARREL * MWH_PER_MMBTU * value["fiscal.euro"])
        ceiling = scale * np.minimum(parity, value["gas.soft_ceiling"])
        drivers = np.stack([np.log(means), shocks, np.log(ceiling)], axis=1)
        felt = np.repeat(np.array([[fitted.oil_filter], [fitted.oil_mean]]), paths, axis=1)
        # Supply, and with it the wave of new LNG, is not in the recipe alone: its mean is in the long-run price.
        value.shift("gas.long_run_log", math.log(scale) - WAVE_DISCOUNT)
        value.scale("gas.soft_floor", scale)
    price = np.full(paths, fitted.last_price)
    start = np.stack([price, value["gas.volatility_now"], value["gas.last_innovation"], *felt])
    season = np.stack([value["gas.season_cos"], value["gas.season_sin"]])
    circle, gap = _circle(fitted.last_month.month, steps), fitted.storage_gap or 0.0
    means = np.empty((steps, paths))
    draws = _draws("gas", GAS_WORDS, steps, paths, seed)
    recipes.ttf_means(value.table("gas", GasParams._fields), start, season, circle, gap, drivers, draws, means)
    return means


def losses_paths(fitted: losses_calibration.LossesEstimate, steps: int, paths: int, seed: int) -> np.ndarray:
    """Claimed losses, persons a day, (steps, paths), order as in oil_paths."""
    value = _Values(losses_calibration.changes(fitted), paths, seed)
    noise = value["attrition.level_noise"] / np.sqrt(value["attrition.shock_precision"])
    names = ("level_half_life", "long_run_level", "daily_dispersion", "daily_correlation")  # losses.Params after noise
    params = np.vstack([noise, value.table("attrition", names)])
    start = np.stack([value["attrition.level_now"], value["attrition.recent_deviation"]])
    rates = np.empty((steps, paths))
    recipes.claimed_rates(params, start, _draws("attrition", LOSSES_WORDS, steps, paths, seed), rates)
    return rates


class _Values:
    """Values of parameters and facts on all paths, by key: what an estimate changes, else the baseline's."""

    def __init__(self, changes: Iterable[Change], paths: int, seed: int) -> None:
        self._changes = {change.table.partition(".")[2]: change for change in changes}
        self._fixed = dict(ALONE)
        self._moved: dict[str, np.ndarray] = {}
        self._paths, self._seed = paths, seed

    def fix(self, key: str, value: float) -> None:
        self._fixed[key] = value

    def shift(self, key: str, by: float) -> None:
        """Add to a value on all paths."""
        self._moved[key] = self[key] + by

    def scale(self, key: str, by: float) -> None:
        """Multiply a value on all paths."""
        self._moved[key] = self[key] * by

    def __getitem__(self, key: str) -> np.ndarray:
        if key in self._moved:
            return self._moved[key]
        if key in self._fixed:
            return np.full(self._paths, self._fixed[key])
        if key in self._changes:
            change = self._changes[key]
            value, law = change.value, _law(change.dist) if change.dist is not None else None
        else:
            record = _baseline()[key]
            value, law = float(record.value), record.dist
        if law is None or isinstance(law, JointDraw):  # joint tables hold effects that are switched off here
            return np.full(self._paths, value)
        return np.asarray(quantile(law, _levels(key, self._paths, self._seed)))

    def table(self, block: str, names: Sequence[str]) -> np.ndarray:
        """(names, paths)."""
        return np.stack([self[f"{block}.{name}"] for name in names])


@lru_cache(maxsize=1)
def _baseline() -> dict[str, Record]:
    config = load("baseline")
    return {**config.parameters, **config.facts}


def _law(text: str) -> Distribution:
    """The distribution of an inline TOML table without braces."""
    law: Distribution = TypeAdapter(Distribution).validate_python(tomllib.loads(f"dist = {{ {text} }}")["dist"])
    return law


@lru_cache(maxsize=64)
def _levels(key: str, paths: int, seed: int) -> np.ndarray:
    """Probabilities at which a parameter is drawn, (paths,), from a stream of its own."""
    words = np.empty((4, paths // 2))
    rng.fill(0, 0, seed, np.array([rng.stream(f"recipe.{key}")], np.uint64), np.zeros(4, np.int64), words)
    return np.concatenate([words[0], 1.0 - words[0] if key in MIRRORED else words[0]])


@lru_cache(maxsize=4)
def _draws(block: str, names: tuple[str, ...], steps: int, paths: int, seed: int) -> np.ndarray:
    """Draws of a block's streams, (steps, names, paths)."""
    streams = {"oil": oil, "gas": gas, "attrition": attrition}[block].DRAWS
    words = [word for stream in streams for word in [*stream.words, *[("", rng.UNIFORM)] * (4 - len(stream.words))]]
    rows = [[name for name, _ in words].index(name) for name in names]
    kinds = np.array([kind for _, kind in words], np.int64)
    keys = np.array([stream.key for stream in streams], np.uint64)
    signs = np.array([-1.0 if name in MIRRORED else 1.0 for name in names])[:, None]
    out, half = np.empty((steps, len(names), paths)), np.empty((len(words), paths // 2))
    for step in range(steps):
        rng.fill(0, step + 1, seed, keys, kinds, half)
        out[step] = np.hstack([half[rows], signs * half[rows]])
    return out


def _circle(month: int, steps: int) -> np.ndarray:
    """Cosine and sine of the calendar months from the last known one on, (steps + 1, 2)."""
    angles = 2.0 * math.pi * ((month + np.arange(steps + 1)) % 12) / 12.0
    return np.column_stack([np.cos(angles), np.sin(angles)])


def _sorted(values: np.ndarray, horizons: Sequence[int]) -> np.ndarray:
    return np.sort(values[np.asarray(horizons) - 1], axis=1)
