"""What is wrong with the texts of a study is said before it begins."""

from collections.abc import Callable
from pathlib import Path

import pytest

from support.builders import AB_CSV, Answer
from synthsweep.storage.database import study_address, study_names

Cli = Callable[..., Answer]
STUDY = ("run", "-m", "study=s", "experiment=ci", "labels=from_data", "mix=real_only", "training.learning_rate=1e-4,1e-3")


@pytest.fixture(autouse=True)
def corpus() -> None:
    Path("ab.csv").write_text(AB_CSV)


def test_texts_that_no_replicate_could_read_begin_no_study(cli: Cli) -> None:
    """One line; the name is free for the command that is right."""
    answer = cli(*STUDY, "data=csv", "data.path=ab.csv", "data.group=child", "data.train_size=999")

    assert answer.status == 2
    assert answer.err[-1].startswith("synthsweep: data.train_size must be at most ")
    assert study_names(study_address(None, "mlruns")) == set()
