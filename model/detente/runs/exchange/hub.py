"""Quantiles and joint samples in the model-output format of forecast hubs.

Columns: reference_date, horizon, target_end_date, location, target, output_type, output_type_id, value. Horizons count
steps of the run from 1; a target ends on the last day of its step.

References
----------
Hubverse, model output format: https://docs.hubverse.io, "Model output".
"""

import datetime as dt

import numpy as np
import pandas as pd

from detente.engine import simulate
from detente.engine.calendar import Calendar
from detente.engine.summary import quantiles_of
from detente.runs.exchange import HUB_LEVELS as LEVELS
from detente.runs.pairing import installed, model_difference
from detente.runs.run import Run
from detente.shared.errors import ConfigError, DataError

COLUMNS = (
    "reference_date",
    "horizon",
    "target_end_date",
    "location",
    "target",
    "output_type",
    "output_type_id",
    "value",
)
HEADLINES = (
    ("World", "Price|Oil|Brent"),
    ("Russian Federation", "Price|Oil|Urals|FOB Discount"),
    ("Russian Federation", "Trade|Oil|Volume"),
    ("Russian Federation", "Trade|Oil|Value"),
    ("Russian Federation>India", "Trade|Oil|Crude|Volume"),
    ("European Union", "Price|Natural Gas|TTF"),
    ("European Union", "Storage|Natural Gas|Fill"),
    ("Russian Federation", "Government Revenue|Oil and Gas"),
    ("Russian Federation", "Sovereign Fund|Liquid"),
    ("Russian Federation", "War|Casualties|Claimed"),
)
"""The outputs exported by default: region and variable."""
SAMPLES = 100


def table(run: Run, columns: tuple[tuple[str, str], ...] = HEADLINES, samples: int = SAMPLES) -> pd.DataFrame:
    """The run as a hub table.

    Parameters
    ----------
    run : a finished run of the installed model.
    columns : region and variable of each output.
    samples : number of kept paths given as joint samples; the same ``output_type_id`` is the same path in all outputs.

    Returns
    -------
    DataFrame with the columns ``COLUMNS``: 23 quantiles of each output and step, then the samples. Quantiles are
    computed from all paths, with the seed of the run.

    Raises
    ------
    ConfigError : an output is unknown or a share, which has no quantiles; or the run is of another model.
    DataError : the simulation does not give the numbers of the run.
    """
    calendar = Calendar(run.config.as_of, run.config.run.horizon, run.config.run.step)
    ends = [calendar.start(step + 1) - dt.timedelta(days=1) for step in range(calendar.steps)]
    values = _quantiles(run, columns)
    frames = [
        _frame(run, region, variable, ends, "quantile", [f"{level:g}" for level in LEVELS], values[region, variable])
        for region, variable in columns
    ]
    if samples:
        frames += _samples(run, columns, samples, ends)
    return pd.concat(frames, ignore_index=True)


def _quantiles(run: Run, columns: tuple[tuple[str, str], ...]) -> dict[tuple[str, str], np.ndarray]:
    """(steps, levels) of each output, from a simulation with the seed of the run, checked against its summary."""
    if difference := model_difference(run.manifest, installed()):
        raise ConfigError(
            f"{run.folder.name} was made by another model ({difference}), and the hub's levels need a simulation; "
            "run the scenario again."
        )
    plan = simulate.plan(run.config, keep_paths=0)
    ranked = [(one.region, one.name) for one in plan.variables if one.ranked]
    for column in columns:
        if column not in ranked:
            raise ConfigError(f"{column[0]}|{column[1]} has no quantiles in {run.folder.name}; choose another output.")
    reduction = simulate.simulate(plan)
    summary = run.summary()
    result = {}
    for region, variable in columns:
        own = quantiles_of(reduction, ranked.index((region, variable)), LEVELS)
        stored = summary[(summary["region"] == region) & (summary["variable"] == variable)]
        median = stored.loc[stored["statistic"] == "q50", "value"].to_numpy()
        if run.manifest["options"].get("exact"):
            median = own[:, LEVELS.index(0.5)]
        if not np.array_equal(own[:, LEVELS.index(0.5)], median):
            raise DataError(
                f"{run.folder.name}: a simulation with its seed gives another median of {variable}; detente reproduce "
                f"{run.folder.name} shows the differences."
            )
        result[region, variable] = own
    return result


def _samples(run: Run, columns: tuple[tuple[str, str], ...], samples: int, ends: list[dt.date]) -> list[pd.DataFrame]:
    stored = int(run.manifest["options"]["keep_paths"])
    if not stored:
        raise ConfigError(f"{run.folder.name} kept no paths; leave samples out with --samples 0.")
    paths = run.kept_paths()
    failed = run.events()["failed_at_step"].to_numpy()[:stored] != 0
    numbers = np.flatnonzero(~failed)[:samples]
    frames = []
    for region, variable in columns:
        values = paths[f"{region}|{variable}"].to_numpy(float).reshape(stored, -1)[numbers].T
        frames.append(_frame(run, region, variable, ends, "sample", [str(number) for number in numbers], values))
    return frames


def _frame(
    run: Run, region: str, variable: str, ends: list[dt.date], kind: str, names: list[str], values: np.ndarray
) -> pd.DataFrame:
    """Rows of one output; ``values`` (steps, names)."""
    steps, width = values.shape
    return pd.DataFrame(
        {
            "reference_date": run.config.as_of.isoformat(),
            "horizon": np.repeat(np.arange(1, steps + 1), width),
            "target_end_date": np.repeat([end.isoformat() for end in ends], width),
            "location": region,
            "target": variable,
            "output_type": kind,
            "output_type_id": np.tile(names, steps),
            "value": values.ravel(),
        },
        columns=list(COLUMNS),
    )
