"""Which parts of a change moved: those that survive the correction over all arms, metrics and parts; pure."""

from collections.abc import Sequence

from synthsweep.compare.result.effects import MACRO, SIGNIFICANT, TITLES, ChangeDecomposition

RANKING, OPERATING_POINT = "ranking", "operating point"


def macro_parts(splits: Sequence[ChangeDecomposition], arm: str) -> list[ChangeDecomposition]:
    """The parts of the macro averages of an arm."""
    return [split for split in splits if (split.contrast, split.criterion) == (arm, MACRO)]


def tested_parts(splits: Sequence[ChangeDecomposition]) -> int:
    """How many parts belong to the family."""
    return sum(p is not None for split in splits for p in (split.ranking_p, split.operating_point_p))


def moved_parts(splits: Sequence[ChangeDecomposition]) -> dict[str, list[str]]:
    """Maps each part to the metrics in which it moved, and which way: `{"ranking": ["precision down"]}`."""
    parts = {
        RANKING: [(split.metric, split.ranking, split.ranking_p) for split in splits],
        OPERATING_POINT: [(split.metric, split.operating_point, split.operating_point_p) for split in splits],
    }
    ways = {
        name: [
            f"{TITLES.get(metric, metric)} {'up' if (change or 0.0) > 0 else 'down'}"
            for metric, change, p in changes
            if p is not None and p < SIGNIFICANT
        ]
        for name, changes in parts.items()
    }
    return {name: metrics for name, metrics in ways.items() if metrics}
