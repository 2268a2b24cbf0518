"""How a study is called that nobody named."""

from collections.abc import Callable
from pathlib import Path

import optuna
import pytest

from support.builders import Answer

SWEEP = "# @package _global_\n# What?\nhydra:\n  sweeper:\n    params:\n      mix.ratio: 0.25,0.5\n"
DRY = ("sweep.dry_run=true", "model=tiny", "training.threads=1")


def name(answer: Answer) -> str:
    """The study's name in the first line of a forecast."""
    return answer.out.partition(":")[0].removeprefix("study ")


@pytest.mark.slow
def test_a_study_is_named_after_its_file(cli: Callable[..., Answer]) -> None:
    """A name that was given goes first; one that was begun under its automatic name, by an older version, keeps it."""
    Path("sweeps").mkdir()
    Path("sweeps/mine.yaml").write_text(SWEEP)
    automatic = name(cli("run", "-m", "mix.ratio=0.25,0.5", *DRY))

    assert automatic.startswith("sweep-")
    assert name(cli("run", "-m", "sweeps=mine", *DRY)) == "mine"
    assert name(cli("run", "-m", "sweeps=mine", "study=other", *DRY)) == "other"

    Path("mlruns").mkdir(exist_ok=True)
    optuna.create_study(study_name=automatic, storage="sqlite:///mlruns/optuna.db")

    assert name(cli("run", "-m", "sweeps=mine", *DRY)) == automatic
