"""What the trade library says when something is wrong. Each error is the project's and a standard one, so that a
caller in Python catches either."""

from detente.shared.errors import ConfigError, DataError, DetenteError


class OptionError(ConfigError, ValueError):
    """An impossible option: unknown variant, negative elasticity, tariff of -100% or less."""


class TableError(DataError, ValueError):
    """A table that no model can be built on: not square, negative, not finite, disconnected."""


class ConvergenceError(DetenteError, ArithmeticError):
    """No equilibrium was found. ``residual``: the largest error left, relative; ``country``: where it is."""

    def __init__(self, sentence: str, residual: float, country: str) -> None:
        super().__init__(sentence)
        self.residual = residual
        self.country = country
