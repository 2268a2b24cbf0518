"""Many marks of one kind as one object: matplotlib measures and draws each object by itself, for every kind of file."""

from collections.abc import Sequence
from typing import Any


def segments(axes: Any, ends: Sequence[tuple[float, float, float, float]], **style: Any) -> None:
    """Straight lines, each (x, y, x, y)."""
    from matplotlib.collections import LineCollection

    if ends:
        axes.add_collection(LineCollection([((a, b), (c, d)) for a, b, c, d in ends], **style))


def rectangles(axes: Any, corners: Sequence[tuple[float, float, float, float]], **style: Any) -> Any:
    """Each (left, low, right, high)."""
    from matplotlib.collections import PolyCollection

    outlines = [((a, b), (a, d), (c, d), (c, b)) for a, b, c, d in corners]
    return axes.add_collection(PolyCollection(outlines, **style))


def bars(axes: Any, lengths: Sequence[float], thickness: float, starts: Sequence[float] = (), **style: Any) -> None:
    """Lying bars at the heights 0, 1, 2 and so on, which begin at 0 or at `starts`."""
    half, begins = thickness / 2, starts or [0.0] * len(lengths)
    corners = [(a, y - half, a + long, y + half) for y, (a, long) in enumerate(zip(begins, lengths, strict=True))]
    # As bars do: they end where the axes begin, not a margin apart from it.
    rectangles(axes, corners, **style).sticky_edges.x.append(0)
    axes.autoscale_view()


def bands(axes: Any, spans: Sequence[tuple[Sequence[tuple[float, float, float]], str]], alpha: float) -> None:
    """Bands of their colours, each through (x, low, high)."""
    from matplotlib.collections import PolyCollection
    from matplotlib.colors import to_rgba

    shown = [(through, colour) for through, colour in spans if through]
    if not shown:
        return
    outlines = [
        [*((x, low) for x, low, _ in through), *((x, high) for x, _, high in reversed(through))] for through, _ in shown
    ]
    axes.add_collection(PolyCollection(outlines, facecolors=[to_rgba(colour, alpha) for _, colour in shown], linewidths=0))
