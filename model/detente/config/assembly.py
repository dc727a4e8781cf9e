"""Sparse layers over the declarations, and checks across tables once all layers are applied."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from detente.config.declarations import Declared, Facts, fact_records
from detente.config.layers import Layer
from detente.config.records import overlaid
from detente.config.schema import Effective, Event, Overlay, RunOptions, Scenario, Stage
from detente.config.toml import Document, Place
from detente.config.vocabulary import InstrumentState, pinned_states
from detente.shared.messages import dotted, nearest, one_of, quoted, unknown

DEFAULT = Place(Document("default", {}), ())


@dataclass
class Assembly:
    """A configuration under construction: the declarations with the layers applied so far."""

    declared: Declared
    as_of: dt.date
    name: str = ""
    title: str | None = None
    description: str = ""
    run: dict[str, Any] = field(default_factory=dict)
    feedback: bool = True
    compare: tuple[str, ...] = ()
    stages: tuple[Stage, ...] = ()
    events: list[tuple[Event, Place, bool]] = field(default_factory=list)
    """Events with their places, an earlier layer first; the last item: whether they come from a facts file."""
    overrides: dict[str, str] = field(default_factory=dict)
    """Values set by hand over the scenario, as TOML by dotted key."""

    def copy(self) -> "Assembly":
        """A copy that takes further layers."""
        return replace(
            self,
            declared=self.declared.copy(),
            run=dict(self.run),
            events=list(self.events),
            overrides=dict(self.overrides),
        )

    def lay_facts(self, known: Facts) -> None:
        """Facts of a date, with the parameters that differ by that date and the events already on the calendar."""
        document, facts = known.document, known.file
        records = [(key, record, document) for key, _, record in fact_records(facts)]
        for key, record, home in (*records, *known.carried):
            self.declared.add_record("facts", key, record, home, ("facts", *key.split(".")))
        self._lay_records("parameters", facts.parameters, document, command_line=False)
        for index, event in enumerate(facts.event):
            if event.source is None:
                document.fail(("event", index), 'a fact has a source; add source = "…" to this event.')
        self._lay_events(facts.event, document, from_facts=True)

    def lay_effective(self, document: Document, effective: Effective) -> None:
        """All of a complete configuration."""
        declared = self.declared
        declared.add_joints(effective.joint, document)
        declared.add_correlations(effective.correlation, document)
        for section in ("parameters", "facts"):
            for block, table in getattr(effective, section).items():
                for name, record in table.items():
                    declared.add_record(section, f"{block}.{name}", record, document, (section, block, name))
        declared.add_instruments(effective.instrument, document)
        self.name, self.title, self.description = effective.name, effective.title, effective.description
        for key in ("name", "title", "description", "as_of"):
            declared.note(key, document, (key,))
        self._lay_options(effective, document)
        self._lay_events(effective.event, document)
        self.overrides = dict(effective.overrides)

    def lay(self, layer: Layer) -> None:
        """One sparse layer. Name, title and description are those of the top layer, never inherited."""
        document, scenario = layer.document, layer.scenario
        if not layer.command_line:
            self.name, self.title, self.description = "", None, ""
        for key in ("name", "title", "description"):
            if not layer.command_line:
                self.declared.origins.pop(key, None)
            given = getattr(scenario, key)
            if given is not None:
                setattr(self, key, given)
                self.declared.note(key, document, (key,))
        if scenario.as_of is not None:
            self.declared.note("as_of", document, ("as_of",))
        self._lay_options(scenario, document)
        self._lay_records("parameters", scenario.parameters, document, command_line=layer.command_line)
        self._lay_records("facts", scenario.facts, document, command_line=layer.command_line)
        self._lay_events(scenario.event, document)

    def _lay_options(self, options: Scenario | Effective, document: Document) -> None:
        for key, value in options.run.model_dump(exclude_none=True).items():
            self.run[key] = value
            self.declared.note(f"run.{key}", document, ("run", key))
        if options.conflict.feedback is not None:
            self.feedback = options.conflict.feedback
            self.declared.note("conflict.feedback", document, ("conflict", "feedback"))
        if options.report.compare is not None:
            self.compare = options.report.compare
            self.declared.note("report.compare", document, ("report", "compare"))
        if options.roadmap is not None:
            self.stages = options.roadmap.stage
            self.declared.note("roadmap", document, ("roadmap",))
            for index, stage in enumerate(self.stages):
                self.declared.note(f"roadmap.{stage.name}", document, ("roadmap", "stage", index))

    def _lay_records(
        self, section: str, changes: dict[str, dict[str, Overlay]], document: Document, *, command_line: bool
    ) -> None:
        records = self.declared.parameters if section == "parameters" else self.declared.facts
        for block, table in changes.items():
            for name, change in table.items():
                key, path = f"{block}.{name}", (section, block, name)
                if key not in records:
                    document.fail_unknown(path, f"{section}.{key}", _unknown_record(section, key, self.declared))
                records[key] = overlaid(
                    records[key],
                    key,
                    change,
                    document,
                    path,
                    self.declared.joints,
                    self.as_of,
                    command_line=command_line,
                )
                fields = {*change.model_fields_set}
                if fields & {"value", "dist"}:
                    fields |= {"value", "dist", "source", "confidence", "as_of"}
                for field_name in fields:
                    self.declared.origins[f"{section}.{key}.{field_name}"] = Place(document, (*path, field_name))

    def _lay_events(self, events: Iterable[Event], document: Document, *, from_facts: bool = False) -> None:
        self.events.extend((event, Place(document, ("event", index)), from_facts) for index, event in enumerate(events))

    def settled_run(self) -> RunOptions:
        """The run options, defaults filled."""
        for key in RunOptions.model_fields:
            self.declared.origins.setdefault(f"run.{key}", DEFAULT)
        return RunOptions(**self.run)

    def settled_stages(self) -> tuple[Stage, ...]:
        """The roadmap, after checking that it eases instruments that exist."""
        instruments, names = self.declared.instruments, set()
        for stage in self.stages:
            place = self.declared.origins[f"roadmap.{stage.name}"]
            if stage.name in names:
                place.fail(f"two stages of the roadmap are called {quoted(stage.name)}; each needs a name of its own.")
            names.add(stage.name)
            for sender, eased in stage.eases.items():
                valid = [instrument.name for instrument in instruments.values() if instrument.sender == sender]
                for name in eased:
                    if name not in valid:
                        eases = Place(place.document, (*place.path, "eases", sender))
                        message = unknown(f"instrument of {sender}", name, valid)
                        eases.document.fail_unknown(
                            eases.path,
                            f"sanctions.{sender}.{name}",
                            f"the stage {quoted(stage.name)} eases an {message}",
                        )
        return self.stages

    def settled_events(self, horizon: int) -> tuple[Event, ...]:
        """Events by date, one a date and source; of two values for a state and day, the later layer's holds.

        ConfigError for an unknown state or value, two values within one file, or a date outside the run (a facts file
        may know of later ones).
        """
        end = months_after(self.as_of, horizon)
        settled: dict[tuple[dt.date, str], tuple[str, str | None, Place]] = {}
        for event, place, from_facts in self.events:
            if event.date <= self.as_of or (event.date > end and not from_facts):
                Place(place.document, (*place.path, "date")).fail(
                    f"the event of {event.date} lies outside the run, which begins after {self.as_of} and ends on "
                    f"{end}; change the date{' or lengthen run.horizon' if event.date > end else ' or as_of'}."
                )
            for key, value in event.set.items():
                self._check_pin(key, value, Place(place.document, (*place.path, "set", key)))
                earlier = settled.get((event.date, key))
                if earlier and earlier[0] != value and earlier[2].document is place.document:
                    place.fail(
                        f"{key} is set to {quoted(earlier[0])} and to {quoted(value)} on {event.date}; "
                        "keep one of the two."
                    )
                if event.date <= end:
                    settled[event.date, key] = (value, event.source, place)
        grouped: dict[tuple[dt.date, str], dict[str, str]] = {}
        for (date, key), (value, source, place) in sorted(settled.items(), key=lambda item: item[0]):
            grouped.setdefault((date, source or ""), {})[key] = value
            self.declared.origins[f"event.{date}.{key}"] = place
        return tuple(
            Event(date=date, set=pins, source=source or None)
            for (date, source), pins in sorted(grouped.items(), key=lambda item: item[0])
        )

    def _check_pin(self, key: str, value: str, place: Place) -> None:
        states = tuple(InstrumentState)
        valid: dict[str, tuple[str, ...]] = {
            f"sanctions.{instrument}": states for instrument in self.declared.instruments
        }
        valid |= pinned_states()
        if key not in valid:
            keys = valid if nearest(key, valid) else (*pinned_states(), "sanctions.SENDER.NAME")
            message = f"an event sets an {unknown('state', key, keys)}"
            place.document.fail_unknown(place.path, key, message)
        if value not in valid[key]:
            near = nearest(value, valid[key])
            suggestion = f" (did you mean {quoted(near)}?)" if near else ""
            place.fail(f"{key} must be {one_of(valid[key])}, not {quoted(value)}{suggestion}.")


def _unknown_record(section: str, key: str, declared: Declared) -> str:
    """The sentence on an unknown parameter or fact: the nearest of both kinds, else what its block has."""
    known = [f"parameters.{name}" for name in declared.parameters] + [f"facts.{name}" for name in declared.facts]
    wanted, what = f"{section}.{key}", "parameter" if section == "parameters" else "fact"
    other = f"{'facts' if section == 'parameters' else 'parameters'}.{key}"
    if other in known:
        return f"unknown {what} {quoted(wanted)}; the nearest valid one is {quoted(other)}."
    if nearest(wanted, known, cutoff=0.7):
        return unknown(what, wanted, known)
    block = [name for name in known if name.startswith(f"{section}.{key.split('.')[0]}.")]
    blocks = sorted({".".join(name.split(".")[:2]) for name in known if name.startswith(section)})
    return f"unknown {what} {quoted(dotted((section, *key.split('.', 1))))}; valid: {one_of(block or blocks)}."


def months_after(day: dt.date, months: int) -> dt.date:
    """The same day of the month, that many months later; the month's last day if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    following = dt.date(year + (month + 1) // 12, (month + 1) % 12 + 1, 1)
    return min(dt.date(year, month + 1, 1) + dt.timedelta(days=day.day - 1), following - dt.timedelta(days=1))
