"""Structured configurations of Hydra plugins."""

import sys
from dataclasses import dataclass, field, fields
from typing import ClassVar

from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from omegaconf import OmegaConf

from synthsweep.config.compose.plugin import plugin_config
from synthsweep.config.keys.launchers import RayWorkersSettings, SlurmWorkersSettings, WorkersSettings
from synthsweep.config.keys.sweeper import SweeperSettings
from synthsweep.config.rules import Section, key


@dataclass(frozen=True)
class Settings(Section):
    section: ClassVar[str] = "hydra.toy"
    count: int = key(2, low=0)
    names: list[str] = field(default_factory=list)
    place: str = "here"


def test_a_plugin_has_the_keys_types_and_defaults_of_its_settings() -> None:
    """And what Hydra needs to make it; a default may be another one."""

    made = plugin_config("ToyConf", Settings, "somewhere.Toy", _convert_="all", place="${there}", names=["a"])

    assert {item.name: item.type for item in fields(made)} == {
        "_target_": str, "_convert_": str, "count": int, "names": list[str], "place": str,
    }  # fmt: skip
    assert vars(made()) == {"_target_": "somewhere.Toy", "_convert_": "all", "count": 2, "names": ["a"], "place": "${there}"}
    assert made().names is not made().names


def test_the_plugins_of_hydra_are_those_of_the_settings() -> None:
    """A key that is registered and not read would be set in vain; a pickle finds the type by its name."""
    Plugins.instance()

    for name, settings in (
        ("sweeper/synthsweep", SweeperSettings),
        ("launcher/workers", WorkersSettings),
        ("launcher/ray_workers", RayWorkersSettings),
        ("launcher/slurm_workers", SlurmWorkersSettings),
    ):
        node = ConfigStore.instance().load(f"hydra/{name}.yaml").node
        assert {str(key) for key in node if not str(key).startswith("_")} == {item.name for item in fields(settings)}
        made = OmegaConf.get_type(node)
        assert getattr(sys.modules[made.__module__], made.__name__) is made
