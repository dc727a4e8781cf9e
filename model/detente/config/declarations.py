"""Declarations: parameters, joint tables, correlations, the sanctions register, and the facts of each as-of date."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from detente.config.distributions import JointDraw
from detente.config.fields import MAX_TEXT
from detente.config.records import checked
from detente.config.schema import Correlation, FactsFile, Instrument, InstrumentsFile, Joint, JointTables, Record
from detente.config.toml import Document, Place, read
from detente.config.validation import check
from detente.shared.errors import DataError
from detente.shared.memo import Remembered
from detente.shared.messages import KeyPath, dotted, number, span, unknown
from detente.shared.paths import find, listing, shown

BESIDE_PARAMETERS = tuple(JointTables.model_fields)


@dataclass
class Declared:
    """All declarations by dotted key, with the origin of each value. Layers are applied before it is frozen."""

    parameters: dict[str, Record] = field(default_factory=dict)
    facts: dict[str, Record] = field(default_factory=dict)
    joints: dict[str, Joint] = field(default_factory=dict)
    correlations: list[Correlation] = field(default_factory=list)
    instruments: dict[str, Instrument] = field(default_factory=dict)
    origins: dict[str, Place] = field(default_factory=dict)

    def copy(self) -> "Declared":
        """The same records in tables of their own."""
        return Declared(
            dict(self.parameters),
            dict(self.facts),
            dict(self.joints),
            list(self.correlations),
            dict(self.instruments),
            dict(self.origins),
        )

    def add_joints(self, joints: Mapping[str, Joint], document: Document) -> None:
        """Add joint tables; a second table of the same name is an error."""
        for name, joint in joints.items():
            place = Place(document, ("joint", name))
            if name in self.joints:
                place.fail(
                    f"the table joint.{name} is declared for the second time, first in {self.origins[f'joint.{name}']}."
                )
            self.joints[name] = joint
            self.origins[f"joint.{name}"] = place

    def add_correlations(self, correlations: Iterable[Correlation], document: Document) -> None:
        """Add correlations of pairs of parameters."""
        for index, correlation in enumerate(correlations):
            self.correlations.append(correlation)
            self.origins["correlation." + " ".join(correlation.pair)] = Place(document, ("correlation", index))

    def add_record(
        self, section: str, key: str, record: Record, document: Document, path: tuple[str | int, ...]
    ) -> None:
        """Check and add a record.

        ``section`` is parameters or facts, ``path`` the record's place in the document.
        """
        if (record.kind == "fact") != (section == "facts"):
            document.fail((*path, "kind"), f'{dotted(path)}.kind = "{record.kind}" does not belong to {section}.')
        if record.dist is not None and record.kind in ("policy", "constant"):
            document.fail(
                (*path, "dist"),
                f"{dotted(path)} is a {record.kind} and cannot have a dist; make it uncertain or remove dist.",
            )
        records = self.parameters if section == "parameters" else self.facts
        records[key] = checked(record, key, document, path, self.joints)
        self.note(f"{section}.{key}", document, path, record.model_fields_set)

    def add_instruments(self, instruments: Iterable[Instrument], document: Document) -> None:
        """Add instruments of the register; a second one of the same name is an error."""
        for index, instrument in enumerate(instruments):
            place = Place(document, ("instrument", index))
            if instrument.key in self.instruments:
                first = self.origins[f"instrument.{instrument.key}"]
                place.fail(f"the instrument {instrument.key} is declared for the second time, first in {first}.")
            self.instruments[instrument.key] = instrument
            self.origins[f"instrument.{instrument.key}"] = place

    def note(self, key: str, document: Document, path: tuple[str | int, ...], fields: Iterable[str] = ()) -> None:
        """Remember where a table and the given fields of it come from."""
        self.origins[key] = Place(document, path)
        for name in fields:
            self.origins[f"{key}.{name}"] = Place(document, (*path, name))


def read_declared(roots: tuple[Path, ...]) -> Declared:
    """Parameters and the sanctions register; ConfigError or DataError names what is wrong and where."""
    documents = [read(path, shown(path, roots)) for path in listing("parameters", roots).values()]
    if not documents:
        raise DataError(f"{shown(roots[-1] / 'parameters', roots)}: there are no parameter files here.")
    path = find("instruments.toml", roots)
    if path is None:
        raise DataError(f"{shown(roots[-1] / 'instruments.toml', roots)}: there is no such file.")
    register = read(path, shown(path, roots))
    make = _declare if any(_names_files(document) for document in documents) else _declared
    return make(register, *documents).copy()


def _declare(register: Document, *documents: Document) -> Declared:
    """What the documents of the blocks and of the register declare."""
    declared = Declared()
    for document in documents:
        tables = check(
            JointTables, document, (), {key: value for key, value in document.data.items() if key in BESIDE_PARAMETERS}
        )
        declared.add_joints(tables.joint, document)
        declared.add_correlations(tables.correlation, document)
    for document in documents:
        block = document.path.stem if document.path else document.shown
        for name, table in document.data.items():
            if name in BESIDE_PARAMETERS:
                continue
            if not isinstance(table, dict):
                document.fail(
                    (name,),
                    f"{dotted((name,))} stands alone; a parameter file holds one table for each parameter, "
                    f"[{dotted((name,))}].",
                )
            record = check(Record, document, (name,), table)
            if record.kind == "uncertain" and record.dist is None:
                document.fail(
                    (name,), f"the key {dotted((name,))}.dist is missing; an uncertain parameter has a distribution."
                )
            declared.add_record("parameters", f"{block}.{name}", record, document, (name,))
    for name, joint in declared.joints.items():
        for key in joint.columns:
            dist = declared.parameters[key].dist if key in declared.parameters else None
            if not isinstance(dist, JointDraw) or dist.table != name:
                declared.origins[f"joint.{name}"].fail(
                    f'joint.{name} has the column {key}, whose dist is not {{ kind = "joint", table = "{name}" }}.'
                )
    declared.add_instruments(check(InstrumentsFile, register).instrument, register)
    return declared


_declared = Remembered(_declare, most=8)
"""The same, once for each set of documents: the shipped ones take a fifth of a second."""
_names_files = Remembered(lambda document: any(path[-1] == "csv" for path in document.lines), most=256)
"""Whether a document names further files, whose content it does not hold."""
_facts = Remembered(lambda document: check(FactsFile, document), most=64)


def facts_files(roots: tuple[Path, ...]) -> dict[dt.date, Path]:
    """The facts file of each as-of date; other files in that folder are not facts."""
    files: dict[dt.date, Path] = {}
    for stem, path in listing("facts", roots).items():
        try:
            files[dt.date.fromisoformat(stem)] = path
        except ValueError:
            continue
    return dict(sorted(files.items()))


@dataclass(frozen=True)
class Facts:
    """The facts of a date: its file, and the records that it lacks, carried over from an earlier file.

    ``carried``: key, record and the document that it comes from.
    """

    document: Document
    file: FactsFile
    carried: tuple[tuple[str, Record, Document], ...] = ()

    def names(self) -> list[str]:
        """Every fact, ``oil.brent``."""
        return [key for key, _, _ in fact_records(self.file)] + [key for key, _, _ in self.carried]


def read_facts(as_of: dt.date, roots: tuple[Path, ...]) -> Facts:
    """The facts of a date that has a file.

    The file is dated as its name says and holds no record from later, unless ``carried_from`` marks it as carried over
    from the facts of a later date. A fact that is newer than the file, which the newest shipped file has and this one
    lacks, is carried over from the nearest earlier file that has it, and is marked in the same way.
    """
    files = facts_files(roots)
    document, facts = _facts_file(files[as_of], roots)
    if facts.as_of != as_of:
        document.fail(("as_of",), f"as_of = {facts.as_of} differs from the file's name; they must be the same date.")
    for key, path, record in fact_records(facts):
        _check_dates(record, as_of, f"facts.{key}", document, path)
    reference = max(facts_files(roots[-1:]), default=as_of)
    if reference == as_of:
        return Facts(document, facts)
    shipped, newest = _facts_file(facts_files(roots[-1:])[reference], roots)
    known = {key for key, _, _ in fact_records(newest)}
    present = {key for key, _, _ in fact_records(facts)}
    earlier = [files[date] for date in sorted(files, reverse=True) if date < as_of]
    carried = []
    for key in sorted(known - present):
        for file in earlier:
            other, held = _facts_file(file, roots)
            earlier_record = _fact(held, key)
            if earlier_record is not None:
                source = f"Carried over from {held.as_of}: {earlier_record.source}"[:MAX_TEXT]
                marks = {"source": source, "carried_from": earlier_record.carried_from or held.as_of}
                carried.append((key, earlier_record.model_copy(update=marks), other))
                break
        else:
            document.fail(
                (),
                f"the fact {key} is missing, which {shipped.shown} has, and no facts file of an earlier date has it; "
                "add it.",
            )
    for key in sorted(present - known):
        message = f"the fact {key} is not in {shipped.shown}; correct its name."
        document.fail_unknown(("facts", *key.split(".")), f"facts.{key}", message)
    return Facts(document, facts, tuple(carried))


def _check_dates(record: Record, as_of: dt.date, key: str, document: Document, path: KeyPath) -> None:
    """A record is dated by its file's day at the latest, or says that it is carried over from a later day."""
    origin = record.carried_from
    if origin == as_of:
        document.fail((*path, "carried_from"), f"{key}.carried_from is the file's own date; leave it out.")
    if record.as_of > max(as_of, origin or as_of):
        latest = "the file's own date; it could not be known then" if origin is None else f"carried_from = {origin}"
        advice = ". Name the date whose facts it repeats in carried_from" if origin is None else ""
        document.fail((*path, "as_of"), f"{key}.as_of = {record.as_of} is later than {latest}{advice}.")


