"""Whole processes of `synthsweep`: interrupted, killed, and with a real MLflow server on loopback."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from support.forks import Forks
from support.patience import LIMIT_S
from support.ports import free_port

pytestmark = pytest.mark.slow

CI = ("experiment=ci", "training.threads=1", "tracking.figures=false")
LONG = (*CI, "training.epochs=500", "training.patience=0")


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "synthsweep.cli.main", *arguments]


def statuses(database: Path = Path("mlruns/mlflow.db")) -> list[str]:
    if not database.exists():
        return []
    with closing(sqlite3.connect(database, timeout=LIMIT_S)) as connection:
        return [row[0] for row in connection.execute("SELECT status FROM runs ORDER BY start_time")]


def wait_for(happened: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    """Waits until `happened` is true, and fails if the process ends before."""
    end = time.monotonic() + LIMIT_S
    while not happened():
        assert process.poll() is None, "it ended before that happened"
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


def training(database: Path = Path("mlruns/mlflow.db")) -> bool:
    """Whether a run is open and has logged its first evaluation."""
    if "RUNNING" not in statuses(database):
        return False
    with closing(sqlite3.connect(database, timeout=LIMIT_S)) as connection:
        return bool(connection.execute("SELECT COUNT(*) FROM metrics WHERE key = 'curve/dev_loss'").fetchone()[0])


@pytest.mark.usefixtures("made_store")
@pytest.mark.parametrize("polite", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_is_killed_and_says_so(polite: signal.Signals) -> None:
    process = subprocess.Popen(command("run", *LONG), stderr=subprocess.PIPE)
    wait_for(training, process)
    process.send_signal(polite)
    _, stderr = process.communicate(timeout=LIMIT_S)

    assert process.returncode == 130
    assert statuses() == ["KILLED"]
    assert "Traceback" not in stderr.decode()
    assert stderr.decode().splitlines()[-1].startswith("synthsweep: ")


@pytest.mark.usefixtures("made_store")
def test_after_a_kill_9_the_next_run_closes_the_dead_one_and_works(forks: Forks) -> None:
    """Nothing is corrupt, and no run is left RUNNING."""

    process = subprocess.Popen(command("run", *LONG), stderr=subprocess.DEVNULL)
    wait_for(training, process)
    process.kill()
    process.wait(timeout=LIMIT_S)
    assert statuses() == ["RUNNING"]

    after = forks.run("run", *CI)

    assert after.status == 0, after.err
    assert statuses() == ["KILLED", "FINISHED"]
    assert "1 run of a process that died marked as KILLED" in " ".join(after.err)
    with closing(sqlite3.connect("mlruns/mlflow.db")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


@pytest.mark.usefixtures("made_store")
def test_after_a_kill_9_a_run_with_checkpoints_goes_on_to_the_same_numbers(forks: Forks) -> None:
    """Its file is there until the run is recorded; the run that was killed keeps what it had logged."""
    words = ("run", *CI, "training.epochs=8", "training.checkpoint=true", "mix=real_only")
    process = subprocess.Popen(command(*words), stderr=subprocess.DEVNULL)
    # The file is written first.
    wait_for(lambda: bool([*Path("mlruns/checkpoints").glob("*.pt")]) and training(), process)
    process.kill()
    process.wait(timeout=LIMIT_S)

    after = forks.run(*words)
    alone = forks.run("run", *CI, "training.epochs=8", "mix=real_only", "force=true")

    assert (after.status, alone.status) == (0, 0), after.err
    assert any("training goes on after step" in line for line in after.err)
    assert [*Path("mlruns/checkpoints").iterdir()] == []
    assert statuses() == ["KILLED", "FINISHED", "FINISHED"]
    killed, resumed, whole = metrics_by_run()
    assert 0 < len(killed) < len(resumed)
    assert resumed == whole


def metrics_by_run(database: Path = Path("mlruns/mlflow.db")) -> list[set[tuple[str, int, float]]]:
    """Every value of each run, in the order of the runs, but for times."""
    with closing(sqlite3.connect(database, timeout=LIMIT_S)) as connection:
        runs = [run for (run,) in connection.execute("SELECT run_uuid FROM runs ORDER BY start_time")]
        query = "SELECT key, step, value FROM metrics WHERE run_uuid = ? AND key NOT LIKE 'time/%'"
        return [set(connection.execute(query, [run])) for run in runs]


def test_a_kill_9_while_the_store_is_made_leaves_a_store_that_works(forks: Forks) -> None:
    """The next run makes it again."""

    process = subprocess.Popen(command("run", *CI), stderr=subprocess.DEVNULL)
    wait_for(lambda: Path("mlruns/.mlflow.db.unborn").exists(), process)
    process.kill()
    process.wait(timeout=LIMIT_S)

    after = forks.run("run", *CI)

    assert after.status == 0, after.err
    assert statuses() == ["FINISHED"]


@pytest.mark.usefixtures("made_store")
def test_the_same_command_twice_trains_once(forks: Forks) -> None:
    """The second prints the same table and says that nothing was trained."""

    first, second = (forks.run("run", *CI) for _ in range(2))

    assert (first.status, second.status) == (0, 0), first.err + second.err
    assert statuses() == ["FINISHED"]
    assert first.out.splitlines()[:14] == second.out.splitlines()[:14]
    assert "nothing was trained" in second.out


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A real MLflow server with a store of its own."""
    port = free_port()
    place = tmp_path / "server"
    place.mkdir()
    process = subprocess.Popen(
        [
            sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
            "--backend-store-uri", f"sqlite:///{place}/mlflow.db", "--artifacts-destination", str(place / "artifacts"),
        ],
        env={**os.environ, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    uri = f"http://127.0.0.1:{port}"
    wait_for(lambda: _answers(f"{uri}/health"), process)
    yield uri, process
    _end(process)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except OSError:
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    # The server's own workers are in its session, and outlive it otherwise.
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=LIMIT_S)


def test_a_server_keeps_runs_and_finds_them_again(
    server: tuple[str, subprocess.Popen[bytes]], forks: Forks, tmp_path: Path
) -> None:
    """Only Hydra's folder stays on this machine."""

    uri, _ = server
    overrides = (*CI, "tracking=server", f"tracking.uri={uri}")

    first, second = (forks.run("run", *overrides) for _ in range(2))

    assert (first.status, second.status) == (0, 0), first.err + second.err
    assert "nothing was trained" in second.out
    assert statuses(tmp_path / "server" / "mlflow.db") == ["FINISHED"]
    assert not Path("mlruns/mlflow.db").exists()
    assert len(list((tmp_path / "server" / "artifacts").rglob("predictions.parquet"))) == 1


def test_a_classifier_on_a_server_is_fetched_and_registered_there(
    server: tuple[str, subprocess.Popen[bytes]], forks: Forks
) -> None:
    """The folder is the one that the run saved, and the version's files lie where the run's do."""
    uri, _ = server
    tracking = ("tracking=server", f"tracking.uri={uri}")
    trained = forks.run("run", *CI, *tracking, "tracking.log_model=true", "training.epochs=1", "characteristics=none")
    run_id = re.search(r"Run ([0-9a-f]{32}): kept at", trained.out)
    assert run_id, trained.err
    exported = forks.run("export", f"run={run_id[1]}", "path=out", "register=notes", *tracking)

    assert exported.status == 0, exported.err
    assert "Registered: version 1 of notes." in exported.out
    assert json.loads(Path("out/synthsweep.json").read_text())["run_id"] == run_id[1]
    with urllib.request.urlopen(f"{uri}/api/2.0/mlflow/registered-models/alias?name=notes&alias=champion") as answer:  # noqa: S310
        version = json.load(answer)["model_version"]
    assert (version["run_id"], version["source"].partition(":")[0]) == (run_id[1], "mlflow-artifacts")


def test_a_server_that_dies_while_a_run_trains_costs_no_results(
    server: tuple[str, subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    """The files of the trained run are kept on this machine."""

    uri, process = server
    overrides = (*CI, "training.epochs=40", "training.patience=0", "tracking=server", f"tracking.uri={uri}")
    training_process = subprocess.Popen(command("run", *overrides), stderr=subprocess.PIPE)
    wait_for(lambda: training(tmp_path / "server" / "mlflow.db"), training_process)
    _end(process)

    _, stderr = training_process.communicate(timeout=LIMIT_S)

    assert training_process.returncode == 1, stderr.decode()
    assert "does not answer" in stderr.decode().splitlines()[-1]
    kept = next(Path("mlruns/unsent").iterdir())
    assert "test/recall/A1" in json.loads((kept / "metrics.json").read_text())


def test_the_ui_answers_on_loopback(forks: Forks) -> None:
    """The printed address is the one that answers."""

    forks.run("run", *CI, "training.epochs=1")
    port = free_port()
    process = subprocess.Popen(
        command("ui", f"ui.port={port}"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        wait_for(lambda: _answers(f"http://127.0.0.1:{port}/health"), process)
        assert process.stdout is not None
        assert f"http://127.0.0.1:{port}" in process.stdout.readline().decode()
    finally:
        _end(process)
        process.communicate()


@pytest.mark.parametrize("words", ["--help", "run --cfg job", "run mix.ratio=-1", "run mix.ration=1", "run model=bioberty"])
def test_help_and_wrong_configurations_import_nothing_heavy(words: str) -> None:
    """Modules that take seconds to import are not imported to say no."""

    program = (
        "import sys; from synthsweep.cli.main import main; main(sys.argv[1:]);"
        "print(sorted({'torch', 'transformers', 'mlflow', 'datasets', 'sklearn', 'optuna'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", program, *words.split()], capture_output=True, text=True, timeout=LIMIT_S)

    assert answer.stdout.splitlines()[-1] == "[]"


def test_a_closed_pipe_is_not_an_error() -> None:
    """`synthsweep run --help | head`."""

    process = subprocess.Popen(command("run", "--help"), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    stderr = process.stderr.read()
    process.stderr.close()

    assert (process.wait(timeout=LIMIT_S), stderr) == (0, b"")
