"""What was made once and is kept while there is room, the least recently used out first; pure."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Lru(Generic[V]):
    """Values by key, of at most `room` in all; `size` measures one. A value that is larger than the room is not kept."""

    def __init__(self, room: int, size: Callable[[V], int] = lambda _: 1) -> None:
        self.room, self.used = room, 0
        self._size = size
        self._values: OrderedDict[Hashable, V] = OrderedDict()

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._values

    def get(self, key: Hashable) -> V | None:
        """The value, from now on the most recently used; None where it is not kept."""
        value = self._values.get(key)
        if value is not None:
            self._values.move_to_end(key)
        return value

    def put(self, key: Hashable, value: V) -> None:
        """Keeps the value in place of an earlier one with this key."""
        if key in self._values:
            self.used -= self._size(self._values.pop(key))
        if self._size(value) > self.room:
            return
        self._values[key] = value
        self.used += self._size(value)
        while self.used > self.room:
            _, oldest = self._values.popitem(last=False)
            self.used -= self._size(oldest)
