"""Responses: what a threatened buyer does with its Russian oil, and for how long.

Each function is a pure function of one path and step.

Four answers: comply, cut part, reroute, refuse; a logit on their costs (McFadden 1974), all in per cent of the buyer's
GDP a year. Complying costs the discount on its volume, the rise of the oil price that its own cut causes, and the price
of giving way in public; refusing costs the welfare lost under the tariff, weighted by its credibility.
"""

from typing import NamedTuple

from ..tools.jit import inline
from ..tools.special import exp, half_life_decay, log

NO_ANSWER, COMPLY, CUT_PART, REROUTE, REFUSE = 0.0, 1.0, 2.0, 3.0, 4.0


class Costs(NamedTuple):
    """Of one buyer, per cent of its GDP a year."""

    comply: float
    part: float
    reroute: float
    refuse: float


class Purchase(NamedTuple):
    """What a buyer buys and would lose.

    Its Russian oil and all its oil imports (mb/d), the discount and the rise of the price if all of the former were
    dropped (USD/bbl), and its GDP (bn USD).
    """

    volume: float
    delivered_discount: float
    imports: float
    price_rise: float
    gdp: float


class Threat(NamedTuple):
    """Cost of giving way in public and welfare lost under the tariff (per cent of GDP).

    Credibility of the tariff 0..1.
    """

    defiance: float
    loss: float
    credibility: float


class Options(NamedTuple):
    """Share that a partial cut drops, share of the tariff's weight that a reroute escapes, its premium (USD/bbl)."""

    part: float
    evasion: float
    reroute_premium: float


@inline
def costs(purchase, threat, options):
    """Costs of the four answers, per cent of GDP a year."""
    points = (
        36.525 / purchase.gdp
    )  # 100 per cent x 365.25 days / 1,000 mb in a bn bbl: per cent of GDP for each mb/d x USD/bbl
    forgone = points * (
        purchase.volume * max(purchase.delivered_discount, 0.0) + purchase.imports * purchase.price_rise
    )
    comply = forgone + threat.defiance
    refuse = threat.credibility * threat.loss
    half_way = options.part * forgone + 0.5 * threat.defiance + 0.5 * refuse  # half the offence, half the relief
    reroute = points * purchase.volume * options.reroute_premium + (1.0 - options.evasion) * refuse
    return Costs(comply, half_way, reroute, refuse)


@inline
def choose(c, scale, uniform):
    """The answer that a logit with this ``scale`` (per cent of GDP) and a uniform give."""
    least = min(min(c.comply, c.part), min(c.reroute, c.refuse))
    comply = exp(-(c.comply - least) / scale)
    part = exp(-(c.part - least) / scale)
    reroute = exp(-(c.reroute - least) / scale)
    refuse = exp(-(c.refuse - least) / scale)
    at = uniform * (comply + part + reroute + refuse)
    if at < comply:
        return COMPLY
    if at < comply + part:
        return CUT_PART
    return REROUTE if at < comply + part + reroute else REFUSE


@inline
def wanted_cut(answer, age, part, rerouted, return_share, return_half_life):
    """Share of its Russian oil that a buyer means to do without, ``age`` months after its answer.

    Part of a partial cut comes back by workarounds.
    """
    if answer == COMPLY:
        return 1.0
    left = 1.0 - return_share * (1.0 - half_life_decay(return_half_life, age))
    return left * part if answer == CUT_PART else (left * rerouted if answer == REROUTE else 0.0)


@inline
def cut_step(cut, wanted, cut_half_life, return_half_life, dt):
    """The share dropped moves to what is wanted, at one pace down and another back."""
    return wanted + (cut - wanted) * half_life_decay(cut_half_life if wanted > cut else return_half_life, dt)


@inline
def trade_lost(tariff, elasticity):
    """Share of a trade flow that a tariff stops: 1 - (1 + t)^(-e), never t x e."""
    return 1.0 - exp(-elasticity * log(1.0 + tariff))
