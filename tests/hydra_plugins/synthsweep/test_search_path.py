"""The current folder's conf/ and sweeps/ come first, in synthsweep's own commands alone."""

from pathlib import Path

from hydra._internal.config_search_path_impl import ConfigSearchPathImpl

from hydra_plugins.synthsweep.search_path import SynthsweepSearchPath
from synthsweep.config.compose.folders import shipped


def search_path(main: Path) -> list[str]:
    path = ConfigSearchPathImpl()
    path.append("main", f"file://{main}")
    SynthsweepSearchPath().manipulate_search_path(path)
    return [str(element.path) for element in path.get_path()]


def test_the_shipped_sweeps_are_found_behind_the_shipped_conf() -> None:
    """An empty current folder adds nothing."""

    assert search_path(shipped("conf")) == [f"file://{shipped('conf')}", f"sweeps://{shipped('sweeps')}"]


def test_the_current_folders_own_files_come_first(tmp_path: Path) -> None:
    """A file of the same name hides the shipped one."""

    (tmp_path / "conf").mkdir()
    (tmp_path / "sweeps").mkdir()

    assert search_path(shipped("conf"))[:2] == [f"file://{tmp_path}/conf", f"sweeps://{tmp_path}/sweeps"]


def test_other_hydra_applications_keep_their_search_path(tmp_path: Path) -> None:
    """The plugin is installed for all of them, but acts only in ours."""

    (tmp_path / "conf").mkdir()

    assert search_path(Path("/somewhere/else")) == ["file:///somewhere/else"]