def _facts_file(path: Path, roots: tuple[Path, ...]) -> tuple[Document, FactsFile]:
    document = read(path, shown(path, roots))
    return document, _facts(document)


def _fact(facts: FactsFile, key: str) -> Record | None:
    block, _, name = key.partition(".")
    return facts.facts.get(block, {}).get(name)


def fact_records(facts: FactsFile) -> Iterator[tuple[str, tuple[str, str, str], Record]]:
    """Key, place in the file, and record of every fact."""
    for block, table in facts.facts.items():
        for name, record in table.items():
            yield f"{block}.{name}", ("facts", block, name), record


def check_tables(declared: Declared) -> None:
    """Joint tables against their parameters, correlations against what is drawn, channel weights of the register."""
    parameters, origins = declared.parameters, declared.origins
    for name, joint in declared.joints.items():
        place = origins[f"joint.{name}"]
        for key in joint.columns:
            if key not in parameters:
                place.fail(f"joint.{name}: {unknown('parameter', key, parameters)}")
            record = parameters[key]
            if record.bounds is None:
                place.fail(f"joint.{name}: the parameter {key} is no number.")
            low, high = joint.support(key)
            if low < record.bounds[0] or high > record.bounds[1]:
                place.fail(
                    f"joint.{name}: the column {key} runs from {span(low, high)}, outside its bounds, "
                    f"{span(*record.bounds, record.unit)}."
                )
    _check_correlations(declared)
    sums: dict[str, float] = {}
    for instrument in declared.instruments.values():
        if instrument.status == "in force":
            for acted_on, weight in instrument.channels.items():
                sums[acted_on] = sums.get(acted_on, 0.0) + weight
    for channel, total in sums.items():
        if abs(total - 1.0) > 1e-6:
            first = next(key for key, instrument in declared.instruments.items() if channel in instrument.channels)
            origins[f"instrument.{first}"].document.fail(
                (),
                f"the weights of the channel {channel} over the instruments in force sum to {number(total)}; "
                "they must sum to 1.",
            )


