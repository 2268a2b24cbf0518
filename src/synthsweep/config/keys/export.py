"""The keys of `synthsweep export`: which classifier, and where it goes."""

import re
from dataclasses import dataclass, field

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.rules import Section, key, require_folder_name
from synthsweep.errors import ConfigError

TRANSFORMERS, ONNX = "transformers", "onnx"
# What MLflow takes as an alias, and what it reads as something else.
ALIAS, RESERVED_ALIAS = re.compile(r"[\w-]{1,255}", re.ASCII), re.compile(r"latest|v\d+", re.IGNORECASE)


@dataclass(frozen=True)
class ModelExportConfig(Section):
    """The root of `synthsweep export`."""

    run: str | None = key(None, help="run ID, best:STUDY, or a folder with a saved model", first=True)
    path: str | None = key(None, help="folder that is written; null writes none, and register=NAME is needed", first=True)
    format: str = key(
        TRANSFORMERS,
        choices=(TRANSFORMERS, ONNX),
        help="what the folder holds: the saved model as it is, or one file for ONNX Runtime beside its tokenizer",
        first=True,
    )
    register: str | None = key(
        None, help="name of a model of MLflow's registry that gets a new version; null: none", first=True
    )
    alias: str = key("champion", help="name by which that version is loaded; an earlier version loses it", first=True)
    final: bool = key(
        False,
        help="true trains its configuration once more on train and dev, and takes that classifier",
        first=True,
    )
    force: bool = key(False, help="true replaces an earlier export in the folder", first=True)
    tracking: TrackingConfig = field(default_factory=TrackingConfig)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.path is not None and not self.path.strip():
            raise ConfigError("path must name the folder to write, as path=classifier, got an empty name")
        if self.register is not None:
            require_folder_name(self.register, "register")
        if not ALIAS.fullmatch(self.alias) or RESERVED_ALIAS.fullmatch(self.alias):
            raise ConfigError(
                f"alias must be a word of letters, digits, '-' and '_', not latest or v1, got {self.alias!r}: as champion"
            )
        if self.format == ONNX and self.path is None and self.register is not None:
            raise ConfigError(
                "format=onnx writes a folder, and MLflow's registry takes the saved model as it is: add path=FOLDER, or leave "
                "format out"
            )
