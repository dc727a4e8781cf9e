"""Figures of a run: fans, stacks, incidence, the register's calendar and comparisons, as PNG, SVG and CSV."""

from detente.report.figures.book import draw
from detente.report.plots.picture import SECTIONS, Drawn

__all__ = ["SECTIONS", "Drawn", "draw"]
