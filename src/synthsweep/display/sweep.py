"""What the terminal shows of a sweep: a live table, or one line per replicate in a log, and the results at the end."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from synthsweep.config.commands import assign, command_line, for_shell, of_section
from synthsweep.config.compose.grammar import key_of
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.verbs import OF_A_RUN
from synthsweep.display.console import open_console, print_next, print_prose, stamped
from synthsweep.display.word_table import WordTable
from synthsweep.messages import without_password
from synthsweep.progress import Event, Stage
from synthsweep.study.design.objective import Goal
from synthsweep.study.design.space import Space
from synthsweep.study.queue.trial_queue import Counts, Job, Outcome, Trial, TrialQueue, in_words
from synthsweep.study.sweep_runner import (
    FailedJob,
    JobEnded,
    JobFailed,
    JobStarted,
    Stopping,
    Tally,
    TrialClosed,
    Waited,
    seconds_left,
)
from synthsweep.train.lengths import from_metrics

if TYPE_CHECKING:
    # Optuna takes a second to import.
    from synthsweep.study.results.best import BestTrial

# Seconds between two updates of the table, each of which reads the storage.
REDRAW_S = 2.0
# Lines on finished replicates below the live table.
LINES = 5
# Rows of the table at the end: enough for a usual grid, and for the best trials of a search.
ROWS = 24


@dataclass
class SweepScreen:
    """The Progress of a sweep; `workers` is the number of replicates that may run at a time.

    With `says_cut_texts`, it warns of the first replicate with cut texts: those of the hub or of an LLM are not known before.
    """

    name: str
    goal: Goal
    workers: int
    console: Console = field(default_factory=lambda: open_console(stderr=True))
    says_cut_texts: bool = True
    durations: list[float] = field(default_factory=list, init=False)
    failed_count: int = field(default=0, init=False)
    pruned: int = field(default=0, init=False)
    reused: int = field(default=0, init=False)
    best: Trial | None = field(default=None, init=False)
    _running: dict[tuple[int, int], tuple[Job, float]] = field(default_factory=dict, init=False)
    _lines: list[Text] = field(default_factory=list, init=False)
    _live: Live | None = field(default=None, init=False)
    _drawn: float = field(default=0.0, init=False)
    _began: float = field(default_factory=time.monotonic, init=False)

    def __call__(self, event: Event, /) -> None:
        match event:
            case Stage(text):
                self.say(text)
            case JobStarted(job):
                self._running[job.trial.number, job.replicate] = (job, time.monotonic())
            case JobEnded(job, outcome):
                self._show_ended(job, outcome)
            case JobFailed(job, reason, again):
                self._show_failed(job, reason, again=again)
            case TrialClosed(trial):
                self._count_closed(trial)
            case Stopping(running, why):
                self._add_line(_stopping_line(running, why), "yellow")
            case Waited(queue):
                self._redraw(queue)

    @property
    def seconds(self) -> float:
        """Since it was made."""
        return time.monotonic() - self._began

    def say(self, text: str, style: str = "") -> None:
        """Prints a line that stays, with the seconds since the start."""
        print_prose(self.console, stamped(self.seconds, text, style))

    def _show_ended(self, job: Job, outcome: Outcome) -> None:
        self._running.pop((job.trial.number, job.replicate), None)
        self.reused += outcome.reused
        if not outcome.reused:
            self.durations.append(outcome.seconds)
        values = " ".join(f"{name} {_number(outcome.metrics.get(name))}" for name in self.goal.metrics)
        result = f"pruned {outcome.pruned}" if outcome.pruned else values
        how = "reused" if outcome.reused else f"{outcome.seconds:.0f} s"
        self._add_line(f"{_name(job)}: {result} ({how})")
        if self.says_cut_texts and (cut := from_metrics(outcome.metrics)):
            self.says_cut_texts = False
            self.say(cut.sentence())

    def _show_failed(self, job: Job, reason: str, *, again: bool) -> None:
        self._running.pop((job.trial.number, job.replicate), None)
        self.failed_count += not again
        once_more = "once more: " if again else ""
        self._add_line(f"{_name(job)}: {once_more}{reason}", "red")

    def _count_closed(self, trial: Trial) -> None:
        self.pruned += trial.state == "pruned"
        sign = 1 if self.goal.directions[0] == "maximize" else -1
        if trial.values is None or not trial.feasible:
            return
        if self.best is None or self.best.values is None or sign * trial.values[0] > sign * self.best.values[0]:
            self.best = trial

    def _redraw(self, queue: TrialQueue) -> None:
        if not self.console.is_terminal or time.monotonic() - self._drawn < REDRAW_S:
            return
        self._drawn = time.monotonic()
        picture = self.picture(queue.counts(), seconds_left(queue, self.durations, self.workers))
        if self._live is None:
            self._live = Live(picture, console=self.console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(picture, refresh=True)

    def close(self) -> None:
        """Removes the table from the screen."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def picture(self, counts: Counts, left: float | None) -> RenderableType:
        """The live table: progress, the best value so far, running and last finished replicates; `left` is in seconds."""
        head = Text.assemble((f"study {self.name}  ", "bold"), self._summary(counts), f"  {_time_left(left)}")
        bar = Table.grid()
        bar.add_row(ProgressBar(total=max(counts.planned, 1), completed=counts.done, width=72))
        running = WordTable("running", "seed", "configuration", "for", numbers=("seed", "for"))
        for job, began in self._running.values():
            running.add_row(_name(job), str(job.seed), in_words(job.trial.assignment), f"{time.monotonic() - began:.0f} s")
        return Group(head, bar, running, *self._lines[-LINES:])

    def _summary(self, counts: Counts) -> str:
        parts = [f"{counts.done} of {counts.planned} done", f"{len(self._running)} running"]
        parts += [
            f"{n} {what}" for n, what in ((self.reused, "reused"), (self.pruned, "pruned"), (self.failed_count, "failed")) if n
        ]
        parts += [f"{counts.elsewhere} elsewhere"] if counts.elsewhere else []
        if self.best is not None and self.best.values is not None:
            parts.append(f"best {self.best.values[0]:.4f} (trial {self.best.number})")
        return ", ".join(parts)

    def _add_line(self, text: str, style: str = "") -> None:
        self._lines.append(Text(text, style))
        if not self.console.is_terminal:
            self.say(text, style)


