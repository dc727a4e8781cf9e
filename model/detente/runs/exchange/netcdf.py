"""The summary as an xarray dataset, and as a NetCDF file."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from detente.runs.run import Run
from detente.shared.errors import ConfigError

if TYPE_CHECKING:
    import xarray


def dataset(run: Run) -> "xarray.Dataset":
    """The summary of a run as an xarray dataset.

    Parameters
    ----------
    run : a finished run.

    Returns
    -------
    Dataset with one array an output, named ``region|variable``, dimensions time and statistic; a statistic that an
    output does not have is NaN. Attributes: unit of each array, id, scenario, as-of date and model of the run.

    Raises
    ------
    ConfigError : xarray is not installed.
    """
    try:
        import xarray
    except ImportError:
        raise ConfigError('xarray is not installed; pip install "detente[exchange]" installs it.') from None
    summary = run.summary()
    thresholds = summary["statistic"].str.startswith("p_above_")
    summary = summary[~thresholds]
    statistics = list(dict.fromkeys(summary["statistic"]))
    times = np.sort(summary["time"].unique())
    arrays = {}
    for (region, variable, unit), rows in summary.groupby(["region", "variable", "unit"], sort=False):
        values = rows.pivot(index="time", columns="statistic", values="value").reindex(index=times, columns=statistics)
        arrays[f"{region}|{variable}"] = xarray.DataArray(
            values.to_numpy(), dims=("time", "statistic"), attrs={"units": unit}
        )
    manifest = run.manifest
    return xarray.Dataset(
        arrays,
        coords={"time": times, "statistic": statistics},
        attrs={
            "run": manifest["id"],
            "scenario": run.scenario,
            "as_of": manifest["as_of"],
            "model": f"{manifest['model']} {manifest['versions']['model']}",
        },
    )


def write(run: Run, path: Path) -> None:
    """Write the dataset as NetCDF (version 3, by scipy).

    Bars and signs of names become points; the attribute ``names`` holds the originals as JSON.
    """
    data = dataset(run)
    names = {name: "".join(c if c.isalnum() or c in "-_ ." else "." for c in str(name)) for name in data.data_vars}
    data = data.rename(names).assign_attrs(
        names=json.dumps({new: old for old, new in names.items()}, ensure_ascii=False)
    )
    data.to_netcdf(path, engine="scipy")
