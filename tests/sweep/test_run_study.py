"""The exit of a study that did not end well, and what its run says of it."""

from collections.abc import Callable

import pytest

from support.plans import Planned
from synthsweep.errors import Interrupted, Refusal, SweepFailed
from synthsweep.study.queue.trial_queue import Counts, Job, Trial
from synthsweep.study.sweep_runner import FailedJob, Tally
from synthsweep.sweep.run_study import require_success, study_start

FAILED = Trial(0, {}, state="failed", reason="dev/f1/macro is undefined")
FAILURES = [FailedJob(Job(FAILED, 0, 1), "out of memory")]


@pytest.mark.parametrize(
    ("trials", "tally", "error"),
    [
        ([FAILED], Tally(FAILURES, interrupted=True), Interrupted),
        ([Trial(1, {}, state="complete")], Tally(FAILURES), SweepFailed),
        ([FAILED, Trial(1, {}, state="pruned")], Tally(), SweepFailed),
        ([Trial(1, {}, state="complete")], Tally(FAILURES, limit="hydra.sweeper.max_failures=1 is reached"), SweepFailed),
    ],
)
def test_a_study_that_did_not_end_well_is_refused(trials: list[Trial], tally: Tally, error: type[Exception]) -> None:
    """An interruption comes first, then failed replicates, then a study in which no trial has a value."""

    with pytest.raises(Refusal) as refused:
        require_success(trials, Counts(4, 3), tally)

    assert type(refused.value.error) is error


@pytest.mark.parametrize("state", ["complete", "open"])
def test_one_undefined_trial_among_others_is_no_refusal(state: str) -> None:
    require_success([FAILED, Trial(1, {}, state=state)], Counts(4, 4), Tally())


def test_a_study_whose_hours_are_over_is_no_refusal() -> None:
    """It ended as its command said."""
    require_success([Trial(1, {}, state="open")], Counts(4, 2), Tally(limit="hydra.sweeper.max_hours=1 is over"))


def test_the_run_of_a_study_has_its_command_without_a_password_and_its_space(planned: Callable[..., Planned]) -> None:
    plan = planned("mix.ratio=0.25,0.5", "seed=1,2", "study=s").plan

    start = study_start(plan, ["study=s", "tracking.uri=http://me:secret@host"])

    assert (start.name, start.tags["study"], start.tags["kind"], start.tags["design"]) == ("s", "s", "study", "factorial")
    assert start.tags["command"].startswith("synthsweep run -m study=s ")
    assert "secret" not in start.tags["command"]
    assert start.params["seeds"] == "1, 2"
    assert start.params["space.mix.ratio"] == "choice(0.25, 0.5)"
