from pathlib import Path

import pytest

from support.builders import run_config
from synthsweep.config.compose.folders import PACKAGE, own, shipped
from synthsweep.errors import ConfigError


def test_a_checkout_has_its_folders_beside_the_sources() -> None:
    assert shipped("conf") == PACKAGE.parent.parent / "conf"
    assert (shipped("conf") / "run.yaml").is_file()


def test_an_installed_package_has_its_folders_inside_it() -> None:
    """A wheel puts conf/ there; any folder inside the package shows the rule."""

    assert shipped("corpus") == PACKAGE / "corpus"


def test_the_current_folders_own_one_is_found(own_folder: Path) -> None:
    """A file of that name is not a folder."""

    assert own("conf") is None
    Path("sweeps").write_text("no folder", encoding="utf-8")
    assert own("sweeps") is None

    Path("conf").mkdir()

    assert own("conf") == own_folder / "conf"


def test_the_shipped_folder_is_not_the_current_folders_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a checkout both are the same, and would be in the search path twice."""

    monkeypatch.chdir(shipped("conf").parent)

    assert own("conf") is None


def test_an_own_choice_stands_beside_the_shipped_ones_and_before_its_namesake() -> None:
    """A laboratory keeps its prompts and defaults beside its data."""

    folder = Path("conf/mix")
    folder.mkdir(parents=True)
    (folder / "tenth.yaml").write_text("arm: augment\nratio: 0.1\n", encoding="utf-8")
    (folder / "augment.yaml").write_text("arm: augment\nratio: 0.7\n", encoding="utf-8")

    assert [run_config(f"mix={choice}").mix.ratio for choice in ("tenth", "augment", "real_only")] == [0.1, 0.7, 0.0]


def test_an_own_choice_is_checked_like_a_shipped_one() -> None:
    """A YAML file cannot get round the schema."""

    Path("conf/mix").mkdir(parents=True)
    Path("conf/mix/wild.yaml").write_text("arm: augment\nratio: 99\n", encoding="utf-8")

    with pytest.raises(ConfigError, match=r"^mix\.ratio must be in \[0, 10\], got 99\.0: synthetic texts"):
        run_config("mix=wild")


def test_local_defaults_are_taken_up() -> None:
    """conf/local/default.yaml of the current folder is for what is true of one machine."""

    Path("conf/local").mkdir(parents=True)
    Path("conf/local/default.yaml").write_text("# @package _global_\ntraining:\n  threads: 3\n", encoding="utf-8")

    assert run_config().training.threads == 3
    assert run_config("training.threads=5").training.threads == 5