def print_trials(console: Console, name: str, rows: Sequence[Sequence[str]]) -> None:
    """Prints the table of the trials, best first."""
    console.print(rows_table(rows, f"study {name}", ROWS))


def print_best(console: Console, best: Sequence["BestTrial"], why_none: str, goal: Goal, space: Space) -> None:
    """Prints one line per best trial of a search; without one, the constraint that most trials violate."""
    if not best:
        console.print(f"No trial is feasible so far{f': {why_none}' if why_none else ''}.")
    for trial in best:
        values = ", ".join(f"{name} {value:.4f}" for name, value in zip(goal.metrics, trial.values, strict=True))
        source = f" (from {trial.source})" if trial.source else ""
        what = "Best" if len(goal.metrics) == 1 else "On the Pareto front"
        settings = for_shell(*space.overrides(trial.assignment))
        console.print(f"{what}: trial {trial.number}{source}: {values}: {settings}")


def print_failures(console: Console, failures: Sequence[FailedJob], alone: Sequence[str]) -> None:
    """Prints each failed replicate with its reason, and the command that runs only this replicate."""
    for failed, command in zip(failures, alone, strict=True):
        console.print(f"failed: {_name(failed.job)}: {failed.reason}")
        console.print(f"  alone: {command}")


def print_end(
    console: Console, name: str, counts: Counts, tally: Tally, tracking: TrackingConfig, arguments: Sequence[str]
) -> None:
    """Prints how much is finished, where it is kept, and the next command; `arguments` are those of the current command."""
    reused = f", {tally.reused} of them reused" if tally.reused else ""
    elsewhere = f"; {counts.elsewhere} run in another terminal" if counts.elsewhere else ""
    spent = f" in {duration(tally.busy_s)} of work" if tally.busy_s else ""
    done = f"{counts.done} of {counts.planned} replicates finished{reused}{spent}{elsewhere}"
    ended = f"{tally.limit}: " if tally.limit and not counts.finished else ""
    print_prose(console, f"{ended}{done}; {_where_kept(tracking)}, study {name}.")
    steps = _next_steps(name, tracking, arguments)
    if counts.finished:
        print_next(console, *steps, "the same command goes on or shows this again")
    else:
        print_next(console, "the same command goes on where this one ended", *(steps if counts.done else ()))


def _stopping_line(running: int, why: str) -> str:
    if not running:
        return f"{why or 'interrupted'}: no replicate runs"
    if why:
        return f"{why}: ending after {running} running replicates; Ctrl-C ends them at once"
    return f"ending after {running} running replicates; Ctrl-C again ends them at once"


def _where_kept(tracking: TrackingConfig) -> str:
    if tracking.kind == "none":
        return "kept in no tracker"
    return f"kept at {without_password(str(tracking.uri))}" if tracking.kind == "server" else f"kept in {tracking.folder}/"


def _next_steps(name: str, tracking: TrackingConfig, arguments: Sequence[str]) -> tuple[str, ...]:
    if tracking.kind == "none":
        return ("the same with tracking=local keeps it",)
    # `compare` reads the default tracking store unless the command names another one.
    stores = [text for text in of_section("tracking", arguments) if key_of(text) not in OF_A_RUN]
    command = command_line("compare", assign("study", name), *stores)
    return f"{command} reports its results", "synthsweep ui shows its runs, nested"


def rows_table(rows: Sequence[Sequence[str]], title: str, limit: int) -> WordTable:
    """A heading and at most `limit` rows; if there are more, a last row gives their number."""
    heading, *body = rows
    table = WordTable(*heading, numbers=[name for name in heading if name not in {"configuration", "state"}], title=title)
    for row in body[:limit]:
        table.add_row(*row)
    if len(body) > limit:
        table.add_row("", f"and {len(body) - limit} more")
    return table


def duration(seconds: float) -> str:
    """Formats seconds as `2 h 05 min`, `12 min` or `40 s`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 90 else f"{minutes} min"


def _time_left(seconds: float | None) -> str:
    return "" if seconds is None else f"{duration(seconds)} left"


def _name(job: Job) -> str:
    return f"trial {job.trial.number} replicate {job.replicate}"


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.4f}"
