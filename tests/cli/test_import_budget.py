"""What each command imports: a heavy package costs tenths of a second and tens of MiB in every process of every study."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from support.patience import LIMIT_S
from support.ports import free_port
from synthsweep.corpus.load import DEMO

pytestmark = pytest.mark.slow

HEAVY = {
    "torch", "transformers", "sentence_transformers", "datasets", "setfit", "nltk", "sklearn", "scipy", "pandas", "pyarrow",
    "mlflow", "optuna", "sqlalchemy", "matplotlib", "plotly", "openai", "openpyxl", "ray", "hydra", "numpy",
}  # fmt: skip
CONFIGURATION = {"hydra"}
NUMBERS = {*CONFIGURATION, "numpy"}
TABLES = {"pandas", "pyarrow"}
# MLflow's client and its store.
STORE = {*TABLES, "mlflow", "scipy", "sqlalchemy"}
# transformers imports SciPy with its models.
ENCODER = {*NUMBERS, "torch", "transformers", "scipy"}
REPORT = {*NUMBERS, *TABLES, "scipy", "sklearn", "matplotlib"}
SMALL = ("data.train_size=60", "data.dev_size=40", "data.test_size=40", "training.epochs=1", "training.threads=1")

# Heavy packages that a command may import, and how many modules at most: a tenth more than it does.
Budget = tuple[set[str], int]

ALONE: dict[tuple[str, ...], Budget] = {
    ("--help",): (set(), 230),
    ("--version",): (set(), 230),
    ("guide",): (set(), 390),
    ("run", "--help"): (CONFIGURATION, 550),
    ("sweeps",): (CONFIGURATION, 560),
    ("doctor",): ({*NUMBERS, "torch"}, 1570),
    ("generate", "llm=gpt-4o-mini", "generate.dry_run=true"): ({*NUMBERS, "sqlalchemy"}, 1240),
    ("inspect", "llm=simulator", "characteristics=lexical"): ({*NUMBERS, "scipy", "matplotlib"}, 1800),
    ("run", "experiment=ci", *SMALL): ({*ENCODER, *STORE, "matplotlib"}, 6030),
}
STUDY = ("run", "-m", "experiment=ci", "study=s", "mix.ratio=0,0.25", "replicates=2", "tracking.log_model=true", *SMALL)
# Optuna's figure of importances asks a forest of scikit-learn's, and its figures look for plotly.
SWEEP: Budget = ({*NUMBERS, *STORE, "optuna", "matplotlib", "plotly", "sklearn"}, 4340)
WORKER: Budget = ({*ENCODER, *STORE}, 5830)
AFTER_A_STUDY: dict[tuple[str, ...], Budget] = {
    ("studies",): ({*NUMBERS, "optuna", "sqlalchemy"}, 1230),
    ("compare", "study=s"): (REPORT, 2690),
    ("work", "study=s"): ({*NUMBERS, *STORE, "optuna"}, 3240),
    ("audit", "export"): ({*NUMBERS, "scipy", "openpyxl"}, 1320),
    ("predict", "run=best:s", f"data.path={DEMO}", "data.id=id"): ({*ENCODER, *TABLES}, 4150),
    ("export", "run=best:s", "path=out"): (ENCODER, 3980),
    ("ui", f"ui.port={free_port()}"): ({*NUMBERS, *STORE}, 2700),
}


def imported(words: Sequence[str], notes: Path) -> dict[str, list[set[str]]]:
    """The modules of each process of a command in this folder, by the program that it ran."""
    notes.mkdir(exist_ok=True)
    folder = str(Path(__file__).parents[1] / "support" / "noted_imports")
    variables = {**os.environ, "PYTHONPATH": folder, "NOTED_IMPORTS": str(notes), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "synthsweep", *words]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=LIMIT_S)
    assert done.returncode == 0, done.stderr
    found: dict[str, list[set[str]]] = {}
    for file in sorted(notes.glob("*.json")):
        program, modules = json.loads(file.read_text())
        found.setdefault(program, []).append(set(modules))
        file.unlink()
    return found


def beyond(processes: Sequence[set[str]], budget: Budget) -> list[str]:
    """The heavy packages that are not allowed, and a count of modules that is too high."""
    allowed, most = budget
    packages = {name.partition(".")[0] for modules in processes for name in modules}
    count = max(map(len, processes))
    return [*sorted(packages & HEAVY - allowed), *([f"{count} modules instead of {most}"] if count > most else [])]


@pytest.mark.parametrize("words", ALONE, ids=" ".join)
def test_a_command_imports_what_it_needs_and_no_more(words: tuple[str, ...], tmp_path: Path) -> None:
    (processes,) = imported(words, tmp_path / "notes").values()

    assert beyond(processes, ALONE[words]) == []


@pytest.mark.long
def test_a_study_its_workers_and_what_reads_it_import_no_more(tmp_path: Path) -> None:
    """One small study for all of them; a sweep trains nothing itself, and its workers draw nothing."""
    notes = tmp_path / "notes"

    study = imported(STUDY, notes)
    found = {"sweep": beyond(study["synthsweep run"], SWEEP), "worker": beyond(study["worker.py"], WORKER)}
    for words, budget in AFTER_A_STUDY.items():
        (processes,) = imported(words, notes).values()
        found[" ".join(words)] = beyond(processes, budget)

    assert {command: too_much for command, too_much in found.items() if too_much} == {}
