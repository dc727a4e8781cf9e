"""Measure the track record: ``python -m detente.evaluation.make_track_record [--output DIR] [--jobs N]``.

Writes ``configs/track-record.toml`` and ``docs/track-record.md`` of the repository. Equal code and data give equal
bytes.
"""

import argparse
import datetime as dt
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from detente.engine.version import model_version
from detente.evaluation import track_record as record
from detente.evaluation.backtest import Backtest, backtest
from detente.evaluation.hindcast import PATHS, Hindcast, hindcast
from detente.evaluation.hindcast_scores import OutputScore
from detente.evaluation.outcomes import targets
from detente.evaluation.page import WINDOWS, Window
from detente.evaluation.sources import open_source
from detente.evaluation.track_record_page import page
from detente.shared.paths import PACKAGE

__all__ = ["build", "summary_of"]

DIGITS = 5
"""Significant digits kept: finer ones differ between processors."""
MOST_BEFORE = 12
"""Earlier versions kept."""


def build(
    past: Hindcast,
    backtests: Sequence[tuple[Window, Backtest]],
    settings: Mapping[str, str],
    before: record.Record | None,
    today: dt.date,
) -> record.Record:
    """The record of the present model.

    Parameters
    ----------
    past : hindcasts.
    backtests : backtests of the recipes.
    settings : digests of the settings by date.
    before : the record that it replaces. A record of the same version and settings keeps its date, so that nothing
        changes; the summary of another one is kept among those before, unless the one before it has the same scores.
    today : date of a new record.
    """
    version = model_version()
    earlier = before.before if before is not None else ()
    date = today
    if before is not None and before.model_version == version and before.settings == dict(settings):
        date = before.date
    elif before is not None and not (earlier and _same_scores(before.summary, earlier[0])):
        earlier = (before.summary, *earlier)[:MOST_BEFORE]
    plain = past.summary()
    first = plain["origins"][0]
    return record.Record(
        model_version=version,
        date=date,
        paths=first["paths"],
        seed=first["seed"],
        data_to=max(str(point.last) for origin in past.origins for each in origin.outputs for point in each.points),
        settings=dict(settings),
        summary=summary_of(past, version, date),
        events={key: _rounded(value) for key, value in plain["events"].items() if value is not None},
        backtest=tuple(_backtest(window, result) for window, result in backtests),
        origin=tuple(_origin(origin.outputs, row) for origin, row in zip(past.origins, plain["origins"], strict=True)),
        question=tuple(_question(row) for row in plain["questions"]),
        before=earlier,
    )


def _same_scores(one: record.Summary, other: record.Summary) -> bool:
    return one.model_copy(update={"model_version": other.model_version, "date": other.date}) == other


def summary_of(past: Hindcast, version: str, date: dt.date) -> record.Summary:
    """Headline scores over all origins, every forecast counted."""
    plain = past.summary()
    rows = []
    for target in targets():
        entries = [each for origin in past.origins for each in origin.outputs if each.target.key == target.key]
        if entries:
            rows.append(_headline(target.key, entries))
    events = plain["events"]
    return record.Summary(
        model_version=version,
        date=date,
        origins=len(past.origins),
        forecasts=sum(row.forecasts for row in rows),
        inside_90=sum(row.inside_90 for row in rows),
        brier=_rounded(events["model_beside_base_rate_brier_all"]),
        brier_base_rate=_rounded(events["base_rate_brier_all"]),
        questions=events["with_base_rate_all"],
        output=tuple(rows),
    )


def _headline(key: str, entries: Sequence[OutputScore]) -> record.Headline:
    measured = [each for each in entries if each.no_change is not None]
    ratio = None
    if measured:
        own = np.concatenate([each.crps for each in measured])
        other = np.concatenate([each.no_change.crps for each in measured if each.no_change is not None])
        ratio = _rounded(float(own.mean() / other.mean())) if other.mean() > 0.0 else None
    return record.Headline(
        output=key,
        forecasts=sum(len(each.points) for each in entries),
        inside_90=sum(int(each.inside(0.9).sum()) for each in entries),
        above_median=sum(int((each.pit > 0.5).sum()) for each in entries),
        ratio=ratio,
    )


