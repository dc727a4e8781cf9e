"""Buyers of Russian oil that a tariff may name, their regions of the trade table, and the volumes they take."""

from ..oil.volumes import OTHER as OTHER_MARKETS
from ..tools.jit import inline

BUYERS = ("China", "India", "Türkiye", "EU", "Brazil", "Japan", "Korea", "Other")
CHINA, INDIA, TURKIYE, EU, BRAZIL, JAPAN, KOREA, OTHER = range(8)
REGIONS = ("US", *BUYERS[:7], "UK", "Russia", "Gulf", "Neighbours", "Rest")
"""Regions of the trade table, in its order. Neighbours: Canada and Mexico; the buyer "Other" is the rest of the
world."""


@inline
def volume(p, market, b, lane):
    """Russian crude and products that a buyer took on the as-of date, mb/d.

    Brazil, Japan and Korea are part of the oil block's other buyers.
    """
    if BRAZIL <= b <= KOREA:
        return p.russian_oil[b - BRAZIL, lane]
    m = OTHER_MARKETS if b == OTHER else b
    crude = market.crude_share[m, lane] * market.crude_exports[lane]
    taken = crude + market.product_share[m, lane] * market.product_exports[lane]
    if b == OTHER:
        return max(taken - p.russian_oil[0, lane] - p.russian_oil[1, lane] - p.russian_oil[2, lane], 0.0)
    return taken


@inline
def region(b):
    """Region of the trade table that a buyer is."""
    return len(REGIONS) - 1 if b == OTHER else b + 1
