"""Lets the `conf/` of the current folder add choices, and take precedence over the shipped ones."""

from hydra.core.config_search_path import ConfigSearchPath
from hydra.plugins.search_path_plugin import SearchPathPlugin

from synthsweep.config.folders import own, shipped


class SynthsweepSearchPath(SearchPathPlugin):
    """Active in synthsweep's own commands alone: other Hydra applications keep their search path."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Puts the current folder's `conf/` before the shipped one."""
        here = own("conf")
        ours = any(str(shipped("conf")) in (element.path or "") for element in search_path.get_path())
        if ours and here is not None:
            search_path.prepend(provider="synthsweep-own", path=f"file://{here}")
