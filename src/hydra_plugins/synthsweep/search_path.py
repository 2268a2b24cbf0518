"""Lets `conf/` and `sweeps/` of the current folder add choices, and take precedence over the shipped ones."""

from hydra.core.config_search_path import ConfigSearchPath
from hydra.plugins.search_path_plugin import SearchPathPlugin

from synthsweep.config.compose.folders import own, shipped


class SynthsweepSearchPath(SearchPathPlugin):
    """Changes the search path of synthsweep's commands only; other Hydra applications keep theirs."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Puts `conf/` and `sweeps/` of the current folder first, and the shipped sweeps last."""
        if not any(str(shipped("conf")) in (element.path or "") for element in search_path.get_path()):
            return
        search_path.append(provider="synthsweep", path=f"sweeps://{shipped('sweeps')}")
        for name, scheme in (("sweeps", "sweeps"), ("conf", "file")):
            here = own(name)
            if here is not None:
                search_path.prepend(provider="current-folder", path=f"{scheme}://{here}")
