"""`hydra/launcher=slurm_workers`: an array of jobs on a Slurm cluster, each of which joins the study with `synthsweep work`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hydra.core.config_store import ConfigStore
from hydra.core.utils import JobReturn

# Import the module: Hydra would register an imported class as a plugin of this module, too.
from hydra_plugins.synthsweep import workers_launcher
from synthsweep.config.compose.plugin import plugin_config
from synthsweep.config.keys.launchers import SlurmWorkersSettings

if TYPE_CHECKING:
    from synthsweep.config.keys.run import TrackingConfig
    from synthsweep.config.keys.sweeper import SweeperSettings
    from synthsweep.workers.slurm.array import JobArray
    from synthsweep.workers.worker_pool import WorkerPool

SlurmWorkersConf = plugin_config(
    "SlurmWorkersConf", SlurmWorkersSettings, "hydra_plugins.synthsweep.slurm_workers_launcher.SlurmWorkersLauncher"
)


class SlurmWorkersLauncher(workers_launcher.WorkersLauncher):
    """Our sweeper calls `submit_workers`, and follows what it submitted: the jobs take replicates from the study themselves."""

    kind = SlurmWorkersSettings

    def require_reachable(self) -> None:
        """Refuses stores that the nodes cannot reach, before the study begins."""
        from synthsweep.sweep.launch.slurm_workers import require_reachable

        assert self.config is not None
        require_reachable(self.settings, self.config)

    def submit_workers(self, study: str, sweeper: "SweeperSettings", tracking: "TrackingConfig", jobs: int) -> "JobArray":
        """Submits jobs that join the study, at most one per replicate."""
        from synthsweep.sweep.launch.slurm_workers import submit_workers

        return submit_workers(self.settings, study, sweeper, tracking, jobs)

    def open_workers(self, jobs: int) -> "WorkerPool":
        """Only a study that lies in a storage can be joined."""
        from synthsweep.errors import ConfigError

        raise ConfigError("hydra/launcher=slurm_workers runs studies: leave hydra/sweeper=synthsweep as it is")

    def launch(self, job_overrides: Sequence[Sequence[str]], initial_job_idx: int) -> Sequence[JobReturn]:
        """Refuses the batches of other sweepers."""
        self.open_workers(len(job_overrides))
        return ()


ConfigStore.instance().store(group="hydra/launcher", name="slurm_workers", node=SlurmWorkersConf, provider="synthsweep")
