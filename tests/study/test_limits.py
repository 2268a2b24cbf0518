"""The limits of one command on a study."""

import time

import pytest

from synthsweep.study.limits import StudyLimits

HOUR_AGO = time.monotonic() - 3600.0


@pytest.mark.parametrize(
    ("limits", "failures", "reached"),
    [
        (StudyLimits(), 1000, ""),
        (StudyLimits(failures=3), 2, ""),
        (StudyLimits(failures=3), 3, "hydra.sweeper.max_failures=3 is reached"),
        (StudyLimits(hours=9999, _began=HOUR_AGO), 0, ""),
        (StudyLimits(hours=0.5, _began=HOUR_AGO), 0, "hydra.sweeper.max_hours=0.5 is over"),
        (StudyLimits(hours=0.5, failures=1, _began=HOUR_AGO), 1, "hydra.sweeper.max_failures=1 is reached"),
    ],
)
def test_a_limit_is_named_once_it_is_reached(limits: StudyLimits, failures: int, reached: str) -> None:
    assert limits.reached(failures) == reached
