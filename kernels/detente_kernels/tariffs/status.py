"""Standing of a buyer before the law.

Untouched, ordered, waived or applied, what its tariff rests on, and the moves from one to another.

A tariff that is ordered has a notice before it is collected. A waiver lasts 180 days. What rests on s.122 lapses after
150.
"""

from ..tools.hazards import stamp
from ..tools.jit import inline
from ..tools.units import DAYS_PER_MONTH
from .congress import WAIVER_MONTHS

UNTOUCHED, ORDERED, WAIVED, APPLIED = 0.0, 1.0, 2.0, 3.0
BY_NOTHING, BY_LAW, BY_ORDER, BY_BALANCE = 0.0, 1.0, 2.0, 3.0
"""What a tariff rests on: the statute, s.232 or s.301, s.122."""
BALANCE_MONTHS = 150.0 / DAYS_PER_MONTH
"""A tariff for the balance of payments lapses after 150 days (s.122, Trade Act of 1974)."""


@inline
def order(tariffs, b, lane, basis, rate, notice):
    """A tariff is ordered, to apply after its notice.

    A higher one replaces a lower, at once if that is being collected; a lower one changes nothing, nor does the same
    one start the notice anew.
    """
    tariffs.active[lane] = 1.0
    if tariffs.tariff[b, lane] >= rate:
        return
    running = tariffs.status[b, lane] == APPLIED
    tariffs.status[b, lane] = APPLIED if running else ORDERED
    tariffs.basis[b, lane] = basis
    tariffs.tariff[b, lane] = rate
    tariffs.timer[b, lane] = 0.0 if running else notice
    tariffs.credibility[b, lane] = 0.0  # so that the buyer answers to it, however credible the threat was before


@inline
def waive(tariffs, b, lane, moment):
    """A waiver of 180 days from now; what was ordered or collected falls away."""
    tariffs.active[lane] = 1.0
    tariffs.status[b, lane] = WAIVED
    tariffs.basis[b, lane] = BY_NOTHING
    tariffs.tariff[b, lane] = 0.0
    tariffs.timer[b, lane] = WAIVER_MONTHS
    stamp(tariffs.first_waiver, lane, True, moment)


@inline
def free(tariffs, b, lane):
    """Nothing is ordered, collected or waived any more."""
    tariffs.status[b, lane] = UNTOUCHED
    tariffs.basis[b, lane] = BY_NOTHING
    tariffs.tariff[b, lane] = 0.0
    tariffs.timer[b, lane] = 0.0
