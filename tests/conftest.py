"""Shared by all tests: one small finished run, since compiling the kernels for the first time takes half a minute."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import detente
import numpy as np
import pandas as pd
import pytest
from detente.runs import warmup
from detente.shared.paths import CACHE
from filelock import FileLock

pytest_plugins = ["ends_with_parent"]
"""tests/plugins"""


@pytest.fixture(scope="session", autouse=True)
def cache_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of the tests' own, so that the user's is neither read nor filled: the trade surface is solved in it once
    (some ten seconds).

    It is shared by the processes of a session and kept by pytest for the next one; without pytest's cache it lasts as
    long as the session.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    kept = getattr(request.config, "cache", None)
    folder = Path(kept.mkdir("detente")) if kept else shared / "cache"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE, str(folder))
        if len({item.path.parent for item in request.session.items}) > 1:  # not for a few tests, which may need neither
            with FileLock(shared / "warming.lock"):  # one process compiles, the others read what it left on disk
                warmup.warm()
        yield folder


@pytest.fixture(autouse=True)
def same_numbers(request: pytest.FixtureRequest) -> None:
    """A test draws the same numbers from its module's ``RNG`` whatever ran before it: which process runs what is not
    known beforehand."""
    module = request.module
    if hasattr(module, "RNG"):
        START.setdefault(module.__name__, module.RNG.bit_generator.state)
        module.RNG.bit_generator.state = START[module.__name__]


START: dict[str, Any] = {}


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> "detente.Run":
    """A finished run of the baseline, 256 paths of 6 months; read only."""
    return detente.run("baseline", paths=256, horizon=6, output=tmp_path_factory.mktemp("results"))


@pytest.fixture
def run_copy(small_run: "detente.Run", tmp_path: Path) -> Path:
    """The folder of a finished run that a test may damage, in a results folder of its own."""
    return Path(shutil.copytree(small_run.folder, tmp_path / "results" / small_run.folder.name))


EXTRACTS = Path(__file__).resolve().parent / "data"
CORRECTIONS = Path(__file__).resolve().parents[1] / "configs" / "outcomes" / "losses-corrections.csv"
FULL = Path(__file__).resolve().parents[2] / "shared" / "data"
"""Public data files, which are too large for the repository; they may stand beside a checkout."""
FULL_FILES = {
    "gas_dollars": "commodity-prices/worldbank_pinksheet_energy_monthly.csv",
    "gas_euros": "commodity-prices/gas_europe_eur_mwh_monthly_derived.csv",
    "gas_storage": "gas-storage/gie_agsi_eu_de_storage_daily.csv",
    "industry": "eu-energy-prices/eurostat_Natural_Gas_Prices_Non_Household_Consumers_Time_EU27.csv",
    "claims": "war-losses/russia_losses_personnel.json",
}


@dataclass(frozen=True)
class PublicData:
    """Files that a calibration reads."""

    complete: bool
    """Whether these are the full files, and not the extracts that ship with the tests."""
    gas_dollars: Path
    gas_euros: Path
    gas_storage: Path
    industry: Path
    claims: Path
    corrections: Path
    """Persons of earlier days in the claims; shipped with the outcomes."""


@pytest.fixture(
    scope="session",
    params=["extract", *(["full"] if all((FULL / name).is_file() for name in FULL_FILES.values()) else [])],
)
def public_data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> PublicData:
    """The extracts, and the full files too where they stand beside the checkout."""
    if request.param == "full":
        return PublicData(True, **{field: FULL / name for field, name in FULL_FILES.items()}, corrections=CORRECTIONS)
    folder = tmp_path_factory.mktemp("extracts")
    _daily_storage(EXTRACTS / "gas" / "storage-month-ends.csv", folder / "storage.csv")
    _daily_claims(EXTRACTS / "losses", folder / "claims.csv")
    gas = EXTRACTS / "gas"
    return PublicData(
        False,
        gas / "prices-usd.csv",
        gas / "prices-eur.csv",
        folder / "storage.csv",
        gas / "industry-half-years.csv",
        folder / "claims.csv",
        CORRECTIONS,
    )


def _daily_storage(ends: Path, target: Path) -> None:
    """Days between ends of month by straight lines: ends of month are as reported."""
    table = pd.read_csv(ends, parse_dates=["date"], index_col="date")
    table.resample("D").interpolate().to_csv(target, date_format="%Y-%m-%d")


def _daily_claims(folder: Path, target: Path) -> None:
    """Cumulative claims by day: reported days where the extract has them, straight lines between ends of month
    elsewhere."""
    ends = pd.read_csv(folder / "month-ends.csv", parse_dates=["date"], index_col="date")["personnel"]
    totals = ends.resample("D").interpolate()
    for _, (month, text) in pd.read_csv(folder / "days.csv").iterrows():
        first = pd.Timestamp(f"{month}-01")
        counts = np.array(text.split(), float)
        days = pd.date_range(first, periods=counts.size)
        totals[days] = totals[first - pd.Timedelta(days=1)] + np.cumsum(counts)
    totals.to_csv(target, date_format="%Y-%m-%d")
