"""Runs in the formats of other tools: the numbers of the run, in tables that follow the rules of the formats."""

import json
from pathlib import Path

import detente
import numpy as np
import pandas as pd
import pytest
import xarray
from click.testing import CliRunner
from detente.cli.app import application
from detente.config import loader
from detente.engine.outputs import recorded
from detente.runs.exchange import hub, iamc, netcdf
from detente.shared.errors import ConfigError

MISREAD = {"mb/d", "mb", "bbl", "USD", "EUR", "points", "point", "pp"}
"""Units that the registry of iam-units takes for others: millibarns, beer barrels, money of 2005, points of type."""


@pytest.fixture(scope="module")
def quantiles(compared: list[detente.Run]) -> pd.DataFrame:
    return hub.table(compared[0], samples=20)


def test_hub_quantiles_are_those_of_the_run(compared: list[detente.Run], quantiles: pd.DataFrame):
    assert tuple(quantiles.columns) == hub.COLUMNS
    rows = quantiles[(quantiles["target"] == "Price|Oil|Brent") & (quantiles["output_type"] == "quantile")]
    fan = compared[0].fan("Price|Oil|Brent")
    for level, statistic in (("0.05", "q05"), ("0.5", "q50"), ("0.975", "q975")):
        assert np.array_equal(rows[rows["output_type_id"] == level]["value"].to_numpy(), fan[statistic].to_numpy())


def test_hub_table_follows_the_rules(quantiles: pd.DataFrame):
    rows = quantiles[quantiles["output_type"] == "quantile"]
    groups = rows.groupby(["location", "target", "horizon"], sort=False)
    assert groups.ngroups == len(hub.HEADLINES) * 12
    for _, group in groups:
        levels = group["output_type_id"].astype(float).to_numpy()
        assert np.array_equal(levels, hub.LEVELS) and (np.diff(group["value"]) >= 0.0).all()
    assert not quantiles.duplicated(list(hub.COLUMNS[:-1])).any() and quantiles["value"].notna().all()
    ends = pd.to_datetime(quantiles["target_end_date"])
    assert ends.dt.is_month_end.all() and (ends > pd.to_datetime(quantiles["reference_date"])).all()


def test_samples_are_joint(compared: list[detente.Run], quantiles: pd.DataFrame):
    samples = quantiles[quantiles["output_type"] == "sample"]
    table = samples.pivot(index=["output_type_id", "horizon"], columns=["location", "target"], values="value")
    assert table.shape == (20 * 12, len(hub.HEADLINES)) and table.notna().all(axis=None)
    paths = compared[0].kept_paths()
    own = paths[paths["path"] == 7]["World|Price|Oil|Brent"].to_numpy()
    assert np.array_equal(table.loc["7"][("World", "Price|Oil|Brent")].sort_index().to_numpy(), own)


def test_a_share_has_no_hub_quantiles(compared: list[detente.Run]):
    with pytest.raises(ConfigError, match="has no quantiles"):
        hub.table(compared[0], (("Ukraine", "Conflict|War"),))


def test_iamc_table_holds_the_summary(compared: list[detente.Run]):
    table = iamc.table(compared[0])
    assert tuple(table.columns) == iamc.COLUMNS
    assert not table.duplicated(["model", "scenario", "region", "variable", "unit", "time"]).any()
    median = table[table["variable"] == "Price|Oil|Brent|Median"]
    assert np.array_equal(median["value"].to_numpy(), compared[0].fan("Price|Oil|Brent")["q50"].to_numpy())
    assert set(median["unit"]) == {"USD_2026/oil_bbl"}


def test_no_unit_is_one_that_a_registry_takes_for_another():
    units = {iamc.unit(variable.unit, 2026) for variable in recorded(loader.load("baseline"))}
    assert not [unit for unit in units - {"percentage points"} if set(unit.replace("/", " ").split()) & MISREAD]


def test_the_dataset_holds_the_summary(compared: list[detente.Run], tmp_path: Path):
    data = netcdf.dataset(compared[0])
    fan = compared[0].fan("Price|Oil|Brent")
    brent = data["World|Price|Oil|Brent"]
    assert np.array_equal(brent.sel(statistic="q95").to_numpy(), fan["q95"].to_numpy())
    assert brent.attrs["units"] == "USD/bbl" and data.attrs["scenario"] == "baseline"
    netcdf.write(compared[0], tmp_path / "run.nc")
    with xarray.open_dataset(tmp_path / "run.nc", engine="scipy") as again:
        names = json.loads(again.attrs["names"])
        name = next(new for new, old in names.items() if old == "World|Price|Oil|Brent")
        assert np.array_equal(again[name].to_numpy(), brent.to_numpy(), equal_nan=True)


def test_the_command_writes_each_format_once(
    compared: list[detente.Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    run = CliRunner()
    for kind in ("hub", "iamc", "xarray"):
        arguments = ["export", str(compared[0].folder), "--format", kind]
        first = run.invoke(application, arguments)
        assert first.exit_code == 0, first.output
        assert Path(first.stdout.strip()).stat().st_size > 1000
        again = run.invoke(application, arguments)
        assert again.exit_code == 2 and "--force" in again.output
    assert len(list(tmp_path.iterdir())) == 3
