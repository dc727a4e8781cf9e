"""Results of functions of immutable objects, cached by the identity of the objects.

Many configurations share most of their records, so that a record is worked on once.
"""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Result = TypeVar("Result")


class Remembered(Generic[Result]):
    """A function of immutable objects that is evaluated once for each."""

    def __init__(self, make: Callable[..., Result], most: int) -> None:
        """``most``: the largest number of cached results; beyond it the cache is cleared."""
        self.make = make
        self.most = most
        self._known: dict[tuple[int, ...], tuple[tuple[Any, ...], Result]] = {}

    def __call__(self, *objects: Any) -> Result:
        """The result for these objects, computed on the first call."""
        name = tuple(map(id, objects))
        known = self._known.get(name)
        if known is None:
            result = self.make(*objects)
            if len(self._known) >= self.most:
                self._known.clear()
            # The objects stay referenced, so that no other can have their identity.
            known = self._known[name] = (objects, result)
        return known[1]
