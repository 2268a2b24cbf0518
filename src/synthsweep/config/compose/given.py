"""The command line that this process was given, from Hydra's own record of it; workers have the record, too."""

from collections.abc import Iterable
from typing import Any

from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf

from synthsweep.config.commands import command_line
from synthsweep.config.compose.grammar import key_of

# The name under which Hydra keeps --config-dir.
CONFIG_DIR = "command-line"


def given_command(words: str, *overrides: str) -> str:
    """A command with these overrides, and with the folders of choices that the current one was given."""
    flags = [f"--config-dir={source.path}" for source in _sources() if source.provider == CONFIG_DIR]
    flags += [text for text in _given_to_hydra() if key_of(text) == "hydra.searchpath" and text not in overrides]
    return command_line(words, *flags, *overrides)


def _sources() -> Iterable[Any]:
    # A worker has the configuration of its job, but not Hydra itself; outside of a command there is neither.
    if GlobalHydra.instance().is_initialized():
        return GlobalHydra.instance().config_loader().get_sources()
    return HydraConfig.get().runtime.config_sources if HydraConfig.initialized() else ()


def _given_to_hydra() -> list[str]:
    return list(HydraConfig.get().overrides.hydra) if HydraConfig.initialized() else []


def given_overrides() -> list[str]:
    """The overrides of the current command as they were typed: read as values of a configuration, they would lose `${...}`."""
    typed: list[str] = OmegaConf.to_container(HydraConfig.get().overrides.task, resolve=False)  # type: ignore[assignment]
    return typed


def given_of_hydra(hydra: Any) -> list[str]:
    """Hydra's own overrides in a `hydra` section as they were typed; the mode, which Hydra adds itself, is none."""
    return [text for text in map(str, hydra.overrides.hydra) if not key_of(text).startswith("hydra.mode")]
