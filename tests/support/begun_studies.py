"""Studies that a command has begun in a folder of its own, and of which nothing is done."""

from pathlib import Path

import pytest
from hydra._internal.config_repository import ConfigRepository
from hydra.types import RunMode

from support.plans import opened_loader
from synthsweep.config.compose.given import CONFIG_DIR
from synthsweep.config.compose.typed import sweeper_keys
from synthsweep.sweep.keep_command import begun_of
from synthsweep.sweep.open_queue import open_queue
from synthsweep.sweep.plan import make_plan, read_settings


def begin_study(folder: Path, address: str, *arguments: str, config_dir: Path | None = None) -> None:
    """What `synthsweep run -m ARGUMENTS` does in a folder before its first replicate; `arguments` may set `hydra.sweeper`.

    `config_dir` is that of `--config-dir`.
    """
    folder.mkdir(exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        with opened_loader() as loader:
            if config_dir:
                loader.get_search_path().prepend(CONFIG_DIR, f"file://{config_dir}")
                loader.repository = ConfigRepository(loader.get_search_path())  # type: ignore[attr-defined]
            node = loader.load_configuration("run", list(arguments), run_mode=RunMode.MULTIRUN)
            settings = read_settings(sweeper_keys(node.hydra.sweeper))
            of_task, of_hydra = (list(map(str, node.hydra.overrides[name])) for name in ("task", "hydra"))
            plan = make_plan(settings, node, loader, of_task)
            store, _, _ = open_queue(plan, address, begun_of(plan, of_task, of_hydra))
            store.leases.close()
            store.leases.engine.dispose()
            store.storage._backend.engine.dispose()
