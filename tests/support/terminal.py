"""A shell on a terminal of its own, into which a test types."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Iterable, Mapping, Sequence

from support.patience import LIMIT_S

# Longer than an answer of synthsweep on a busy machine.
CONTROL = re.compile(rb"\x1b\[[0-9;?>=]*[a-zA-Z]|\x1b\][^\x07\x1b]*(\x07|\x1b\\)|\x1b[=>()][B0]?")
# What a shell asks a terminal, and what a terminal answers.
QUESTIONS = {b"\x1b[c": b"\x1b[?1;2c", b"\x1b[0c": b"\x1b[?1;2c", b"\x1b[6n": b"\x1b[1;1R"}


def typed_into(command: Sequence[str], variables: Mapping[str, str], setup: str, lines: Mapping[str, str]) -> list[str]:
    """What stands on the command line after each of `lines` is typed, which are not entered; waits for what they map to."""
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(command[0], list(command), {**variables, "TERM": "xterm", "PS1": "> "})
    try:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 200, 0, 0))
        _type(terminal, f"{setup}; echo re''ady\n", ["ready"])
        return [_complete(terminal, typed, expected) for typed, expected in lines.items()]
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)


def _complete(terminal: int, typed: str, expected: str) -> str:
    shown = _type(terminal, typed, expected.split())
    # Ctrl-U clears the line for the next one.
    _type(terminal, "\x15", [])
    # A shell may draw words one by one; the order says that they are one line.
    found = re.search(r"\s*".join(map(re.escape, expected.split())) + r" ?", shown)
    return expected if found and found.group().endswith(" ") == expected.endswith(" ") else shown


def _type(terminal: int, text: str, wanted: Iterable[str]) -> str:
    os.write(terminal, text.encode())
    shown, end = b"", time.monotonic() + (LIMIT_S if wanted else 0.5)
    quiet = 0
    while time.monotonic() < end and quiet < 5:
        if select.select([terminal], [], [], 0.1)[0]:
            shown, quiet = shown + _read(terminal), 0
        elif all(word.encode() in shown for word in wanted):
            quiet += 1
    return CONTROL.sub(b"", shown).decode(errors="replace")


def _read(terminal: int) -> bytes:
    given = os.read(terminal, 65536)
    for question, answer in QUESTIONS.items():
        if question in given:
            os.write(terminal, answer)
    return given
