"""The local MLflow store is made once, whole."""

import json
import sqlite3
import subprocess
import sys
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest
from mlflow.tracking import MlflowClient

from support.patience import LIMIT_S
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.errors import TrackingError
from synthsweep.storage.database import sqlite_file
from synthsweep.track.mlflow.local_store import artifact_root, database_uri, quiet_mlflow, require_store, ui_command
from synthsweep.track.mlflow.reader import open_reader
from synthsweep.track.mlflow.tracker import open_tracker
from synthsweep.track.writer import RunStart


@pytest.mark.slow
def test_a_new_store_is_absolute_migrated_and_in_wal_mode(tmp_path: Path) -> None:
    """MLflow's tables are made before anybody uses it, and its address does not follow the current folder."""
    uri = require_store(Path("runs"))

    with closing(sqlite3.connect(tmp_path / "runs" / "mlflow.db")) as connection:
        journal = connection.execute("PRAGMA journal_mode").fetchone()[0]
        tables = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert sqlite_file(uri) == tmp_path / "runs" / "mlflow.db"
    assert journal == "wal"
    assert {"runs", "metrics", "params", "alembic_version"} <= tables


class RunServer(BaseHTTPRequestHandler):
    """As much of an MLflow server as the end of a run asks; `asked` are the last parts of the addresses."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._answer()

    def _answer(self) -> None:
        info = {"run_id": "r", "run_uuid": "r", "experiment_id": "1", "status": "FINISHED", "lifecycle_stage": "active"}
        self.asked.append(self.path.partition("?")[0].rpartition("/runs/")[2])
        content = json.dumps({"run_info": info, "run": {"info": info, "data": {}}}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The test reads the screen."""


def test_the_end_of_a_run_on_a_server_prints_no_address(capsys: pytest.CaptureFixture[str]) -> None:
    """MLflow would ask the server for it, and print two lines per run into the table of a sweep."""
    quiet_mlflow()
    with ThreadingHTTPServer(("127.0.0.1", 0), RunServer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        MlflowClient(f"http://127.0.0.1:{server.server_port}").set_terminated("r", "FINISHED")
        server.shutdown()

    assert capsys.readouterr().out == ""
    assert [name for name in RunServer.asked if name in {"update", "get"}] == ["update"]


ODD = ["sigma σ", "per%20cent", "100%25 100%", "plus+and#hash", "what?", "a:b@c;d&e [1] {b} $x", 'it\'s "quoted"']


@pytest.mark.slow
@pytest.mark.parametrize("folder", ODD)
def test_a_store_is_made_and_found_whatever_its_folder_is_called(
    folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In an address or in SQL, some of these characters mean something else; nothing is made beside the folder."""
    (tmp_path / folder).mkdir()
    monkeypatch.chdir(tmp_path / folder)
    tracker = open_tracker(TrackingConfig(folder=folder))
    run_id = tracker.start(RunStart("run", {}, {}))
    (tmp_path / folder / "out").mkdir()
    (tmp_path / folder / "out" / "note.txt").write_text("kept")
    tracker.log_files(tmp_path / folder / "out")

    found = open_reader(TrackingConfig(folder=folder)).file_of(run_id, "note.txt")

    assert found is not None
    assert found.read_text() == "kept"
    assert list(tmp_path.iterdir()) == [tmp_path / folder]
    assert {path.name for path in (tmp_path / folder / folder).iterdir()} - {"mlflow.db-wal", "mlflow.db-shm"} == {
        ".mlflow.db.lock", "artifacts", "mlflow.db",
    }  # fmt: skip
    places = {experiment.artifact_location for experiment in tracker.client.search_experiments()}
    assert places == {f"{artifact_root(tmp_path / folder / folder)}/{name}" for name in ("0", "synthsweep")}


def test_a_store_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    (folder / "mlflow.db").write_bytes(b"somebody's")

    assert require_store(folder) == database_uri(folder)
    assert (folder / "mlflow.db").read_bytes() == b"somebody's"


@pytest.mark.slow
def test_what_a_killed_migration_left_is_deleted(tmp_path: Path) -> None:
    """A half-made database has another name, so it never becomes the store."""
    (tmp_path / ".mlflow.db.unborn").write_bytes(b"half made")

    require_store(tmp_path)

    with closing(sqlite3.connect(tmp_path / "mlflow.db")) as connection:
        assert connection.execute("PRAGMA quick_check").fetchone()[0] == "ok"
    assert list(tmp_path.glob(".mlflow.db.unborn*")) == []


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    with pytest.raises(TrackingError, match=r"tracking\.folder=.*file/runs: no MLflow store can be made here"):
        require_store(tmp_path / "file" / "runs")


def test_the_ui_listens_on_loopback_alone(tmp_path: Path) -> None:
    command, environment = ui_command("sqlite:////x/mlflow.db", tmp_path, 5001)

    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert command[command.index("--port") + 1] == "5001"
    assert environment["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"


def test_the_address_of_the_store_is_on_no_command_line(tmp_path: Path) -> None:
    """Everybody on the machine can read those, and it may hold a password."""

    command, environment = ui_command("postgresql://me:secret@host/runs", tmp_path, 5001)

    assert "secret" not in " ".join(command)
    assert environment["MLFLOW_BACKEND_STORE_URI"] == "postgresql://me:secret@host/runs"


@pytest.mark.slow
def test_processes_that_start_at_once_make_one_whole_store(tmp_path: Path) -> None:
    """MLflow's own first use breaks a database when several processes come at once."""
    program = (
        "from pathlib import Path; from synthsweep.track.mlflow.local_store import require_store; require_store(Path('runs'))"
    )
    racers = [subprocess.Popen([sys.executable, "-c", program], cwd=tmp_path) for _ in range(4)]

    assert [racer.wait(timeout=LIMIT_S) for racer in racers] == [0] * 4
    with closing(sqlite3.connect(tmp_path / "runs" / "mlflow.db")) as connection:
        assert connection.execute("SELECT COUNT(*) FROM alembic_version").fetchone()[0] == 1
