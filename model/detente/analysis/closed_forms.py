"""Closed forms on energy shocks: loss of output from a cut of energy, price effects of a change of supply.

``ces_loss(0.04, 0.9, 0.1)`` is the loss of output when energy with a cost share of 4% falls by 10% and is hard to
replace (Bachmann and others, "What if? The economic effects for Germany of a stop of energy imports from Russia",
Economica 2024; elasticity of substitution 0.1).
"""

import math

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["LNG_MARKET", "brent_effect", "ces_loss", "ces_relative_price", "supply_elasticity_from_loss", "ttf_effect"]

LNG_MARKET = 580.0
"""Size of the LNG-linked gas market, bcm a year."""
_UNIT = 1e-6
"""Elasticities closer to one than this are taken as Cobb-Douglas."""


def ces_loss(share: float, quantity: float, elasticity: float) -> float:
    """Share of output lost when energy falls to a share of its level: 1 - (a E^r + 1 - a)^(1/r), r = (s - 1)/s.

    Parameters
    ----------
    share
        Cost share of energy a, 0 to 1.
    quantity
        Energy E relative to its level (1: unchanged); a rise gives a negative loss.
    elasticity
        Elasticity of substitution s between energy and all else: 1 is Cobb-Douglas (1 - E^a), 0 Leontief (1 - E).

    Returns
    -------
    float
        Share of output.

    Raises
    ------
    ValueError
        Outside 0 <= share <= 1, quantity > 0, elasticity >= 0.

    References
    ----------
    Bachmann and others (2024), What if? The economic effects for Germany of a stop of energy imports from Russia,
    Economica.
    """
    _check(share, quantity, elasticity)
    log_quantity = math.log(quantity)
    if abs(elasticity - 1.0) < _UNIT:
        return -math.expm1(share * log_quantity)
    if elasticity == 0.0:
        return 1.0 - min(quantity, 1.0) if share > 0.0 else 0.0
    r = (elasticity - 1.0) / elasticity
    if r * log_quantity > 600.0:  # as good as Leontief; the power would overflow
        return -math.expm1(log_quantity + math.log(share) / r) if share > 0.0 else 0.0
    return -math.expm1(math.log1p(share * math.expm1(r * log_quantity)) / r)


def ces_relative_price(share: float, quantity: float, elasticity: float) -> float:
    """Relative price of energy after a cut over that before: (E / Y)^(-1/s), with Y the remaining output.

    Parameters are those of ``ces_loss``.

    Raises
    ------
    ValueError
        As ``ces_loss``, and for an elasticity of 0, at which the price has no bound.
    """
    _check(share, quantity, elasticity)
    if elasticity == 0.0:
        raise ValueError("at an elasticity of 0 the relative price has no bound; use a small positive one.")
    return float(((1.0 - ces_loss(share, quantity, elasticity)) / quantity) ** (1.0 / elasticity))


def ttf_effect(change: float, elasticity: float, *, volume: float = LNG_MARKET) -> float:
    """Relative change of TTF for a net change of supply q in a market of size V: exp(-(q / V) / e) - 1.

    Parameters
    ----------
    change
        Net change of world supply q, bcm a year; Russian LNG that only changes its port is none.
    elasticity
        Sum of the elasticities of LNG-linked supply and demand e: 0.30 in the tight market of 2026, 0.8 in a glut.
    volume
        Size of the market V, bcm a year.

    Raises
    ------
    ValueError
        Unless elasticity and volume are positive.
    """
    if elasticity <= 0.0 or volume <= 0.0:
        raise ValueError("elasticity and volume must be positive.")
    return math.expm1(-change / volume / elasticity)


def brent_effect(share: ArrayLike, elasticity: ArrayLike) -> np.ndarray:
    """Relative change of Brent when a net share q of world supply is lost: (1 - q)^(-1/e) - 1.

    Parameters
    ----------
    share
        Share of world supply lost q, 0 to 1.
    elasticity
        Sum of the elasticities of world supply and demand e; both arguments broadcast.

    Raises
    ------
    ValueError
        Outside 0 <= q < 1, e > 0.
    """
    lost, both = np.asarray(share, float), np.asarray(elasticity, float)
    if np.any((lost < 0.0) | (lost >= 1.0)) or np.any(both <= 0.0):
        raise ValueError("share must lie in [0, 1) and elasticity be positive.")
    return np.asarray(np.expm1(-np.log1p(-lost) / both))


def supply_elasticity_from_loss(price_ratio: float, share: float) -> float:
    """Sum of elasticities implied by the loss of a share of the market and the price ratio: -ln(1 - q) / ln(ratio)."""
    if price_ratio <= 1.0 or not 0.0 < share < 1.0:
        raise ValueError("price_ratio must be above 1 and share between 0 and 1.")
    return -math.log1p(-share) / math.log(price_ratio)


def _check(share: float, quantity: float, elasticity: float) -> None:
    if not (0.0 <= share <= 1.0 and quantity > 0.0 and elasticity >= 0.0):
        raise ValueError(
            "share must lie in [0, 1], quantity above 0, elasticity at 0 or above; "
            f"got {share}, {quantity}, {elasticity}."
        )
