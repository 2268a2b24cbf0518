"""`hydra/launcher=workers` with real processes, for jobs that train nothing."""

import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn, JobStatus
from hydra.types import TaskFunction

from hydra_plugins.synthsweep.workers_launcher import PRELOAD, WorkersConf, WorkersLauncher
from synthsweep.errors import SynthsweepError

SETTINGS: dict[str, Any] = {"n_workers": 2, "threads": 1, "timeout_s": 0.0, "memory_gb": 0.0, "preload": ["json"]}


@pytest.fixture
def returned(set_up: Callable[..., Any], reporting: TaskFunction) -> list[JobReturn]:
    launcher = set_up(WorkersLauncher(**SETTINGS), reporting)
    return launcher.launch([["mix.ratio=0.5"], ["mix.ratio=9"], ["mix.ratio=8"], ["mix.ratio=0.25"]], initial_job_idx=5)


def test_a_batch_comes_back_in_its_order(returned: list[JobReturn], capsys: pytest.CaptureFixture[str]) -> None:
    """As any launcher returns it: a failed job raises when its value is read."""

    assert [one.status for one in returned] == [JobStatus.COMPLETED, JobStatus.FAILED, JobStatus.FAILED, JobStatus.COMPLETED]
    assert [one.overrides for one in returned] == [["mix.ratio=0.5"], ["mix.ratio=9"], ["mix.ratio=8"], ["mix.ratio=0.25"]]
    with pytest.raises(RuntimeError, match=r"^mix\.ratio=9: too much of it$"):
        returned[1].return_value  # noqa: B018
    with pytest.raises(RuntimeError, match=r"^ZeroDivisionError: a bug$"):
        returned[2].return_value  # noqa: B018


def test_a_job_is_composed_and_run_in_a_process_of_its_own(returned: list[JobReturn]) -> None:
    """With its number, and its own folder below that of the sweep."""

    first, last = returned[0].return_value, returned[3].return_value

    assert [(value["ratio"], value["job"]) for value in (first, last)] == [(0.5, 5), (0.25, 8)]
    assert os.getpid() not in {first["process"], last["process"]}
    assert Path(first["folder"]).parent == Path(last["folder"]).parent
    assert [Path(value["folder"]).name for value in (first, last)] == ["5", "8"]
    assert (Path(first["folder"]).parent / "workers" / "worker-0.log").exists()


@pytest.mark.slow
def test_a_preload_that_is_not_there_ends_the_sweep(set_up: Callable[..., Any], reporting: TaskFunction) -> None:
    """Before any job is tried in vain."""

    launcher = set_up(WorkersLauncher(**{**SETTINGS, "preload": ["nonesuch"]}), reporting)

    with pytest.raises(SynthsweepError, match=r"^workers die before they have done anything: .*worker-\d\.log$"):
        launcher.launch([["mix.ratio=1"]] * 9, initial_job_idx=0)


def test_a_key_that_it_does_not_have_is_refused_before_anything_begins(
    set_up: Callable[..., Any], reporting: TaskFunction
) -> None:
    with pytest.raises(
        SynthsweepError, match=r"^hydra\.launcher\.thread: no such key; did you mean hydra\.launcher\.threads\?$"
    ):
        set_up(WorkersLauncher(**SETTINGS, thread=1), reporting)


def test_hydra_knows_it_and_its_keys() -> None:
    """What a worker imports first is there to be imported."""

    node = ConfigStore.instance().load("hydra/launcher/workers.yaml").node

    assert set(WorkersConf.__dataclass_fields__) == set(node)
    assert all(find_spec(name) is not None for name in PRELOAD)
