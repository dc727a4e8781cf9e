"""Bounds hold what history shows, and end where the model's own tables end."""

import pytest
from detente.config.loader import load
from detente.engine.trade_surface import ELASTICITIES, RATES

EXTREMES = {
    "parameters.oil.volatility_level": (-5.287, -4.821),
    "parameters.oil.volatility_persistence": (0.827, 0.907),
    "parameters.oil.volatility_noise": (0.111, 0.221),
    "parameters.oil.volatility_now": (-6.516, -1.553),
    "parameters.oil.volatility_scale": (1.052, 1.746),
    "parameters.oil.transient_reversion": (0.089, 0.116),
    "parameters.oil.averaging_weight": (0.531, 0.580),
    "parameters.oil.averaging_noise": (0.071, 0.095),
    "parameters.oil.momentum": (0.020, 0.100),
    "facts.oil.brent": (9.12, 133.2),
    "facts.oil.last_return": (-1.240, 0.634),
    "facts.oil.transient_log": (-0.234, 0.147),
    "parameters.gas.volatility_level": (-4.670, -3.700),
    "parameters.gas.volatility_persistence": (0.889, 0.924),
    "parameters.gas.volatility_noise": (0.152, 0.237),
    "parameters.gas.volatility_now": (-4.891, -2.366),
    "parameters.gas.averaging_memory": (0.287, 0.450),
    "parameters.gas.long_run_log": (2.684, 3.845),
    "parameters.gas.storage_reversion": (0.0947, 0.1099),
    "parameters.gas.weather_winter": (42.0, 45.0),
    "parameters.gas.weather_summer": (14.7, 17.4),
    "parameters.gas.weather_rate": (0.883, 1.276),
    "facts.gas.ttf": (4.93, 235.97),
    "facts.gas.last_innovation": (-0.419, 0.448),
    "facts.gas.storage": (29.0, 92.8),
    "facts.gas.storage_capacity": (1113.2, 1149.8),
    "parameters.attrition.level_noise": (0.0893, 0.2141),
    "parameters.attrition.long_run_level": (6.359, 7.182),
    "parameters.attrition.daily_dispersion": (0.0184, 0.0553),
    "parameters.attrition.daily_correlation": (0.303, 0.410),
    "facts.attrition.level_now": (6.222, 7.369),
    "facts.attrition.recent_deviation": (-0.084, 0.076),
}
"""Lowest and highest of what ``detente calibrate`` gives at past origins: oil at 138 origins from January 1991 to
February 2026 (EIA daily Brent), gas at 52 from May 2017 to January 2026 (World Bank, GIE), losses at 36 from August
2023 to July 2026 (General Staff claims)."""


@pytest.mark.parametrize("as_of", ["2025-03-31", "2026-08-31"])
def test_history_lies_within_the_bounds(as_of):
    config = load("baseline", [f"as_of={as_of}"])
    records = {f"parameters.{key}": record for key, record in config.parameters.items()}
    records |= {f"facts.{key}": record for key, record in config.facts.items()}
    for key, (lowest, highest) in EXTREMES.items():
        low, high = records[key].bounds
        assert low < lowest <= highest < high, key


def test_what_trade_effects_are_read_at_was_solved():
    parameters = load("baseline").parameters
    assert parameters["tariffs.statute_rate"].bounds[1] <= RATES[-1]
    assert parameters["tariffs.order_tariff"].bounds[1] <= RATES[-1]
    for name in ("elasticity_short", "elasticity_long"):
        low, high = parameters[f"tariffs.{name}"].bounds
        assert ELASTICITIES[0] <= low < high <= ELASTICITIES[-1]
