"""The frontier of cost, and the trials of a search."""

from dataclasses import replace

import pytest

from support import answers
from synthsweep.compare.report.figures.fronts import frontier, fronts
from synthsweep.compare.report.tables.costs import costs

FULL = answers.factorial()


def test_the_frontier_is_of_dollars_or_of_seconds() -> None:
    """Seconds where no arm cost any."""
    free = replace(FULL, costs=tuple(replace(cost, usd=0.0 if cost.usd is not None else None) for cost in FULL.costs))
    (paid,), (unpaid,) = frontier(FULL), frontier(free)
    xs = {x for line in unpaid.figure.axes[0].lines for x in line.get_xdata()}

    assert [p.figure.axes[0].get_xlabel() for p in (paid, unpaid)] == ["dollars", "seconds of training"]
    assert xs == {cost.train_s for cost in FULL.costs if cost.ap_points is not None}


def test_no_seconds_are_a_price_where_all_arms_took_as_many_steps() -> None:
    """Their differences are noise of the machine; dollars stay a price."""
    alike = replace(FULL, arms=tuple(replace(arm, facts={**arm.facts, "train/steps": 90.0}) for arm in FULL.arms))
    free = replace(alike, costs=tuple(replace(cost, usd=None) for cost in FULL.costs))

    assert (len(frontier(alike)), frontier(free)) == (1, [])
    assert [head for head in costs(free, with_seconds=False).heads if head in {"s a point AP", "frontier"}] == []


@pytest.mark.parametrize(("objectives", "x"), [(1, "trial"), (2, "dev/precision/macro"), (3, "dev/precision/macro")])
def test_trials_are_shown_by_their_objectives(objectives: int, x: str) -> None:
    """One by its number; the front is filled; a trial without a value is left out; a third objective is named."""
    search = answers.search(objectives).search
    assert search is not None
    (picture,) = fronts(search)
    axes = picture.figure.axes[0]
    rest, front = (next(line for line in axes.lines if line.get_marker() == marker) for marker in ("o", "D"))
    count = sum(trial.front for trial in search.trials)

    assert axes.get_xlabel() == x
    assert (len(front.get_xdata()), len(rest.get_xdata())) == (count, 30 - count)
    assert ("Not shown: dev/f1/macro" in picture.caption) == (objectives == 3)