def _check_correlations(declared: Declared) -> None:
    pairs: set[frozenset[str]] = set()
    for correlation in declared.correlations:
        place = declared.origins["correlation." + " ".join(correlation.pair)]
        for key in correlation.pair:
            if key not in declared.parameters:
                place.fail(f"correlation: {unknown('parameter', key, declared.parameters)}")
            if declared.parameters[key].kind != "uncertain":
                place.fail(f"correlation: {key} is not uncertain, so nothing can be correlated with it.")
            if isinstance(declared.parameters[key].dist, JointDraw):
                place.fail(
                    f"correlation: {key} is drawn from a joint table, which says already how it moves with others."
                )
        pair = frozenset(correlation.pair)
        if len(pair) == 1 or pair in pairs:
            error = "is one parameter" if len(pair) == 1 else "stands twice"
            place.fail(f"correlation: the pair {' and '.join(correlation.pair)} {error}.")
        pairs.add(pair)
    if declared.correlations and not _positive_definite(declared.correlations):
        place = declared.origins["correlation." + " ".join(declared.correlations[-1].pair)]
        place.fail(
            "the correlations contradict one another (their matrix is not positive definite); "
            "make the larger ones smaller."
        )


def _positive_definite(correlations: list[Correlation]) -> bool:
    """Whether the matrix of all pairs has a Cholesky factor; pairs not named have correlation 0."""
    keys = sorted({key for correlation in correlations for key in correlation.pair})
    rho = {frozenset(correlation.pair): correlation.rho for correlation in correlations}
    factor: list[list[float]] = []
    for row, first in enumerate(keys):
        factor.append([])
        for column, second in enumerate(keys[: row + 1]):
            target = 1.0 if row == column else rho.get(frozenset((first, second)), 0.0)
            rest = target - sum(left * right for left, right in zip(factor[row], factor[column], strict=False))
            if row == column and rest <= 1e-10:
                return False
            factor[row].append(rest**0.5 if row == column else rest / factor[column][column])
    return True
