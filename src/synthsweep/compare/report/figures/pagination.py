"""Splits a picture that is too large for one page."""

import math
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def chunks(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """Splits items into parts of at most `size`, as equal as possible."""
    count = math.ceil(len(items) / size)
    return [items[len(items) * part // count : len(items) * (part + 1) // count] for part in range(count)]


def numbered(name: str, place: int) -> str:
    """The name of a part: `forest`, `forest_2`, ..."""
    return name if place == 0 else f"{name}_{place + 1}"


def part_of(place: int, count: int) -> str:
    """The end of a caption: ` Part 1 of 2.`, so that no two captions are the same."""
    return f" Part {place + 1} of {count}." if count > 1 else ""
