"""From the legal register, the roadmap and the dated events of a scenario to the arrays that the kernels read.

What an instrument is stands in ``configs/instruments.toml``; here it becomes rows and dates become steps. An instrument
that was announced after the as-of date is unknown to the run and left out.
"""

import datetime as dt
import math
from enum import StrEnum

import numpy as np
from detente_kernels import conflict as conflict_kernel
from detente_kernels import gas as gas_kernel
from detente_kernels import oil as oil_kernel
from detente_kernels import sanctions as kernel
from detente_kernels import tariffs as tariffs_kernel
from detente_kernels import world
from detente_kernels.sanctions import lifting
from detente_kernels.world import Tables

from detente.config.loader import Config
from detente.config.schema import Instrument
from detente.config.vocabulary import (
    BillState,
    Buyer,
    Channel,
    ConflictState,
    GasRoute,
    GulfState,
    InstrumentState,
    OilBuyer,
    RouteState,
    Rule,
    Sender,
    SuspensionState,
    TariffState,
)
from detente.engine import pilot
from detente.engine.calendar import DAYS_PER_MONTH, Calendar
from detente.engine.trade_surface import surface
from detente.shared.errors import ConfigError

FOLLOWS = {Sender.UK: Sender.EU, Sender.CA: Sender.EU, Sender.JP: Sender.US}
"""Whose decision a cabinet follows: the UK and Canada move with Europe, Japan with Washington (judgement on their
record since 2022)."""
SUMMER_REVIEW = ("07-10", "09-07")
"""Between these days the review of CAATSA s.216 takes 60 days instead of 30 (22 U.S.C. 9511)."""
CAP_REVIEWS = ("02-01", "08-01")
"""When a half-yearly review of the EU's dynamic price cap takes effect (18th package, July 2025: the review of
January applied from 1 February)."""

MARKETS = tuple(buyer.key for buyer in OilBuyer)
"""Buyers of the oil block, as keys are named."""
TARGETS = tuple(buyer.key for buyer in Buyer)
"""Buyers that a tariff may name, as keys are named."""
ROW_KEYS = {
    "oil.blocking_response": tuple(f"{buyer}_blocking_response" for buyer in MARKETS if buyer != "eu"),
    "oil.largest_share": tuple(f"{buyer}_largest_share" for buyer in MARKETS if buyer != "eu"),
    "oil.crude_share": tuple(f"crude_share_{buyer}" for buyer in MARKETS),
    "oil.product_share": tuple(f"product_share_{buyer}" for buyer in MARKETS),
    "oil.crude_to": tuple(f"crude_{buyer}" for buyer in MARKETS),
    "oil.products_to": tuple(f"product_{buyer}" for buyer in MARKETS),
    "tariffs.target": tuple(f"target_{buyer}" for buyer in TARGETS[1:]),
    "tariffs.part": tuple(f"part_{buyer}" for buyer in TARGETS),
    "tariffs.defiance": tuple(f"defiance_{buyer}" for buyer in TARGETS),
    "tariffs.us_imports": tuple(f"us_imports_{buyer}" for buyer in TARGETS),
    "tariffs.russian_oil": tuple(f"russian_oil_{buyer}" for buyer in TARGETS[4:7]),
    "tariffs.oil_imports": tuple(f"oil_imports_{buyer}" for buyer in TARGETS),
}
"""Names of the rows of the kernels' fields, where each row is declared or published under a key of its own."""
BLOCK_TITLES = {block.name: block.title for block in world.BLOCKS}

ONE_DAY = dt.timedelta(days=1)
STORAGE_DAY = "11-01"
"""Day on which storage is measured against its target (Regulation (EU) 2022/1032, as prolonged in 2025)."""


def rows(dtype: np.dtype) -> dict[str, int | range]:
    """Row of each key, such as "tariffs.defiance_india", in a record of the kernels seen as (rows, BLOCK) float64.

    A range for a field whose rows have no keys of their own.
    """
    places: dict[str, int | range] = {}
    for field, place in world.rows(dtype).items():
        if isinstance(place, int) or field not in ROW_KEYS:
            places[field] = place
        else:
            block = field.partition(".")[0]
            places |= {f"{block}.{key}": row for key, row in zip(ROW_KEYS[field], place, strict=True)}
    return places


