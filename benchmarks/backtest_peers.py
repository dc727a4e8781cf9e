"""Peers of the price and loss recipes: time-series models of public libraries on the same origins and targets.

GARCH(1,1) with Student t errors (arch), and ARIMA, exponential smoothing and Theta (statsmodels). Each sees the monthly
log changes known at the origin, at most the last ``LONGEST`` of them, and forecasts from the value at which no change
starts: for oil the last daily price. Run in an environment of its own: ``pip install detente[peers]``.

    python benchmarks/backtest_peers.py             prints the table
    python benchmarks/backtest_peers.py --write     also writes configs/outcomes/peers.toml for docs/backtest.md
"""

import argparse
import datetime as dt
import importlib.metadata
import itertools
import tomllib
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from arch import arch_model
from detente.evaluation.backtest import backtest
from detente.evaluation.page import WINDOWS
from detente.evaluation.sources import Source, open_source
from statsmodels.tsa.api import ARIMA, ETSModel
from statsmodels.tsa.arima_process import arma2ma
from statsmodels.tsa.forecasting.theta import ThetaModel

HORIZONS = (1, 3, 6, 12, 24, 36)
PATHS = 2_000
LONGEST = 180
ORDERS = ((0, 0), (1, 0), (0, 1), (1, 1), (2, 0), (0, 2))
ONE_SD = 0.3173105
"""Probability outside one standard deviation of a normal distribution."""
CHANGES_A_LAG = 20
"""Least number of log changes for each lag of ARIMA."""
ORDER_AGE = 24
"""Origins after which the order of ARIMA is chosen anew; its parameters are estimated at each."""
FILE = Path(__file__).resolve().parents[1] / "configs" / "outcomes" / "peers.toml"
Simulate = Callable[[np.ndarray, int, np.random.Generator], np.ndarray]
"""Log changes up to the origin, months ahead, random numbers -> (months, paths) log change since the origin."""


def garch(changes: np.ndarray, ahead: int, rng: np.random.Generator) -> np.ndarray:
    """GARCH(1,1) with Student t errors and zero mean."""
    scale = 10.0 / changes.std()
    fitted = arch_model(changes * scale, mean="Zero", vol="GARCH", dist="t", rescale=False).fit(disp="off")
    omega, alpha, beta, nu = (float(fitted.params[name]) for name in ("omega", "alpha[1]", "beta[1]", "nu"))
    variance = np.full(
        PATHS, omega + alpha * (changes[-1] * scale) ** 2 + beta * fitted.conditional_volatility[-1] ** 2
    )
    steps = np.empty((ahead, PATHS))
    for step in range(ahead):
        steps[step] = np.sqrt(variance * (nu - 2.0) / nu) * rng.standard_t(nu, PATHS)
        variance = omega + alpha * steps[step] ** 2 + beta * variance
    return np.asarray(np.cumsum(steps / scale, axis=0))


class Arima:
    """ARIMA(p, 1, q) without drift, p + q at most 2, by AIC."""

    def __init__(self) -> None:
        self.order, self.age = (0, 0), ORDER_AGE

    def __call__(self, changes: np.ndarray, ahead: int, rng: np.random.Generator) -> np.ndarray:
        """Simulate from the origin."""
        if self.age >= ORDER_AGE:
            orders = [order for order in ORDERS if changes.size >= CHANGES_A_LAG * sum(order)]
            self.order, self.age = min(orders, key=lambda order: self._fit(changes, order).aic), 0
        self.age += 1
        fitted = self._fit(changes, self.order)
        middle = np.cumsum(np.asarray(fitted.forecast(ahead)))
        weights = arma2ma(fitted.polynomial_ar, fitted.polynomial_ma, lags=ahead)
        variance = float(fitted.params[-1]) * np.cumsum(np.cumsum(weights) ** 2)
        return _normal(middle, np.sqrt(variance), rng)

    @staticmethod
    def _fit(changes: np.ndarray, order: tuple[int, int]):
        model = ARIMA(changes, order=(order[0], 0, order[1]), trend="n")
        return model.fit(method="innovations_mle") if any(order) else model.fit()


def ets(changes: np.ndarray, ahead: int, rng: np.random.Generator) -> np.ndarray:
    """Exponential smoothing of the log level with additive errors, without and with a damped trend, by AIC."""
    level = pd.Series(np.r_[0.0, np.cumsum(changes)])
    fits = [ETSModel(level, **options).fit(disp=False) for options in ({}, {"trend": "add", "damped_trend": True})]
    best = min(fits, key=lambda fit: fit.aic)
    frame = best.get_prediction(start=level.size, end=level.size + ahead - 1).summary_frame(alpha=ONE_SD)
    middle = np.asarray(frame["mean"], float)
    return _normal(middle - level.iloc[-1], np.asarray(frame["pi_upper"], float) - middle, rng)


