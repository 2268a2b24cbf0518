"""Says what a command is doing where that takes longer than a second."""

from threading import Timer
from types import TracebackType

from synthsweep.progress import Progress, Stage

PATIENCE_S = 1.0


class Steps:
    """Each call begins a step, and ends the one before; a step is shown once it has lasted a second."""

    def __init__(self, progress: Progress, *, patience_s: float | None = None) -> None:
        self.progress = progress
        self.patience_s = PATIENCE_S if patience_s is None else patience_s
        self._timer: Timer | None = None

    def __call__(self, text: str) -> None:
        self.close()
        self._timer = Timer(self.patience_s, self.progress, [Stage(text)])
        # An interrupted command does not wait for it.
        self._timer.daemon = True
        self._timer.start()

    def close(self) -> None:
        """Ends the last step."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
            self._timer = None

    def __enter__(self) -> "Steps":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
