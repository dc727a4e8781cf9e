"""Parts of sentences that several sections share: differences, shares of simulations, titles of scenarios."""

from collections.abc import Mapping, Sequence

from detente.analysis.estimates import Reading
from detente.analysis.outcomes import TITLES
from detente.analysis.sensitivity import Assumption
from detente.config.loader import Config
from detente.runs.run import Run
from detente.shared import formatting

MONEY = "bn USD a year"
BRENT, DISCOUNT = ("Price|Oil|Brent", "World"), ("Price|Oil|Urals|FOB Discount", "Russian Federation")
VOLUME, VALUE = ("Trade|Oil|Volume", "Russian Federation"), ("Trade|Oil|Value", "Russian Federation")
DRAWS = "events.parquet and the simulated assumptions of the run"


def title(run: Run) -> str:
    """The title of a run's scenario, on one line, and how many values are set by hand over it."""
    return titled(run.manifest["title"], run.overrides)


def titled(text: str, overrides: Mapping[str, str]) -> str:
    """``Baseline, with 2 values set by hand``; the title alone of a scenario as it is."""
    line = formatting.one_line(text)
    return f"{line}, with {formatting.plural(len(overrides), 'value')} set by hand" if overrides else line


def assumed(config: Config, fact: str) -> bool:
    """Whether a fact is set by the scenario or by hand and is therefore no observation."""
    key = f"facts.{fact}"
    changed = any(f"{key}.{name}" in config.origins for name in ("value", "dist"))
    return changed or config.facts[fact].by_hand or any(one in config.overrides for one in (key, f"{key}.dist"))


def significant(reading: Reading, resolution: float = 0.0) -> bool:
    """Whether a difference is distinguishable from zero, and visible in the last digit shown."""
    return abs(reading.value) > max(2.0 * reading.error, 0.5 * resolution)


def size(difference: Reading, resolution: float, unit: str) -> str:
    """The size of a difference without its sign: ``USD 3.5bn a year``."""
    return formatting.quantity(formatting.rounded(abs(difference.value), difference.error, resolution), unit)


def direction(difference: Reading, words: tuple[str, str] = ("higher", "lower")) -> str:
    """``higher`` or ``lower``."""
    return words[0] if difference.value > 0.0 else words[1]


def change(difference: Reading, resolution: float, unit: str) -> str:
    """``USD 3.5bn a year higher``."""
    return f"{size(difference, resolution, unit)} {direction(difference)}"


def spread(rows: Sequence[Reading], sign: float, resolution: float) -> str:
    """``median 3.8; 90% range 0.0 to 19.5``, for rows of median, 5% and 95% quantile; ``sign`` -1 of a decrease."""
    median, low, high = rows
    ends = (low, high) if sign > 0.0 else (high, low)
    values = [sign * end.value for end in ends]
    middle = formatting.rounded(sign * median.value, median.error, resolution)
    return f"median {middle}; {interval(values, [end.error for end in ends], resolution)}"


def interval(values: Sequence[float], errors: Sequence[float], resolution: float) -> str:
    """``90% range 0.0 to 19.5``."""
    low, high = values
    return f"90% range {formatting.span(low, high, (errors[0], errors[1]), resolution)}"


def simulations(reading: Reading) -> str:
    """``in 8% of simulations``."""
    if reading.value == 0.0:
        return "in no simulation"
    if reading.value == 1.0:
        return "in all simulations"
    return f"in {formatting.percent(reading.value)} of simulations"


def depends(leader: Assumption, target: str, subject: str, scale: tuple[float, str], mean: bool) -> tuple[str, Reading]:
    """The assumption that matters most to an outcome, and the row behind it.

    ``scale``: last digit and unit of the outcome; ``mean``: the outcome is summarised by its mean, else its median.
    """
    share = leader.shares[target]
    resolution, unit = scale
    low, high = (
        formatting.quantity(formatting.rounded(value, share.std_error, resolution), unit)
        for value in (share.low, share.high)
    )
    how = "on average" if mean else "in the median"
    name = formatting.key_in_words(leader.keys[0])
    ends = (
        f"{low} {how} in the lowest fifth of its range, {high} in the highest"
        if len(leader.keys) == 1
        else f"between {low} and {high} {how}, depending on the alternative"
    )
    row = f"variance share of {leader.keys[0]} in: {TITLES[target]}"
    return f"{subject} depends most on the assumption “{name}”: {ends}", Reading(share.share, share.error, DRAWS, row)
