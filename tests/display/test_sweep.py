"""What a person sees of a sweep."""

import io

import pytest
from rich.console import Console

from support.studies import AP, GOAL, outcome
from synthsweep.display.sweep import SweepScreen, duration, rows_table
from synthsweep.study.queue.trial_queue import Counts, Job, Outcome, Trial
from synthsweep.study.runner import JobEnded, JobFailed, JobStarted, TrialClosed, Waited


class Far:
    """A queue of which one only asks how far it is."""

    def counts(self) -> Counts:
        return Counts(planned=8, done=3, elsewhere=1)

    def next_job(self) -> Job | None:
        return None

    def record(self, job: Job, outcome: Outcome) -> None: ...

    def fail(self, job: Job, reason: str) -> None: ...

    def release(self, job: Job) -> None: ...

    def trials(self) -> list[Trial]:
        return []


TRIAL = Trial(4, {"mix.ratio": 0.5, "training.learning_rate": 3.14159e-5}, values=(0.75,), state="complete")


def screen(*, terminal: bool) -> SweepScreen:
    return SweepScreen("s", GOAL, 2, Console(file=io.StringIO(), force_terminal=terminal, width=120, color_system=None))


def said(found: SweepScreen) -> str:
    text: str = found.console.file.getvalue()  # type: ignore[attr-defined]
    return text


def test_a_log_file_has_a_line_a_replicate_and_no_table() -> None:
    """With the objective, how long it took, or why there is none; no control characters."""

    calm = screen(terminal=False)
    calm(JobStarted(Job(TRIAL, 0, 1)))
    calm(JobEnded(Job(TRIAL, 0, 1), outcome(0.5)))
    calm(JobEnded(Job(TRIAL, 1, 2), Outcome("r", "k", {AP: None}, 1.0, reused=True)))
    calm(JobEnded(Job(TRIAL, 2, 3), outcome(None, pruned="after epoch 1")))
    calm(JobFailed(Job(TRIAL, 3, 4), "out of luck", again=True))
    calm(Waited(Far()))

    lines = [line[10:].strip() for line in said(calm).splitlines()]

    assert "\x1b" not in said(calm)
    assert lines == [
        f"trial 4 replicate 0: {AP} 0.5000 (1 s)",
        f"trial 4 replicate 1: {AP} undefined (reused)",
        "trial 4 replicate 2: pruned after epoch 1 (1 s)",
        "trial 4 replicate 3: once more: out of luck",
    ]


def test_a_terminal_has_a_table_of_what_runs_with_how_far_how_good_and_how_long() -> None:
    """Time left comes from what replicates took; what was reused says nothing of it."""

    live = screen(terminal=True)
    live(JobStarted(Job(TRIAL, 1, 2)))
    live(JobEnded(Job(TRIAL, 0, 1), outcome(0.5)))
    live(JobFailed(Job(TRIAL, 2, 3), "out of luck", again=False))
    live(TrialClosed(TRIAL))
    live(Waited(Far()))
    live.close()

    text = said(live)

    assert "3 of 8 done, 1 running, 1 failed, 1 elsewhere, best 0.7500 (trial 4)" in text
    assert "2 s left" in text
    assert "ratio=0.5 learning_rate=3.142e-05" in text
    assert "trial 4 replicate 2: out of luck" in text


def test_an_infeasible_or_worse_trial_is_not_the_best() -> None:
    """Nor is one without a value."""

    live = screen(terminal=True)
    for trial in (
        TRIAL,
        Trial(5, {}, values=(0.9,), feasible=False),
        Trial(6, {}, values=(0.7,)),
        Trial(7, {}, state="failed"),
    ):
        live(TrialClosed(trial))

    assert TRIAL is live.best


def test_a_long_table_says_how_much_is_left_out() -> None:
    """Of a search with a thousand trials the top is enough."""

    console = Console(file=io.StringIO(), width=80)
    console.print(rows_table([["trial", "state"], *([str(n), "complete"] for n in range(9))], "title", 4))

    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "and 5 more" in text
    assert " 3 " in text
    assert " 4 " not in text


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.4, "0 s"), (89, "89 s"), (91, "2 min"), (5300, "88 min"), (5400, "1 h 30 min"), (7500, "2 h 05 min")],
)
def test_durations_are_as_one_says_them(seconds: float, expected: str) -> None:
    """Seconds, minutes, hours."""

    assert expected == duration(seconds)
