"""Stocks of people and equipment: the forces of both sides, Russian tanks and armoured vehicles."""

from detente.report.plots import small_multiples
from detente.report.plots.example_paths import Story
from detente.report.plots.numbers import THOUSAND, Numbers, from_fact, from_fan
from detente.report.plots.page import Sheet
from detente.report.plots.picture import Picture
from detente.report.plots.small_multiples import RUSSIA, UKRAINE, Part, Shown
from detente.report.plots.style import Size
from detente.report.plots.timeline import Timeline, foot, timeline
from detente.runs.run import Run
from detente.shared import formatting

PERSONS, PIECES = "thousand persons", "thousand"
FORCES = (
    Part("War|Force", RUSSIA, "Russian force, thousand people", PERSONS, state=True),
    Part("War|Force", UKRAINE, "Ukrainian forces, thousand people", PERSONS, state=True),
)
EQUIPMENT = tuple(
    tuple(Part(name, RUSSIA, heading, PIECES, scale=1e-3, decimals=1, state=True) for name in (kind, f"{kind}|Store"))
    for kind, heading in (
        ("War|Tanks", "Russian tanks, thousand"),
        ("War|Armoured Vehicles", "Russian armoured vehicles, thousand"),
    )
)
"""Equipment in service and in storage."""
HIGH, HIGH_NARROW = 2.1, 1.8
"""Height of a panel with its heading on a free page, inches."""


def forces(run: Run, examples: list[Story], size: Size) -> Picture | None:
    """Four small fan charts, for equipment a second one of stores; None for a run without the stocks."""
    parts = [*FORCES, *(part for pair in EQUIPMENT for part in pair)]
    if not small_multiples.holds(run, [(part.variable, part.region) for part in parts]):
        return None
    line, numbers = timeline(run), Numbers()
    shown = [
        *small_multiples.numbers(run, FORCES, examples),
        *(
            one
            for service, store in EQUIPMENT
            for one in (*small_multiples.numbers(run, [service], examples), *small_multiples.numbers(run, [store], []))
        ),
    ]
    panels = [(shown[0], None), (shown[1], None), (shown[2], shown[3]), (shown[4], shown[5])]
    key = small_multiples.lettered(examples if shown[0].paths else [], size)
    columns = 1 if size.narrow else 2 if size.height is None else 4
    body = (HIGH_NARROW if size.narrow else HIGH) * len(panels) / columns + key.height
    sheet = Sheet(size, _title(run, line, numbers), _subtitle(run, bool(shown[0].paths)), foot(run), body=body)
    cells = small_multiples.boxes(
        sheet, [one.part.heading for one, _ in panels], columns, sheet.top, sheet.bottom + key.height
    )
    for cell, (one, second) in zip(cells, panels, strict=True):
        reach = small_multiples.limits([one] if second is None else [one, second], run.config.as_of)
        small_multiples.draw(sheet, cell, line, run.config.as_of, one, reach, second)
    key.write(sheet)
    return Picture(
        "forces", "war", sheet, _alt(shown, line), small_multiples.data(shown, examples), tuple(numbers.readings)
    )


def _title(run: Run, line: Timeline, numbers: Numbers) -> str:
    """The Russian force on the as-of date and its median at the end."""
    first = from_fact(run.config, "attrition.force_ru", THOUSAND)
    last = from_fan(run, "War|Force", RUSSIA, "q50", scale=THOUSAND)
    end = numbers.amount(last, THOUSAND)
    if formatting.rounded(first.value, 0.0, THOUSAND) == end:
        return f"Median Russian force stays at {end} until {line.last_month}"
    verb = "grows" if last.value > first.value else "shrinks"
    return f"Median Russian force {verb} from {numbers.amount(first, THOUSAND)} to {end} by {line.last_month}"


def _subtitle(run: Run, examples: bool) -> str:
    lettered = "; lettered lines: example paths" if examples else ""
    return (
        f"Stocks at the end of a {run.config.run.step}: Russian force in and around Ukraine, armed forces of "
        "Ukraine; equipment in service "
        "(blue) and in storage, if it can be repaired (grey, dashed). Bands: 50% and 90% ranges; thick lines: "
        f"medians{lettered}."
    )


def _alt(shown: list[Shown], line: Timeline) -> str:
    parts = []
    for one in shown:
        name = one.part.variable.removeprefix("War|").replace("|", " in ").lower()
        middle, low, high = (formatting.amount(one.end[q], one.part.decimals) for q in ("q50", "q05", "q95"))
        parts.append(f"{one.part.region}, {name} {middle} ({low} to {high}) {one.part.unit}")
    return f"Four panels of stocks. Median and 90% range in {line.last_month}: {'; '.join(parts)}."
