"""Effect of losing Russian oil on Brent by the share replaced.

The closed form over the run's elasticities, and published pairs.
"""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from detente.analysis.closed_forms import brent_effect
from detente.analysis.relief_value import FEWEST_KEPT
from detente.analysis.sensitivity import Values
from detente.analysis.tariff_effects import BRENT, EXPORTS, RUSSIA, WORLD, TariffEffects, has_tariffs
from detente.report.plots.numbers import Numbers, given
from detente.report.plots.picture import Picture
from detente.report.plots.points import Mark, chart, percent
from detente.report.plots.published import Elasticities, elasticities
from detente.report.plots.style import BLUE, GREEN, VERMILION, Size
from detente.report.plots.timeline import foot
from detente.runs.run import Run
from detente.shared import formatting

REPLACED = (0.0, 0.25, 0.5, 0.75, 1.0)
"""Shares of the lost oil that other producers replace."""
DRAWS = "simulated parameters of the run"
PARTIAL = 3.0
"""Volume in mb/d replaced in the second case of the published pairs: about the spare capacity of OPEC."""


def tariff_brent(run: Run, effects: TariffEffects | None, table: pd.DataFrame, size: Size) -> Picture | None:
    """Median and 90% range by the share replaced, published elasticities, and the run's own tariffs.

    ``table``: from ``brent_table``. None for a run without tariffs.
    """
    if not has_tariffs(run):
        return None
    pairs, own = elasticities(run.config.as_of), _own(effects)
    numbers = Numbers()
    volume, supply = float(table["volume"].iloc[0]), float(table["supply"].iloc[0])
    model = (f"Model: loss of {formatting.amount(volume, 1)} mb/d", [_mark(row) for row in table.to_dict("records")])
    published = [_pair(pair, volume, supply) for pair in pairs]
    groups = [
        model,
        *([("By published elasticities, none of it replaced", published)] if published else []),
        *([own] if own else []),
    ]
    credit = "Pairs of elasticities as named, in full in the data. " if pairs else ""
    sheet = chart([groups], size, _title(table, numbers), _subtitle(pairs, volume, numbers), f"{credit}{foot(run)}")
    words = "; ".join(f"{mark.name} {mark.said}" for _, marks in groups for mark in marks)
    return Picture(
        "tariff-brent",
        "tariff",
        sheet,
        f"Effect on Brent of losing Russian oil. {words}.",
        _data(table, pairs, volume, supply, own),
        tuple(numbers.readings),
    )


def brent_table(values: Values) -> pd.DataFrame:
    """Change of Brent in per cent when all Russian exports are lost, over the simulated elasticities.

    Columns: replaced, volume, supply, q05, q50, q95.
    """
    spread = values["oil.elasticity_scale"] * (values["oil.supply_elasticity"] + values["oil.demand_elasticity"])
    exports, supply = values["oil.crude_exports"] + values["oil.product_exports"], values["oil.world_supply"]
    rows = []
    for replaced in REPLACED:
        effect = 100.0 * brent_effect((1.0 - replaced) * exports / supply, spread)
        rows.append((replaced, float(exports.mean()), float(supply.mean()), *np.quantile(effect, [0.05, 0.5, 0.95])))
    return pd.DataFrame(rows, columns=["replaced", "volume", "supply", "q05", "q50", "q95"])


def _mark(row: dict[Hashable, Any]) -> Mark:
    said = percent(row["q50"], signed=True)
    if row["q05"] < row["q95"]:
        said += f" ({formatting.span(row['q05'], row['q95'], resolution=1.0)})"
    share = percent(100.0 * row["replaced"])
    name = (
        "none replaced" if row["replaced"] == 0.0 else "all replaced" if row["replaced"] == 1.0 else f"{share} replaced"
    )
    return Mark(name, said, row["q50"], row["q05"], row["q95"], BLUE, "o")


