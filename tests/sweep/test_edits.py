"""Files that are edited while a study runs, or between two commands."""

import re
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from sqlite3 import connect

import pytest

from support.builders import AB_CSV
from support.forks import Forks

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("made_store")]

STUDY = (
    "model=tiny", "mix=real_only", "characteristics=none", "labels=from_data", "data=csv", "data.id=id", "data.group=child",
    "training.epochs=1", "training.max_length=16", "tracking.figures=false",
)  # fmt: skip
WORKER = "hydra.launcher.n_workers=1"


def command(*overrides: str) -> list[str]:
    return [sys.executable, "-m", "synthsweep.cli.main", "run", "-m", *STUDY, WORKER, *overrides]


def params(*keys: str) -> list[tuple[str, ...]]:
    """The values of these keys in every replicate's run."""
    with closing(connect("mlruns/mlflow.db")) as database:
        rows = database.execute(
            "select run_uuid, p.key, p.value from params p join tags t using (run_uuid) "
            "where t.key = 'kind' and t.value = 'replicate'"
        ).fetchall()
    runs: dict[str, dict[str, str]] = {}
    for run_id, key, value in rows:
        runs.setdefault(run_id, {})[key] = value
    return sorted(tuple(one[key] for key in keys) for one in runs.values())


def test_an_edit_while_a_study_runs_reaches_none_of_its_runs(forks: Forks) -> None:
    """The next command is refused with the difference, until the edit is undone."""

    Path("ab.csv").write_text(AB_CSV)
    Path("conf/training").mkdir(parents=True)
    mine, other = Path("conf/training/mine.yaml"), Path("conf/training/other.yaml")
    mine.write_text("defaults: [default]\nlearning_rate: 0.001\n")
    other.write_text("defaults: [default]\nlearning_rate: 0.002\n")
    asked = ("study=s", "data.path=ab.csv", "training=mine,other", "seed=1,2")
    with Path("sweep.log").open("w") as log, subprocess.Popen(command(*asked), stdout=log, stderr=log) as sweep:
        while not re.search(r"replicate \d+: ", Path("sweep.log").read_text()):
            assert sweep.poll() is None, Path("sweep.log").read_text()
            time.sleep(0.05)
        mine.write_text("defaults: [default]\nlearning_rate: 0.003\n")
        other.write_text("defaults: [default]\nlearning_rate: 0.004\n")

    again = forks.run("run", "-m", *STUDY, WORKER, *asked)
    mine.write_text("defaults: [default]\nlearning_rate: 0.001\n")
    other.write_text("defaults: [default]\nlearning_rate: 0.002\n")
    undone = forks.run("run", "-m", *STUDY, WORKER, *asked)

    assert sweep.returncode == 0, Path("sweep.log").read_text()
    assert params("seed", "training.learning_rate") == [("1", "0.001"), ("1", "0.002"), ("2", "0.001"), ("2", "0.002")]
    assert again.status == 2
    assert "training=mine: training.learning_rate: 0.001 before, 0.003 now; " in again.err[-1]
    assert "training=other: training.learning_rate: 0.002 before, 0.004 now" in again.err[-1]
    assert (undone.status, "every replicate is finished" in " ".join(undone.err)) == (0, True)


def test_texts_that_change_while_a_study_runs_fail_the_replicates_that_meet_them(forks: Forks) -> None:
    """What was finished stays, and the rest runs once the texts are restored."""

    Path("ab.csv").write_text(AB_CSV)
    asked = ("study=s", "data.path=ab.csv", "training.learning_rate=0.001,0.002", "seed=1,2")
    with Path("sweep.log").open("w") as log, subprocess.Popen(command(*asked), stdout=log, stderr=log) as sweep:
        while not re.search(r"replicate \d+: ", Path("sweep.log").read_text()):
            assert sweep.poll() is None, Path("sweep.log").read_text()
            time.sleep(0.05)
        Path("ab.csv").write_text(AB_CSV + "60,c1,one more,1,1\n")

    met = Path("sweep.log").read_text()
    refused = forks.run("run", "-m", *STUDY, WORKER, *asked)
    Path("ab.csv").write_text(AB_CSV)
    restored = forks.run("run", "-m", *STUDY, WORKER, *asked)

    assert sweep.returncode == 1
    assert re.search(r"content of ab\.csv was \w{12} when the study began and is \w{12} now", met)
    assert (refused.status, "content of ab.csv: " in refused.err[-1]) == (2, True)
    assert restored.status == 0, restored.err
    assert len(params("seed")) == 4


def test_a_changed_level_trains_its_own_replicates_and_no_other(forks: Forks) -> None:
    """A study without a name is another one then, and reuses what is the same."""

    Path("one.csv").write_text(AB_CSV)
    Path("two.csv").write_text(AB_CSV.replace("sentence", "line"))
    asked = ("data.path=one.csv,two.csv", "seed=1,2")
    study = ("run", "-m", *STUDY, *asked, "hydra/launcher=basic")
    first = forks.run(*study)
    Path("two.csv").write_text(AB_CSV.replace("sentence", "other line"))
    changed = forks.run(*study)

    assert (first.status, changed.status) == (0, 0), changed.err
    assert "2 of them reused" in changed.out
    assert len(params("seed")) == 8
