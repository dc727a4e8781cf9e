"""Errors of the trade library; each is also a standard Python error."""

from detente.shared.errors import ConfigError, DataError, DetenteError


class OptionError(ConfigError, ValueError):
    """An invalid option: unknown variant, negative elasticity, tariff of -100% or less."""


class TableError(DataError, ValueError):
    """An invalid table: not square, negative, not finite or disconnected."""


class ConvergenceError(DetenteError, ArithmeticError):
    """No equilibrium was found. ``residual``: largest relative error; ``country``: where it occurs."""

    def __init__(self, sentence: str, residual: float, country: str) -> None:
        super().__init__(sentence)
        self.residual = residual
        self.country = country
