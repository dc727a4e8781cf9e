"""The annex: terms, method, parameters and facts with their sources, the register, and the manifest."""

import datetime as dt
from collections.abc import Sequence

from detente.catalog.changes import stage_in_words
from detente.catalog.describe import CONFIDENCE, record_text, spread
from detente.config.distributions import JointDraw
from detente.config.loader import Config
from detente.config.schema import Record
from detente.engine.tables import BLOCK_TITLES
from detente.report.context import Context
from detente.report.section import Section
from detente.report.tables import Cell, Column, Table
from detente.report.wording import title
from detente.runs.run import Run
from detente.shared import formatting

FAN = (
    "At each date half of the simulations lie inside the dark band and 90% inside the light one; the line is the "
    "median. A band is not a path: no simulation runs along its edge. Thin lines are single simulations, named by "
    "their events. History is grey up to the as-of date. Bands combine unpredictable events with uncertainty about "
    "assumptions. They do not include the limits named above."
)
METHOD = (
    "One simulation covers war, law, exports and prices together, so a conditional probability is a count of "
    "simulations. Parameters are drawn once a simulation by scrambled Sobol’ points, and events step by step by "
    "counter-based random numbers. Scenarios use common random numbers, so differences between scenarios are more "
    "precise than levels. Equations and sources are in docs/method.md."
)
ERROR = (
    "Every number is an average over a finite number of simulations and has a Monte Carlo error, stated as one "
    "standard error. It weighs the spread over independent scrambles of the points against the formula for independent "
    "draws. Where few simulations decide, one more is allowed for. Numbers are rounded to that error. Rounding "
    "reflects simulation error only, not model error."
)
LICENCE = (
    "Figures and their data: Creative Commons Attribution 4.0 (CC BY 4.0). Code: MIT. "
    "Please cite the run and its as-of date."
)


def annex(context: Context) -> Section:
    """The last section of every report."""
    run, given_tables = context.run, given(context.run)
    parts = [
        Section("terms", "Terms", tables=(scale(), confidence_tags())),
        Section("fans", "How to read a fan chart", note=FAN),
        Section("method", "Method", note=METHOD),
        Section("monte-carlo-error", "Monte Carlo error", note=ERROR),
        Section("scenario", "What the scenario sets", tables=tuple(given_tables)),
        Section(
            "records",
            "Parameters and facts of this run",
            tables=tuple(records(run)),
            note="The last column names the file and line that changed a value; it is empty for a declared value.",
        ),
        Section("instruments", "Register", tables=(register(context.config),)),
        Section("reproduction", "Reproduction", tables=(manifest(context.all_runs),), note=reproduction(run)),
        Section("licence", "Licence", note=LICENCE),
    ]
    return Section("annex", "Annex", subsections=tuple(part for part in parts if part.tables or part.note))


def reproduction(run: Run) -> str:
    """Versions of the packages, and the files with the full tables."""
    return (
        f"Made with {versions(run)}. The configuration and the seed reproduce the run exactly. Full tables are in its "
        f"folder {run.folder.name}: summary.csv, events.parquet and paths.parquet."
    )


def changed(run: Run) -> dict[str, str]:
    """Records changed by a layer above their declaration, such as ``parameters.oil.absorption``, with the place."""
    places = {}
    for key, origin in run.origins.items():
        record, _, field = key.rpartition(".")
        if field in ("value", "dist") and key.count(".") == 3:
            places[record] = origin
    return places


def scale() -> Table:
    """Words of likelihood and their probabilities."""
    rows = tuple((Cell(band.word), Cell(band.range, sort=float(band.low))) for band in formatting.SCALE)
    note = f"Words follow the rounded percentage beside them. {formatting.SCALE_SOURCE}."
    return Table(
        "scale",
        "Words of likelihood",
        (Column("Word"), Column("Probability", numeric=True)),
        rows,
        note,
        sortable=False,
        style="short",
    )


def confidence_tags() -> Table:
    """Confidence tags and their meaning."""
    rows = tuple((Cell(tag), Cell(meaning)) for tag, meaning in CONFIDENCE.items())
    return Table(
        "tags", "Confidence tags", (Column("Tag"), Column("The number is")), rows, sortable=False, style="short"
    )


def records(run: Run) -> list[Table]:
    """Parameters by block, then facts by block, with value, distribution, unit, source, confidence and origin."""
    config, marks = run.config, changed(run)
    tables = []
    for section, held in (("parameters", config.parameters), ("facts", config.facts)):
        for block in dict.fromkeys(key.partition(".")[0] for key in held):
            mine = {key: record for key, record in held.items() if key.startswith(f"{block}.")}
            tables.append(_records(section, block, mine, config, marks))
    return tables


