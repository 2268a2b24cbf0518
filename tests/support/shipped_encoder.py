"""The encoder that the package ships, and copies of its settings in which something is changed."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from synthsweep.config.keys.training import ModelConfig
from synthsweep.pretrained import resolve_path

MINILM = Path(resolve_path(ModelConfig().name_or_path))


def changed_minilm(folder: Path, name: str, changed: Mapping[str, object]) -> Path:
    """A new folder with its files, but for the weights; `changed` are keys of the JSON file `name`."""
    shutil.copytree(MINILM, folder, ignore=shutil.ignore_patterns("*.safetensors"))
    (folder / name).write_text(json.dumps({**json.loads((folder / name).read_text()), **changed}))
    return folder
