"""Refuses a configuration with a key in the place of a variable's name, before Hydra prints it or writes it down."""

from collections.abc import Mapping
from typing import Any

from hydra._internal.hydra import Hydra
from omegaconf import DictConfig, OmegaConf

from synthsweep.config.variables import pasted_values
from synthsweep.errors import ConfigError


class KeysStayOut:
    """While it is open, each composition is looked through, also those for `--cfg` and `--info`."""

    def __enter__(self) -> None:
        self._composed: Any = Hydra.compose_config
        composed = self._composed

        def looked_through(*given: Any, **named: Any) -> DictConfig:
            config: DictConfig = composed(*given, **named)
            require_no_keys(config)
            return config

        Hydra.compose_config = looked_through  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        Hydra.compose_config = self._composed  # type: ignore[method-assign]


def require_no_keys(config: DictConfig) -> None:
    """Raises ConfigError, which does not show it, for a key in the sections of LLMs."""
    for section in ("llm", "judge", "classifier"):
        values: Any = OmegaConf.to_container(config[section], resolve=False) if config.get(section) else {}
        wrong = pasted_values(section, values) if isinstance(values, Mapping) else ""
        if wrong:
            raise ConfigError(wrong)