def _records(section: str, block: str, held: dict[str, Record], config: Config, marks: dict[str, str]) -> Table:
    columns = (
        Column("Name"),
        Column("Meaning"),
        Column("Value and distribution"),
        Column("Unit"),
        Column("Source"),
        Column("Confidence"),
        Column("Changed by"),
    )
    rows = tuple(
        (
            Cell(key.partition(".")[2], record.kind),
            Cell(formatting.one_line(record.doc)),
            Cell(record_text(record), _middle(record, config)),
            Cell("–" if record.unit == "1" else record.unit),
            Cell(formatting.one_line(record.source), _dated(record)),
            Cell(record.confidence),
            Cell(marks.get(f"{section}.{key}", "")),
        )
        for key, record in held.items()
    )
    title = BLOCK_TITLES[block]
    return Table(f"{section}-{block}", f"{title}: {section}", columns, rows, style="wide")


def _dated(record: Record) -> str:
    """Date of the information, and the facts that the record repeats."""
    if record.by_hand:
        return "no observation"
    carried = f", carried over from {formatting.day(record.carried_from)}" if record.carried_from else ""
    return f"as of {formatting.day(record.as_of)}{carried}"


def _middle(record: Record, config: Config) -> str:
    """90% range, for distributions whose parameters do not state it."""
    if isinstance(record.dist, JointDraw):
        return f"{formatting.plural(len(config.joints[record.dist.table].rows), 'row')}"
    between = spread(record)
    return f"90% range: {between}" if between else ""


def register(config: Config) -> Table:
    """The sanctions register: who restricts what, by which act, and who can lift it."""
    rows = tuple(
        (
            Cell(f"{one.sender}: {formatting.one_line(one.title)}", one.key),
            Cell(formatting.one_line(one.act)),
            Cell(one.rule.label),
            Cell(
                one.status,
                f"since {formatting.day(one.in_force)}" if one.in_force and one.status == "in force" else "",
                sort=one.status,
            ),
            Cell(_ends(one.ends, one.renewal)),
            Cell(formatting.one_line(one.source)),
            Cell(one.confidence),
        )
        for one in config.instruments
        if one.announced <= config.as_of
    )
    heads = ("Instrument", "Act", "Lifted by", "Status", "Lapses", "Source", "Confidence")
    return Table("register", "The sanctions register", tuple(Column(head) for head in heads), rows, style="wide")


def _ends(ends: dt.date | None, renewal: Sequence[str]) -> str:
    parts = [f"on {formatting.day(ends)}"] if ends else []
    for day in renewal:
        month, number = day.split("-")
        parts.append(f"unless renewed on {int(number)} {formatting.MONTHS[int(month) - 1]}")
    return ", ".join(parts) or "–"


def given(run: Run) -> list[Table]:
    """What the scenario sets: its dated events and its roadmap."""
    config = run.config
    tables = []
    if config.events:
        events = tuple(
            (
                Cell(formatting.day(event.date), sort=event.date.isoformat()),
                Cell(f"{key}: {value}"),
                Cell(formatting.one_line(event.source or "")),
            )
            for event in config.events
            for key, value in event.set.items()
        )
        tables.append(Table("events", "Dated events", (Column("Date"), Column("Set to"), Column("Source")), events))
    if config.stages:
        stages = tuple((Cell(stage.name.replace("-", " ")), Cell(stage_in_words(stage))) for stage in config.stages)
        tables.append(
            Table("roadmap", "Roadmap", (Column("Stage"), Column("Gate, and what it eases")), stages, sortable=False)
        )
    return tables


def manifest(runs: Sequence[Run]) -> Table:
    """Identity, version, seed and size of each run. No times and no machines: equal runs give equal reports."""
    rows = []
    for run in runs:
        held, options = run.manifest, run.manifest["config"]["run"]
        size = f"{formatting.count(run.paths)} paths, {formatting.months(options['horizon'])}, step: {options['step']}"
        rows.append(
            (
                Cell(title(run), " ".join(filter(None, (run.folder.name, formatting.by_hand(run.overrides))))),
                Cell(held["id"]),
                Cell(held["versions"]["model"]),
                Cell(str(held["seed"])),
                Cell(size),
                Cell(formatting.count(held["failed_paths"]), sort=float(held["failed_paths"])),
                Cell(
                    formatting.count(held["guarded_paths"]) if "guarded_paths" in held else "–",
                    sort=float(held.get("guarded_paths", 0)),
                ),
                Cell(held["config_digest"]),
            )
        )
    heads = (
        "Run",
        "Id",
        "Model version",
        "Seed",
        "Size",
        "Failed paths",
        "Guarded paths",
        "SHA-256 of the configuration",
    )
    return Table(
        "manifest",
        "Runs in this report",
        tuple(Column(head) for head in heads),
        tuple(rows),
        sortable=False,
        style="wide",
    )


def versions(run: Run) -> str:
    """Packages of the run: ``detente 0.1.0, numpy 2.4``."""
    return ", ".join(f"{name} {number}" for name, number in run.manifest["versions"].items() if name != "model")
