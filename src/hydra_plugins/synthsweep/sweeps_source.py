"""Makes the files of `sweeps/`, a folder beside `conf/`, the choices of the group `sweeps`."""

from pathlib import Path

from hydra._internal.core_plugins.file_config_source import FileConfigSource
from hydra.core.object_type import ObjectType
from hydra.plugins.config_source import ConfigResult

GROUP = "sweeps"


class SweepsSource(FileConfigSource):
    """A search path `sweeps:///FOLDER` whose only group is `sweeps`, with one question per file and no subfolders."""

    @staticmethod
    def scheme() -> str:
        return "sweeps"

    def available(self) -> bool:
        return Path(self.path).is_dir()

    def is_group(self, config_path: str) -> bool:
        return config_path in {"", GROUP}

    def is_config(self, config_path: str) -> bool:
        return config_path.startswith(f"{GROUP}/") and super().is_config(_inside(config_path))

    def load_config(self, config_path: str) -> ConfigResult:
        return super().load_config(_inside(config_path))

    def list(self, config_path: str, results_filter: ObjectType | None) -> list[str]:
        if config_path == "":
            return [] if results_filter == ObjectType.CONFIG else [GROUP]
        if config_path != GROUP or results_filter == ObjectType.GROUP:
            return []
        return sorted(file.stem for file in Path(self.path).glob("*.yaml"))


def _inside(config_path: str) -> str:
    return config_path.removeprefix(f"{GROUP}/")
