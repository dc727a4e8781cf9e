"""Hindcast: the coupled baseline from earlier as-of dates, scored on what came."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from detente.config.loader import Config, Files, load
from detente.engine import outputs
from detente.evaluation.blindness import Blindness, blindness, fitted_on
from detente.evaluation.events import EventScore, Question, answer, event_summary, questions
from detente.evaluation.hindcast_scores import OutputScore, combined, score
from detente.evaluation.outcomes import Observation, observed, targets
from detente.runs import runner, store
from detente.runs.run import Run
from detente.shared.errors import ConfigError, DataError
from detente.shared.formatting import join
from detente.shared.paths import config_roots

__all__ = ["PATHS", "Hindcast", "Origin", "dates_with_outcomes", "hindcast", "plan"]

PATHS = 8_192
"""Simulated paths an origin; all are kept."""
SCENARIO = "baseline"
Say = Callable[[str], None]


@dataclass(frozen=True)
class Origin:
    """The baseline as of one date, with the scores of its outputs and questions."""

    as_of: dt.date
    run: Run
    horizon: int
    outputs: tuple[OutputScore, ...]
    events: tuple[EventScore, ...]
    blindness: Blindness

    def summary(self) -> dict[str, Any]:
        """Everything but single outcomes, as plain values."""
        return {
            "as_of": self.as_of.isoformat(),
            "run": self.run.folder.name,
            "paths": self.run.paths,
            "seed": self.run.config.run.seed,
            "horizon": self.horizon,
            "model_version": self.run.manifest["versions"]["model"],
            "config": self.run.config.digest(),
            "all": combined(self.outputs),
            "outputs": [each.summary() for each in self.outputs],
            "blindness": self.blindness.summary(),
        }


@dataclass(frozen=True)
class Hindcast:
    """Hindcasts from several origins, the earliest first."""

    origins: tuple[Origin, ...]

    def summary(self) -> dict[str, Any]:
        """All scores as plain values."""
        events = [event for origin in self.origins for event in origin.events]
        return {
            "scenario": SCENARIO,
            "origins": [origin.summary() for origin in self.origins],
            "all": combined([each for origin in self.origins for each in origin.outputs]),
            "events": event_summary(events),
            "questions": [
                {"as_of": origin.as_of.isoformat()} | event.row() for origin in self.origins for event in origin.events
            ],
            "unasked": [one.id for one in questions() if one.id not in {event.question.id for event in events}],
        }

    def rows(self) -> list[dict[str, Any]]:
        """One row an outcome of every origin."""
        return [
            {"as_of": origin.as_of.isoformat()} | row
            for origin in self.origins
            for each in origin.outputs
            for row in each.rows()
        ]

    def csv(self) -> str:
        """The rows as CSV."""
        return str(pd.DataFrame(self.rows()).to_csv(index=False, float_format="%.6g", lineterminator="\n"))


def dates_with_outcomes(configs: Path | None = None) -> list[dt.date]:
    """As-of dates with facts and with outcomes after them, the earliest first."""
    return [date for date in sorted(Files(config_roots(configs)).dates) if _outcomes(date)]


def plan(date: dt.date, *, paths: int = PATHS, seed: int | None = None, horizon: int | None = None) -> Config:
    """The configuration of the baseline as of a date, up to the last outcome.

    Raises
    ------
    ConfigError : there are no facts of the date.
    DataError : there are no outcomes after it.
    """
    months = _last_month(date)
    if months is None:
        listed = join(day.isoformat() for day in dates_with_outcomes())
        raise DataError(f"There are no outcomes after {date}; choose an earlier date ({listed}).")
    return load(
        SCENARIO, as_of=date, paths=paths, seed=seed, horizon=min(horizon or months, months), step="month", sets=()
    )


def hindcast(
    dates: Sequence[dt.date] = (),
    *,
    paths: int = PATHS,
    seed: int | None = None,
    horizon: int | None = None,
    output: Path | None = None,
    jobs: int | None = None,
    force: bool = False,
    simulate: Callable[[Config], Run] | None = None,
    say: Say = lambda sentence: None,
) -> Hindcast:
    """Run and score the coupled baseline of each date.

    Parameters
    ----------
    dates : as-of dates; by default all that have facts and outcomes.
    paths : simulated paths, all of which are kept.
    seed : by default the baseline's.
    horizon : months to score; by default up to the last outcome.
    output : results folder. A finished run of the same identity is used as it is.
    jobs : threads; the numbers do not depend on it.
    force : run again.
    simulate : runs a configuration in place of the default.
    say : receives sentences on the runs.

    Returns
    -------
    Scores by origin and output. Outcomes that a parameter of the run was fitted on are left out and counted. A question
    is scored from the latest of the dates that is not after the day on which it was asked.

    Raises
    ------
    ConfigError : there are no facts of a date, or there are too few paths.
    DataError : there are no outcomes after a date.
    """
    if paths < 2:
        raise ConfigError("a hindcast needs at least two paths.")
    chosen = sorted(set(dates or dates_with_outcomes()))
    planned = [(date, plan(date, paths=paths, seed=seed, horizon=horizon)) for date in chosen]
    asked = _asked(chosen)
    origins = []
    for date, config in planned:
        if simulate is not None:
            run = simulate(config)
        else:
            run = runner.run(config, output=output, jobs=jobs, keep_paths=paths, force=force, talk=say)
        origins.append(evaluate(run, asked.get(date, ())))
    return Hindcast(tuple(origins))


def evaluate(run: Run, asked: Sequence[Question] = ()) -> Origin:
    """Score a finished run of the baseline that kept its paths.

    Parameters
    ----------
    run : the run, in monthly steps.
    asked : questions to answer; those resolved after its end are left out.

    Raises
    ------
    DataError : the run kept no paths.
    """
    config = run.config
    origin = np.datetime64(config.as_of, "M")
    values, paths = _values(run, origin)
    entries = []
    for target in targets():
        known = observed(target.key)
        points = known.after(origin, origin + config.run.horizon)
        if points:
            members = np.array([_mean(values[target.output], origin, point) for point in points])
            entries.append(score(known, points, members, origin, _fitted(config, target.key, points)))
    end = (origin + config.run.horizon + 1).astype("datetime64[D]").item()
    known_questions = [one for one in asked if one.model and config.as_of <= one.by < end]
    blocks = {entry.name: entry.field.partition(".")[0] for entry in outputs.codelist().variable}
    means = {
        each.target.key: (blocks[each.target.variable], values[each.target.output].mean(axis=0)) for each in entries
    }
    return Origin(
        config.as_of,
        run,
        config.run.horizon,
        tuple(entries),
        tuple(answer(run, known_questions)),
        blindness(config, run.draws().loc[paths], means),
    )


def _values(run: Run, origin: np.datetime64) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Kept paths of the scored outputs, (months, paths) each, and the numbers of the valid paths."""
    columns = list(dict.fromkeys(target.output for target in targets()))
    store.check_file(run.folder, "paths.parquet", run.manifest)
    table = store.read_table(run.folder / "paths.parquet", ["path", "time", *columns])
    if table.empty:
        raise DataError(f"{run.folder}: the run kept no paths, which scores need; run it again with --keep-paths.")
    table = table.sort_values(["path", "time"], kind="stable")
    paths = table["path"].unique()
    arrays = {name: table[name].to_numpy(float).reshape(paths.size, -1).T for name in columns}
    valid = np.all([np.isfinite(array).all(axis=0) for array in arrays.values()], axis=0)
    return {name: array[:, valid] for name, array in arrays.items()}, paths[valid]


