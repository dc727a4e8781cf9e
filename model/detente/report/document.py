"""A report as data: its head, its sections, and the numbers behind its sentences."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from detente.analysis.estimates import Reading
from detente.catalog.describe import record_text
from detente.config.loader import Config
from detente.report.context import Context
from detente.report.section import Figure, Finding, Section
from detente.report.sections import SECTIONS
from detente.report.tables import Cell, Column, Table
from detente.report.wording import assumed, title
from detente.runs.run import Run
from detente.shared import formatting


@dataclass(frozen=True)
class Document:
    """What every format of a report lays out: ``head`` are labelled facts about the run, ``given`` its assumptions."""

    run: Run
    title: str
    description: str
    head: dict[str, str]
    given: str
    sections: tuple[Section, ...]

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """All findings in the order of the page."""
        return tuple(finding for part in self._parts() for finding in part.findings)

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each finding by its key."""
        return {finding.key: number for number, finding in enumerate(self.findings, 1)}

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """All figures in the order of the page."""
        return tuple(figure for part in self._parts() for figure in part.figures)

    def _parts(self) -> Iterable[Section]:
        for section in self.sections:
            yield from section.walk()


def document(context: Context) -> Document:
    """Build every section that has something to say about the run of a context."""
    run = context.run
    return Document(
        run,
        title(run),
        formatting.one_line(context.config.description),
        head(context),
        given(context.config),
        tuple(section for build in SECTIONS if (section := build(context)) is not None),
    )


def head(context: Context) -> dict[str, str]:
    """As-of date, horizon, size and identity of the run."""
    run, estimates = context.run, context.estimates
    options = run.manifest["config"]["run"]
    step = {"month": "monthly", "week": "weekly"}[options["step"]]
    failed = run.manifest["failed_paths"]
    end = formatting.day(estimates.end(estimates.horizon))
    return {
        "As of": formatting.day(estimates.as_of),
        "Horizon": f"{formatting.months(estimates.horizon)}, to {end}, {step} steps",
        "Simulations": formatting.count(run.paths)
        + (f", of which {formatting.count(failed)} failed and are excluded" if failed else ""),
        **({"Set by hand": formatting.by_hand(run.overrides)} if run.overrides else {}),
        "Run": run.folder.name,
        "Model": f"{run.manifest['model']} {run.manifest['versions']['model']}",
    }


def given(config: Config) -> str:
    """What the run takes as given: facts, law, roadmap and dated events."""
    as_of = formatting.day(config.as_of)
    keys = {name: key for name, key in (("Brent", "oil.brent"), ("TTF", "gas.ttf")) if key in config.facts}
    prices = {name: config.facts[key] for name, key in keys.items()}
    observed = {name: price for name, price in prices.items() if not assumed(config, keys[name])}
    dates = formatting.join(f"{name} of {formatting.day(price.as_of)}" for name, price in observed.items())
    last = f" (last prices: {dates})" if dates else ""
    stages = formatting.plural(len(config.stages), "stage")
    roadmap = f"It has a roadmap of relief in {stages}" if config.stages else "It has no roadmap of relief"
    pins = formatting.plural(len(config.events), "dated event")
    events = f" and sets {pins}" if config.events else " and sets no dated events"
    text = f"The run takes as given the facts known on {as_of}{last}, and the law of that day. {roadmap}{events}."
    if given_prices := [f"{name} {record_text(price)}" for name, price in prices.items() if name not in observed]:
        text += f" Start prices that the run sets and nobody observed: {formatting.join(given_prices)}."
    later = sum(record.as_of > config.as_of and not record.by_hand for record in config.parameters.values())
    if later:
        text += f" It uses hindsight: {later} of {len(config.parameters)} parameters rest on later evidence."
    return text


def traces_table(findings: Iterable[Finding], figures: Mapping[str, Iterable[Reading]]) -> Table:
    """The rows behind the findings, numbered as in the text, and behind the titles of figures by name."""
    places: list[tuple[str, float, Iterable[Reading]]] = [
        (str(number), float(number), finding.rows) for number, finding in enumerate(findings, 1)
    ]
    places += [(name, float(order), figures[name]) for order, name in enumerate(figures, len(places) + 1)]
    rows = []
    for place, order, readings in places:
        for row in readings:
            value = f"{row.value:.6g}" + (f" ± {row.error:.2g}" if row.error else "")
            cells = (Cell(place, sort=order), Cell(value, sort=row.value), Cell(row.row), Cell(row.table))
            rows.append(cells)
    heads = (Column("Sentence or figure"), Column("Value", numeric=True), Column("Row"), Column("Table"))
    return Table("traces", "Numbers behind sentences and figures", heads, tuple(rows), style="wide")
