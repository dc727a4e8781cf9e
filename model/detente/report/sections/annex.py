"""The tables of the annex: words, parameters and facts with their sources, the register, what the scenario sets, how
to make the run again."""

from collections.abc import Iterable, Sequence

from detente.catalog.changes import stage_in_words
from detente.catalog.describe import CONFIDENCE, record_text, spread
from detente.config.distributions import JointDraw
from detente.config.loader import Config
from detente.config.schema import Record
from detente.report.findings import Finding
from detente.report.table import Cell, Column, Table
from detente.runs.run import Run
from detente.shared import formatting

BLOCKS = {
    "conflict": "War and talks",
    "sanctions": "Sanctions",
    "oil": "Oil",
    "gulf": "The gulf",
    "gas": "Gas in Europe",
    "tariffs": "Tariffs",
}


def changed(run: Run) -> dict[str, str]:
    """Records that a layer above their declaration has changed, such as ``parameters.oil.absorption``, with the place
    that did; by the origins in the manifest."""
    places = {}
    for key, origin in run.origins.items():
        record, _, field = key.rpartition(".")
        if field in ("value", "dist") and key.count(".") == 3:
            places[record] = origin
    return places


def scale() -> Table:
    """The words and the probabilities they stand for."""
    rows = tuple((Cell(band.word), Cell(band.range, sort=float(band.low))) for band in formatting.SCALE)
    note = f"Words follow the whole per cent printed beside them. {formatting.SCALE_SOURCE}."
    return Table(
        "scale",
        "What the words mean",
        (Column("Word"), Column("Probability", numeric=True)),
        rows,
        note,
        sortable=False,
    )


def confidence_tags() -> Table:
    rows = tuple((Cell(tag), Cell(meaning)) for tag, meaning in CONFIDENCE.items())
    return Table("tags", "Confidence tags", (Column("Tag"), Column("The number is")), rows, sortable=False)


def records(run: Run) -> list[Table]:
    """Parameters by block, then facts by block, with value, law, unit, source, confidence and a mark where the
    scenario changes them."""
    config, marks = run.config, changed(run)
    found = []
    for section, held in (("parameters", config.parameters), ("facts", config.facts)):
        for block in dict.fromkeys(key.partition(".")[0] for key in held):
            mine = {key: record for key, record in held.items() if key.startswith(f"{block}.")}
            found.append(_records(section, block, mine, config, marks))
    return found


def _records(section: str, block: str, held: dict[str, Record], config: Config, marks: dict[str, str]) -> Table:
    columns = (
        Column("Name"),
        Column("Meaning"),
        Column("Value, and how it is drawn"),
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
            Cell(formatting.one_line(record.source), f"as of {formatting.day(record.as_of)}"),
            Cell(record.confidence),
            Cell(marks.get(f"{section}.{key}", "")),
        )
        for key, record in held.items()
    )
    title = BLOCKS.get(block, block.capitalize())
    return Table(f"{section}-{block}", f"{title}: {section}", columns, rows)


def _middle(record: Record, config: Config) -> str:
    """Where nine draws of ten lie, for laws whose numbers do not say it."""
    if isinstance(record.dist, JointDraw):
        return f"{formatting.plural(len(config.joints[record.dist.table].rows), 'row')}"
    between = spread(record)
    return f"90% of draws: {between}" if between else ""


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
    return Table("register", "The sanctions register", tuple(Column(head) for head in heads), rows)


def _ends(ends, renewal: Sequence[str]) -> str:
    parts = [f"on {formatting.day(ends)}"] if ends else []
    for day in renewal:
        month, number = day.split("-")
        parts.append(f"unless renewed on {int(number)} {formatting.MONTHS[int(month) - 1]}")
    return ", ".join(parts) or "–"


def given(run: Run) -> list[Table]:
    """What the scenario sets: its dated events and its roadmap."""
    config = run.config
    found = []
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
        found.append(Table("events", "Dated events", (Column("Date"), Column("Set to"), Column("Source")), events))
    if config.stages:
        stages = tuple((Cell(stage.name.replace("-", " ")), Cell(stage_in_words(stage))) for stage in config.stages)
        found.append(
            Table("roadmap", "Roadmap", (Column("Stage"), Column("Gate, and what it eases")), stages, sortable=False)
        )
    return found


def traces(findings: Iterable[Finding]) -> Table:
    """The rows behind the sentences, numbered as in the text."""
    rows = []
    for number, finding in enumerate(findings, 1):
        for row in finding.rows:
            value = f"{row.value:.6g}" + (f" ± {row.error:.2g}" if row.error else "")
            rows.append(
                (Cell(str(number), sort=float(number)), Cell(value, sort=row.value), Cell(row.row), Cell(row.table))
            )
    heads = (Column("Sentence", numeric=True), Column("Value", numeric=True), Column("Row"), Column("Table"))
    return Table("traces", "The numbers behind the sentences", heads, tuple(rows))


def manifest(runs: Sequence[Run]) -> Table:
    """How to make the runs again. No time of day and no machine: equal runs give equal reports."""
    rows = []
    for run in runs:
        held, options = run.manifest, run.manifest["config"]["run"]
        size = f"{formatting.count(run.paths)} paths, {formatting.months(options['horizon'])}, step: {options['step']}"
        rows.append(
            (
                Cell(formatting.one_line(held["title"]), run.folder.name),
                Cell(held["id"]),
                Cell(held["versions"]["model"]),
                Cell(str(held["seed"])),
                Cell(size),
                Cell(formatting.count(held["failed_paths"]), sort=float(held["failed_paths"])),
                Cell(held["config_digest"]),
            )
        )
    heads = ("Run", "Id", "Model version", "Seed", "Size", "Failed paths", "SHA-256 of the configuration")
    return Table("manifest", "Runs in this report", tuple(Column(head) for head in heads), tuple(rows), sortable=False)


def versions(run: Run) -> str:
    """Packages that the run was made with: ``detente 0.1.0, numpy 2.4``."""
    return ", ".join(f"{name} {number}" for name, number in run.manifest["versions"].items() if name != "model")
