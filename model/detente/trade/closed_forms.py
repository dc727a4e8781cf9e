"""Results that need no solver."""

import numpy as np
from numpy.typing import ArrayLike

from detente.trade.errors import OptionError


def gains_from_trade(domestic_share: ArrayLike, trade_elasticity: ArrayLike = 4.0) -> np.ndarray | float:
    """Share of real income that a country would lose without trade: ``1 - lambda^(1/eps)``.

    ``domestic_share``: share lambda of spending that stays at home, above 0 and at most 1. It holds in every one-sector
    model with constant trade elasticity eps (Arkolakis, Costinot and Rodriguez-Clare, 2012, American Economic Review
    102(1), 94-130). OptionError outside the ranges.
    """
    share = _array(domestic_share, "domestic_share")
    if not ((share > 0.0) & (share <= 1.0)).all():
        raise OptionError("domestic_share: a share above 0 and at most 1 is needed.")
    return _plain(-np.expm1(np.log(share) / _elasticity(trade_elasticity)))


def trade_loss(tariff: ArrayLike, trade_elasticity: ArrayLike) -> np.ndarray | float:
    """Share of a trade flow that a tariff takes away at given prices and incomes: ``1 - (1 + t)^(-eps)``.

    ``tariff``: share of the price, so 5 is 500%, where a linear rule ``eps t`` would leave less than nothing. Both may
    be arrays. OptionError for -1 and less.
    """
    rate = _array(tariff, "tariff")
    if not (rate > -1.0).all():
        raise OptionError("tariff: a share of the price above -1 is needed.")
    return _plain(-np.expm1(-_elasticity(trade_elasticity) * np.log1p(rate)))


def _elasticity(values: ArrayLike) -> np.ndarray:
    elasticity = _array(values, "trade_elasticity")
    if not (elasticity > 0.0).all():
        raise OptionError("trade_elasticity: it has to be above 0.")
    return elasticity


def _array(values: ArrayLike, what: str) -> np.ndarray:
    try:
        array = np.asarray(values, float)
    except (TypeError, ValueError) as error:
        raise OptionError(f"{what}: numbers are needed.") from error
    if not np.isfinite(array).all():
        raise OptionError(f"{what}: finite numbers are needed.")
    return array


def _plain(values: np.ndarray) -> np.ndarray | float:
    return float(values) if np.ndim(values) == 0 else values
