"""The command that a process was given."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.builders import Answer
from synthsweep.config.commands import command_line
from synthsweep.config.compose.given import given_command


def test_outside_of_a_command_there_is_nothing_to_repeat() -> None:
    assert given_command("run -m", "a=1") == "synthsweep run -m a=1"


@pytest.mark.slow
def test_the_folder_of_choices_is_repeated(cli: Callable[..., Answer], tmp_path: Path) -> None:
    """Without it the command would not know the choice."""

    folder = tmp_path / "my choices" / "mix"
    folder.mkdir(parents=True)
    (folder / "mine.yaml").write_text("arm: augment\nratio: 0.5\n")
    answer = cli(
        "compare", "power", "-m", f"--config-dir={folder.parent}", "mix=mine", "training.epochs=1,2", "replicates=3",
        "data.train_size=50",
    )  # fmt: skip

    assert answer.status == 0, answer.err
    assert f"Next: synthsweep run -m '--config-dir={folder.parent}' mix=mine" in answer.out


@pytest.mark.slow
def test_an_override_is_repeated_as_it_was_typed(cli: Callable[..., Answer]) -> None:
    """A name with `${x}` in it, which is no key, and a value that names another key."""

    typed = ("study='\\${x} it\\'s'", "data.dev_size=${data.test_size}", "data.test_size=50", "mix.ratio=0,1", "replicates=3")
    answer = cli("compare", "power", "-m", *typed)

    assert answer.status == 0, answer.err
    assert f"Next: {command_line('run -m', *typed, 'sweep.dry_run=true')}" in answer.out.splitlines()
