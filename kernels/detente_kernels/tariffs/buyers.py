"""Buyers of Russian oil that a tariff may name: who they are, which region of the trade table, and what the records
hold about each.

A buyer is a whole number, so each function is a ladder: fields of a record cannot be reached by a computed name in
compiled code.
"""

from ..tools.jit import inline

BUYERS = ("China", "India", "Türkiye", "EU", "Brazil", "Japan", "Korea", "Other")
CHINA, INDIA, TURKIYE, EU, BRAZIL, JAPAN, KOREA, OTHER = range(8)
REGIONS = ("US", *BUYERS[:7], "UK", "Russia", "Gulf", "Neighbours", "Rest")
"""Regions of the trade table, in its order. Neighbours: Canada and Mexico; the buyer "Other" is the rest of the
world."""


@inline
def name(draws, b, lane):
    """The step's uniform for naming a buyer, and for a bargain that frees it."""
    if b == CHINA:
        return draws.name_china[lane]
    if b == INDIA:
        return draws.name_india[lane]
    if b == TURKIYE:
        return draws.name_turkiye[lane]
    if b == EU:
        return draws.name_eu[lane]
    if b == BRAZIL:
        return draws.name_brazil[lane]
    if b == JAPAN:
        return draws.name_japan[lane]
    if b == KOREA:
        return draws.name_korea[lane]
    return draws.name_other[lane]


@inline
def chance_named(p, b, lane):
    """Chance that a determination on others than the largest names a buyer."""
    if b == INDIA:
        return p.target_india[lane]
    if b == TURKIYE:
        return p.target_turkiye[lane]
    if b == EU:
        return p.target_eu[lane]
    if b == BRAZIL:
        return p.target_brazil[lane]
    if b == JAPAN:
        return p.target_japan[lane]
    if b == KOREA:
        return p.target_korea[lane]
    return p.target_other[lane]


@inline
def of(p, b, lane):
    """Of a buyer: share of its Russian oil that a partial cut drops, its defiance, its oil imports and what the US
    buys of it."""
    if b == CHINA:
        return p.part_china[lane], p.defiance_china[lane], p.oil_imports_china[lane], p.us_imports_china[lane]
    if b == INDIA:
        return p.part_india[lane], p.defiance_india[lane], p.oil_imports_india[lane], p.us_imports_india[lane]
    if b == TURKIYE:
        return p.part_turkiye[lane], p.defiance_turkiye[lane], p.oil_imports_turkiye[lane], p.us_imports_turkiye[lane]
    if b == EU:
        return p.part_eu[lane], p.defiance_eu[lane], p.oil_imports_eu[lane], p.us_imports_eu[lane]
    if b == BRAZIL:
        return p.part_brazil[lane], p.defiance_brazil[lane], p.oil_imports_brazil[lane], p.us_imports_brazil[lane]
    if b == JAPAN:
        return p.part_japan[lane], p.defiance_japan[lane], p.oil_imports_japan[lane], p.us_imports_japan[lane]
    if b == KOREA:
        return p.part_korea[lane], p.defiance_korea[lane], p.oil_imports_korea[lane], p.us_imports_korea[lane]
    return p.part_other[lane], p.defiance_other[lane], p.oil_imports_other[lane], p.us_imports_other[lane]


@inline
def uniform(draws, b, lane):
    if b == CHINA:
        return draws.answer_china[lane]
    if b == INDIA:
        return draws.answer_india[lane]
    if b == TURKIYE:
        return draws.answer_turkiye[lane]
    if b == EU:
        return draws.answer_eu[lane]
    if b == BRAZIL:
        return draws.answer_brazil[lane]
    if b == JAPAN:
        return draws.answer_japan[lane]
    if b == KOREA:
        return draws.answer_korea[lane]
    return draws.answer_other[lane]


@inline
def volume(p, market, b, lane):
    """Russian crude and products that a buyer took on the as-of date, mb/d. Brazil, Japan and Korea are part of the
    oil block's other buyers."""
    crude, products = market.crude_exports[lane], market.product_exports[lane]
    if b == CHINA:
        return market.crude_share_china[lane] * crude + market.product_share_china[lane] * products
    if b == INDIA:
        return market.crude_share_india[lane] * crude + market.product_share_india[lane] * products
    if b == TURKIYE:
        return market.crude_share_turkiye[lane] * crude + market.product_share_turkiye[lane] * products
    if b == EU:
        return market.crude_share_eu[lane] * crude + market.product_share_eu[lane] * products
    if b == BRAZIL:
        return p.russian_oil_brazil[lane]
    if b == JAPAN:
        return p.russian_oil_japan[lane]
    if b == KOREA:
        return p.russian_oil_korea[lane]
    all_others = market.crude_share_other[lane] * crude + market.product_share_other[lane] * products
    return max(all_others - p.russian_oil_brazil[lane] - p.russian_oil_japan[lane] - p.russian_oil_korea[lane], 0.0)


@inline
def region(b):
    """Region of the trade table that a buyer is."""
    return len(REGIONS) - 1 if b == OTHER else b + 1
