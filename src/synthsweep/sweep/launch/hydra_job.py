"""A Hydra job as a task for a worker, which composes and runs it in its own process."""

import importlib
import pickle
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import cloudpickle
from hydra.core.hydra_config import HydraConfig
from hydra.core.singleton import Singleton
from hydra.core.utils import JobReturn, JobStatus, run_job, setup_globals
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig, open_dict


@dataclass(frozen=True)
class Task:
    """One job: its number, its overrides in Hydra's grammar, and what they compose to, where that is known."""

    number: int
    overrides: tuple[str, ...]
    config: DictConfig | None = None


class ConfiguredLauncher(Protocol):
    """What our launchers hold once Hydra has set them up; `settings` are the keys of `hydra.launcher`."""

    settings: dict[str, Any]
    config: DictConfig | None
    task_function: TaskFunction | None
    hydra_context: HydraContext | None


@dataclass
class HydraTaskRunner:
    """Everything that a worker's process needs to run jobs of this application; `singletons` are Hydra's own state."""

    hydra_context: HydraContext
    config: DictConfig
    task_function: TaskFunction
    singletons: dict[Any, Any]
    preload: Sequence[str]

    def warm_up(self) -> None:
        """Sets Hydra up as the parent has it, and imports what runs import."""
        setup_globals()
        Singleton.set_state(self.singletons)
        for name in self.preload:
            importlib.import_module(name)

    def __call__(self, task: Task) -> Any:
        """The value that the job returns; raises what the job raises."""
        config = task.config
        if config is None:
            config = self.hydra_context.config_loader.load_sweep_config(self.config, list(task.overrides))
        with open_dict(config):
            config.hydra.job.id = config.hydra.job.num = task.number
        HydraConfig.instance().set_config(config)
        done = run_job(
            hydra_context=self.hydra_context, task_function=self.task_function, config=config,
            job_dir_key="hydra.sweep.dir", job_subdir_key="hydra.sweep.subdir",
        )  # fmt: skip
        return done.return_value


@dataclass(frozen=True)
class CompressedPickle:
    """Unpickles to the object that was compressed: small enough for a socket to take at once."""

    content: bytes

    def __reduce__(self) -> Any:
        return decompress_pickle, (self.content,)


def decompress_pickle(content: bytes) -> Any:
    """The object of a compressed pickle."""
    return pickle.loads(zlib.decompress(content))  # noqa: S301


def pickled_runner(launcher: ConfiguredLauncher) -> bytes:
    """A HydraTaskRunner for the launcher's application, as bytes for its workers."""
    assert launcher.config is not None
    assert launcher.hydra_context is not None
    assert launcher.task_function is not None
    # Resolves the date in the folder's name once, so that all workers write below one folder.
    str(launcher.config.hydra.sweep.dir)
    runner = HydraTaskRunner(
        launcher.hydra_context, launcher.config, launcher.task_function, Singleton.get_state(), launcher.settings["preload"]
    )
    return pickle.dumps(CompressedPickle(zlib.compress(cloudpickle.dumps(runner), level=1)))


def job_return(value: Any, overrides: Sequence[str], error: Exception | None = None) -> JobReturn:
    """A JobReturn, which sweepers expect from a launcher."""
    done = JobReturn(overrides=list(overrides))
    done.return_value = error or value
    done.status = JobStatus.FAILED if error else JobStatus.COMPLETED
    return done
