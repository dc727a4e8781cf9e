"""Fit of the placement equations to both episodes: 2022-23 after the invasion, 2025-26 after the blocking of October.

The volumes dropped are a rough path (judgement); the discounts are those of ``configs/facts/history.toml``. Prints the
slope, the half-lives of settling and opening and the share of room that a threat closes, and the discounts by month.
"""

import tomllib
from pathlib import Path
from typing import NamedTuple

import numpy as np
from detente_kernels.oil import placement
from scipy.optimize import minimize

HISTORY = Path(__file__).parents[1] / "configs" / "facts" / "history.toml"
LIFTING_COST = 14.0
"""USD/bbl; with Brent it bounds the discount."""
ADJUSTMENT = 0.5
"""Half-life of the discount's adjustment, months."""


class Episode(NamedTuple):
    """An episode by month.

    mb/d dropped, Brent and structural discount (USD/bbl), threat (0..1), rooms (mb/d) and their openness at the start.
    """

    first: str
    dropped: tuple[float, ...]
    brent: tuple[float, ...]
    structural: tuple[float, ...]
    threat: tuple[float, ...]
    rooms: tuple[float, ...]
    openness: tuple[float, ...]


INVASION = Episode(
    first="2022-03",
    dropped=(0.6, 1.0, 1.2, 1.3, 1.35, 1.4, 1.45, 1.55, 1.8, 2.2) + (2.4,) * 12,
    brent=(117, 105, 113, 123, 112, 100, 90, 93, 91, 81, 82, 83, 78, 85, 75, 75, 80, 86, 94, 91, 83, 78),
    structural=tuple(2.0 + 7.0 * min(month / 6.0, 1.0) for month in range(22)),
    threat=tuple(
        min(2.0 ** (-month / 6.0) + (0.6 * 2.0 ** (-(month - 9) / 6.0) if month >= 9 else 0.0), 1.0)
        for month in range(22)
    ),
    rooms=(2.2, 0.6, 0.3, 0.6),
    openness=(0.1, 0.1, 0.1, 0.1),
)
"""India bought nothing before; China, Türkiye and others little more than they had room for."""
BLOCKING = Episode(
    first="2025-10",
    dropped=(0.1, 0.6, 1.0, 1.1, 1.1, 0.9, 0.3),
    brent=(64, 64, 62.5, 66, 71, 103, 124),
    structural=(12, 12.5, 13, 13, 13, 13, 10),
    threat=(0.3, 1.0, 1.0, 0.95, 0.9, 0.85, 0.3),
    rooms=(0.0, 1.4, 0.2, 0.4),
    openness=(1.0, 1.0, 1.0, 0.3),
)
"""India cuts; China is an old buyer. The licences of March and April 2026 lower the threat."""
PRIOR = np.array([np.log(9.0), np.log(4.4), np.log(6.0)]), np.array([0.3, 0.5, 0.5])
"""Means and standard deviations of the logs of slope (USD/bbl), settling and opening (months): judgement."""


def discounts(episode: Episode, slope: float, settling: float, opening: float, closing: float) -> np.ndarray:
    """Discounts by month, USD/bbl; ``closing`` is the share of the room that a full threat closes."""
    rooms, openness = np.array(episode.rooms), np.array(episode.openness)
    established, level, found = 0.0, episode.structural[0], []
    for month, dropped in enumerate(episode.dropped):
        closed = closing * episode.threat[month]
        without = max(dropped - established, 0.0)
        openness = np.array([placement.opening_step(each, each, without, opening, 1.0) for each in openness])
        free = np.maximum(rooms - established * rooms / rooms.sum(), 0.0)
        search = placement.search(without, 0.0, float((free * openness).sum()) * (1.0 - closed), slope)
        bound = episode.brent[month] - LIFTING_COST
        target = placement.discount_with(episode.structural[month], search.widening, search.homeless, bound)
        level = target + (level - target) * 2.0 ** (-1.0 / ADJUSTMENT)
        found.append(level)
        established = placement.settle(established, established + search.placed, closed, settling, 1.0)
    return np.array(found)


def observed(episode: Episode) -> np.ndarray:
    """Discounts of the history by month, NaN where there is none."""
    series = tomllib.loads(HISTORY.read_text(encoding="utf-8"))["series"]
    known: dict[str, float] = {}
    for name, begin, end in (("urals_discount_ministry", "2022", "2024"), ("urals_discount_fob", "2025", "2027")):
        points = {str(point["month"]): float(point["value"]) for point in series[name]["points"]}
        known |= {month: value for month, value in points.items() if begin <= month < end}
    for point in series["urals_discount_observed"]["points"]:
        known.setdefault(str(point["date"])[:7], float(point["value"]))
    months = np.datetime64(episode.first, "M") + np.arange(len(episode.dropped))
    return np.array([known.get(str(month), np.nan) for month in months])


def misfit(episode: Episode, point: np.ndarray) -> np.ndarray:
    """Model less history in the months with a figure, USD/bbl."""
    seen = observed(episode)
    slope, settling, opening = np.exp(point[:3])
    made = discounts(episode, slope, settling, opening, 1.0 / (1.0 + np.exp(-point[3])))
    return (made - seen)[~np.isnan(seen)]


def fit() -> np.ndarray:
    """Posterior mode: logs of slope, settling and opening, logit of closing."""

    def objective(point: np.ndarray) -> float:
        errors = np.concatenate([misfit(INVASION, point), misfit(BLOCKING, point)])
        return float(np.mean(errors**2) + 4.0 * np.sum(((point[:3] - PRIOR[0]) / PRIOR[1]) ** 2))

    options = {"maxiter": 2_000, "maxfev": 2_000, "xatol": 1e-3, "fatol": 1e-4}
    return np.asarray(minimize(objective, [*PRIOR[0], 0.0], method="Nelder-Mead", options=options).x)


def main() -> None:
    """Print the fit."""
    point = fit()
    slope, settling, opening = np.exp(point[:3])
    closing = 1.0 / (1.0 + np.exp(-point[3]))
    print(f"slope {slope:.1f} USD/bbl, settling {settling:.1f} and opening {opening:.1f} months, closing {closing:.2f}")
    for episode in (INVASION, BLOCKING):
        made, seen = discounts(episode, slope, settling, opening, closing), observed(episode)
        print(
            f"from {episode.first}: root mean squared error {np.sqrt(np.mean(misfit(episode, point) ** 2)):.1f} USD/bbl"
        )
        print("  model  ", " ".join(f"{value:4.0f}" for value in made))
        print("  history", " ".join(f"{value:4.0f}" for value in seen))


if __name__ == "__main__":
    main()
