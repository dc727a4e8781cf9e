"""Differences between two configurations, key by key, in words."""

from dataclasses import asdict, dataclass

from detente.catalog.describe import amount, record_text
from detente.config.loader import Config
from detente.config.schema import Instrument, Stage
from detente.shared.messages import number

ABSENT = "absent"


@dataclass(frozen=True)
class Difference:
    """One effective difference: dotted key, value before and after, and the file and line of the change."""

    key: str
    before: str
    after: str
    where: str

    def row(self) -> dict[str, str]:
        """The difference as a row of a table."""
        return asdict(self)


def differences(base: Config, other: Config) -> list[Difference]:
    """Effective differences of ``other`` over ``base``, in file order, without names and descriptions."""
    before, after = outline(base), outline(other)
    keys = list(dict.fromkeys([*before, *after]))
    return [
        Difference(key, before.get(key, ABSENT), after.get(key, ABSENT), _origin(other if key in after else base, key))
        for key in keys
        if before.get(key) != after.get(key)
    ]


def outline(config: Config) -> dict[str, str]:
    """Every key that can change a number, with its value as a short text."""
    lines = {"as_of": config.as_of.isoformat()}
    lines |= {f"run.{key}": str(value) for key, value in config.run.model_dump().items()}
    lines["conflict.feedback"] = amount(config.conflict_feedback, "1")
    for section, records in (("parameters", config.parameters), ("facts", config.facts)):
        lines |= {f"{section}.{key}": record_text(record) for key, record in records.items()}
    lines |= {f"instrument.{instrument.key}": _instrument(instrument) for instrument in config.instruments}
    lines |= {f"roadmap.{stage.name}": stage_in_words(stage) for stage in config.stages}
    for event in config.events:
        lines |= {f"event.{event.date}.{key}": value for key, value in event.set.items()}
    return lines


def stage_in_words(stage: Stage) -> str:
    """A roadmap stage on one line: its conditions, then the measures eased."""
    months = stage.gate.ceasefire_months
    gate = [f"{number(months)} month{'' if months == 1.0 else 's'} of ceasefire"] if months else []
    gate += ["a verified withdrawal"] if stage.gate.verified_withdrawal else []
    gate += ["talks concluded"] if stage.gate.talks_concluded else []
    eased = "; ".join(f"{sender}: {', '.join(names)}" for sender, names in stage.eases.items() if names) or "nothing"
    lag = f", {number(stage.lag_days)} days later" if stage.lag_days else ""
    return f"after {', '.join(gate) or 'a ceasefire'}{lag} eases {eased}"


def _instrument(instrument: Instrument) -> str:
    channels = ", ".join(f"{channel} {number(weight)}" for channel, weight in instrument.channels.items())
    return f"{instrument.status}, {instrument.rule}, {instrument.breadth}, {channels or 'no channel'}"


def _origin(config: Config, key: str) -> str:
    """Origin of a value; of a record, the origin of the field changed last."""
    for name in (f"{key}.value", f"{key}.dist", key):
        if name in config.origins:
            return config.origins[name]
    return ""