def declared(block: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the parameters and of the facts that a submodel reads, in the kernel's order."""
    module = world.SUBMODELS[block]
    parameters, facts = (
        tuple(key for field in fields for key in _keys(block, field)) for fields in (module.PARAMS, module.FACTS)
    )
    return parameters, facts


def _keys(block: str, field: str | tuple[str, int]) -> tuple[str, ...]:
    """Names under which a field of a submodel is declared."""
    return (field,) if isinstance(field, str) else ROW_KEYS[f"{block}.{field[0]}"]


def known_instruments(config: Config) -> list[Instrument]:
    """The register as a run of this as-of date knows it, in the order of the kernel's rows."""
    known = [instrument for instrument in config.instruments if instrument.announced <= config.as_of]
    if len(known) > kernel.CAPACITY:
        raise ConfigError(
            f"the register has {len(known)} instruments, the compiled model holds {kernel.CAPACITY}; "
            "raise CAPACITY in detente_kernels/sanctions."
        )
    return known


def tables(config: Config, calendar: Calendar) -> Tables:
    """All tables of a scenario."""
    instruments = known_instruments(config)
    return Tables(
        gulf_pinned=_pinned(config, calendar, "gulf.state", GulfState),
        conflict=_conflict(config, calendar),
        sanctions=_sanctions(config, calendar, instruments),
        tariffs=_tariffs(config, calendar),
        oil=oil_kernel.Tables(np.array([float(calendar.falls(CAP_REVIEWS, t)) for t in range(calendar.steps)])),
        gas=_gas(config, calendar, instruments),
    )


def _pinned(config: Config, calendar: Calendar, key: str, states: type[StrEnum]) -> np.ndarray:
    """(steps,) code of the state that a dated event sets, or -1."""
    pinned = np.full(calendar.steps, -1.0)
    for event in sorted(config.events, key=lambda event: event.date):
        step = calendar.index(event.date)
        if key in event.set and 0 <= step < calendar.steps:
            pinned[step] = list(states).index(states(event.set[key]))
    return pinned


def _conflict(config: Config, calendar: Calendar) -> conflict_kernel.Tables:
    gates = [stage.gate for stage in config.stages]
    pressures = pilot.moments(config, calendar)
    return conflict_kernel.Tables(
        pinned=_pinned(config, calendar, "conflict.state", ConflictState),
        gate_months=np.array([gate.ceasefire_months for gate in gates], float),
        gate_withdrawal=np.array([gate.verified_withdrawal for gate in gates], float),
        gate_talks=np.array([gate.talks_concluded for gate in gates], float),
        relief_on_offer=float(any(names for stage in config.stages for names in stage.eases.values())),
        feedback=float(config.conflict_feedback),
        pressure_mean=pressures[0],
        pressure_variance=pressures[1],
    )


def stage_of(config: Config, instrument: Instrument) -> tuple[int, float]:
    """Roadmap stage (from 1) that eases an instrument and the months it adds; (0, 0.0) if none does."""
    for number, stage in enumerate(config.stages, 1):
        if instrument.name in stage.eases.get(instrument.sender, ()):
            return number, stage.lag_days / DAYS_PER_MONTH
    return 0, 0.0


def _sanctions(config: Config, calendar: Calendar, instruments: list[Instrument]) -> kernel.Tables:
    n, steps, months = len(instruments), calendar.steps, calendar.months_per_step
    senders = list(Sender)
    starts = [_starting_point(instrument, calendar) for instrument in instruments]
    stages = [stage_of(config, instrument) for instrument in instruments]
    weight = np.array(
        [[_weights(instrument).get(channel, 0.0) for channel in Channel] for instrument in instruments], float
    )
    renewal = np.array(
        [[float(calendar.falls(instrument.renewal, t)) for instrument in instruments] for t in range(steps)], float
    )
    ends = [np.inf if i.ends is None else (calendar.index(i.ends) + 0.5) * months for i in instruments]
    pinned = (
        np.stack([_pinned(config, calendar, f"sanctions.{i.key}", InstrumentState) for i in instruments], axis=1)
        if n
        else np.zeros((steps, 0))
    )
    return kernel.Tables(
        sender=np.array([senders.index(i.sender) for i in instruments], np.int64),
        rule=np.array([list(Rule).index(i.rule) for i in instruments], np.int64),
        stage=np.array([number for number, _ in stages], float),
        stage_delay=np.array([lag for _, lag in stages], float),
        broad=np.array([float(i.breadth == "broad") for i in instruments], float),
        price_licence=np.array([float(i.price_licence) for i in instruments], float),
        licence_months=np.array([i.licence_months for i in instruments], float),
        wind_down=np.array([i.wind_down_days / DAYS_PER_MONTH for i in instruments], float),
        start_status=np.array([status for status, _, _ in starts], float),
        start_pending=np.array([pending for _, pending, _ in starts], float),
        start_due=np.array([due for _, _, due in starts], float),
        ends=np.array(ends, float),
        proposed=np.array([float(i.status == "proposed") for i in instruments], float),
        weight=weight.reshape(n, len(Channel)),
        renewal=renewal.reshape(steps, n),
        review_months=np.array([2.0 if _in_summer(calendar, t) else 1.0 for t in range(steps)], float),
        pinned=pinned,
        leader=np.array([senders.index(FOLLOWS.get(sender, sender)) for sender in senders], np.int64),
    )


def _weights(instrument: Instrument) -> dict[str, float]:
    return {str(channel): weight for channel, weight in instrument.channels.items()}


def _starting_point(instrument: Instrument, calendar: Calendar) -> tuple[float, float, float]:
    """Status at the as-of date, what is pending (or -1), and in how many months."""
    begin = instrument.in_force or calendar.as_of
    later = begin > calendar.as_of
    due = (calendar.index(begin) + 0.5) * calendar.months_per_step if later else 0.0
    if instrument.status == "proposed":
        return lifting.DORMANT, -1.0, due
    return (lifting.DORMANT, lifting.IN_FORCE, due) if later else (lifting.IN_FORCE, -1.0, 0.0)


def _in_summer(calendar: Calendar, step: int) -> bool:
    day = calendar.start(step).strftime("%m-%d")
    return SUMMER_REVIEW[0][:2] + "-01" <= day <= SUMMER_REVIEW[1]


def _gas(config: Config, calendar: Calendar, instruments: list[Instrument]) -> gas_kernel.Tables:
    ends = _ends(calendar)
    year = (
        np.array([calendar.as_of.year] + [(calendar.start(t + 1) - ONE_DAY).year for t in range(calendar.steps)])
        + ends / 12.0
    )
    routes = [_pinned(config, calendar, f"gas.{route}", RouteState) for route in GasRoute]
    return gas_kernel.Tables(
        year=year,
        angles=_circle(ends, 1, 2),
        season=_circle(_middles(calendar), 1),
        winter=_circle(_middles(calendar)[1:] - 1.0, 1)[:, 0].copy(),
        first_winter=_first_winter(calendar),
        target_check=np.array([float(calendar.falls((STORAGE_DAY,), t)) for t in range(calendar.steps)]),
        pinned_route=np.stack(routes, axis=1),
        law_later=_law_later(calendar, instruments),
        pinned_suspension=_pinned(config, calendar, "gas.suspension", SuspensionState),
        pipeline_law=_law(instruments, "pipeline_gas_eu"),
        lng_law=_law(instruments, "lng_eu"),
    )


def _law_later(calendar: Calendar, instruments: list[Instrument]) -> np.ndarray:
    """(steps, 2) share of the days of a step before the law on pipeline gas, and on LNG, comes into force."""
    later = np.zeros((calendar.steps, 2))
    for column, channel in enumerate(("pipeline_gas_eu", "lng_eu")):
        row = _law(instruments, channel)
        begin = instruments[row].in_force if row >= 0 else None
        step = calendar.index(begin) if begin is not None else -1
        if begin is not None and 0 <= step < calendar.steps:
            first, following = calendar.start(step), calendar.start(step + 1)
            later[step, column] = (begin - first).days / (following - first).days
    return later


def _ends(calendar: Calendar) -> np.ndarray:
    """(steps + 1,) position in the year, in months, at the as-of date and at the end of each step.

    Integers at month ends.
    """
    return np.array(
        [_position(calendar.as_of)] + [_position(calendar.start(t + 1), before=True) for t in range(calendar.steps)]
    )


def _middles(calendar: Calendar) -> np.ndarray:
    """(steps + 1,) the same in the middle of each step, half a month later on the scale of month means."""
    ends = _ends(calendar)
    return np.append(ends[0], ends[1:] + 0.5 - 0.5 * calendar.months_per_step)


def _position(day: dt.date, *, before: bool = False) -> float:
    """Months of the year gone by at the end of a day (``before``: at the end of the day before it)."""
    day = day - ONE_DAY if before else day
    following = dt.date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return day.month - 1 + day.day / (following - ONE_DAY).day


def _first_winter(calendar: Calendar) -> np.ndarray:
    """(steps,) 1 for steps that begin from November to March of the first winter that begins in the run."""
    months = [calendar.start(t).year * 12 + calendar.start(t).month for t in range(calendar.steps)]
    begin = next((month for month in months if month % 12 == 11), None)
    return np.array([float(begin is not None and begin <= month < begin + 5) for month in months])


def _circle(months: np.ndarray, *harmonics: int) -> np.ndarray:
    """Cosine and sine of the year's angle and its multiples, (n, 2 harmonics).

    Rounded, so that they do not depend on a machine's last bit.
    """
    angles = [
        [f(2.0 * math.pi * k * month / 12.0) for k in harmonics for f in (math.cos, math.sin)] for month in months
    ]
    return np.round(np.array(angles), 12)


def _law(instruments: list[Instrument], channel: str) -> int:
    """Row of the ordinary law with the greatest weight on a channel, or -1."""
    rows = [(_weights(row).get(channel, 0.0), i) for i, row in enumerate(instruments) if row.rule == "law"]
    weight, row = max(rows, default=(0.0, -1))
    return row if weight > 0.0 else -1


def _tariffs(config: Config, calendar: Calendar) -> tariffs_kernel.Tables:
    ends = congress_ends(config.as_of.year - 1, calendar.start(calendar.steps).year + 2)
    session, over = np.full(calendar.steps, calendar.months_per_step), np.zeros(calendar.steps)
    for day in ends:
        step = calendar.index(day)
        if 0 <= step < calendar.steps:
            begin = calendar.start(step)
            over[step] = 1.0
            session[step] *= (day - begin).days / (calendar.start(step + 1) - begin).days
    first = next(day for day in ends if day > config.as_of)
    step = calendar.index(first)
    before = calendar.months_per_step * (
        step + (first - calendar.start(step)).days / (calendar.start(step + 1) - calendar.start(step)).days
    )
    solved = surface()
    return tariffs_kernel.Tables(
        congress_ends=over,
        session_months=session,
        months_at_start=before,
        pinned_bill=_pinned(config, calendar, "tariffs.bill", BillState),
        pinned_status=np.stack(
            [_pinned(config, calendar, f"tariffs.{buyer.key}", TariffState) for buyer in Buyer], axis=1
        ),
        gdp=solved.gdp,
        surface=solved.table,
    )


def congress_ends(first: int, last: int) -> list[dt.date]:
    """3 January of odd years from one year to another.

    A Congress ends at noon (20th Amendment), and every bill with it.
    """
    return [dt.date(year, 1, 3) for year in range(first, last + 1) if year % 2 == 1]
