"""Every test runs in an empty folder of its own, offline, and leaves no variable behind."""

import gc
import logging
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from support.builders import Answer
from support.chromium import chromium
from support.forks import Forks, start_forks
from support.order import longest_first
from support.postgres import Postgres, find_programs, missing, serving
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.display import steps
from synthsweep.track.writer import Tracker

# Before any test imports the hub's client: a name that is not here must fail at once, not after minutes of retries.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

# A shell starts what runs in its background deaf to Ctrl-C, which tests send.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Timings never decide a test: a busy machine would fail these two. CI draws the same examples each time.
settings.register_profile(
    "steady",
    settings.get_profile("ci" if os.environ.get("CI") else "default"),
    deadline=None,
    # A third of hypothesis's own: the fast suite has five minutes.
    max_examples=30,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Imports torch, MLflow and the rest without the garbage collector, which would walk through them again and again."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The slow suite reads no module without a slow test: that takes each of its processes seconds."""
    if config.getoption("markexpr") != "slow" or collection_path.suffix != ".py":
        return None
    return True if "mark.slow" not in collection_path.read_text(encoding="utf-8") else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest tests are spread over the processes and begin first: the suite does not wait for the last of them alone."""
    items[:] = longest_first(items, getattr(config, "workerinput", {}).get("workercount", 1))


FORKS = pytest.StashKey[Forks]()


def pytest_collection_finish(session: pytest.Session) -> None:
    """Now that all is imported, and nothing has run."""
    if any("forks" in getattr(item, "fixturenames", ()) for item in session.items) and not session.config.option.collectonly:
        session.config.stash[FORKS] = start_forks()


@pytest.fixture
def forks(request: pytest.FixtureRequest) -> Forks:
    """Runs commands as processes of their own."""
    return request.config.stash[FORKS]


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    # On a busy machine, any step lasts long enough to be shown.
    monkeypatch.setattr(steps, "PATIENCE_S", 3600.0)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "huggingface"))
    return tmp_path


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Answer]]:
    """Runs a command in this process and gives what it said."""
    from synthsweep.cli.main import main

    monkeypatch.setattr(sys, "argv", sys.argv)
    monkeypatch.delenv("HYDRA_FULL_ERROR", raising=False)
    handler = signal.getsignal(signal.SIGTERM)

    def run(*arguments: str) -> Answer:
        # Not by monkeypatch: it would put back at the end what an earlier call has set.
        os.environ.pop("HYDRA_FULL_ERROR", None)
        status = main(arguments)
        said = capfd.readouterr()
        return Answer(status, said.out, said.err.splitlines())

    root = logging.getLogger()
    level, handlers, threshold = root.level, list(root.handlers), gc.get_threshold()
    yield run
    # With a command's own, what one test leaves open would be found in another.
    gc.set_threshold(*threshold)
    # --info has Hydra log all that it does.
    root.setLevel(level)
    root.handlers[:] = handlers
    logging.getLogger("hydra").setLevel(logging.NOTSET)
    signal.signal(signal.SIGTERM, handler)
    os.environ.pop("HYDRA_FULL_ERROR", None)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A local store that MLflow has migrated once for all tests."""
    from synthsweep.track.mlflow.local_store import require_store

    folder = tmp_path_factory.mktemp("store")
    require_store(folder)
    return folder


@pytest.fixture
def made_store(tmp_path: Path, migrated: Path) -> None:
    """A local store in the test's own folder, as an earlier command leaves it: a whole process takes seconds to make one."""
    from synthsweep.track.mlflow.local_store import require_store

    shutil.copytree(migrated, tmp_path / "mlruns")
    require_store(tmp_path / "mlruns")


@pytest.fixture
def tracker(tmp_path: Path, migrated: Path) -> Tracker:
    """The tracker of a store in the test's own folder."""
    from synthsweep.track.choose import tracker_of

    shutil.copytree(migrated, tmp_path / "mlruns")
    return tracker_of(TrackingConfig())


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A server of this process's own, started when the first test asks for it."""
    programs = find_programs()
    lacking = missing(programs)
    if programs is None or lacking:
        pytest.skip(lacking)
    with serving(programs) as server:
        yield server
