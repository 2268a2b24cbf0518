"""`hydra/sweeper=synthsweep` as Hydra knows it."""

from dataclasses import fields

from hydra.core.config_store import ConfigStore

from hydra_plugins.synthsweep.sweeper import SweeperConf
from synthsweep.config.keys.sweeper import SweeperSettings


def test_every_key_of_the_sweeper_is_one_of_its_settings() -> None:
    """A registered key that no setting reads would do nothing."""

    node = ConfigStore.instance().load("hydra/sweeper/synthsweep.yaml").node

    assert {field.name for field in fields(SweeperSettings)} == {str(key) for key in node if not str(key).startswith("_")}
    assert {field.name for field in fields(SweeperConf)} == set(node)
