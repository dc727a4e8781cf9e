"""What one configuration changes over another, key by key, in words."""

from dataclasses import asdict, dataclass

from detente.catalog.describe import amount, settled
from detente.config.loader import Config
from detente.config.schema import Instrument, Stage
from detente.shared.messages import number

ABSENT = "absent"


@dataclass(frozen=True)
class Difference:
    """One effective difference: dotted key, what it was, what it is, and the file and line that say so."""

    key: str
    before: str
    after: str
    where: str

    def row(self) -> dict[str, str]:
        return asdict(self)


def differences(base: Config, other: Config) -> list[Difference]:
    """Effective differences of ``other`` over ``base``, in the order of a scenario file; name and words for readers
    are left out."""
    before, after = outline(base), outline(other)
    keys = list(dict.fromkeys([*before, *after]))
    return [
        Difference(key, before.get(key, ABSENT), after.get(key, ABSENT), _origin(other if key in after else base, key))
        for key in keys
        if before.get(key) != after.get(key)
    ]


def outline(config: Config) -> dict[str, str]:
    """Everything that can change a number, one short text a key."""
    found = {"as_of": config.as_of.isoformat()}
    found |= {f"run.{key}": str(value) for key, value in config.run.model_dump().items()}
    found["conflict.feedback"] = amount(config.conflict_feedback, "1")
    for section, records in (("parameters", config.parameters), ("facts", config.facts)):
        found |= {f"{section}.{key}": settled(record) for key, record in records.items()}
    found |= {f"instrument.{instrument.key}": _instrument(instrument) for instrument in config.instruments}
    found |= {f"roadmap.{stage.name}": stage_in_words(stage) for stage in config.stages}
    for event in config.events:
        found |= {f"event.{event.date}.{key}": value for key, value in event.set.items()}
    return found


def stage_in_words(stage: Stage) -> str:
    """A roadmap stage on one line: its gate, then what is eased."""
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
    """Where a value comes from; of a record, the field that was changed last."""
    for name in (f"{key}.value", f"{key}.dist", key):
        if name in config.origins:
            return config.origins[name]
    return ""
