"""The roots of the verbs on studies that are begun: `studies`, `studies stop` and `work`."""

from dataclasses import dataclass, field

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.rules import Section, key
from synthsweep.errors import ConfigError


@dataclass(frozen=True)
class StudiesConfig(Section):
    """The root of `synthsweep studies`."""

    study: str | None = key(None, help="the only study to show; null shows all of the storage", first=True)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)


@dataclass(frozen=True)
class StudiesStopConfig(Section):
    """The root of `synthsweep studies stop`."""

    study: str | None = key(None, help="study whose processes are to end after the replicates that they run", first=True)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)

    @property
    def name(self) -> str:
        return required_study(self.study, "studies stop")


@dataclass(frozen=True)
class WorkConfig(Section):
    """The root of `synthsweep work`."""

    study: str | None = key(None, help="study to join, by its name in the storage", first=True)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)

    @property
    def name(self) -> str:
        return required_study(self.study, "work")


def required_study(name: str | None, verb: str) -> str:
    """The name that was given.

    Raises:
        ConfigError: none was.
    """
    if not name:
        raise ConfigError(f"study must name a study, got nothing: synthsweep {verb} study=NAME; synthsweep studies lists them")
    return name
