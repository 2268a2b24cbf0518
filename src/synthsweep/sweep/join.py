"""`synthsweep work`: a study that another machine has begun, composed here from what the study keeps of its command."""

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from hydra._internal.callbacks import Callbacks
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra.core.config_loader import ConfigLoader
from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from hydra.core.plugins import Plugins
from hydra.types import HydraContext, RunMode, TaskFunction
from omegaconf import DictConfig, OmegaConf

from synthsweep.config.commands import assign
from synthsweep.config.compose.explain import COMPOSITION_ERRORS, explain
from synthsweep.config.compose.folders import own
from synthsweep.config.compose.given import given_of_hydra
from synthsweep.config.compose.grammar import key_of
from synthsweep.config.compose.keys_stay_out import require_no_keys
from synthsweep.config.compose.register import register_root
from synthsweep.config.compose.typed import sweeper_keys
from synthsweep.errors import ConfigError, StudyError
from synthsweep.study.shared.begun import Begun
from synthsweep.sweep.keep_command import GROUPS_OF_A_MACHINE
from synthsweep.sweep.local_files import HEAD, LOCAL, joined
from synthsweep.sweep.sweep import sweep

# How Hydra's search path calls what a user has in the current folder.
OWN = "current-folder"


def join(name: str, begun: Begun, task: TaskFunction) -> None:
    """Runs what is left of a study, until nothing is, with the stores and workers that the current command names.

    Raises:
        InputError: the study cannot be composed here, or what it reads is another thing here.
        Refusal: some replicates failed, or it was interrupted; what is finished stays.
    """
    with _files_of(begun) as folder, _variables_of(begun):
        loader = ConfigLoaderImpl(_search_path(folder))
        node = _composed(loader, overrides_of(name, begun, given_here()))
        HydraConfig.instance().set_config(node)
        context = HydraContext(config_loader=loader, callbacks=Callbacks())
        launcher = Plugins.instance().instantiate_launcher(hydra_context=context, task_function=task, config=node)
        sweep(sweeper_keys(node.hydra.sweeper), node, context, launcher, list(node.hydra.overrides.task), joins=True)


def given_here() -> list[str]:
    """The overrides of the current command, Hydra's own among them."""
    hydra = HydraConfig.get()
    task = OmegaConf.to_container(hydra.overrides.task, resolve=False)
    return [*map(str, task or ()), *given_of_hydra(hydra)]


def overrides_of(name: str, begun: Begun, here: Sequence[str]) -> list[str]:
    """The overrides of the study, with those of this machine in the place of the same keys; no LLM is asked from here."""
    own_keys = [*(text for text in here if key_of(text) != "study"), "generate.on_demand=false", assign("study", name)]
    replaced = set(map(key_of, own_keys))
    return [*(text for text in (*begun.arguments, *begun.sweeper) if key_of(text) not in replaced), *own_keys]


def _composed(loader: ConfigLoader, overrides: Sequence[str]) -> DictConfig:
    register_root("run")
    try:
        node = loader.load_configuration("run", list(overrides), run_mode=RunMode.MULTIRUN)
    except COMPOSITION_ERRORS as error:
        raise ConfigError(explain(error, "run")) from error
    require_no_keys(node)
    return node


def _search_path(folder: Path) -> ConfigSearchPath:
    """Hydra's own, with the files of the study before the shipped ones in the place of the current folder's."""
    path: ConfigSearchPath = GlobalHydra.instance().config_loader().get_search_path()
    elements = path.get_path()
    elements[:] = [element for element in elements if element.provider != OWN]
    for name, scheme in (("sweeps", "sweeps"), ("conf", "file")):
        if (folder / name).is_dir():
            path.prepend(provider=OWN, path=f"{scheme}://{folder / name}")
    return path


@contextmanager
def _files_of(begun: Begun) -> Iterator[Path]:
    """A folder with the files that the study keeps, and with those of this machine's own groups."""
    with tempfile.TemporaryDirectory(prefix="synthsweep-") as name:
        folder = Path(name)
        for kept, text in begun.files.items():
            file = (folder / kept).resolve()
            if not file.is_relative_to(folder.resolve()):
                raise StudyError(f"study: it keeps a file {kept}, outside of conf/ and sweeps/; nothing was written")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        here = own("conf")
        for group in GROUPS_OF_A_MACHINE:
            if here and (here / group).is_dir():
                shutil.copytree(here / group, folder / "conf" / group, dirs_exist_ok=True)
        _join_local(folder / "conf" / LOCAL, here / LOCAL if here else None)
        yield folder


def _join_local(folder: Path, here: Path | None) -> None:
    """Adds what this machine's files of the group `local` say of the machine to what the study's say of the study."""
    folder.mkdir(parents=True, exist_ok=True)
    for file in here.glob("*.yaml") if here else ():
        of_study = folder / file.name
        text = joined(of_study.read_text(encoding="utf-8") if of_study.exists() else "", file.read_text(encoding="utf-8"))
        of_study.write_text(text or HEAD, encoding="utf-8")


@contextmanager
def _variables_of(begun: Begun) -> Iterator[None]:
    """The variables that the study's files name, as they were where it began."""
    before: Mapping[str, str | None] = {name: os.environ.get(name) for name in begun.variables}
    os.environ.update(begun.variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
