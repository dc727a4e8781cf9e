"""The committed reference summary of the baseline is what the program makes today.

After a change that is meant to move it: ``python tests/golden/test_reference.py`` writes it anew.
"""

from pathlib import Path

import pandas as pd
from detente.config import loader
from detente.runs import runner

FILE = Path(__file__).resolve().parents[2] / "results" / "reference" / "baseline.csv"
STATISTICS = ("mean", "mc_error", "q05", "q25", "q50", "q75", "q95")
MONTHS = (1, 3, 6, 12, 24, 36)


def reference(folder: Path) -> pd.DataFrame:
    """Means, errors and five quantiles of every variable of the baseline at six dates."""
    summary = runner.run(loader.load("baseline"), output=folder, keep_paths=0).summary()
    dates = sorted(summary["time"].unique())
    chosen = summary["statistic"].isin(STATISTICS) & summary["time"].isin([dates[month - 1] for month in MONTHS])
    table = summary[chosen].drop(columns="model").reset_index(drop=True)
    table["value"] = [float(f"{value:.8g}") for value in table["value"]]
    return table.astype({"time": str})


def test_the_reference_stands(tmp_path):
    pd.testing.assert_frame_equal(
        reference(tmp_path), pd.read_csv(FILE, dtype={"time": str}), rtol=1e-7, check_dtype=False
    )


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        reference(Path(folder)).to_csv(FILE, index=False, lineterminator="\n")
