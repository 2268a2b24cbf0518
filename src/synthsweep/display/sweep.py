"""What a person sees of a sweep: a live table on a terminal, a line a replicate anywhere else; at the end what came of it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from synthsweep.progress import Event, Stage
from synthsweep.study.design.objective import Goal
from synthsweep.study.queue.trial_queue import Counts, Job, Outcome, Trial, TrialQueue, in_words
from synthsweep.study.runner import JobEnded, JobFailed, JobStarted, Stopping, TrialClosed, Waited, seconds_left

# The storage is asked how far the study is no more often than this.
LOOK_S = 2.0
# Of what is over, as many lines as a glance takes in.
LINES = 5


@dataclass
class SweepScreen:
    """`workers` is how many replicates may run at a time."""

    name: str
    goal: Goal
    workers: int
    console: Console = field(default_factory=lambda: Console(stderr=True, highlight=False))
    durations: list[float] = field(default_factory=list, init=False)
    failed_count: int = field(default=0, init=False)
    pruned: int = field(default=0, init=False)
    reused: int = field(default=0, init=False)
    best: Trial | None = field(default=None, init=False)
    _running: dict[tuple[int, int], tuple[Job, float]] = field(default_factory=dict, init=False)
    _lines: list[str] = field(default_factory=list, init=False)
    _live: Live | None = field(default=None, init=False)
    _looked: float = field(default=0.0, init=False)
    _began: float = field(default_factory=time.monotonic, init=False)

    def __call__(self, event: Event, /) -> None:
        match event:
            case Stage(text):
                self.say(text)
            case JobStarted(job):
                self._running[job.trial.number, job.replicate] = (job, time.monotonic())
            case JobEnded(job, outcome):
                self._ended(job, outcome)
            case JobFailed(job, reason, again):
                self._failed(job, reason, again=again)
            case TrialClosed(trial):
                self._closed(trial)
            case Stopping(running):
                self._line(f"[yellow]ending after {running} running replicates; Ctrl-C again ends them at once[/yellow]")
            case Waited(queue):
                self._waited(queue)

    def say(self, text: str) -> None:
        """A line that stays."""
        self.console.print(f"[dim]{time.monotonic() - self._began:6.1f} s[/dim]  {text}", soft_wrap=True)

    def _ended(self, job: Job, outcome: Outcome) -> None:
        self._running.pop((job.trial.number, job.replicate), None)
        self.reused += outcome.reused
        if not outcome.reused:
            self.durations.append(outcome.seconds)
        message = (
            f"pruned {outcome.pruned}"
            if outcome.pruned
            else " ".join(f"{name} {_number(outcome.metrics.get(name))}" for name in self.goal.metrics)
        )
        how = "reused" if outcome.reused else f"{outcome.seconds:.0f} s"
        self._line(escape(f"{_name(job)}: {message} ({how})"))

    def _failed(self, job: Job, reason: str, *, again: bool) -> None:
        self._running.pop((job.trial.number, job.replicate), None)
        self.failed_count += not again
        once_more = "once more: " if again else ""
        self._line(f"[red]{escape(f'{_name(job)}: {once_more}{reason}')}[/red]")

    def _closed(self, trial: Trial) -> None:
        self.pruned += trial.state == "pruned"
        sign = 1 if self.goal.directions[0] == "maximize" else -1
        if trial.values is None or not trial.feasible:
            return
        if self.best is None or self.best.values is None or sign * trial.values[0] > sign * self.best.values[0]:
            self.best = trial

    def _waited(self, queue: TrialQueue) -> None:
        if not self.console.is_terminal or time.monotonic() - self._looked < LOOK_S:
            return
        self._looked = time.monotonic()
        picture = self.picture(queue.counts(), seconds_left(queue, self.durations, self.workers))
        if self._live is None:
            self._live = Live(picture, console=self.console, auto_refresh=False, transient=True)
            self._live.start()
        self._live.update(picture, refresh=True)

    def close(self) -> None:
        """Takes the table off the screen."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def picture(self, counts: Counts, left: float | None) -> RenderableType:
        """The whole table: how far, how good, what runs, what just ended."""
        head = Text.assemble((f"study {self.name}  ", "bold"), self._summary(counts), f"  {_left(left)}")
        bar = Table.grid()
        bar.add_row(ProgressBar(total=max(counts.planned, 1), completed=counts.done, width=72))
        running = Table(header_style="bold", title_justify="left")
        for column in ("running", "seed", "configuration", "for"):
            running.add_column(column, overflow="fold")
        for job, began in self._running.values():
            running.add_row(
                _name(job), str(job.seed), escape(in_words(job.trial.assignment)), f"{time.monotonic() - began:.0f} s"
            )
        return Group(head, bar, running, *(Text.from_markup(line) for line in self._lines[-LINES:]))

    def _summary(self, counts: Counts) -> str:
        parts = [f"{counts.done} of {counts.planned} done", f"{len(self._running)} running"]
        parts += [
            f"{n} {what}" for n, what in ((self.reused, "reused"), (self.pruned, "pruned"), (self.failed_count, "failed")) if n
        ]
        parts += [f"{counts.elsewhere} elsewhere"] if counts.elsewhere else []
        if self.best is not None and self.best.values is not None:
            parts.append(f"best {self.best.values[0]:.4f} (trial {self.best.number})")
        return ", ".join(parts)

    def _line(self, text: str) -> None:
        self._lines.append(text)
        if not self.console.is_terminal:
            self.say(text)


def rows_table(rows: Sequence[Sequence[str]], title: str, limit: int) -> Table:
    """A heading and at most `limit` rows; what is left out is counted."""
    heading, *body = rows
    table = Table(title=escape(title), title_justify="left", header_style="bold")
    for name in heading:
        table.add_column(name, overflow="fold", justify="left" if name in {"configuration", "state"} else "right")
    for row in body[:limit]:
        table.add_row(*map(escape, row))
    if len(body) > limit:
        table.add_row("", f"and {len(body) - limit} more")
    return table


def duration(seconds: float) -> str:
    """`2 h 05 min`, `12 min`, `40 s`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 90 else f"{minutes} min"


def _left(seconds: float | None) -> str:
    return "" if seconds is None else f"{duration(seconds)} left"


def _name(job: Job) -> str:
    return f"trial {job.trial.number} replicate {job.replicate}"


def _number(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.4f}"
