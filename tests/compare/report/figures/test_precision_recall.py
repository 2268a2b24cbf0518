"""Operating point or ranking, as arrows and as bars."""

from dataclasses import replace

import pytest

from support import answers
from support.marks import spans
from synthsweep.compare.report.figures.precision_recall import movements, parts

FULL = answers.factorial()
ARM = answers.ARMS[0]


def test_an_arrow_leads_from_the_baseline_to_the_arm() -> None:
    """The cross is where ranking alone leads."""
    answer = answers.of_arm(FULL, ARM)
    axes = movements(answer)[0].figure.axes[0]
    at = {metric: answer.effect(ARM, metric, "A1") for metric in ("recall", "precision")}
    ranking = {split.metric: split.ranking for split in answer.decompositions if split.criterion == "A1"}
    start = tuple(effect.baseline for effect in at.values() if effect)
    end = tuple(effect.arm for effect in at.values() if effect)
    matched = tuple(effect.baseline + (ranking[metric] or 0) for metric, effect in at.items() if effect and effect.baseline)

    (arrow,) = axes.patches
    tail, head = arrow._posA_posB
    points = {
        line.get_markerfacecolor(): (line.get_xdata()[-1], line.get_ydata()[-1])
        for line in axes.lines
        if len(line.get_xdata()) == 1
    }
    crosses = [(line.get_xdata()[0], line.get_ydata()[0]) for line in axes.lines if line.get_marker() == "x"]
    assert (tail, points["white"]) == (pytest.approx(start), pytest.approx(start))
    assert head == pytest.approx(end)
    assert crosses == [pytest.approx(matched)]


def test_the_end_of_an_arrow_has_the_intervals_of_both_changes() -> None:
    """An arrow alone would look certain."""
    answer = answers.of_arm(FULL, ARM)
    axes = movements(answer)[0].figure.axes[0]
    recall, precision = (answer.effect(ARM, metric, "A1") for metric in ("recall", "precision"))
    assert recall is not None
    assert recall.interval is not None
    assert recall.baseline is not None
    across = axes.collections[0].get_segments()[0]

    ends = [recall.baseline + recall.interval.low, recall.baseline + recall.interval.high]
    assert across[:, 0].tolist() == pytest.approx(ends)
    assert precision is not None
    assert across[:, 1].tolist() == pytest.approx([precision.arm] * 2)


def test_two_parts_add_up_to_the_mark() -> None:
    """One behind the other where both have one sign, on either side of 0 where not."""
    base = next(split for split in FULL.decompositions if (split.metric, split.criterion) == ("precision", "A1"))
    same = replace(base, change=0.03, ranking=0.01, operating_point=0.02)
    mixed = replace(base, criterion="A2", change=-0.01, ranking=0.01, operating_point=-0.02)
    axes = parts(replace(FULL, labels=("A1", "A2"), decompositions=(same, mixed)))[0].figure.axes[0]
    ranking, moved = axes.collections

    assert spans(ranking) == [(0, 1), (0, 1)]
    assert spans(moved) == [(1, 3), (-2, 0)]
    assert [line.get_xdata().tolist() for line in axes.lines if line.get_marker() == "D"] == [[3, -1]]
