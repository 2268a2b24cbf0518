"""`synthsweep work`: this machine takes replicates of a study that another one has begun."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from synthsweep import __version__
from synthsweep.cli.single import ONE_CHOICE, require_single
from synthsweep.cli.storage import named_storage
from synthsweep.config.compose.register import frozen
from synthsweep.config.keys.studies import WorkConfig
from synthsweep.config.verbs import VERBS

if TYPE_CHECKING:
    from synthsweep.study.shared.begun import Begun


def work(node: DictConfig) -> None:
    """`synthsweep work`: what `run -m` does from its second terminal on, without the command of the first."""
    require_single(f"synthsweep work joins one study; {ONE_CHOICE}")
    config = frozen(node, WorkConfig)
    storage = named_storage(config.tracking)
    name = config.name
    from synthsweep.cli.main import hydra_task
    from synthsweep.display.screen import Screen
    from synthsweep.progress import Stage
    from synthsweep.study.shared.inputs import fetch_inputs, read_joined, require_inputs
    from synthsweep.sweep.join import join

    joined = read_joined(storage.address, storage.shown, name)
    screen = Screen()
    for line in fetch_inputs(name, joined, config.tracking):
        screen(Stage(line))
    require_inputs(name, joined)
    for line in about(name, joined.begun):
        screen(Stage(line))
    join(name, joined.begun, hydra_task(VERBS[0]))


def about(name: str, begun: "Begun") -> Iterator[str]:
    """Where a study began, and what is different here."""
    other = f" with synthsweep {begun.version}, and here is {__version__}" if begun.version != __version__ else ""
    yield f"study {name}, begun on {begun.host} in {begun.folder}{other}"
    for variable, value in begun.variables.items():
        if os.environ.get(variable) != value:
            yield f"{variable}={value}, as where the study began"
