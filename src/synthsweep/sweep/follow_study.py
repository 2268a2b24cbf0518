"""A study on submitted jobs: from its open storage to its kept results, as with workers of this process."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from synthsweep.messages import without_password
from synthsweep.progress import Stage
from synthsweep.storage.database import study_address
from synthsweep.study.design.seed_rule import seeds_from
from synthsweep.study.queue.growing_queue import GrowingQueue
from synthsweep.study.results.run_tree import RunTree
from synthsweep.study.shared.state import read_states
from synthsweep.study.sweep_runner import Tally
from synthsweep.sweep.follow import Follower, unfinished

if TYPE_CHECKING:
    from synthsweep.sweep.run_study import OpenStudy


def follow_study(study: "OpenStudy", launcher: Any, open_tree: Callable[[], RunTree]) -> Tally:
    """Submits jobs, or finds those of an earlier command, and follows them to their end.

    Raises:
        ConfigError: submitit is not installed.
        WorkerError: Slurm refuses the jobs.
    """
    plan = study.plan
    study.screen.workers = launcher.settings["n_jobs"] * launcher.settings["workers_per_job"]
    tree = open_tree()
    if isinstance(study.queue, GrowingQueue):
        study.queue.show = partial(study.show_look, study.queue, tree)
    follower = Follower(
        study.queue, study.store.leases, study.screen,
        lambda jobs: launcher.submit_workers(plan.name, plan.settings, plan.config.tracking, jobs),
        partial(_failures, study),
        seeds_from(plan.seeds[0], plan.most_seeds) if plan.rule else plan.seeds,
        study.limits, study.stop_requested, float(launcher.settings["poll_s"]), study.store.alone,
    )  # fmt: skip
    try:
        follower.run()
    finally:
        study.screen.close()
        tally = follower.tally
        tally.interrupted = bool(follower.interrupted or follower.left or tally.stopped)
        if follower.left:
            tree.close(None, "")
            study.screen(Stage("the jobs go on without this command; the same command follows them again"))
        else:
            study.keep_results(tree, tally)
            tally.unfinished = unfinished(study.queue.counts(), follower)
    return tally


def _failures(study: "OpenStudy") -> Mapping[str, int]:
    """The replicates that failed in any process of the study, by their reason."""
    address = study_address(study.plan.settings.storage, study.plan.config.tracking.folder)
    state = read_states(address, without_password(address), study.plan.settings.lease_s, study.plan.name)[0]
    return state.failed or {}
