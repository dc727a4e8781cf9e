"""Monte Carlo errors against what they claim: the spread of every published number over seeds, over its stated error.

    python tests/sweep/monte_carlo_errors.py [--paths N] [--seeds K] [--horizon MONTHS] [--scenario NAME]

Two scenarios are simulated with each seed. The rows are those of both summaries, answers to questions, paired
differences between the two scenarios, and shares of the sensitivity analysis. The ratio of a row is the standard
deviation of its value over the seeds, divided by the root mean square of its stated errors. A row that is equal in all
seeds has no ratio.
"""

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from detente.analysis.outcomes import outcomes
from detente.analysis.sensitivity import sensitivity
from detente.config import loader
from detente.questions import Asker, names
from detente.questions.errors import QuestionError
from detente.runs import runner
from detente.runs.comparison import compare
from detente.runs.run import Run

RARE = 10.0
"""Expected number of paths with, or without, an event below which a probability is rare."""
DATES = ("ceasefire", "settlement", "relapse", "US relief", "EU relief", "tightening", "US relief|Route = price")
QUESTIONS = (
    *(f"P({event} within {months} months)" for event in DATES[:6] for months in (1, 3, 12)),
    "P(ceasefire AND NOT US relief within 3 months of ceasefire)",
    "P(US relief before ceasefire)",
    "P(relapse within 6 months of ceasefire | ceasefire)",
    "P(ceasefire within 3 months | rank(conflict.ceasefire_rate) > 2/3)",
    "P(max(Brent over 12 months) > 130)",
    "P(max(Brent over 12 months) > 180)",
    "P(TTF < 15 at month 12)",
    "P(Brent > 70 at month 12 | ceasefire within 12 months)",
    "E(Total|Oil|Value)",
    "E(months to US relief | US relief)",
    "E(conflict.withdrawal_rate | US relief)",
    "E(Brent over 12 months)",
    "E(max(Brent over 12 months))",
    "E(Brent at month 12 | ceasefire within 6 months)",
    "Q(5%, Total|Oil|Value)",
    "Q(0.5, Total|Oil|Value)",
    "Q(99%, Total|Oil|Value)",
    "Q(10%, months to US relief)",
    "Q(95%, max(TTF over 12 months))",
    "P(ceasefire within 6 months) / P(ceasefire)",
    "P(settlement within 12 months) - P(relapse within 12 months)",
    "E(Total|Oil|Value) / E(Total|Oil|Volume)",
)
PAIRED = (
    "E(Total|Oil|Value - Total|Oil|Value[other])",
    "P(Total|Oil|Value > Total|Oil|Value[other])",
    "P(ceasefire within 12 months) - P(ceasefire[other] within 12 months)",
    "E(Brent at month 12) - E(Brent[other] at month 12)",
)


@dataclass
class Rows:
    """Values and stated errors by kind and row, one of each a seed."""

    values: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    paths: int = 0
    seeds: int = 0

    def add(self, kind: str, row: str, value: float, error: float) -> None:
        """Add one seed's value of a row."""
        self.values[kind, row].append(value)
        self.errors[kind, row].append(error)


@dataclass(frozen=True)
class Ratios:
    """Spread over stated error of the rows of one kind that vary; ``rare`` marks probabilities that few paths decide.

    ``single``: the same with the error of each seed by itself, (rows, seeds).
    """

    rows: int
    ratio: np.ndarray
    rare: np.ndarray
    single: np.ndarray


def collect(paths: int, seeds: Iterable[int], horizon: int, scenario: str, folder: Path) -> Rows:
    """Simulate the baseline and a scenario with each seed, and read every row."""
    rows = Rows(paths=paths)
    for seed in seeds:
        rows.seeds += 1
        first, second = (
            runner.run(
                loader.load(name, paths=paths, horizon=horizon, seed=seed),
                output=folder / str(seed),
                keep_paths=2000,
                jobs=1,
            )
            for name in ("baseline", scenario)
        )
        for run in (first, second):
            for kind, row, value, error in summary_rows(run):
                rows.add(kind, f"{run.scenario}|{row}", value, error)
        for question, answer in answers(first, second):
            rows.add("answer", question, *answer)
        for row, value, error in differences(first, second):
            rows.add("paired difference", row, value, error)
        for row, value, error in shares(first):
            rows.add("sensitivity share", row, value, error)
    return rows


