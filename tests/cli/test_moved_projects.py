"""A project of two studies and an audit that is copied, then moved: every verb works where it lies, and nowhere else."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from mlflow.tracking import MlflowClient

from support.builders import Answer
from support.filled_sheets import answers_to, fill_csv
from support.forks import Forks
from support.patience import LIMIT_S
from support.ports import free_port
from synthsweep.audit.folder import read_audit
from synthsweep.generate.offline.recorded import SHIPPED
from synthsweep.track.mlflow.local_store import database_uri

pytestmark = [pytest.mark.slow, pytest.mark.long]
Command = Callable[..., Answer]

SMALL = ("experiment=ci", "training.epochs=1", "training.threads=1")
FACTORIAL = (*SMALL, "hydra/launcher=basic", "study=factorial", "llm.path=pool.jsonl", "mix.ratio=0,0.25", "replicates=2")
SEARCH = (
    *SMALL, "hydra.launcher.n_workers=1", "study=search", "hydra.sweeper.design=search", "hydra.sweeper.n_trials=2",
    "training.learning_rate=interval(1e-4,1e-3)",
)  # fmt: skip
STUDIES = {"factorial": FACTORIAL, "search": SEARCH}
# Characters that mean something else in an address.
COPY, MOVED = "a copy? of 100%25 #1", "moved 'here'; [2] {b} %20"


@pytest.fixture
def synthsweep(forks: Forks) -> Command:
    """A command as a process of its own, as MLflow keeps connections and places for as long as one lives."""

    def run(*words: str) -> Answer:
        done = forks.run(*words)
        assert done.status == 0, done.err
        return done

    return run


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "synthsweep.cli.main", *words]


def make_project(synthsweep: Command, folder: Path) -> None:
    folder.mkdir()
    os.chdir(folder)
    plain = [line for line in SHIPPED.read_text(encoding="utf-8").splitlines() if '"attributed"' not in line]
    Path("pool.jsonl").write_text("\n".join(plain), encoding="utf-8")
    for words in STUDIES.values():
        synthsweep("run", "-m", *words)
    synthsweep("audit", "export", "audit.n=7", "audit.format=csv")
    audit = read_audit(Path("mlruns/audit/default"))
    fill_csv(Path("mlruns/audit/default/sheet.csv"), answers_to(audit))


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 of every file."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def use_project(synthsweep: Command, folder: Path, *studies: str) -> list[str]:
    """Compares studies and goes on with them; the lines that said that the store was moved."""
    os.chdir(folder)
    reports = [
        synthsweep("compare", f"study={name}", "compare.resamples=100", "compare.tfidf_baseline=false") for name in studies
    ]
    again = [synthsweep("run", "-m", *STUDIES[name]) for name in studies]

    assert all("every replicate is finished, nothing is left to do" in "".join(one.err) for one in again)
    for name in studies:
        assert (folder / "mlruns/reports" / name / "report.html").exists()
    return lines_on_a_move(*reports, *again)


def change_project(synthsweep: Command, folder: Path) -> list[str]:
    """Trains another study, which reuses runs, and reads a sheet; the lines that said that the store was moved."""
    os.chdir(folder)
    changed = synthsweep("run", "-m", *FACTORIAL, "study=wider", "replicates=3")
    audit = synthsweep("audit", "import", "audit.path=mlruns/audit/default/sheet.csv", "audit.rater=anna")

    assert "6 of 6 replicates finished, 4 of them reused" in changed.out
    return lines_on_a_move(changed, audit)


def lines_on_a_move(*answers: Answer) -> list[str]:
    return [line for answer in answers for line in answer.err if "was moved or copied from" in line]


def artifacts_shown(folder: Path) -> dict[str, str]:
    """What the UI of a project says of its latest run that has files: the place of these, and one of them."""
    os.chdir(folder)
    port = free_port()
    # The server's own workers are in its session, and outlive it otherwise.
    process = subprocess.Popen(
        command("ui", f"ui.port={port}"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_for(lambda: got(f"http://127.0.0.1:{port}/health"))
        run_id = next((folder / "mlruns/artifacts/synthsweep").glob("*/artifacts/predictions.parquet")).parts[-3]
        listed = json.loads(got(f"http://127.0.0.1:{port}/ajax-api/2.0/mlflow/artifacts/list?run_id={run_id}"))
        config = got(f"http://127.0.0.1:{port}/get-artifact?path=config.yaml&run_uuid={run_id}")
        return {"place": listed["root_uri"], "files": str(len(listed["files"])), "config": config.splitlines()[0]}
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=LIMIT_S)


def artifacts_stored(folder: Path) -> dict[str, str]:
    """The same as MLflow's client says it, without a server's start."""
    store = database_uri(folder / "mlruns")
    client = MlflowClient(store, store)
    run_id = next((folder / "mlruns/artifacts/synthsweep").glob("*/artifacts/predictions.parquet")).parts[-3]
    config = Path(client.download_artifacts(run_id, "config.yaml")).read_text(encoding="utf-8")
    files = client.list_artifacts(run_id)
    return {"place": client.get_run(run_id).info.artifact_uri, "files": str(len(files)), "config": config.splitlines()[0]}


def got(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310
            return str(answer.read().decode())
    except OSError:
        return ""


def wait_for(happened: Callable[[], object]) -> None:
    end = time.monotonic() + LIMIT_S
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.2)


def test_a_copied_and_a_moved_project_work_where_they_lie_and_the_original_stays_as_it_was(
    synthsweep: Command, tmp_path: Path
) -> None:
    """Byte for byte, after everything was done in the copy: compare, the same and another study, the audit, the UI."""
    original, copy, moved = tmp_path / "original", tmp_path / COPY, tmp_path / MOVED
    make_project(synthsweep, original)
    shutil.copytree(original, copy)
    before = digests(original)

    said, shown = [*use_project(synthsweep, copy, *STUDIES), *change_project(synthsweep, copy)], artifacts_shown(copy)
    after = digests(original)
    os.chdir(tmp_path)
    original.rename(moved)
    said_of_move, shown_of_move = use_project(synthsweep, moved, "factorial"), artifacts_stored(moved)

    assert after == before
    assert (len(said), len(said_of_move)) == (1, 1)
    for folder, seen in ((copy, shown), (moved, shown_of_move)):
        assert seen["place"].startswith(f"{(folder / 'mlruns/artifacts').as_uri()}/")
        assert (seen["files"] != "0", seen["config"].startswith("seed: ")) == (True, True)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name != "huggingface") == sorted([COPY, MOVED])
