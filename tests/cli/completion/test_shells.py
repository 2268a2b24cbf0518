"""The scripts of the shells, in the shells themselves."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from support.builders import Answer
from support.patience import LIMIT_S
from support.terminal import typed_into

SETUP = {
    "bash": (("bash", "--norc", "--noprofile", "-i"), 'eval "$(synthsweep --shell-completion bash)"'),
    "zsh": (("zsh", "-f", "-i"), 'eval "$(synthsweep --shell-completion zsh)"'),
    "fish": (("fish", "--no-config", "-i"), "synthsweep --shell-completion fish | source"),
}


@pytest.mark.slow
@pytest.mark.parametrize("shell", SETUP)
def test_a_tab_completes_in_the_shell(shell: str, tmp_path: Path) -> None:
    """A verb, a key up to its =, a choice behind it, and a file where no choices are known."""
    command, setup = SETUP[shell]
    if shutil.which(command[0]) is None:
        pytest.skip(f"{shell} is not on this machine")
    Path("texts.csv").touch()
    variables = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(tmp_path)}
    lines = {
        "synthsweep comp\t": "synthsweep compare ",
        "synthsweep run mix.ra\t": "synthsweep run mix.ratio=",
        "synthsweep run mix=dup\t": "synthsweep run mix=duplicate_real ",
        "synthsweep run data.path=te\t": "synthsweep run data.path=texts.csv ",
    }

    shown = typed_into(command, variables, setup, lines)

    assert shown == list(lines.values())


@pytest.mark.slow
def test_bash_takes_the_script_of_hydras_own_flag() -> None:
    """`synthsweep run -sc install=bash`, and the function it defines answers."""
    program = (
        'eval "$(synthsweep run -sc install=bash)"; COMP_LINE="synthsweep run --cfg=job mix=dup"; COMP_POINT=${#COMP_LINE};'
        '_synthsweep 2> /dev/null; echo "${COMPREPLY[@]}"; eval "$(synthsweep -sc uninstall=bash)"; complete -p synthsweep'
    )
    variables = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    answer = subprocess.run(["bash", "-c", program], env=variables, capture_output=True, text=True, timeout=LIMIT_S)

    assert answer.stdout == "duplicate_real\n"
    assert "no completion specification" in answer.stderr


@pytest.mark.parametrize("words", [("--shell-completion", "tcsh"), ("run", "-sc", "install=tcsh"), ("--shell-completion",)])
def test_a_shell_without_a_script_is_refused(cli: Callable[..., Answer], words: tuple[str, ...]) -> None:
    """One line with the shells that there are."""

    answer = cli(*words)

    assert (answer.status, answer.out) == (2, "")
    assert answer.err[0].startswith("synthsweep: --shell-completion must be one of bash, zsh, fish, got ")
