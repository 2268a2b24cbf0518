"""What a command says of steps that last."""

import time

from synthsweep.display.steps import Steps
from synthsweep.progress import Event, Stage


def test_only_a_step_that_lasts_is_shown() -> None:
    """A step that ends within its patience is never shown, and nothing is shown after the last one."""
    shown: list[Event] = []
    with Steps(shown.append, patience_s=60) as begin:
        begin("short")
        begin("short, too")
    with Steps(shown.append, patience_s=0.001) as begin:
        begin("long")
        while not shown:
            time.sleep(0.001)

    assert shown == [Stage("long")]
