"""Tables of a search."""

from dataclasses import replace

from support import answers
from synthsweep.compare.report.tables.search import ranked


def test_the_best_trials_come_first() -> None:
    """The front, then by the first objective in its direction; what failed comes last."""
    found = answers.search(1).search
    assert found is not None
    best = max(found.trials[:30], key=lambda trial: trial.values[0] or 0)
    least = min(found.trials[:30], key=lambda trial: trial.values[0] or 0)
    upward = replace(found, trials=tuple(replace(trial, front=False) for trial in found.trials))
    downward = replace(upward, directions=("minimize",))

    assert [found.trials[best.number].front, ranked(found)[0], ranked(found)[-1].number] == [
        True,
        best,
        30,
    ]
    assert [ranked(search)[0].number for search in (upward, downward)] == [best.number, least.number]
