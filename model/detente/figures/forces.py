"""Stocks of people and equipment: the forces of both sides; Russian tanks and armoured vehicles in service and in store."""

from detente.figures import phrases, smallfan
from detente.figures.picture import Picture
from detente.figures.sheet import Sheet
from detente.figures.smallfan import RUSSIA, UKRAINE, Part, Shown
from detente.figures.stories import Story
from detente.figures.style import Size
from detente.figures.timeline import Timeline, foot, timeline
from detente.results import Run

PERSONS, PIECES = "thousand persons", "thousand"
PARTS = (
    Part("War|Force", RUSSIA, "Russian force in and around Ukraine, thousand people", PERSONS, state=True),
    Part("War|Force", UKRAINE, "Ukrainian armed forces, thousand people", PERSONS, state=True),
    Part("War|Tanks", RUSSIA, "Russian tanks in service, thousand", PIECES, scale=1e-3, decimals=1, state=True),
    Part("War|Tanks|Store", RUSSIA, "Russian tanks in store, thousand", PIECES, scale=1e-3, decimals=1, state=True),
    Part("War|Armoured Vehicles", RUSSIA, "Russian armoured vehicles in service, thousand", PIECES, scale=1e-3, decimals=1, state=True),
    Part("War|Armoured Vehicles|Store", RUSSIA, "Russian armoured vehicles in store, thousand", PIECES, scale=1e-3, decimals=1, state=True),
)
FACTS = {"War|Force": ("force_ru", "force_ua"), "War|Tanks|Store": ("tank_store",)}
COLUMNS = 2
SLIDE_COLUMNS = 3
HIGH = 2.05
"""Height of a panel with its heading on a free page, inches."""


def forces(run: Run, examples: list[Story], size: Size) -> Picture | None:
    """Six small fans; None for a run without the stocks."""
    if not smallfan.holds(run, [(part.variable, part.region) for part in PARTS]):
        return None
    line = timeline(run)
    shown = smallfan.numbers(run, PARTS, examples)
    key = smallfan.lettered(examples if shown[0].paths else [], size)
    columns = 1 if size.narrow else COLUMNS if size.height is None else SLIDE_COLUMNS
    body = HIGH * len(PARTS) / columns * (0.85 if size.narrow else 1.0) + key.height
    sheet = Sheet(size, _title(run, shown, line), _subtitle(run, bool(shown[0].paths)), foot(run), body=body)
    cells = smallfan.boxes(sheet, [part.heading for part in PARTS], columns, sheet.top, sheet.bottom + key.height)
    for cell, one in zip(cells, shown, strict=True):
        smallfan.draw(sheet, cell, line, run.config.as_of, one, smallfan.limits([one], run.config.as_of))
    key.write(sheet)
    return Picture("forces", "war", sheet, _alt(shown, line), smallfan.data(shown, examples))


def _started(run: Run) -> tuple[float, float, float]:
    """Forces of both sides and Russian tanks in store on the as-of date, as the facts state them."""
    return tuple(float(run.config.facts[f"attrition.{name}"].value) for name in ("force_ru", "force_ua", "tank_store"))  # type: ignore[return-value]


def _title(run: Run, shown: list[Shown], line: Timeline) -> str:
    """Where the forces and the store go in the median."""
    russia, ukraine, store = _started(run)
    ends = {one.part.column: float(one.end["q50"]) for one in shown}
    first, second = ends[f"{RUSSIA}|War|Force"], ends[f"{UKRAINE}|War|Force"]
    text = f"Russia’s force {_went(russia, first)} and Ukraine’s {_went(ukraine, second)} thousand by {line.last_month} in the median"
    left = 1000.0 * ends[f"{RUSSIA}|War|Tanks|Store"] / store if store > 0.0 else 0.0
    return f"{text}; of the tanks in store {phrases.percent(min(left, 1.0))} are left" if store > 0.0 else text


def _went(first: float, last: float) -> str:
    """``grows from 650 to 764``."""
    a, b = phrases.amount(first), phrases.amount(last)
    return f"stays at {a}" if a == b else f"{'grows' if last > first else 'shrinks'} from {a} to {b}"


def _subtitle(run: Run, examples: bool) -> str:
    lettered = "; lettered lines: example paths" if examples else ""
    return f"Stocks at the end of a {run.config.run.step}. Bands: 50% and 90% of paths; thick line: median{lettered}. Equipment in store: what can be made ready again."


def _alt(shown: list[Shown], line: Timeline) -> str:
    parts = [
        f"{one.part.heading}: {phrases.amount(one.end['q50'], one.part.decimals)} "
        f"({phrases.span(one.end['q05'], one.end['q95'], one.part.decimals)})"
        for one in shown
    ]
    return f"Six small fans of stocks. Median and 90% of paths in {line.last_month}: {'; '.join(parts)}."
