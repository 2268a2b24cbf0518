"""What `synthsweep studies` shows: a row per study, and below the table who works on it, what is stale and what failed."""

import time
from collections.abc import Iterator, Sequence

from rich.console import Console

from synthsweep.config.commands import assign, command_line
from synthsweep.display.console import print_next, print_prose
from synthsweep.display.sweep import duration
from synthsweep.display.word_table import WordTable
from synthsweep.messages import first_line
from synthsweep.pages.numbers import counted
from synthsweep.study.shared.state import Holder, StudyState
from synthsweep.study.shared.stop_request import asked_in_words

# Reasons of failures that are shown of one study, the most frequent first.
REASONS = 5


def print_studies(console: Console, states: Sequence[StudyState], place: str) -> None:
    """Prints the studies of a storage, or how to begin one where there is none."""
    if not states:
        print_prose(console, f"No study is kept in {place}; synthsweep run -m sweeps=NAME begins one.")
        return
    table = WordTable("study", "design", "done", "state", "left", numbers=("done", "left"))
    for state in states:
        table.add_row(state.name, state.design, _done(state), _state(state), _left(state))
    console.print(table)
    for state in states:
        for line in _lines(state):
            print_prose(console, f"{state.name}: {line}")
    if any(not state.finished for state in states):
        print_next(
            console, "synthsweep work study=NAME joins one", "synthsweep studies stop study=NAME ends those who work on it"
        )


def print_stop(console: Console, state: StudyState) -> None:
    """Prints who was asked to stop, and how the study goes on."""
    if state.finished:
        print_prose(console, f"{state.name}: every replicate is finished, nothing runs that could be stopped.")
        return
    hosts = ", ".join(_holder(state, one) for one in state.running)
    asked = (
        f"asked to end after what they run: {hosts}" if hosts else "nothing runs at the moment; who waits for work ends, too"
    )
    print_prose(console, f"{state.name}: {asked}.")
    work = command_line("work", assign("study", state.name))
    print_next(console, f"the study's command or {work} goes on with it")


def _done(state: StudyState) -> str:
    planned = "?" if state.planned is None else f"{state.planned}{' or more' if state.open_ended else ''}"
    return f"{state.done} of {planned}"


def _state(state: StudyState) -> str:
    if state.finished:
        return "finished"
    failed = sum((state.failed or {}).values())
    running, stale = (sum(one.items for one in holders) for holders in (state.running, state.stale))
    counts = ((running, "running"), (stale, "stale"), (failed, "failed"))
    return ", ".join(f"{number} {what}" for number, what in counts if number) or "nobody works on it"


def _left(state: StudyState) -> str:
    if state.finished or state.seconds_left is None:
        return ""
    return f"{duration(state.seconds_left)}{'' if state.running else ' of work'}"


def _lines(state: StudyState) -> Iterator[str]:
    for one in state.running:
        yield f"running on {_holder(state, one)}"
    for one in state.stale:
        silent = duration(time.time() - one.renewed)
        yield f"stale: {_holder(state, one)}, no sign of life for {silent}; whoever works on the study next takes it over"
    if state.stop and any(one.since and one.since < state.stop["at"] for one in state.running):
        yield f"asked to stop {asked_in_words(state.stop)}"
    if state.finished:
        return
    reasons = sorted((state.failed or {}).items(), key=lambda found: -found[1])
    for reason, number in reasons[:REASONS]:
        yield f"failed{f' {number} times' if number > 1 else ''}: {first_line(ValueError(reason))}"
    if len(reasons) > REASONS:
        yield f"failed for {counted(len(reasons) - REASONS, 'other reason')}"


def _holder(state: StudyState, one: Holder) -> str:
    """`lab-3 (process 4711), 2 replicates since 14:05`."""
    what = counted(one.items, "trial" if state.design == "search" else "replicate")
    return f"{one.host} (process {one.pid}), {what}{f' since {_clock(one.since)}' if one.since else ''}"


def _clock(seconds: float) -> str:
    """The time of day, with the day unless it is today."""
    then, today = time.localtime(seconds), time.localtime()
    return time.strftime("%H:%M" if then[:3] == today[:3] else "%Y-%m-%d %H:%M", then)
