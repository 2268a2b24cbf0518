"""Hydra within a process that may use it itself."""

from pathlib import Path

import pytest
from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig

from synthsweep.api.session import composed, words_of_call
from synthsweep.config.compose.given import given_overrides
from synthsweep.errors import ConfigError


def test_a_folder_is_an_override_like_any_other() -> None:
    assert words_of_call("seed=2", Path("my runs")) == ["seed=2", "tracking.folder='my runs'"]


@pytest.mark.parametrize(
    ("word", "said"),
    [("--config-dir=x", "--config-dir=x: overrides must be KEY=VALUE"), ("-m", "-m: synthsweep.sweep(...) runs several")],
)
def test_a_flag_is_refused(word: str, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        words_of_call([word], None)

    assert str(refused.value).startswith(said)


def test_a_notebook_that_uses_hydra_keeps_its_own(tmp_path: Path) -> None:
    """Whether a call of ours ends well or with an error."""
    (tmp_path / "mine.yaml").write_text("answer: 42\n")

    with initialize_config_dir(str(tmp_path), version_base="1.3"):
        own, settings = GlobalHydra.instance().hydra, HydraConfig.instance().cfg
        with composed("compare", ["study=a"]) as node:
            inside = (node.study, given_overrides(), GlobalHydra.instance().hydra is own)
        with pytest.raises(ConfigError, match=r"studdy: no such key; did you mean study\?"), composed("compare", ["studdy=a"]):
            pass

        assert inside == ("a", ["study=a"], False)
        assert GlobalHydra.instance().hydra is own
        assert HydraConfig.instance().cfg is settings
        assert compose("mine").answer == 42
