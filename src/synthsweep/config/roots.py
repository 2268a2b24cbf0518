"""The typed root of each verb."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from synthsweep.config.rules import Section, key
from synthsweep.config.schema import ModelConfig, PoolConfig, RunConfig, TrackingConfig


@dataclass(frozen=True)
class UiConfig(Section):
    """The MLflow UI: loopback only, so there is no host to set."""

    section: ClassVar[str] = "ui"
    port: int = key(5000, low=1, high=65535)


@dataclass(frozen=True)
class UiRootConfig(Section):
    """The root of `synthsweep ui`."""

    ui: UiConfig = field(default_factory=UiConfig)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)


@dataclass(frozen=True)
class DoctorConfig(Section):
    """The root of `synthsweep doctor`."""

    model: ModelConfig = field(default_factory=ModelConfig)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)


@dataclass(frozen=True)
class SweepsConfig(Section):
    """The root of `synthsweep sweeps`, which has nothing to set."""


@dataclass(frozen=True)
class ExportConfig(Section):
    """The root of `synthsweep generate export`: of one LLM or prompt alone, or, where these are empty, of all."""

    path: str = "replies.jsonl"
    only_llm: str = ""
    only_prompt: str = ""
    tracking: TrackingConfig = field(default_factory=TrackingConfig)


@dataclass(frozen=True)
class ImportConfig(Section):
    """The root of `synthsweep generate import`."""

    path: str = "replies.jsonl"
    tracking: TrackingConfig = field(default_factory=TrackingConfig)


ROOTS: dict[str, type[Any]] = {
    "run": RunConfig,
    "generate": PoolConfig,
    "generate_export": ExportConfig,
    "generate_import": ImportConfig,
    "sweeps": SweepsConfig,
    "ui": UiRootConfig,
    "doctor": DoctorConfig,
}