def theta(changes: np.ndarray, ahead: int, rng: np.random.Generator) -> np.ndarray:
    """Theta method on the log level; normal errors with the spread of its simple exponential smoothing."""
    level = np.r_[0.0, np.cumsum(changes)]
    fitted = ThetaModel(level, period=1, deseasonalize=False).fit()
    middle = np.asarray(fitted.forecast(ahead), float) - level[-1]
    alpha = float(fitted.params["alpha"])
    smooth, errors = level[0], []
    for value in level[1:]:
        errors.append(value - smooth)
        smooth += alpha * errors[-1]
    spread = np.std(errors) * np.sqrt(1.0 + np.arange(ahead) * alpha**2)
    return _normal(middle, spread, rng)


def _normal(middle: np.ndarray, spread: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Members of a normal forecast at each month ahead, (months, paths)."""
    return np.asarray(middle[:, None] + spread[:, None] * rng.standard_normal(PATHS))


PEERS: dict[str, Callable[[], Simulate]] = {
    "GARCH-t": lambda: garch,
    "ARIMA": Arima,
    "ETS": lambda: ets,
    "Theta": lambda: theta,
}


class Peer:
    """A series of the backtest with the forecasts of a peer in place of the recipe's."""

    recipe = "peer"

    def __init__(self, source: Source, simulate: Simulate) -> None:
        self.source, self.simulate = source, simulate
        self.months, self.unit = source.months, source.unit
        self.first_origin, self.outcomes = source.first_origin, source.outcomes
        self.no_change, self.log_changes = source.no_change, source.log_changes

    def ensemble(self, origin: int, horizons: Sequence[int], paths: int = PATHS) -> np.ndarray:
        """Forecast outcomes, (horizons, paths), sorted."""
        changes = self.log_changes(origin)[-LONGEST:]
        moves = self.simulate(changes, max(horizons), np.random.default_rng(origin))
        last = self.months.size - 1
        still = np.array([self.no_change(origin, min(origin + h, last)) for h in horizons])
        return np.sort(still[:, None] * np.exp(np.clip(moves[np.array(horizons) - 1], -5.0, 5.0)), axis=1)


def main() -> None:
    """Score all peers on the windows of docs/backtest.md."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", action="store_true", help=f"write {FILE.name}")
    parser.add_argument("--only", choices=tuple(PEERS), action="append", help="these peers; the rest of the file stays")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    names = options.only or list(PEERS)
    scored = {}
    for window, name in itertools.product(WINDOWS, names):
        peer = Peer(open_source(window.block), PEERS[name]())
        result = backtest(peer, window.first, window.last, horizons=HORIZONS, paths=PATHS)
        ratios = [float(each.crps.mean() / each.benchmark.mean()) for each in result.horizons]
        scored[window.block, window.first, name] = ratios
        print(window.title, window.first, name, *(f"{ratio:.3f}" for ratio in ratios), flush=True)
    if options.write:
        write(scored)


def write(scored: dict[tuple[str, str, str], list[float]]) -> None:
    """Write the ratios; those of other peers in the file stay."""
    held = tomllib.loads(FILE.read_text(encoding="utf-8"))["peer"] if FILE.exists() else []
    table = {(one["block"], one["first"], one["name"]): one["ratio"] for one in held} | scored
    lines = [
        "# Written by: python benchmarks/backtest_peers.py --write. Read by detente.evaluation.page.",
        "# ratio: mean CRPS over that of no change on the targets of the window, by months ahead.",
        "schema_version = 1",
        f"date = {dt.date.today()}",
        f"horizons = [{', '.join(map(str, HORIZONS))}]",
        "",
        "[versions]",
        *(f'{name} = "{importlib.metadata.version(name)}"' for name in ("arch", "statsmodels")),
    ]
    for window, name in itertools.product(WINDOWS, PEERS):
        ratios = table.get((window.block, window.first, name))
        if ratios is not None:
            numbers = ", ".join(f"{ratio:.3f}" for ratio in ratios)
            head = [f'block = "{window.block}"', f'first = "{window.first}"', f'name = "{name}"']
            lines += ["", "[[peer]]", *head, f"ratio = [{numbers}]"]
    FILE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
