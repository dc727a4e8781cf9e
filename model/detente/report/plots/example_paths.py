"""Example paths for the fan charts: a few simulated paths with different events, each named by its events.

A story is the set of kinds of event on a path. The most frequent story comes first; each further one is frequent and
unlike those before it (square root of its share times the number of kinds in which it differs from the nearest one
chosen). A story is shown by its most typical path: the nearest to the story's median in Brent, discount, revenue, TTF
and event dates. All numbers come from the kept paths, so that a run always shows the same examples in all figures.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from detente.engine.calendar import Calendar
from detente.report.plots.timeline import timeline
from detente.runs.run import Run
from detente.shared import formatting

MOST = 4
RAREST = 0.01
QUIET = "no ceasefire, no relief"
BRENT, DISCOUNT, REVENUE = (
    "World|Price|Oil|Brent",
    "Russian Federation|Price|Oil|Urals|FOB Discount",
    "Russian Federation|Trade|Oil|Value",
)
TTF = "European Union|Price|Natural Gas|TTF"
GULF = "World|Gulf|Disrupted"
KINDS = ["peace", "reversal", "US relief", "EU embargo", "gulf", "expensive", "cheap"]
STAMPED = ("reversal", "US relief", "EU embargo", "gulf", "expensive", "cheap")
"""Kinds dated by the model with the end of their step, the first day of the next; named by the step itself."""
INSTANT, ROUNDING = 0.01, 0.001
"""Months by which such a date is moved back, and any other forward, since dates are stored in single precision."""
LONGEST = 4
LEFT_OUT = ("US relief", "gulf", "peace")
"""Most events in a name, and those left out first."""


Pattern = tuple[bool, ...]
"""Which of ``KINDS`` occur on a path."""


@dataclass(frozen=True)
class Story:
    """An example path: its number, its events, and the share of kept paths with the same kinds of event."""

    path: int
    name: str
    share: float

    @property
    def label(self) -> str:
        """Its events, with the share in brackets."""
        return f"{self.name} ({formatting.percent(self.share)})"

    @property
    def bound(self) -> str:
        """The label for a narrow column: lines break between events, not inside them."""
        return ", ".join(event.replace(" ", "\u00a0") for event in self.name.split(", ")) + self.label.removeprefix(
            self.name
        )


def stories(run: Run) -> list[Story]:
    """Up to four example paths, the most frequent story first; none if the run kept no paths."""
    table = run.kept_paths()
    events = run.events().set_index("path")
    table = table[table["path"].isin(events.index[events["failed_at_step"] == 0])]
    if table.empty:
        return []
    events = events.loc[np.unique(table["path"])]
    dates, names = _happenings(events, table, timeline(run).calendar, _extremes(run))
    groups = {pattern: members for pattern, members in dates.notna().groupby(KINDS).indices.items()}
    shares = {pattern: members.size / len(events) for pattern, members in groups.items()}
    position = _positions(table, dates, timeline(run).calendar.horizon)
    examples = []
    for pattern in _chosen(shares):
        row = _typical(position, groups[pattern])
        examples.append(Story(int(events.index[row]), _named(dates.iloc[row], names.iloc[row]), shares[pattern]))
    return examples


def _extremes(run: Run) -> tuple[float, float]:
    """Round prices of Brent next to its 10% and 90% quantiles at the end: limits of cheap and expensive oil.

    Infinite if they are the same.
    """
    end = run.fan("Price|Oil|Brent", "World").iloc[-1]
    low, high = round(float(end["q10"]), -1), round(float(end["q90"]), -1)
    return (low, high) if low < high else (-np.inf, np.inf)


def _happenings(
    events: pd.DataFrame, table: pd.DataFrame, calendar: Calendar, extremes: tuple[float, float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Months to the first event of each kind (missing: never) and its name with its month; one row a path.

    Oil is cheap or expensive when Brent is beyond ``extremes``.
    """
    shut, brent = (table.pivot(index="path", columns="time", values=column).to_numpy(float) for column in (GULF, BRENT))
    again = np.zeros(shut.shape, bool)
    again[:, 1:] = (shut[:, 1:] > 0.5) & (shut[:, :-1] < 0.5)
    ceasefire, settlement = (
        events["conflict.first_ceasefire"].astype(float),
        events["conflict.first_settlement"].astype(float),
    )
    snapback, war = events["sanctions.first_snapback"].astype(float), events["conflict.first_relapse"].astype(float)
    relief, licence = (
        events["sanctions.first_oil_relief"].astype(float),
        events["sanctions.first_price_licence"].astype(float),
    )
    dates = pd.DataFrame(
        {
            "peace": pd.concat([ceasefire, settlement], axis=1).min(axis=1),
            "reversal": snapback.fillna(war),
            "US relief": relief,
            "EU embargo": events["sanctions.first_EU_crude_relief"].astype(float),
            "gulf": _first(again, calendar),
            "expensive": _first(brent > extremes[1], calendar),
            "cheap": _first(brent < extremes[0], calendar),
        }
    )
    called = pd.DataFrame(
        {
            "peace": np.where(settlement < ceasefire.fillna(np.inf), "settlement", "ceasefire"),
            "reversal": np.where(snapback.notna(), "snap-back", "war again"),
            "US relief": np.where(licence <= relief, "price waiver", "US oil relief"),
            "EU embargo": "EU eases oil",
            "gulf": "Gulf disrupted",
            "expensive": f"Brent over {formatting.amount(extremes[1])}",
            "cheap": f"Brent under {formatting.amount(extremes[0])}",
        },
        index=events.index,
    )
    relapse = snapback.isna() & war.notna()
    for kind in KINDS:
        stamped = (kind in STAMPED) & ~(relapse if kind == "reversal" else np.False_)
        moments = (dates[kind] + np.where(stamped, -INSTANT, ROUNDING)).clip(lower=0.0)
        when = ["" if np.isnan(months) else formatting.short_month(calendar.date_at(months)) for months in moments]
        called[kind] = [f"{word} {month}" for word, month in zip(called[kind], when, strict=True)]
    return dates, called


