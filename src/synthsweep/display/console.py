"""The one place that opens a terminal for writing: text is shown as it is, whatever names, labels and errors hold."""

import sys
from typing import IO, Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text


def open_console(file: IO[str] | None = None, *, stderr: bool = False, **more: Any) -> Console:
    """A console that reads neither `[v2]` nor `:key:` in a text as its own language; a style is a rich Text.

    This holds for strings in tables, titles and bars, too. A line longer than the terminal is not broken, so that a command
    can be copied whole.
    """
    # In a notebook, rich would make an HTML block of each line, and take the cell for a terminal; and stderr is red there.
    notebook: dict[str, Any] = {"force_jupyter": False, "force_terminal": False} if in_notebook() else {}
    shown: dict[str, Any] = {"highlight": False, "soft_wrap": True, "markup": False, "emoji": False, **notebook, **more}
    return Console(file=file, stderr=stderr and not notebook, **shown)


def in_notebook() -> bool:
    """Whether this process is the kernel of a notebook; one that merely has its modules, to run a notebook, is none."""
    ipython = sys.modules.get("IPython")
    return hasattr(ipython.get_ipython(), "kernel") if ipython else False


def print_prose(console: Console, text: str | Text) -> None:
    """Prints sentences: a terminal gets them broken at words, a file or pipe each on one line."""
    console.print(text, soft_wrap=not console.is_terminal)


def print_next(console: Console, *steps: str) -> None:
    """Prints what to do next on one line, or one line per step on a narrow terminal, so that a command stays whole."""
    line = f"Next: {'; '.join(steps)}"
    if console.is_terminal and cell_len(line) > console.width and len(steps) > 1:
        console.print("Next:")
        for step in steps:
            console.print(f"  {step}")
    else:
        console.print(line)


def stamped(seconds: float, text: str, style: str = "") -> Text:
    """A line with the seconds since the start before it."""
    return Text.assemble((f"{seconds:6.1f} s", "dim"), "  ", (text, style))
