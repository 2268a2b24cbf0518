"""The order of tests for xdist's worksteal, which first gives each process an equal part of them."""

from collections.abc import Sequence
from itertools import islice

import pytest


def longest_first(items: Sequence[pytest.Item], processes: int) -> list[pytest.Item]:
    """Those that are marked `long` at the beginning of each part, so that the others are what is stolen at the end."""
    long = [item for item in items if item.get_closest_marker("long")]
    others = iter([item for item in items if not item.get_closest_marker("long")])
    ordered: list[pytest.Item] = []
    for part in range(processes):
        ordered += long[part::processes]
        end = len(items) * (part + 1) // processes
        ordered += islice(others, max(0, end - len(ordered)))
    return [*ordered, *others]
