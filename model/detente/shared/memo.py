"""What was made from unchangeable objects, remembered by the objects themselves: many configurations share most of
their records."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

Made = TypeVar("Made")


class Remembered(Generic[Made]):
    """A function of unchangeable objects that works once for each. Objects are told apart by identity, which costs
    nothing, whatever they hold."""

    def __init__(self, make: Callable[..., Made], most: int) -> None:
        """``most``: how many results are kept; then all are forgotten and it begins anew."""
        self.make = make
        self.most = most
        self._known: dict[tuple[int, ...], tuple[tuple[Any, ...], Made]] = {}

    def __call__(self, *objects: Any) -> Made:
        name = tuple(map(id, objects))
        known = self._known.get(name)
        if known is None:
            made = self.make(*objects)
            if len(self._known) >= self.most:
                self._known.clear()
            known = self._known[name] = (
                objects,
                made,
            )  # the objects stay alive, so that no other can have their identity
        return known[1]
