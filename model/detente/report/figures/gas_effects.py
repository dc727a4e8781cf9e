"""Effect of additional Russian gas on TTF.

The model's closed form over the run's elasticities, beside published estimates.
"""

import numpy as np
import pandas as pd

from detente.analysis.closed_forms import ttf_effect
from detente.analysis.sensitivity import Values
from detente.report.plots.numbers import Numbers, given
from detente.report.plots.picture import Picture
from detente.report.plots.points import NO_FIGURE, Mark, chart, percent
from detente.report.plots.published import Effect, effects
from detente.report.plots.style import BLUE, GREEN, INK, VERMILION, Size
from detente.report.plots.timeline import foot
from detente.runs.run import Run
from detente.shared import formatting

VOLUMES = (15.0, 25.0, 40.0, 57.0)
"""Bcm a year: the transit of 2024, two restart volumes, and the capacity of the Ukraine route."""
SHOWN = 40.0
"""Volume in the title, bcm a year."""
DRAWS = "simulated parameters of the run"
MARKETS = {
    "tight": ("gas.elasticity_tight", "today's tight market", BLUE, "o"),
    "glut": ("gas.elasticity_glut", "after the LNG wave", GREEN, "s"),
}
SIZE = "gas.world_lng"
KINDS = {"estimate": (VERMILION, "D", "diamonds: published estimates"), "market": (INK, "^", "triangle: market price")}


def gas_effect(run: Run, table: pd.DataFrame, size: Size) -> Picture:
    """Median and 90% range of the effect by volume and market, then published claims; side by side on a slide.

    ``table``: from ``effect_table``.
    """
    claims, numbers = effects(run.config.as_of), Numbers()
    model = [
        (f"Model, {name}", [_mark(table, market, volume) for volume in VOLUMES])
        for market, (_, name, *_) in MARKETS.items()
    ]
    published = [("Published, on their own assumptions", [_claim(claim) for claim in claims])] if claims else []
    columns = [model, published] if size.height and claims else [model + published]
    base = f"{'Published: as named, in full in the data. ' if claims else ''}{foot(run)}"
    sheet = chart(columns, size, _title(table, numbers), _subtitle(claims), base)
    words = _in_words(table) + "".join(f" {claim.who} {claim.year}: {claim.claim}." for claim in claims)
    alt = f"Effect of additional Russian gas on TTF. {words}"
    return Picture("gas-effect", "relief", sheet, alt, _data(table, claims), tuple(numbers.readings))


def effect_table(values: Values) -> pd.DataFrame:
    """Change of TTF in per cent over the simulated elasticities: market, volume (bcm a year), q05, q50, q95."""
    rows = []
    for market, (key, *_) in MARKETS.items():
        # The effect falls with elasticity times market size: quantiles of that product give those of the effect
        # exactly.
        weight = np.quantile(values[key] * values[SIZE], [0.05, 0.5, 0.95])
        for volume in VOLUMES:
            rows.append((market, volume, *(100.0 * ttf_effect(volume, 1.0, volume=float(w)) for w in weight)))
    return pd.DataFrame(rows, columns=["market", "volume", "q05", "q50", "q95"])


def _mark(table: pd.DataFrame, market: str, volume: float) -> Mark:
    row = table[(table["market"] == market) & (table["volume"] == volume)].iloc[0]
    _, _, colour, shape = MARKETS[market]
    said = percent(row["q50"])
    if percent(row["q05"]) != percent(row["q95"]):
        said += f" ({formatting.span(row['q05'], row['q95'], resolution=1.0)})"
    return Mark(f"+{formatting.amount(volume)} bcm a year", said, row["q50"], row["q05"], row["q95"], colour, shape)


def _claim(claim: Effect) -> Mark:
    colour, shape, _ = KINDS[claim.kind]
    value = np.nan if claim.effect is None else claim.effect
    said = NO_FIGURE if claim.effect is None else percent(claim.effect)
    return Mark(f"{claim.who} {claim.year}: {claim.about}", said, value, value, value, colour, shape)


def _subtitle(claims: list[Effect]) -> str:
    text = "Change of TTF when more Russian gas comes to Europe, all else equal, per cent. Model: median and 90% range "
    text += "over the elasticities of this run"
    shapes = [KINDS[kind][2] for kind in KINDS if any(claim.kind == kind for claim in claims)]
    return text + "".join(f"; {shape}" for shape in shapes) + "."


def _title(table: pd.DataFrame, numbers: Numbers) -> str:
    middle = table[table["volume"] == SHOWN].set_index("market")["q50"]
    tight, glut = (
        numbers.amount(given(float(middle[market]), f"median effect on TTF, %, {name}", DRAWS))
        for market, (_, name, *_) in MARKETS.items()
    )
    volume = numbers.quantity(given(SHOWN, "additional Russian gas, bcm a year"), "bcm")
    when = f"{tight}% now and after the LNG wave" if tight == glut else f"{tight}% now, {glut}% after the LNG wave"
    return f"Another {volume} of Russian gas a year lowers TTF by {when}"


def _in_words(table: pd.DataFrame) -> str:
    parts = []
    for market, (_, name, *_) in MARKETS.items():
        rows = table[table["market"] == market]
        parts.append(
            f"Model, {name}: "
            + ", ".join(
                f"{percent(row.q50)} for {formatting.amount(row.volume)} bcm a year" for row in rows.itertuples()
            )
        )
    return f"{'; '.join(parts)}."


def _data(table: pd.DataFrame, claims: list[Effect]) -> pd.DataFrame:
    """Tidy: series, volume, statistic, value, unit, claim, source, confidence."""
    model = table.melt(["market", "volume"], var_name="statistic", value_name="value").rename(
        columns={"market": "series"}
    )
    model["series"] = "model, " + model["series"]
    rows = [
        {
            "series": f"{claim.who} {claim.year}",
            "volume": claim.volume,
            "statistic": "published" if claim.kind == "estimate" else "observed",
            "value": claim.effect,
            "time": claim.published,
            "claim": claim.claim,
            "source": claim.source,
            "confidence": claim.confidence,
        }
        for claim in claims
    ]
    data = pd.concat([part for part in (model, pd.DataFrame(rows)) if len(part)], ignore_index=True)
    columns = ["series", "volume", "time", "statistic", "value", "unit", "claim", "source", "confidence"]
    return data.assign(unit="%").reindex(columns=columns)