def _backtest(window: Window, result: Backtest) -> record.BacktestScores:
    rows: list[dict[str, Any]] = [each.summary() for each in result.horizons]
    return record.BacktestScores(
        block=window.block,
        title=window.title,
        unit=result.unit,
        first=window.first,
        last=window.last,
        development=window.development,
        horizon=tuple(
            record.HorizonScores(
                horizon=row["horizon"],
                targets=row["targets"],
                crps=_rounded(row["crps"]),
                ratio=_rounded(row["ratio"]),
                ratio_90=None if row["ratio_90"] is None else tuple(map(_rounded, row["ratio_90"])),
                **{f"inside_{name}": _rounded(row["coverage"][level]) for name, level in _LEVELS.items()},
                below_5=_rounded(row["below_5"]),
                above_95=_rounded(row["above_95"]),
            )
            for row in rows
        ),
    )


_LEVELS = {"50": "0.5", "80": "0.8", "90": "0.9", "95": "0.95"}


def _origin(outputs: Sequence[OutputScore], row: Mapping[str, Any]) -> record.OriginScores:
    blind = row["blindness"]
    return record.OriginScores(
        as_of=dt.date.fromisoformat(row["as_of"]),
        horizon=row["horizon"],
        drawn=blind["drawn"],
        drawn_late=blind["drawn_late"],
        naming_later_events=blind["drawn_late_naming_later_events"],
        records=blind["records"],
        late=blind["late"],
        carried=blind["facts_carried_from_later"],
        dependence=tuple(
            record.Dependence(
                output=one["output"],
                measurable=one["measurable"],
                explained=_rounded(one["explained"]),
                strongest=tuple(one["strongest"]),
            )
            for one in blind["outputs"]
        ),
        output=tuple(_forecasts(each, scores) for each, scores in zip(outputs, row["outputs"], strict=True)),
    )


def _forecasts(each: OutputScore, row: Mapping[str, Any]) -> record.Forecasts:
    rows = each.rows()
    plain: dict[str, Any] = {name: row[name] for name in _COUNTS}
    plain |= {f"inside_{name}": row["inside"][level] for name, level in _LEVELS.items()}
    plain |= {name: None if row[name] is None else _rounded(row[name]) for name in _SCORES}
    plain |= {name: tuple(_rounded(one[name]) for one in rows) for name in ("outcome", "pit")}
    plain |= {f"q{name}": tuple(_rounded(one[f"q{key}"]) for one in rows) for name, key in _QUANTILES.items()}
    return record.Forecasts(
        output=row["output"],
        no_change=row["no_change"],
        effective=row["effective"][0],
        month=tuple(one["month"] for one in rows),
        to=tuple(one["to"] for one in rows),
        **plain,
    )


_COUNTS = ("scored", "fitted", "inside_90_all", "inside_90_with_error", "above_median")
_SCORES = ("crps", "ratio", "ratio_all", "coverage_p", "sign_p")
_QUANTILES = {"05": "5", "50": "50", "95": "95"}


def _question(row: Mapping[str, Any]) -> record.QuestionScores:
    return record.QuestionScores(
        as_of=dt.date.fromisoformat(row["as_of"]),
        question=row["question"],
        text=row["text"],
        by=dt.date.fromisoformat(row["by"]),
        outcome=row["outcome"],
        model=_rounded(row["model"]),
        crowd=row["crowd"],
        base_rate=row["base_rate"],
        fitted=row["fitted"],
    )


def _rounded(value: Any) -> Any:
    """A number with DIGITS significant digits; counts stay as they are."""
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def main(arguments: Sequence[str] | None = None) -> None:
    """Run hindcasts and backtests, and write the record and its page."""
    root = PACKAGE.parents[1]
    parser = argparse.ArgumentParser(
        prog="python -m detente.evaluation.make_track_record", description="Measure the track record."
    )
    parser.add_argument("--folder", type=Path, default=root, help="repository whose configs and docs are written")
    parser.add_argument("--output", type=Path, default=root / "results", help="results folder of the runs")
    parser.add_argument("--paths", type=int, default=PATHS, help="simulated paths a date")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args(arguments)
    past = hindcast(paths=options.paths, output=options.output, jobs=options.jobs, say=print)
    backtests = []
    for window in WINDOWS:
        print(f"{window.title}, {window.first} to {window.last}")
        backtests.append((window, backtest(open_source(window.block), window.first, window.last, jobs=options.jobs)))
    before = record.record()
    measured = build(past, backtests, record.settings_today(), before, dt.date.today())
    (options.folder / "configs" / record.FILE).write_text(record.to_toml(measured), encoding="utf-8")
    (options.folder / "docs" / "track-record.md").write_text(page(measured), encoding="utf-8")


if __name__ == "__main__":
    main()
