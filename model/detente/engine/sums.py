"""Sums over units of paths, merged in a fixed binary tree: neighbours in pairs, pairs of pairs, and so on.

A binary counter holds the tree: after ``n`` units there is one partial sum for every 1 among the binary digits of
``n``. Which additions are made depends on the number of a unit alone, so that the bits are the same in whatever
portions the units arrive, and the error of rounding grows with the logarithm of their number only.
"""

from typing import NamedTuple

import numpy as np


class Sums(NamedTuple):
    """Sums over some paths.

    ``paths`` (scrambles, steps) int64, how many; ``total`` and ``square`` (scrambles, steps, sums): one sum a
    variable, then one a threshold, of the paths above it (its square stays zero).
    """

    paths: np.ndarray
    total: np.ndarray
    square: np.ndarray

    @classmethod
    def zeros(cls, scrambles: int, steps: int, width: int) -> "Sums":
        """Sums over no path."""
        return cls(np.zeros((scrambles, steps), np.int64), *(np.zeros((scrambles, steps, width)) for _ in range(2)))

    def copy(self) -> "Sums":
        """Sums with memory of their own."""
        return Sums(*(part.copy() for part in self))

    def take_in(self, later: "Sums") -> None:
        """Add the sums of the paths that follow, in place."""
        for part, other in zip(self, later, strict=True):
            part += other


class Partial(NamedTuple):
    """Sums of ``2**level`` units whose first is a multiple of their number."""

    level: int
    sums: Sums


class Tree:
    """Sums of units ``first`` to ``end`` as partial sums, from left to right.

    It owns, and changes, the sums that it is given.
    """

    def __init__(self, first: int = 0, partials: tuple[Partial, ...] = ()) -> None:
        self.first = first
        self.end = first
        self.partials: list[Partial] = []
        for partial in partials:
            self.add(partial)

    def add(self, partial: Partial) -> None:
        """Add the sums of the units that come next (ValueError if such a block of units cannot begin here)."""
        level, sums = partial
        if self.end % (1 << level):
            raise ValueError(f"a block of {1 << level} units cannot begin at unit {self.end}")
        self.end += 1 << level
        while self.partials and self.partials[-1].level == level and self._left_of_a_pair(level):
            left = self.partials.pop().sums
            left.take_in(sums)
            level, sums = level + 1, left
        self.partials.append(Partial(level, sums))

    def _left_of_a_pair(self, level: int) -> bool:
        """Whether the last two blocks of ``2**level`` units make an aligned block of twice the size."""
        return self.end % (2 << level) == 0

    def folded(self) -> Sums:
        """One sum of all units, in new arrays: partial sums are added from right to left, the small to the large."""
        total = self.partials[-1].sums.copy()
        for partial in reversed(self.partials[:-1]):
            total.take_in(partial.sums)
        return total