def summary_rows(run: Run) -> Iterator[tuple[str, str, float, float]]:
    """Kind, name, value and stated error of every row of a summary that has an error."""
    table = run.summary().pivot_table(
        index=["region", "variable", "time"], columns="statistic", values="value", sort=False, observed=True
    )
    for statistic in table:
        name = "mc_error" if statistic == "mean" else f"mc_error_{statistic}"
        if name not in table:
            continue
        both = table[[statistic, name]].dropna()
        for (region, variable, time), value, error in zip(both.index, *both.to_numpy(float).T, strict=True):
            if statistic == "mean":
                kind = "event probability" if variable.startswith("Event|") else "mean"
            else:
                kind = "probability above" if statistic.startswith("p_above") else "quantile"
            yield kind, f"{region}|{variable}|{time:%Y-%m}|{statistic}", value, error


def answers(run: Run, other: Run) -> Iterator[tuple[str, tuple[float, float]]]:
    """Questions with value and stated error; those that this seed cannot answer are left out."""
    asker = Asker(run, lambda name: other, names(run.config))
    for question in (*QUESTIONS, *PAIRED):
        try:
            answer = asker.ask(question)
        except QuestionError:
            continue
        yield question, (answer.value, answer.mc_error)


def differences(first: Run, second: Run) -> Iterator[tuple[str, float, float]]:
    """Paired differences of means: every third month of every variable, and the components of revenue."""
    comparison = compare(second, first)
    for part, row in comparison.revenue().iterrows():
        yield f"revenue|{part}", float(row["mean"]), float(row["mc_error"])
    pairs = first.summary()[["region", "variable"]].drop_duplicates().itertuples(index=False)
    columns = set(first.kept_paths().columns)
    for region, variable in pairs:
        if f"{region}|{variable}" in columns:
            table = comparison.series(variable, region).iloc[2::6]
            for time, value, error in zip(table.index, table["mean"], table["mc_error"], strict=True):
                yield f"{region}|{variable}|{time:%Y-%m}", float(value), float(error)


def shares(run: Run) -> Iterator[tuple[str, float, float]]:
    """Significant shares of the sensitivity analysis."""
    for assumption in sensitivity(run.config, outcomes(run)).assumptions:
        for target, share in assumption.shares.items():
            if share.significant:
                yield f"{target}|{'+'.join(assumption.keys)}", share.share, share.error


def ratios(rows: Rows, kind: str) -> Ratios:
    """Spread over stated error of one kind, of the rows that every seed has."""
    wanted = [key for key in rows.values if key[0] == kind and len(rows.values[key]) == rows.seeds]
    if not wanted:
        return Ratios(0, *(np.empty(0) for _ in range(3)))
    values, errors = (np.array([table[key] for key in wanted]) for table in (rows.values, rows.errors))
    spread = values.std(axis=1, ddof=1)
    varies = spread > 1e-9 * np.abs(values).mean(axis=1)
    values, errors, spread = values[varies], errors[varies], spread[varies]
    mean = values.mean(axis=1)
    probability = kind in ("event probability", "probability above")
    few = np.minimum(mean, 1.0 - mean) * rows.paths < RARE if probability else np.zeros(mean.size, bool)
    with np.errstate(divide="ignore"):
        return Ratios(len(wanted), spread / np.sqrt((errors**2).mean(axis=1)), few, spread[:, None] / errors)


KINDS = (
    "mean",
    "probability above",
    "event probability",
    "quantile",
    "answer",
    "paired difference",
    "sensitivity share",
)


def main() -> None:
    """Print a table of ratios by kind."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--paths", type=int, default=4096)
    parser.add_argument("--seeds", type=int, default=16)
    parser.add_argument("--horizon", type=int, default=36)
    parser.add_argument("--scenario", default="bill-on-all-buyers")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = collect(chosen.paths, range(1, chosen.seeds + 1), chosen.horizon, chosen.scenario, Path(folder))
    print(f"{chosen.paths} paths, {chosen.seeds} seeds, {chosen.horizon} months, baseline and {chosen.scenario}")
    print(f"{'kind':20}{'rows':>7}{'varying':>9}{'median':>8}{'95%':>7}{'<1.5':>8}{'largest':>9}{'one seed <1.5':>15}")
    for kind in KINDS:
        found = ratios(rows, kind)
        for name, chosen_rows in ((kind, np.ones(found.ratio.size, bool)), (f"  {kind}, rare", found.rare)):
            ratio = found.ratio[chosen_rows]
            if ratio.size:
                single = np.mean(found.single[chosen_rows] < 1.5)
                print(
                    f"{name:20.20}{found.rows:7}{ratio.size:9}{np.median(ratio):8.2f}{np.quantile(ratio, 0.95):7.2f}"
                    f"{np.mean(ratio < 1.5):8.1%}{ratio.max():9.2f}{single:15.1%}"
                )


if __name__ == "__main__":
    main()
