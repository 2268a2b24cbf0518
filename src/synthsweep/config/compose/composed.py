"""What a command would run with: the defaults of its choices merged, as its help shows them; no run begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

from synthsweep.config.compose.folders import shipped
from synthsweep.config.compose.keys_stay_out import require_no_keys
from synthsweep.config.compose.register import register_root
from synthsweep.config.verbs import Verb


@dataclass(frozen=True)
class Composition:
    """`values` are nested, with references such as `${seed}` as they stand; `choices` maps each group to its choice."""

    values: dict[str, Any]
    choices: dict[str, str | None]

    def value(self, key: str, default: Any) -> Any:
        """The composed value of a key; the default where the composition lacks it, as for another launcher's keys."""
        found: Any = self.values
        for name in key.split("."):
            if not isinstance(found, dict) or name not in found:
                return default
            found = found[name]
        return found


def compose_verb(verb: Verb, overrides: Sequence[str] = (), folders: Sequence[Path] = ()) -> Composition:
    """Composes the root of a verb; `folders` hold choices beside those of conf/.

    Raises:
        HydraException, OmegaConfBaseException: an override is wrong.
    """
    register_root(verb.name)
    searched = [f"hydra.searchpath=[{','.join(f'file://{folder}' for folder in folders)}]"] if folders else []
    with initialize_config_dir(str(shipped("conf")), version_base="1.3"):
        node = compose(verb.name, [*overrides, *searched], return_hydra_config=True)
    require_no_keys(node)
    choices = OmegaConf.to_container(node.hydra.runtime.choices)
    values = OmegaConf.to_container(node, resolve=False)
    assert isinstance(values, dict)
    assert isinstance(choices, dict)
    return Composition(
        {str(name): value for name, value in values.items()}, {str(name): value for name, value in choices.items()}
    )
