"""Look of the figures: Okabe-Ito colours, sizes and fonts, set for a drawing and never for the whole process."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import matplotlib

BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
YELLOW = "#F0E442"
BLUE = "#0072B2"
VERMILION = "#D55E00"
PURPLE = "#CC79A7"
"""Okabe and Ito's palette: distinct with every common kind of colour vision."""

INK = "#1A1A1A"
MUTED = "#595959"
OBSERVED = "#6B6B6B"
GRID = "#DDDDDD"
RULE = "#8C8C8C"
BAND_90 = "#D4E5F1"
BAND_50 = "#9CC5E2"
"""Blue on white at 17% and 39%: solid colours, so that nothing depends on how a printer handles transparency."""

SOLID = "solid"
DASHES = (SOLID, (0, (5, 1.6)), (0, (1.2, 1.4)), (0, (6, 1.6, 1.2, 1.6)))
LINES = tuple(zip((VERMILION, GREEN, BLACK, PURPLE), DASHES, strict=True))
"""Colour and dash of the example paths: the dash keeps them distinct in grey."""

SCENARIO_LINES = (
    (BLUE, SOLID),
    (VERMILION, (0, (5, 1.6))),
    (GREEN, (0, (1.2, 1.4))),
    (BLACK, (0, (6, 1.6, 1.2, 1.6))),
    (PURPLE, (0, (9, 2))),
    (ORANGE, (0, (3, 1.2, 1.2, 1.2, 1.2, 1.2))),
    (SKY, (0, (2.4, 2.4))),
)

DPI = 200
LINE_PITCH = 1.22
"""Distance of two base lines in font sizes."""


@dataclass(frozen=True)
class Size:
    """A page to draw on, in inches and points. ``height`` None: as high as the content asks."""

    name: str
    width: float
    height: float | None
    margin: float
    text: float
    title: float
    body: float
    line: float

    @property
    def narrow(self) -> bool:
        """Too narrow for long labels beside a plot."""
        return self.width < 4.5

    @property
    def pitch(self) -> float:
        """Distance of two lines of ordinary text, inches."""
        return self.text * LINE_PITCH / 72.0


SIZES = {
    "column": Size("column", width=3.35, height=None, margin=0.06, text=9.0, title=10.5, body=2.5, line=1.3),
    "a4": Size("a4", width=6.69, height=None, margin=0.08, text=9.0, title=12.5, body=3.4, line=1.4),
    "slide": Size("slide", width=13.333, height=7.5, margin=0.5, text=14.0, title=23.0, body=5.0, line=2.2),
}
"""Column of an A4 page (85 mm), its full width (170 mm), a slide of 16:9. ``body`` is the usual height of the plot
where the page is free."""


@contextmanager
def drawing(name: str) -> Iterator[None]:
    """Matplotlib's own defaults with our few changes, whatever the user's settings.

    ``name`` seeds the ids inside SVG files.
    """
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(
            {
                "font.family": "DejaVu Sans",
                "text.parse_math": False,
                "text.hinting": "none",
                "text.color": INK,
                "axes.edgecolor": RULE,
                "axes.unicode_minus": True,
                "hatch.linewidth": 0.5,
                "lines.solid_capstyle": "round",
                "svg.fonttype": "path",
                "svg.hashsalt": f"detente {name}",
            }
        )
        yield
