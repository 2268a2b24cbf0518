"""A sweep on the screen: live, in a log, and at its end."""

import io

import pytest
from rich.console import Console

from support.studies import AP, GOAL, SPACE, outcome
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.display.console import open_console
from synthsweep.display.sweep import SweepScreen, duration, print_best, print_end, print_failures, rows_table
from synthsweep.study.design.objective import Goal
from synthsweep.study.queue.trial_queue import Counts, Job, Outcome, Trial
from synthsweep.study.results.best import BestTrial
from synthsweep.study.sweep_runner import FailedJob, JobEnded, JobFailed, JobStarted, Tally, TrialClosed, Waited


class HalfDone:
    """A queue that only counts."""

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
    return SweepScreen("s", GOAL, 2, open_console(file=io.StringIO(), force_terminal=terminal, width=120, color_system=None))


def printed(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_log_file_has_a_line_per_replicate_and_no_table() -> None:
    """With the objective and the duration, or the reason why there is none; no control characters."""

    log = screen(terminal=False)
    log(JobStarted(Job(TRIAL, 0, 1)))
    log(JobEnded(Job(TRIAL, 0, 1), outcome(0.5)))
    log(JobEnded(Job(TRIAL, 1, 2), Outcome("r", "k", {AP: None}, 1.0, reused=True)))
    log(JobEnded(Job(TRIAL, 2, 3), outcome(None, pruned="after epoch 1")))
    log(JobFailed(Job(TRIAL, 3, 4), "out of luck", again=True))
    log(Waited(HalfDone()))

    lines = [line[10:].strip() for line in printed(log.console).splitlines()]

    assert "\x1b" not in printed(log.console)
    assert lines == [
        f"trial 4 replicate 0: {AP} 0.5000 (1 s)",
        f"trial 4 replicate 1: {AP} undefined (reused)",
        "trial 4 replicate 2: pruned after epoch 1 (1 s)",
        "trial 4 replicate 3: once more: out of luck",
    ]


def test_a_terminal_has_a_live_table_with_counts_best_value_and_time_left() -> None:
    """The time left follows from the durations of replicates that were not reused."""

    live = screen(terminal=True)
    live(JobStarted(Job(TRIAL, 1, 2)))
    live(JobEnded(Job(TRIAL, 0, 1), outcome(0.5)))
    live(JobFailed(Job(TRIAL, 2, 3), "out of luck", again=False))
    live(TrialClosed(TRIAL))
    live(Waited(HalfDone()))
    live.close()

    text = printed(live.console)

    assert "3 of 8 done, 1 running, 1 failed, 1 elsewhere, best 0.7500 (trial 4)" in text
    assert "2 s left" in text
    assert "ratio=0.5 learning_rate=3.142e-05" in text
    assert "trial 4 replicate 2: out of luck" in text


def test_an_infeasible_or_worse_trial_is_not_the_best() -> None:
    """Neither is a trial without a value."""

    live = screen(terminal=True)
    for trial in (
        TRIAL,
        Trial(5, {}, values=(0.9,), feasible=False),
        Trial(6, {}, values=(0.7,)),
        Trial(7, {}, state="failed"),
    ):
        live(TrialClosed(trial))

    assert TRIAL is live.best


def test_a_long_table_counts_the_rows_that_are_not_shown() -> None:
    """Of a thousand trials the best are enough."""

    console = open_console(file=io.StringIO(), width=80)
    console.print(rows_table([["trial", "state"], *([str(n), "complete"] for n in range(9))], "title", 4))

    text = printed(console)
    assert "and 5 more" in text
    assert " 3 " in text
    assert " 4 " not in text


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.4, "0 s"), (89, "89 s"), (91, "2 min"), (5300, "88 min"), (5400, "1 h 30 min"), (7500, "2 h 05 min")],
)
def test_durations_are_in_seconds_minutes_or_hours(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


def lines_of(console: Console) -> list[str]:
    return printed(console).splitlines()


@pytest.fixture
def console() -> Console:
    return open_console(file=io.StringIO(), width=200)


def test_each_best_trial_has_a_line_with_values_and_overrides(console: Console) -> None:
    """With several objectives the lines are the Pareto front; a copied trial names its study."""

    pair = Goal((AP, "time/train"), ("maximize", "minimize"))
    print_best(console, [BestTrial(3, {"llm": "a", "lr": 0.25}, (0.5,))], "", GOAL, SPACE)
    print_best(console, [BestTrial(4, {"llm": "b"}, (0.5, 9.0), "first/3")], "", pair, SPACE)

    assert lines_of(console) == [
        f"Best: trial 3: {AP} 0.5000: llm=a lr=0.25",
        f"On the Pareto front: trial 4 (from first/3): {AP} 0.5000, time/train 9.0000: llm=b",
    ]


def test_without_a_best_trial_the_reason_is_printed(console: Console) -> None:
    print_best(console, [], "", GOAL, SPACE)
    print_best(console, [], "time/train <= 5 (2 trials)", GOAL, SPACE)

    first, second = lines_of(console)
    assert first == "No trial is feasible so far."
    assert second.endswith(": time/train <= 5 (2 trials).")


def test_a_failed_replicate_has_its_reason_and_the_command_that_runs_it_alone(console: Console) -> None:
    print_failures(console, [FailedJob(Job(TRIAL, 1, 7), "out of [memory]")], ["synthsweep run seed=7"])

    assert lines_of(console) == ["failed: trial 4 replicate 1: out of [memory]", "  alone: synthsweep run seed=7"]


@pytest.mark.parametrize(
    ("tracking", "kept", "next_step"),
    [
        (TrackingConfig(), "kept in mlruns/", "synthsweep compare study=s tracking.folder=there reports"),
        (
            TrackingConfig("server", "http://me:secret@host"),
            "kept at http://host, study s",
            "synthsweep compare study=s tracking.folder=th",
        ),
        (TrackingConfig("none"), "kept in no tracker", "the same with tracking=local keeps it"),
    ],
)
def test_the_end_says_how_much_is_finished_where_it_is_kept_and_what_is_next(
    console: Console, tracking: TrackingConfig, kept: str, next_step: str
) -> None:
    """Keys of the tracker are repeated for `compare`; a password is not."""

    print_end(
        console,
        "s",
        Counts(8, 5, elsewhere=1),
        Tally(reused=2, busy_s=130.0),
        tracking,
        ["mix.ratio=0,1", "tracking.folder=there", "tracking.log_model=true"],
    )

    done, after = lines_of(console)
    assert done.startswith(f"5 of 8 replicates finished, 2 of them reused in 2 min of work; 1 run in another terminal; {kept}")
    assert after.startswith(f"Next: the same command goes on where this one ended; {next_step}")
    assert "secret" not in done


def test_the_end_names_the_limit_that_left_something_undone(console: Console) -> None:
    limited = Tally(limit="hydra.sweeper.max_hours=2 is over")
    for done in (5, 8, 0):
        print_end(console, "s", Counts(8, done), limited, TrackingConfig(), [])

    first, _, second, after, _, alone = lines_of(console)
    assert first.startswith("hydra.sweeper.max_hours=2 is over: 5 of 8 replicates finished; ")
    assert second.startswith("8 of 8 replicates finished; ")
    assert after.startswith("Next: synthsweep compare study=s reports its results; ")
    # Of nothing there is nothing to report.
    assert alone == "Next: the same command goes on where this one ended"
