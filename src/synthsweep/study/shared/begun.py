"""The command of a study and what its choices were, kept in the study: another machine needs nothing else to join it.

Values of keys are not enough: a search proposes configurations that nobody has composed before. So the overrides are kept, with
the files of the user's own that they choose and the variables that those name. What belongs to a machine (stores, launchers,
folders) is not, and no address keeps its password.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

BEGUN = "begun"


@dataclass(frozen=True)
class Begun:
    """`arguments` are the overrides of `run -m`, `sweeper` those of `hydra.sweeper`; `files` are texts by their path.

    `host` and `folder` say where the command was last given, `n_trials` how many trials a search had there.
    """

    arguments: tuple[str, ...]
    sweeper: tuple[str, ...]
    n_trials: int
    host: str
    folder: str
    version: str
    files: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


def keep_begun(study: Any, begun: Begun) -> None:
    """Keeps it with Optuna's study, unless the same is there."""
    text = json.dumps(asdict(begun), sort_keys=True)
    if study.user_attrs.get(BEGUN) != text:
        study.set_user_attr(BEGUN, text)


def read_begun(kept: Mapping[str, Any]) -> Begun | None:
    """From the user attributes of a study; None where an earlier version began it, which kept nothing."""
    if BEGUN not in kept:
        return None
    names = {item.name for item in fields(Begun)}
    values = {name: value for name, value in json.loads(kept[BEGUN]).items() if name in names}
    return Begun(**{**values, "arguments": tuple(values["arguments"]), "sweeper": tuple(values["sweeper"])})
