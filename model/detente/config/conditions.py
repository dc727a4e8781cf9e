"""Conditions between records: what single bounds cannot say, such as shares that sum to 1 or a stock within its store.

They hold for the central values. What is drawn beyond them is kept in range by the kernels.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from detente.config.declarations import Declared
from detente.config.toml import Place
from detente.shared.messages import number

Values = Mapping[str, float]
"""Central values by full key, such as ``facts.oil.brent``."""
BUYERS = ("china", "india", "turkiye", "eu", "other")
SMALL_BUYERS = ("brazil", "japan", "korea")
TARGETS = ("china", "india", "turkiye", "eu", *SMALL_BUYERS, "other")
ROUNDING = 0.005
"""By how much shares may miss their sum: each is given to two or three digits."""


@dataclass(frozen=True)
class Condition:
    """What must hold between some records.

    ``violated`` gives the end of the sentence, after the records' names, or None; it is asked where all ``keys`` exist.
    """

    keys: tuple[str, ...]
    violated: Callable[[Values], str | None]


def _sum_to_one(keys: tuple[str, ...], what: str) -> Condition:
    def violated(values: Values) -> str | None:
        total = math.fsum(values[key] for key in keys)
        if abs(total - 1.0) <= ROUNDING:
            return None
        return f"{_listed(keys)} sum to {number(total)}; {what} sum to 1, so set them together."

    return Condition(keys, violated)


def _at_most(low: str, high: str, reason: str, *, strictly: bool = False) -> Condition:
    def violated(values: Values) -> str | None:
        if values[low] < values[high] or (values[low] == values[high] and not strictly):
            return None
        relation = "must be below" if strictly else "must not exceed"
        return (
            f"{low} = {number(values[low])} {relation} {high} = {number(values[high])}, "
            f"since {reason}; set both together."
        )

    return Condition((low, high), violated)


def _sum_at_most(parts: tuple[str, ...], whole: str, reason: str) -> Condition:
    def violated(values: Values) -> str | None:
        total = math.fsum(values[key] for key in parts)
        if total <= values[whole] * (1.0 + 1e-9):
            return None
        return (
            f"{_listed(parts)} sum to {number(total)}, more than {whole} = {number(values[whole])}; "
            f"{reason}, so set them together."
        )

    return Condition((*parts, whole), violated)


def _taken(buyer: str) -> tuple[str, ...]:
    return (
        f"facts.oil.crude_share_{buyer}",
        f"facts.oil.product_share_{buyer}",
        "facts.oil.crude_exports",
        "facts.oil.product_exports",
    )


def _volume(values: Values, buyer: str) -> float:
    """Russian crude and products that a buyer takes, mb/d."""
    crude, products, of_crude, of_products = (values[key] for key in _taken(buyer))
    return crude * of_crude + products * of_products


def _buys_less_than_it_imports(buyer: str) -> Condition:
    imports = f"facts.tariffs.oil_imports_{buyer}"

    def violated(values: Values) -> str | None:
        volume = _volume(values, buyer)
        if volume <= values[imports] * (1.0 + 1e-9):
            return None
        return (
            f"{_listed(_taken(buyer))} give {number(round(volume, 3))} mb/d of Russian oil, more than {imports} = "
            f"{number(values[imports])}; a buyer takes no more than it imports, so set them together."
        )

    return Condition((*_taken(buyer), imports), violated)


def _small_buyers() -> Condition:
    parts = tuple(f"facts.tariffs.russian_oil_{buyer}" for buyer in SMALL_BUYERS)

    def violated(values: Values) -> str | None:
        total, volume = math.fsum(values[key] for key in parts), _volume(values, "other")
        if total <= volume * (1.0 + 1e-9):
            return None
        return (
            f"{_listed(parts)} sum to {number(total)} mb/d, more than the {number(round(volume, 3))} mb/d that "
            f"{_listed(_taken('other'))} give to all other buyers; set them together."
        )

    return Condition((*parts, *_taken("other")), violated)


def _storage_path() -> Condition:
    keys = tuple(f"parameters.gas.storage_path_{name}" for name in ("mean", "cos1", "sin1", "cos2", "sin2"))

    def violated(values: Values) -> str | None:
        mean, cos1, sin1, cos2, sin2 = (values[key] for key in keys)
        angles = [2.0 * math.pi * month / 48.0 for month in range(48)]
        fills = [
            mean + cos1 * math.cos(a) + sin1 * math.sin(a) + cos2 * math.cos(2 * a) + sin2 * math.sin(2 * a)
            for a in angles
        ]
        if min(fills) >= 0.0 and max(fills) <= 100.0:
            return None
        return (
            f"{_listed(keys)} make normal storage run from {min(fills):.0f} to {max(fills):.0f}% over the year; "
            "it must stay between 0 and 100%."
        )

    return Condition(keys, violated)


CONDITIONS: tuple[Condition, ...] = (
    _sum_to_one(tuple(f"facts.oil.crude_share_{buyer}" for buyer in BUYERS), "shares of Russian crude exports"),
    _sum_to_one(tuple(f"facts.oil.product_share_{buyer}" for buyer in BUYERS), "shares of Russian product exports"),
    _at_most("facts.oil.urals_discount", "facts.oil.brent", "Urals would cost nothing", strictly=True),
    _at_most("facts.oil.stored", "parameters.oil.storage_capacity", "unsold oil lies in that storage"),
    _at_most("parameters.oil.pipeline_exports", "facts.oil.crude_exports", "pipelines carry a part of the crude"),
    *(_buys_less_than_it_imports(buyer) for buyer in BUYERS[:4]),
    *(
        _at_most(
            f"facts.tariffs.russian_oil_{buyer}",
            f"facts.tariffs.oil_imports_{buyer}",
            "a buyer takes no more than it imports",
        )
        for buyer in SMALL_BUYERS
    ),
    _small_buyers(),
    _sum_at_most(
        tuple(f"facts.tariffs.us_imports_{buyer}" for buyer in TARGETS),
        "facts.tariffs.us_goods_imports",
        "they are part of all US imports",
    ),
    _at_most(
        "parameters.tariffs.applied_on_china_chance",
        "parameters.tariffs.applied_on_any_chance",
        "a tariff on China is one on any buyer",
    ),
    _at_most(
        "parameters.tariffs.elasticity_short", "parameters.tariffs.elasticity_long", "trade answers more with time"
    ),
    _at_most(
        "parameters.sanctions.licence_renewal_without_cause",
        "parameters.sanctions.licence_renewal_probability",
        "a cause makes renewal no less likely",
    ),
    _at_most("facts.gas.ttf", "parameters.gas.price_ceiling", "the price starts within its range"),
    _at_most("parameters.gas.price_floor", "facts.gas.ttf", "the price starts within its range"),
    _at_most("parameters.gas.lng_wave_begin", "parameters.gas.lng_wave_full", "the wave begins first", strictly=True),
    _at_most("facts.gas.turkstream", "parameters.gas.turkstream_cap", "a route carries no more than its capacity"),
    _at_most("facts.gas.ukraine_transit", "parameters.gas.transit_cap", "a route carries no more than its capacity"),
    _at_most(
        "parameters.gas.transit_volume", "parameters.gas.transit_cap", "a route carries no more than its capacity"
    ),
    _at_most("facts.gas.yamal", "parameters.gas.yamal_cap", "a route carries no more than its capacity"),
    _at_most("facts.gas.nord_stream", "parameters.gas.nord_stream_cap", "a route carries no more than its capacity"),
    _at_most("facts.gas.lng", "parameters.gas.lng_cap", "a route carries no more than its capacity"),
    _sum_at_most(
        ("facts.gas.turkstream", "facts.gas.ukraine_transit"),
        "parameters.gas.joint_cap",
        "it bounds both routes together",
    ),
    _sum_at_most(
        tuple(
            f"facts.gas.{name}"
            for name in ("other_supply", "turkstream", "ukraine_transit", "yamal", "nord_stream", "lng")
        ),
        "facts.gas.demand",
        "LNG from elsewhere covers the rest of demand",
    ),
    _storage_path(),
    _at_most("facts.fiscal.spending", "facts.fiscal.gdp", "the state spends a part of output"),
    _at_most(
        "parameters.attrition.ceasefire_intensity",
        "parameters.attrition.truce_intensity",
        "a ceasefire is quieter than a partial truce",
    ),
)


def check_conditions(declared: Declared) -> None:
    """Raise a ConfigError with one sentence where records contradict one another, at the place that set one of them."""
    values: dict[str, float] = {}
    for section, records in (("parameters", declared.parameters), ("facts", declared.facts)):
        values |= {
            f"{section}.{key}": record.value for key, record in records.items() if isinstance(record.value, float)
        }
    for condition in CONDITIONS:
        if all(key in values for key in condition.keys):
            message = condition.violated(values)
            if message is not None:
                _place(declared, condition.keys).fail(message)


def _place(declared: Declared, keys: tuple[str, ...]) -> Place:
    """Where one of the records was set over its declaration, or else where the first is declared."""
    places = [declared.origins.get(f"{key}.value", declared.origins[key]) for key in keys]
    for place in reversed(places):
        path = place.document.path
        if path is None or path.parent.name not in ("parameters", "facts"):
            return place
    return places[0]


def _listed(keys: tuple[str, ...]) -> str:
    return f"{', '.join(keys[:-1])} and {keys[-1]}"
