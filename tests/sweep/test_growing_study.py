"""Studies that get seeds until their rule stops, from end to end: whole commands in processes of their own."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from support.builders import Answer
from support.patience import LIMIT_S

Cli = Callable[..., Answer]
CI = ("experiment=ci", "training.threads=1", "tracking.figures=false", "mix.ratio=0,0.25", "hydra/launcher=basic")
STUDY = (*CI, "study=s", "replicates=auto", "hydra.sweeper.until=half_width<=0.01", "hydra.sweeper.min_seeds=2")


def begin(*overrides: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "synthsweep.cli.main", "run", "-m", *overrides]
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, env=env)


def claims(state: str) -> dict[str, Any]:
    """The items of the study in this state, with their notes; none before there is a table."""
    if not Path("mlruns/optuna.db").exists():
        return {}
    with closing(sqlite3.connect("mlruns/optuna.db")) as connection:
        try:
            rows = connection.execute("SELECT item, note FROM synthsweep_claims WHERE state = ?", (state,)).fetchall()
        except sqlite3.OperationalError:
            return {}
    return {item: json.loads(note) for item, note in rows}


@pytest.mark.slow
@pytest.mark.usefixtures("made_store")
def test_a_study_that_was_killed_between_looks_goes_on_in_two_terminals_as_it_was_decided(cli: Cli) -> None:
    """Each look is taken once, each run is trained once, and the comparison says the rule, the looks and why it stopped."""
    study = (*STUDY, "hydra.sweeper.max_seeds=3")
    first, end = begin(*study), time.monotonic() + LIMIT_S
    while "look:2" not in claims("done"):
        assert first.poll() is None, first.communicate()
        assert time.monotonic() < end
        time.sleep(0.1)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    decided = claims("done")["look:2"]

    both = [begin(*study), begin(*study)]
    said = [process.communicate(timeout=LIMIT_S) for process in both]
    again = cli("run", "-m", *study)
    compared = cli("compare", "study=s", "compare.tfidf_baseline=false")

    looks = {item: note for item, note in claims("done").items() if item.startswith("look:")}
    assert [process.returncode for process in both] == [0, 0], said
    assert (looks["look:2"], set(looks)) == (decided, {"look:2", "look:3"})
    assert (looks["look:2"]["following"], looks["look:3"]["reason"]) == (3, "most")
    assert "every replicate is finished" in " ".join(again.err)
    with closing(sqlite3.connect("mlruns/mlflow.db")) as connection:
        trained = connection.execute("SELECT COUNT(*) FROM tags WHERE key = 'kind' AND value = 'replicate'").fetchone()[0]
    finished = [item for item in claims("done") if "/" in item]
    assert (len(finished), trained >= 6) == (6, True)
    told = " ".join(compared.out.split())
    assert "seeds were added until half_width<=0.01" in told
    assert "looks after 2, 3 seeds; stopped after 3 seeds: hydra.sweeper.max_seeds=3 is reached with half width" in told


@pytest.mark.slow
def test_a_dry_run_says_what_a_rule_takes_at_least_and_at_most(cli: Cli) -> None:
    """And begins nothing."""

    answer = cli("run", "-m", *STUDY, "hydra.sweeper.max_seeds=4", "sweep.dry_run=true")

    assert (answer.status, Path("mlruns/optuna.db").exists()) == (0, False)
    assert answer.out.splitlines()[0] == "study s: factorial, 2 configurations of 2 to 4 seeds until half_width<=0.01."
    assert "At least 4 replicates of 2 seeds: 0 finished before and reused, 4 to run." in answer.out
    assert "At most 8 replicates of 4 seeds: 0 finished before and reused, 8 to run." in answer.out
    assert "With 2 seeds: 116 training steps at most" in " ".join(answer.out.split())
    assert "232 training steps at most" in answer.out
