"""`hydra/sweeper=synthsweep`: Optuna 5, replicates, designs, pruning and resumption as a Hydra sweeper."""

from typing import TYPE_CHECKING, Any

from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.plugins.launcher import Launcher
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig

from synthsweep.config.compose.plugin import plugin_config
from synthsweep.config.keys.sweeper import SweeperSettings

if TYPE_CHECKING:
    from synthsweep.study.queue.trial_queue import StudyTrials

# The study makes its sampler and pruner when it opens; Hydra must not make them with the sweeper.
SweeperConf = plugin_config(
    "SweeperConf",
    SweeperSettings,
    "hydra_plugins.synthsweep.sweeper.SynthsweepSweeper",
    _recursive_=False,
    _convert_="all",
)


class SynthsweepSweeper(Sweeper):
    """Plans a study and runs it with the launcher's workers; whoever shows its trials sets `prints_results` to False."""

    prints_results = True

    def __init__(self, **settings: Any) -> None:
        self.settings = settings
        self.config: DictConfig | None = None
        self.launcher: Launcher | None = None
        self.hydra_context: HydraContext | None = None

    def setup(self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig) -> None:
        self.hydra_context, self.config = hydra_context, config
        self.launcher = Plugins.instance().instantiate_launcher(
            hydra_context=hydra_context, task_function=task_function, config=config
        )

    def sweep(self, arguments: list[str]) -> "StudyTrials":
        """Runs the study that the arguments and `hydra.sweeper.params` describe; returns its trials."""
        from synthsweep.sweep.sweep import sweep

        assert self.config is not None
        assert self.hydra_context is not None
        assert self.launcher is not None
        return sweep(
            self.settings, self.config, self.hydra_context, self.launcher, arguments, prints_results=self.prints_results
        )


ConfigStore.instance().store(group="hydra/sweeper", name="synthsweep", node=SweeperConf, provider="synthsweep")
