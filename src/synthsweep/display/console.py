"""The one place that opens a terminal for writing: text is shown as it is, whatever names, labels and errors hold."""

from typing import IO, Any

from rich.console import Console
from rich.text import Text


def open_console(file: IO[str] | None = None, *, stderr: bool = False, **more: Any) -> Console:
    """A console that reads neither `[v2]` nor `:key:` in a text as its own language; a style is a rich Text.

    This holds for strings in tables, titles and bars, too. A line longer than the terminal is not broken, so that a command
    can be copied whole.
    """
    return Console(file=file, stderr=stderr, highlight=False, soft_wrap=True, markup=False, emoji=False, **more)


def stamped(seconds: float, text: str, style: str = "") -> Text:
    """A line with the seconds since the start before it."""
    return Text.assemble((f"{seconds:6.1f} s", "dim"), "  ", (text, style))
