"""Output on terminals whose encoding lacks letters."""

import os
import subprocess
import sys

import pytest

from synthsweep.display.encoding import NAME, accept_any_text

TEXT = "−4.6 points … “é” ≥ 日本 – \u0ad0"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("ascii", '-4.6 points ... "?" >= ???? - ?'), ("latin-1", '-4.6 points ... "é" >= ???? - ?'), ("utf-8", TEXT)],
)
def test_what_an_encoding_lacks_is_written_plainly(encoding: str, shown: str) -> None:
    """A minus stays a minus; a letter that no plain one stands for is a question mark as wide."""
    accept_any_text()

    assert TEXT.encode(encoding, NAME).decode(encoding) == shown


def test_bytes_that_could_not_be_decoded_are_written_as_they_came() -> None:
    """The name of a file in another encoding."""
    accept_any_text()

    assert "\udce9.csv".encode("ascii", NAME) == b"\xe9.csv"


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252"])
def test_the_guide_is_shown_on_any_terminal(encoding: str) -> None:
    """It holds arrows, dashes and inequality signs."""
    variables = {**os.environ, "PYTHONIOENCODING": encoding}
    command = [sys.executable, "-m", "synthsweep", "guide", "results"]

    done = subprocess.run(command, env=variables, capture_output=True, check=False)

    assert (done.returncode, done.stderr) == (0, b"")
    assert "points" in done.stdout.decode(encoding)


def test_an_argument_that_the_encoding_cannot_hold_is_refused() -> None:
    """Half of a name would be another study."""
    variables = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "synthsweep", "run", "study=é"]

    done = subprocess.run(command, env=variables, capture_output=True, check=False)

    assert done.returncode == 2
    assert done.stderr.decode() == (
        "synthsweep: study=é: this terminal's encoding, ascii, lacks some of these letters: "
        "set PYTHONUTF8=1 before the command\n"
    )
