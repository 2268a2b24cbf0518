"""What marks of a figure show that are one object."""

from typing import Any


def spans(bars: Any) -> list[tuple[float, float]]:
    """The left and the right end of each bar."""
    edges = [path.vertices[:, 0] for path in bars.get_paths()]
    return [(float(edge.min()), float(edge.max())) for edge in edges]
