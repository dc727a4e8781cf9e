"""Errors of the trade library; each is also a standard Python error."""

from detente.shared.errors import ConfigError, DataError


class OptionError(ConfigError, ValueError):
    """An invalid option: unknown variant, negative elasticity, tariff of -100% or less."""


class TableError(DataError, ValueError):
    """An invalid table: not square, negative, not finite or disconnected."""


class ConvergenceError(ConfigError, ArithmeticError):
    """The tariffs asked for have no equilibrium. ``residual``: largest relative error; ``country``: where it occurs."""

    def __init__(self, sentence: str, residual: float, country: str) -> None:
        super().__init__(sentence)
        self.residual = residual
        self.country = country
