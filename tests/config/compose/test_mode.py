"""A command composes its configuration once, and a mode that a user sets still holds."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hydra._internal.hydra import Hydra

from support.builders import Answer


@pytest.fixture
def composed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Grows by one entry with each composition."""
    done: list[str] = []
    compose = Hydra.compose_config

    def counted(self: Hydra, *arguments: Any, **more: Any) -> Any:
        done.append(str(more.get("config_name")))
        return compose(self, *arguments, **more)

    monkeypatch.setattr(Hydra, "compose_config", counted)
    return done


def test_a_command_composes_once(cli: Callable[..., Answer], composed: list[str]) -> None:
    """Hydra's own look at `hydra.mode` would be another composition."""
    answer = cli("doctor", "training=none")
    again = cli("generate", "llm=recorded")

    assert (answer.status, again.status) == (2, 2)
    assert composed == ["doctor", "generate"]


@pytest.mark.slow
@pytest.mark.parametrize("where", ["argument", "file"])
def test_a_mode_of_the_users_holds(cli: Callable[..., Answer], where: str, tmp_path: Path) -> None:
    """On the command line and in a file of the user's own: what follows is a multirun, which alone takes replicates."""
    words = ["run", "replicates=2", "sweep.dry_run=true", "experiment=ci", "tracking=none"]
    if where == "file":
        (tmp_path / "conf/experiment").mkdir(parents=True)
        (tmp_path / "conf/experiment/many.yaml").write_text(
            "# @package _global_\ndefaults:\n  - ci\n  - _self_\nhydra:\n  mode: MULTIRUN\n"
        )
    answer = cli(*words, "hydra.mode=MULTIRUN") if where == "argument" else cli(*words[:-2], "experiment=many")

    assert answer.status == 0
    assert "2 replicates" in answer.out
