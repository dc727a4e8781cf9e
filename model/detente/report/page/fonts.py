"""Lettering of a drawing: the letters it uses, embedded as a small font instead of outlines."""

import base64
import io
from functools import cache
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FILES = {False: "DejaVuSans.ttf", True: "DejaVuSans-Bold.ttf"}
"""Fonts of the figures by weight; they come with matplotlib."""
FAMILY = "d"
STACK = f"{FAMILY},'DejaVu Sans',Verdana,sans-serif"
"""Family of the letters inside, and what stands in for it should a reader's program refuse it: letters of other
shapes on the same widths."""
DROPPED = ("FFTM", "GDEF", "GPOS", "GSUB", "MATH", "gasp", "kern", "post")
"""Tables that place and shape letters in ways the drawing has settled already."""


@cache
def _file(bold: bool) -> Path:
    import matplotlib

    return Path(matplotlib.get_data_path()) / "fonts" / "ttf" / FILES[bold]


@cache
def _metrics(bold: bool) -> tuple[dict[int, str], dict[str, float]]:
    """Name of the glyph of each character, and how far each glyph advances in hundredths of an em."""
    with TTFont(_file(bold), lazy=True) as font:
        unit = 100.0 / font["head"].unitsPerEm
        return font.getBestCmap(), {name: unit * advance for name, (advance, _) in font["hmtx"].metrics.items()}


def advance(character: str, bold: bool) -> float | None:
    """How far a character advances, in hundredths of an em; None if the font lacks it."""
    names, advances = _metrics(bold)
    name = names.get(ord(character))
    return None if name is None else advances[name]


@cache
def font(letters: str, bold: bool) -> str:
    """A font of these letters and no more (sorted, so that equal sets meet in the cache): WOFF in base64."""
    options = subset.Options()
    options.flavor = "woff"
    options.hinting = options.notdef_outline = options.glyph_names = options.recalc_timestamp = False
    options.layout_features, options.name_IDs = [], []
    options.drop_tables += DROPPED
    small = subset.load_font(io.BytesIO(_common(bold)), options)
    maker = subset.Subsetter(options)
    maker.populate(text=letters)
    maker.subset(small)
    stream = io.BytesIO()
    subset.save_font(small, stream, options)
    return base64.b64encode(stream.getvalue()).decode("ascii")


@cache
def _common(bold: bool) -> bytes:
    """The font without tables that drawings do not use; read once, since subsetting it takes a few milliseconds."""
    options = subset.Options()
    options.hinting = options.glyph_names = options.recalc_timestamp = False
    options.layout_features, options.name_IDs = [], []
    options.drop_tables += DROPPED
    full = subset.load_font(str(_file(bold)), options)
    maker = subset.Subsetter(options)
    maker.populate(unicodes=[*range(0x20, 0x250), *range(0x370, 0x400), *range(0x2010, 0x2060), *range(0x2190, 0x2300)])
    maker.subset(full)
    stream = io.BytesIO()
    subset.save_font(full, stream, options)
    full.close()
    return stream.getvalue()
