"""Shows the progress of one command: one line per stage, with a bar on a terminal or occasional lines in a log."""

import time
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from synthsweep.display.console import open_console, print_prose, stamped
from synthsweep.progress import Advance, Event, Stage
from synthsweep.train.curve import Evaluated

# Seconds between two lines on one stage in a log.
QUIET_S = 10.0

# Of a long training, the time left follows from the last ten minutes.
SPEED_OVER_S = 600.0


class Screen:
    """A Progress that prints to stderr; as a context manager, it removes its bar at the end."""

    def __init__(self, console: Console | None = None, *, quiet_s: float = QUIET_S) -> None:
        self.console = console or open_console(stderr=True)
        self.quiet_s = quiet_s
        self._bar: Progress | None = None
        self._began = self._logged = time.monotonic()

    def __enter__(self) -> "Screen":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __call__(self, event: Event, /) -> None:
        match event:
            case Stage(text):
                self.close()
                self._print(text)
            case Advance():
                self._advance(event)
            case Evaluated():
                self._print(evaluation_line(event))

    @property
    def seconds(self) -> float:
        """Since it was made."""
        return time.monotonic() - self._began

    def close(self) -> None:
        """Removes the bar."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _print(self, text: str) -> None:
        print_prose(self.console, stamped(self.seconds, text))

    def _advance(self, event: Advance) -> None:
        if self.console.is_terminal:
            self._draw(event)
        elif event.unit and time.monotonic() - self._logged > self.quiet_s:
            self._logged = time.monotonic()
            self._print(f"{event.done} of {event.total} {event.unit}, {event.detail}")

    def _draw(self, event: Advance) -> None:
        if self._bar is None:
            self._bar = Progress(
                TextColumn("          {task.description} {task.completed}/{task.total}", markup=False), BarColumn(),
                TextColumn("{task.fields[detail]}", markup=False), TextColumn("left", markup=False), TimeRemainingColumn(),
                # A step may take seconds, and be told of only now and then.
                console=self.console, transient=True, speed_estimate_period=SPEED_OVER_S,
            )  # fmt: skip
            self._bar.add_task(event.unit, detail="")
            self._bar.start()
        # The same bar first counts a pool's replies, then its judge's answers, with another unit and total.
        bar, task = self._bar, self._bar.task_ids[0]
        bar.update(task, description=event.unit, total=event.total, completed=event.done, detail=event.detail)


def evaluation_line(event: Evaluated) -> str:
    """Formats an evaluation: `epoch 2.0  step 80 of 400  loss 0.210  dev loss 0.250  dev AP 0.613`."""
    point = event.point
    score = "undefined" if point.score is None else f"{point.score:.3f}"
    return (
        f"epoch {point.epoch:4.1f}  step {point.step} of {event.total}  "
        f"loss {point.train_loss:.3f}  dev loss {point.dev_loss:.3f}  dev AP {score}"
    )
