"""Closed-form results of trade models."""

import numpy as np
from numpy.typing import ArrayLike

from detente.trade.errors import OptionError


def gains_from_trade(domestic_share: ArrayLike, trade_elasticity: ArrayLike = 4.0) -> np.ndarray | float:
    """Share of real income lost without trade: ``1 - lambda^(1/eps)``.

    The formula holds in every one-sector model with constant trade elasticity.

    Parameters
    ----------
    domestic_share : share lambda of spending on domestic goods, above 0 and at most 1.
    trade_elasticity : eps > 0.

    Raises
    ------
    OptionError : a value is outside its range.

    References
    ----------
    Arkolakis, Costinot and Rodriguez-Clare (2012), New Trade Models, Same Old Gains?, American Economic Review 102(1),
    94-130.
    """
    share = _array(domestic_share, "domestic_share")
    if not ((share > 0.0) & (share <= 1.0)).all():
        raise OptionError("domestic_share: it must be above 0 and at most 1.")
    return _plain(-np.expm1(np.log(share) / _elasticity(trade_elasticity)))


def trade_loss(tariff: ArrayLike, trade_elasticity: ArrayLike) -> np.ndarray | float:
    """Share of a trade flow lost to a tariff at given prices and incomes: ``1 - (1 + t)^(-eps)``.

    Parameters
    ----------
    tariff : share of the price, above -1; 5 is 500%.
    trade_elasticity : eps > 0.

    Raises
    ------
    OptionError : a value is outside its range.
    """
    rate = _array(tariff, "tariff")
    if not (rate > -1.0).all():
        raise OptionError("tariff: it must be above -1.")
    return _plain(-np.expm1(-_elasticity(trade_elasticity) * np.log1p(rate)))


def _elasticity(values: ArrayLike) -> np.ndarray:
    elasticity = _array(values, "trade_elasticity")
    if not (elasticity > 0.0).all():
        raise OptionError("trade_elasticity: it must be above 0.")
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
