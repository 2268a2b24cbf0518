"""`synthsweep studies` and `studies stop`: the studies of a storage, and an end for the processes that work on one."""

from omegaconf import DictConfig

from synthsweep.cli.single import ONE_CHOICE, require_single
from synthsweep.cli.storage import named_storage
from synthsweep.config.compose.register import frozen
from synthsweep.config.keys.studies import StudiesConfig, StudiesStopConfig


def studies(node: DictConfig) -> None:
    """`synthsweep studies`: one row per study, then who works on it and what failed."""
    require_single(f"synthsweep studies shows one storage; {ONE_CHOICE}")
    config = frozen(node, StudiesConfig)
    storage = named_storage(config.tracking)
    from synthsweep.display.console import open_console
    from synthsweep.display.studies import print_studies
    from synthsweep.study.shared.state import read_states

    states = read_states(storage.address, storage.shown, storage.lease_s, config.study)
    print_studies(open_console(), states, storage.shown)


def studies_stop(node: DictConfig) -> None:
    """`synthsweep studies stop`: leaves a request in the storage, which processes look at between replicates."""
    require_single(f"synthsweep studies stop ends one study; {ONE_CHOICE}")
    config = frozen(node, StudiesStopConfig)
    storage = named_storage(config.tracking)
    from synthsweep.display.console import open_console
    from synthsweep.display.studies import print_stop
    from synthsweep.study.shared.state import read_states
    from synthsweep.study.shared.stop_request import ask_all_to_stop

    state = read_states(storage.address, storage.shown, storage.lease_s, config.name)[0]
    if not state.finished:
        ask_all_to_stop(storage.address, config.name, storage.lease_s)
    print_stop(open_console(), state)
