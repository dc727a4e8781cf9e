"""The summary as an IAMC table, as pyam reads it.

Columns: model, scenario, region, variable, unit, time, value. Statistics are variables of their own, such as
``Price|Oil|Brent|Median``. Units are written so that the registry of iam-units either reads them rightly or not at all:
it takes ``mb/d`` for millibarns a day, ``bbl`` for a barrel of beer and ``USD`` for dollars of 2005.

References
----------
Huppmann et al. (2021), pyam: analysis and visualisation of integrated assessment and macro-energy scenarios, Open
Research Europe 1:74.
"""

import re

import pandas as pd

from detente.runs.run import Run

COLUMNS = ("model", "scenario", "region", "variable", "unit", "time", "value")
STATISTICS = {
    "mean": "Mean",
    "sd": "Standard Deviation",
    "q05": "5th Percentile",
    "q25": "25th Percentile",
    "q50": "Median",
    "q75": "75th Percentile",
    "q95": "95th Percentile",
}
_WORDS = {
    "mb/d": "million oil_bbl/day",
    "mb": "million oil_bbl",
    "USD/bbl": "USD/oil_bbl",
    "bcm/y": "billion m**3/year",
    "bcm": "billion m**3",
    "pp": "percentage points",
    "points": "percentage points",
    "1": "",
}
_PARTS = ((r"\bbn\b", "billion"), (r"\bmn\b", "million"), (r"/y\b", "/year"))


def unit(text: str, year: int) -> str:
    """A unit for IAMC tables; money is that of ``year``."""
    text = _WORDS.get(text, text)
    for pattern, word in _PARTS:
        text = re.sub(pattern, word, text)
    return re.sub(r"\b(USD|EUR|RUB)\b", rf"\1_{year}", text)


def table(run: Run) -> pd.DataFrame:
    """The summary of a run as an IAMC table.

    Parameters
    ----------
    run : a finished run.

    Returns
    -------
    DataFrame with the columns ``COLUMNS``: mean, standard deviation and five quantiles of every output and step;
    ``time`` is the first day of the step.
    """
    summary = run.summary()
    chosen = summary[summary["statistic"].isin(STATISTICS)]
    units = {text: unit(text, run.config.as_of.year) for text in chosen["unit"].unique()}
    return pd.DataFrame(
        {
            "model": chosen["model"],
            "scenario": chosen["scenario"],
            "region": chosen["region"],
            "variable": chosen["variable"] + "|" + chosen["statistic"].map(STATISTICS),
            "unit": chosen["unit"].map(units),
            "time": chosen["time"].dt.strftime("%Y-%m-%d"),
            "value": chosen["value"],
        },
        columns=list(COLUMNS),
    ).reset_index(drop=True)