def _mean(values: np.ndarray, origin: np.datetime64, point: Observation) -> np.ndarray:
    first, last = (int((month - origin).astype(int)) - 1 for month in (point.first, point.last))
    return np.asarray(values[first : last + 1].mean(axis=0))


def _fitted(config: Config, key: str, points: Sequence[Observation]) -> np.ndarray:
    days = [(point.first.astype("datetime64[D]").item(), point.last.astype("datetime64[D]").item()) for point in points]
    return np.array([bool(fitted_on(config, key, first, last)) for first, last in days])


def _outcomes(date: dt.date) -> bool:
    return _last_month(date) is not None


def _last_month(date: dt.date) -> int | None:
    """Months from a date to the last outcome of any output; None if there is none after it."""
    origin = np.datetime64(date, "M")
    ends = [point.last for target in targets() for point in observed(target.key).after(origin)]
    return int((max(ends) - origin).astype(int)) if ends else None


def _asked(dates: Sequence[dt.date]) -> dict[dt.date, list[Question]]:
    """Questions by the latest date that is not after the day on which they were asked."""
    by_date: dict[dt.date, list[Question]] = {}
    for one in questions():
        earlier = [date for date in dates if date <= one.asked]
        if earlier:
            by_date.setdefault(max(earlier), []).append(one)
    return by_date