def _pair(pair: Elasticities, volume: float, supply: float) -> Mark:
    """All lost, and with the part replaced as the lower end of the line."""
    full, part = _published(pair, volume, supply)
    return Mark(
        f"{pair.who} {pair.year}",
        f"{percent(full, signed=True)}, or {percent(part, signed=True)}",
        full,
        part,
        full,
        VERMILION,
        "D",
    )


def _published(pair: Elasticities, volume: float, supply: float) -> tuple[float, float]:
    """Per cent: none replaced, and ``PARTIAL`` replaced."""
    both = (volume, max(volume - PARTIAL, 0.0))
    return tuple(100.0 * float(brent_effect(lost / supply, pair.supply + pair.demand)) for lost in both)  # type: ignore[return-value]


def _own(pair: TariffEffects | None) -> tuple[str, list[Mark]] | None:
    """Effect of the run's tariffs on Brent against the scenario without them, mean over the horizon by kept path."""
    if pair is None or any(f"{WORLD}|{BRENT}" not in run.kept_paths() for run in (pair.run, pair.reference)):
        return None
    mine, theirs = pair.stored(BRENT, WORLD)
    if len(mine) < FEWEST_KEPT:
        return None
    change = 100.0 * (mine.mean(axis=1) / theirs.mean(axis=1) - 1.0).to_numpy(float)
    low, high = np.quantile(change, [0.05, 0.95])
    mean = float(change.mean())
    lost = -pair.mean(EXPORTS, RUSSIA).value
    name = f"{formatting.amount(lost, 1)} mb/d lost on average over the horizon"
    said = f"{percent(mean, 1, signed=True)} ({formatting.span(low, high, resolution=0.1)})"
    return (
        f"This run against {formatting.slug_in_words(pair.reference.scenario)}",
        [Mark(name, said, mean, float(low), float(high), GREEN, "s")],
    )


def _title(table: pd.DataFrame, numbers: Numbers) -> str:
    middle = table.set_index("replaced")["q50"]
    full, half = (
        numbers.amount(given(float(middle[replaced]), f"median effect on Brent, %, {replaced:g} replaced", DRAWS))
        for replaced in (0.0, 0.5)
    )
    return f"Losing all Russian oil would raise Brent by {full}% at first, {half}% if half is replaced"


def _subtitle(pairs: list[Elasticities], volume: float, numbers: Numbers) -> str:
    text = "Change of Brent when Russian oil leaves world supply, all else equal, per cent, short run. "
    text += "Dots: median and 90% range over the simulated elasticities"
    if pairs:
        replaced = numbers.amount(given(PARTIAL, "volume replaced, mb/d"))
        total = numbers.amount(given(volume, "Russian oil exports, mb/d", DRAWS), 0.1)
        text += f"; diamonds: none replaced, lines down to {replaced} of {total} mb/d replaced"
    return f"{text}."


def _data(
    table: pd.DataFrame, pairs: list[Elasticities], volume: float, supply: float, own: tuple[str, list[Mark]] | None
) -> pd.DataFrame:
    """Tidy: series, replaced (share), time, statistic, value, unit, source, confidence."""
    model = table.melt(["replaced", "volume", "supply"], var_name="statistic", value_name="value").assign(
        series="model"
    )
    rows = []
    for pair in pairs:
        for replaced, value in zip((0.0, PARTIAL / volume), _published(pair, volume, supply), strict=True):
            named = {
                "series": f"{pair.who} {pair.year}",
                "replaced": replaced,
                "time": pair.published,
                "statistic": "published pair",
                "value": value,
            }
            rows.append(named | {"source": pair.source, "confidence": pair.confidence})
    for mark in own[1] if own else []:
        ends = (("q05", mark.low), ("mean", mark.value), ("q95", mark.high))
        rows += [{"series": "this run", "statistic": statistic, "value": value} for statistic, value in ends]
    data = pd.concat([part for part in (model, pd.DataFrame(rows)) if len(part)], ignore_index=True)
    return data.assign(unit="%").reindex(
        columns=["series", "replaced", "time", "statistic", "value", "unit", "source", "confidence"]
    )