def _first(happens: np.ndarray, calendar: Calendar) -> np.ndarray:
    """Months to the end of the first step in which something happens, by path; NaN: never.

    ``happens`` (paths, steps).
    """
    return np.where(happens.any(axis=1), (happens.argmax(axis=1) + 1) * calendar.months_per_step, np.nan)


def _chosen(shares: dict[Pattern, float]) -> list[Pattern]:
    """Patterns of the stories to show: the most frequent, then frequent ones unlike those before."""
    left = sorted(
        (pattern for pattern, share in shares.items() if share >= RAREST),
        key=lambda pattern: (-shares[pattern], pattern),
    )
    chosen = left[:1]
    while len(chosen) < MOST and len(chosen) < len(left):
        rest = [pattern for pattern in left if pattern not in chosen]
        unlike = [min(sum(a != b for a, b in zip(pattern, other, strict=True)) for other in chosen) for pattern in rest]
        chosen.append(max(zip(rest, unlike, strict=True), key=lambda pair: np.sqrt(shares[pair[0]]) * pair[1])[0])
    return chosen


def _positions(table: pd.DataFrame, dates: pd.DataFrame, horizon: int) -> np.ndarray:
    """Positions of the paths for the choice of typical ones, (paths, features).

    Brent, discount, revenue and TTF over time in standard deviations; each variable weighs as much as one event date.
    """
    columns = []
    for column, logarithm in ((BRENT, True), (DISCOUNT, False), (REVENUE, True), (TTF, True)):
        values = table.pivot(index="path", columns="time", values=column).to_numpy(float)
        values = np.log(np.maximum(values, 1e-6)) if logarithm else values
        columns.append((values - values.mean(axis=0)) / np.maximum(values.std(axis=0), 1e-9) / np.sqrt(values.shape[1]))
    columns.append(dates.to_numpy() / (0.3 * horizon))
    return np.concatenate(columns, axis=1)


def _typical(position: np.ndarray, members: np.ndarray) -> int:
    """The member nearest to the median of its group; features that the group lacks do not count."""
    group = position[members]
    group = group[:, ~np.isnan(group).any(axis=0)]
    return int(members[np.argmin(((group - np.median(group, axis=0)) ** 2).sum(axis=1))])


def _named(dates: pd.Series, names: pd.Series) -> str:
    """What happens on a path, in the order of time; where war goes on without relief, that is said first."""
    kinds = list(dates.dropna().sort_values(kind="stable").index)
    for kind in LEFT_OUT:
        if len(kinds) > LONGEST and kind in kinds:
            kinds.remove(kind)
    happened = [names[kind] for kind in kinds]
    quiet = dates[["peace", "US relief", "EU embargo"]].isna().all()
    return ", ".join([QUIET, *happened] if quiet else happened)
