"""European gas: from files of prices and storage to an estimate and its scenario file."""

import datetime as dt
from pathlib import Path

from detente.calibrate.gas_data import read_gas_prices, read_storage
from detente.calibrate.gas_overlay import overlay
from detente.calibrate.gas_recipe import GasEstimate, estimate

__all__ = ["GasEstimate", "calibrate", "estimate", "overlay", "read_gas_prices", "read_storage"]


def calibrate(data: Path, storage: Path | None = None, origin: dt.date | None = None) -> tuple[GasEstimate, str]:
    """Estimate from a price file, and a storage file if there is one, at ``origin``; returns the estimate and the text
    of its parameter overlay.

    The default origin is the end of the last month in the price file. DataError where a file or its data cannot carry
    the estimate.
    """
    prices = read_gas_prices(data)
    stores = read_storage(storage) if storage is not None else None
    if origin is None:
        origin = ((prices.months[-1] + 1).astype("datetime64[D]") - 1).item()
    fitted = estimate(prices, origin, stores)
    return fitted, overlay(fitted, data, storage)
