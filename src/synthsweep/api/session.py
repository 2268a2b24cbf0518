"""A verb's configuration outside of the command line: in a process that may use Hydra for something else."""

import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from synthsweep.config.commands import assign
from synthsweep.config.thresholds import in_grammar
from synthsweep.errors import ConfigError, Refusal
from synthsweep.workers.waiting import wait_asleep

if TYPE_CHECKING:
    from hydra._internal.hydra import Hydra
    from omegaconf import DictConfig

    from synthsweep.study.queue.trial_queue import StudyTrials

# A notebook without ipywidgets has no progress bar of tqdm, and needs none: the steps are shown as lines.
warnings.filterwarnings("ignore", message="IProgress not found")

Overrides = str | Sequence[str]
Folder = str | Path

# Hydra keeps its state in the process, so one call at a time has it.
_hydra_state = threading.RLock()


def words_of_call(overrides: Overrides, folder: Folder | None) -> list[str]:
    """The overrides of a call as a list, with its folder.

    Raises:
        ConfigError: one of them is a flag of the command line.
    """
    given = list_of_words("overrides", overrides, "['mix.ratio=1', 'seed=2']")
    flag = next((word for word in given if word.startswith("-")), None)
    if flag in {"-m", "--multirun"}:
        raise ConfigError(f"{flag}: synthsweep.sweep(...) runs several configurations; leave {flag} out")
    if flag is not None:
        raise ConfigError(f"{flag}: overrides must be KEY=VALUE or GROUP=CHOICE; a flag is for the command line")
    return [*map(in_grammar, given), *([assign("tracking.folder", str(folder))] if folder is not None else [])]


def list_of_words(name: str, given: object, example: str) -> list[str]:
    """An argument that takes a word or a list of words, as a list.

    Raises:
        ConfigError: it is neither.
    """
    words = [given] if isinstance(given, str) else given
    if not isinstance(words, Sequence) or not all(isinstance(word, str) for word in words):
        raise ConfigError(f"{name} must be a word or a list of words, as in {example}, got {given!r}")
    return list(words)


@contextmanager
def composed(verb: str, overrides: Sequence[str]) -> Iterator["DictConfig"]:
    """What the function of a verb in `cli/` takes; within the block, Hydra's state is that of the verb's command.

    Raises:
        ConfigError: the overrides do not compose.
    """
    with _hydra_of(verb) as hydra:
        from hydra.core.hydra_config import HydraConfig
        from hydra.types import RunMode

        from synthsweep.config.compose.defaults_lists import require_defaults
        from synthsweep.config.compose.register import without_hydra

        require_defaults(overrides)
        words = [*overrides, "hydra.mode=RUN"]
        node = hydra.compose_config(verb, words, RunMode.RUN, with_log_configuration=False)
        HydraConfig.instance().set_config(node)
        yield without_hydra(node.copy())


def multirun(overrides: Sequence[str]) -> "StudyTrials":
    """The trials of `synthsweep run -m`; of what the command prints at its end, only failures are printed.

    Raises:
        ConfigError: the overrides do not compose, or choose another sweeper.
        SynthsweepError: the sweep did not end well.
    """
    with _hydra_of("run") as hydra:
        from hydra._internal.callbacks import Callbacks
        from hydra.core.plugins import Plugins
        from hydra.types import HydraContext, RunMode

        from hydra_plugins.synthsweep.sweeper import SynthsweepSweeper
        from synthsweep.cli.main import find_verb, hydra_task
        from synthsweep.config.compose.defaults_lists import require_defaults

        require_defaults(overrides)
        words = [*overrides, "hydra.mode=MULTIRUN"]
        config = hydra.compose_config("run", words, RunMode.MULTIRUN, with_log_configuration=False)
        context = HydraContext(hydra.config_loader, Callbacks(config))
        task = hydra_task(find_verb(["run"])[0])
        sweeper = Plugins.instance().instantiate_sweeper(hydra_context=context, task_function=task, config=config)
        if not isinstance(sweeper, SynthsweepSweeper):
            raise ConfigError("hydra/sweeper must be synthsweep for synthsweep.sweep: another one returns no trials")
        sweeper.prints_results = False
        return sweeper.sweep(list(config.hydra.overrides.task))


@contextmanager
def _hydra_of(verb: str) -> Iterator["Hydra"]:
    """Hydra as the command line of a verb has it; at the end, whatever it was for before."""
    from hydra import initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from hydra.core.hydra_config import HydraConfig
    from hydra.version import VersionBase

    from synthsweep.config.compose.folders import shipped
    from synthsweep.config.compose.keys_stay_out import KeysStayOut
    from synthsweep.config.compose.register import register_root

    wait_asleep()
    with _hydra_state:
        owner, settings, version = GlobalHydra.instance(), HydraConfig.instance(), VersionBase.instance()
        before = owner.hydra, settings.cfg, version.getbase()
        owner.clear()
        try:
            register_root(verb)
            with (
                initialize_config_dir(str(shipped("conf")), job_name=f"synthsweep {verb}", version_base="1.3"),
                _one_line(verb),
                KeysStayOut(),
            ):
                hydra = GlobalHydra.instance().hydra
                assert hydra is not None
                yield hydra
        finally:
            GlobalHydra.instance().hydra, settings.cfg = before[:2]
            # Unset, it is a mark of Hydra's own.
            version.version_base = before[2]


@contextmanager
def _one_line(verb: str) -> Iterator[None]:
    """Errors as the command line words them."""
    from synthsweep.config.compose.explain import COMPOSITION_ERRORS, explain

    try:
        yield
    except Refusal as refusal:
        raise refusal.error from refusal.error.__cause__
    except COMPOSITION_ERRORS as error:
        raise ConfigError(explain(error, verb)) from error
