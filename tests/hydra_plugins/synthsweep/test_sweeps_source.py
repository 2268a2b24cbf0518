"""A folder of sweeps is a group of choices."""

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.object_type import ObjectType

from hydra_plugins.synthsweep.sweeps_source import SweepsSource
from synthsweep.config.compose.folders import shipped
from synthsweep.config.compose.register import register_roots


@pytest.fixture
def source(tmp_path: Path) -> SweepsSource:
    (tmp_path / "b.yaml").write_text("# @package _global_\n# A question?\nseed: 5\n")
    (tmp_path / "a.yaml").write_text("seed: 6\n")
    (tmp_path / "notes.txt").write_text("no sweep")
    return SweepsSource("test", f"sweeps://{tmp_path}")


def test_its_only_group_is_sweeps_and_its_choices_are_the_yaml_files(source: SweepsSource) -> None:
    """Hydra's help lists the choices in order, and no other file."""

    assert source.list("", None) == source.list("", ObjectType.GROUP) == ["sweeps"]
    assert source.list("", ObjectType.CONFIG) == source.list("sweeps", ObjectType.GROUP) == source.list("mix", None) == []
    assert source.list("sweeps", None) == ["a", "b"]


def test_a_choice_is_a_configuration_and_nothing_outside_the_group_is(source: SweepsSource) -> None:
    """`a` alone would hide a root file of the same name."""

    known = [source.is_config(name) for name in ("sweeps/a", "sweeps/c", "a", "mix/a")]

    assert known == [True, False, False, False]
    assert [source.is_group(name) for name in ("", "sweeps", "mix")] == [True, True, False]


def test_a_choice_is_read_with_its_package(source: SweepsSource) -> None:
    """The header decides where its keys land."""

    found = source.load_config("sweeps/b")

    assert (found.config["seed"], found.header["package"]) == (5, "_global_")


def test_a_folder_that_is_not_there_is_not_available() -> None:
    """Hydra reports it instead of failing."""

    assert not SweepsSource("test", "sweeps:///no/such/folder").available()


@pytest.mark.parametrize("file", sorted(shipped("sweeps").glob("*.yaml")), ids=lambda file: file.stem)
def test_every_shipped_sweep_has_its_question_and_composes(file: Path) -> None:
    """Its first comment is a question; it sets the study's name and design, and varies something."""

    register_roots()
    with initialize_config_dir(str(shipped("conf")), version_base="1.3"):
        config = compose("run", [f"sweeps={file.stem}"], return_hydra_config=True)

    assert "?" in file.read_text().splitlines()[1]
    assert config.study == file.stem
    assert config.hydra.sweeper.params
    assert config.hydra.sweeper.design in {"factorial", "search"}
