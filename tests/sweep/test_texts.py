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


def long_texts(words: int) -> None:
    """Six texts per label, each of so many words and a few more."""
    rows = [
        f"{index},{'and ' * (words + index)}{('lamp', 'train')[index % 2]},{index % 2},{1 - index % 2}" for index in range(24)
    ]
    Path("long.csv").write_text("\n".join(["id,text,A,B", *rows]))


LONG = (
    "run", "-m", "study=s", "experiment=ci", "labels=from_data", "mix=real_only", "data=csv", "data.path=long.csv",
    "data.train_size=0", "data.dev_size=0", "data.test_size=0", "hydra/launcher=basic", "tracking.figures=false",
)  # fmt: skip


@pytest.mark.slow
def test_a_limit_beyond_the_encoder_begins_no_study(cli: Cli) -> None:
    """Whichever level has it."""
    long_texts(5)
    answer = cli(*LONG, "training.max_length=16,600")

    assert (answer.status, study_names(study_address(None, "mlruns"))) == (2, set())
    assert answer.err[-1].startswith("synthsweep: training.max_length must be at most 512, ")


@pytest.mark.slow
def test_a_study_says_once_what_is_cut_where_most_is(cli: Cli) -> None:
    """Not by each replicate, and whichever level comes first; what windows read is said beside it."""
    long_texts(20)
    answer = cli(*LONG, "training.max_length=512,16", "training.windows=mean,none")

    cut = [line.partition("texts are cut: ")[2] for line in answer.err if "texts are cut" in line]
    assert [line.partition(" have ")[0] for line in cut] == ["14 of 14 in train, 5 of 5 in dev, 5 of 5 in test"]
    assert "training.max_length=16;" in cut[0]
    assert "training.max_length=46 cuts none" in cut[0]
    assert len([line for line in answer.err if "long texts: " in line]) == 1


def test_a_forecast_counts_windows(cli: Cli) -> None:
    long_texts(20)
    answer = cli(*LONG, "training.max_length=16", "training.windows=max", "sweep.dry_run=true")

    assert (answer.status, answer.out.count("long texts: ")) == (0, 1)
    assert "(training.windows=max)" in answer.out


@pytest.mark.slow
def test_a_search_for_what_no_trial_can_have_begins_no_study(cli: Cli) -> None:
    """Every trial would be infeasible; the line says the key that skips the label, and with it nothing is refused here."""
    rows = AB_CSV.splitlines()
    for part, places in {"train": range(1, 31), "dev": range(31, 46), "test": range(46, 61)}.items():
        kept = [f"{rows[place]},{int(part != 'dev')}" for place in places]
        Path(f"{part}.csv").write_text("\n".join([f"{rows[0]},C", *kept]) + "\n")
    files = [f"data.files.{part}={part}.csv" for part in ("train", "dev", "test")]
    search = [
        *STUDY,
        "data=csv",
        *files,
        "data.train_size=0",
        "data.dev_size=0",
        "data.test_size=0",
        "hydra.sweeper.design=search",
        "hydra.sweeper.n_trials=1",
    ]

    answer = cli(*search)

    assert answer.status == 2
    assert answer.err[-1].startswith("synthsweep: dev/average_precision/macro would leave out C, which no dev text carries, ")
    assert study_names(study_address(None, "mlruns")) == set()
    assert (
        cli(*search, "hydra.sweeper.objective=dev/f1/C", "objective.undefined=skip")
        .err[-1]
        .startswith("synthsweep: dev/f1/C is undefined in every trial: no dev text carries C; ")
    )
