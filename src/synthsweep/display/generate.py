"""What a person sees of a job: a bar with texts, dollars, tokens and time left; a line now and then in a log."""

import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from synthsweep.examples import Example
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.llm.job import Job, told_spending
from synthsweep.generate.llm.pool_request import Filled
from synthsweep.generate.llm.prices import dollars
from synthsweep.generate.missing import Wanted

# Seconds between two lines of a log.
QUIET_S = 10.0


class FillScreen:
    """A FillWatch on stderr."""

    def __init__(self, console: Console | None = None, *, free: bool = False, quiet_s: float = QUIET_S) -> None:
        self.console = console or Console(stderr=True, highlight=False, soft_wrap=True)
        self.free, self.quiet_s = free, quiet_s
        self._bar: Progress | None = None
        self._told_at = time.monotonic()

    def on_fill(self, filled: Filled, wanted: Wanted) -> None:
        if self.console.is_terminal:
            self._draw(filled, wanted)
        elif time.monotonic() - self._told_at > self.quiet_s:
            self._told_at = time.monotonic()
            self.console.print(f"{wanted.done} of {wanted.total} {wanted.unit}, {self._line(filled, wanted)}")

    def close(self) -> None:
        """Takes the bar off the screen."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _draw(self, filled: Filled, wanted: Wanted) -> None:
        if self._bar is None:
            self._bar = Progress(
                TextColumn("{task.description} {task.completed}/{task.total}"), BarColumn(), TextColumn("{task.fields[line]}"),
                TextColumn("left"), TimeRemainingColumn(), console=self.console, transient=True,
            )  # fmt: skip
            self._bar.add_task(wanted.unit, line="")
            self._bar.start()
        # A pool may be followed by the answers of its judge.
        line, task = self._line(filled, wanted), self._bar.task_ids[0]
        self._bar.update(task, description=wanted.unit, total=wanted.total, completed=wanted.done, line=line)

    def _line(self, filled: Filled, wanted: Wanted) -> str:
        parts = [f"{sum(wanted.rejected.values())} rejected"]
        if filled.failed:
            parts.append(f"{filled.failed} failed")
        parts.append(f"{filled.prompt_tokens + filled.completion_tokens:,} tokens")
        if not self.free:
            parts.append(f"{dollars(filled.usd)}{_expected(filled, wanted)}")
        return ", ".join([*parts, *([filled.batch] if filled.batch else [])])


def _expected(filled: Filled, wanted: Wanted) -> str:
    if not filled.answered:
        return ""
    # What is missing will cost as much a request as what came.
    left = (wanted.total - wanted.done) / wanted.asking.prompt.per_request
    return f" of about {dollars(filled.usd + left * filled.usd / filled.answered)}"


def summary(job: Job, filled: Filled) -> list[str]:
    """The last lines of a job: what is there, what was rejected, what it cost, what to do next."""
    wanted, config = job.wanted, job.config
    lines = [
        f"{wanted.done:,} of {wanted.total:,} texts of {config.llm.model} for prompt={config.prompt.variant}; "
        f"requests answered now: {filled.answered}, before: {max(0, wanted.stored - filled.answered * bool(filled.batch))}"
    ]
    if wanted.rejected:
        told = ", ".join(f"{reason} {count}" for reason, count in wanted.rejected.most_common())
        lines.append(f"Rejected: {told}")
    if wanted.short:
        short = ", ".join(f"{label} {count}" for label, count in wanted.short.items())
        lines.append(f"Fewer than {wanted.n} texts: {short}" + (f"; {filled.failed} requests failed" if filled.failed else ""))
    if not job.price.free:
        limit = f" of at most ${config.generate.max_usd:g}" if config.generate.max_usd is not None else ""
        lines.append(f"Spent now {dollars(filled.usd)}; on {job.budget.name} so far {told_spending(job)}{limit}")
    elif filled.answered:
        lines.append(f"{filled.prompt_tokens:,} + {filled.completion_tokens:,} tokens, free")
    lines.append(f"Kept in {job.store.path}.")
    return lines


def preview(job: Job, answers: list[tuple[CompletionRequest, Completion]]) -> list[str | Table]:
    """Rendered prompts, replies, and what was read out of them."""
    parts: list[str | Table] = []
    for request, completion in answers:
        parts.append(f"── {request.criterion}, sample {request.sample} ──")
        parts += [f"{message.role}: {message.content}" for message in request.messages]
        parts.append(f"reply ({completion.finish}): {completion.text}")
        table = Table("read as", "labels", "text", show_lines=False)
        for piece in job.wanted.reading.read(request, completion):
            if isinstance(piece, Example):
                table.add_row("example", ", ".join(sorted(piece.labels)) or "none", piece.text)
            else:
                table.add_row(f"rejected: {piece.reason}", "", piece.piece[:200])
        parts.append(table)
    return parts
