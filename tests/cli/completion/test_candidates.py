"""What a Tab offers after the words of a command line."""

import subprocess
import sys
from pathlib import Path

import pytest

from support.patience import LIMIT_S
from synthsweep.cli.completion.candidates import candidates
from synthsweep.storage.database import OPTUNA


def offered(line: str) -> list[str]:
    """The last words that are offered; a line that ends with a space begins a new word."""
    return [name for name, _ in candidates(line.split(" "))]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("comp", ["compare"]),
        ("gui", ["guide"]),
        ("--s", ["--shell-completion"]),
        ("--shell-completion ", ["bash", "fish", "zsh"]),
        ("audit ex", ["export"]),
        ("nonsense ", []),
        ("guide decis", ["decisions"]),
        ("guide decisions ", []),
        ("run mix", ["mix.", "mix="]),
        ("run mix.ra", ["mix.ratio="]),
        ("run mix=dup", ["mix=duplicate_real"]),
        ("run -m mix=augment,dup", ["mix=augment,duplicate_real"]),
        ("run -m mix=augment,aug", []),
        ("run +experiment=", ["+experiment=ci"]),
        ("run llm@judge=rec", ["llm@judge=recorded"]),
        ("run sweeps=rat", ["sweeps=ratio_response"]),
        ("run training.match_steps=", ["training.match_steps=false", "training.match_steps=true"]),
        ("run hydra.sweeper.design=", ["hydra.sweeper.design=factorial", "hydra.sweeper.design=search"]),
        ("run hydra/l", ["hydra/launcher="]),
        ("run --cfg j", ["job"]),
        ("audit export --c", ["--cfg", "--config-dir"]),
        ("compare power data=hu", ["data=hub"]),
        ("ui mix", []),
    ],
)
def test_a_tab_offers_what_the_verb_takes(line: str, expected: list[str]) -> None:
    """Verbs, second words, flags, groups, choices, keys down to the next dot, and values."""

    assert offered(line) == expected


def test_choices_of_the_current_folder_and_of_a_named_one_are_offered() -> None:
    """As Hydra takes them."""
    for file in ("conf/prompt/mine.yaml", "sweeps/my_question.yaml", "more/prompt/theirs.yaml"):
        Path(file).parent.mkdir(parents=True, exist_ok=True)
        Path(file).touch()

    assert offered("run prompt=m") == ["prompt=mine", "prompt=multilabel"]
    assert offered("run sweeps=my") == ["sweeps=my_question"]
    assert offered("run --config-dir=more prompt=t") == ["prompt=theirs"]


def test_studies_are_offered_by_name() -> None:
    """Those of this folder; a file that is no database offers none."""
    import sqlite3
    from contextlib import closing

    Path("mlruns").mkdir()
    with closing(sqlite3.connect(f"mlruns/{OPTUNA}")) as database:
        database.execute("CREATE TABLE studies (study_name TEXT)")
        database.execute("INSERT INTO studies VALUES ('ratio_response')")
        database.commit()
    found = offered("compare study=r")
    Path("mlruns", OPTUNA).write_text("nothing")

    assert (found, offered("compare study=r")) == (["study=ratio_response"], [])


@pytest.mark.slow
def test_a_tab_imports_nothing_heavy() -> None:
    """A shell waits for the answer."""
    program = (
        "import sys; from synthsweep.cli.main import main; main(['--complete', 'run', 'mix=']);"
        "print(sorted({'hydra', 'omegaconf', 'numpy', 'torch', 'mlflow', 'rich', 'yaml'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=LIMIT_S).stdout.splitlines()

    assert (said[0], said[-1]) == ("mix=augment", "[]")
