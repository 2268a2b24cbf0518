"""Opens a study in its storage, and the queue of its remaining work."""

from hydra.utils import instantiate

from synthsweep.study.optuna_storage import StudyStore, load_study, make_optuna, make_sampler, open_study
from synthsweep.study.queue.factorial_queue import FactorialQueue
from synthsweep.study.queue.search_queue import SearchQueue
from synthsweep.study.queue.trial_queue import TrialQueue
from synthsweep.study.queue.warm_start import enqueue, warm_start
from synthsweep.sweep.plan import Plan


def open_queue(plan: Plan, address: str) -> tuple[StudyStore, TrialQueue]:
    """Begins or continues the study of a plan.

    Raises:
        StudyError: it was begun with another definition, or a sampler, a pruner or a first configuration cannot be used.
        StorageError: the database does not answer.
    """
    settings = plan.settings
    pruner = make_optuna(settings.pruner, "pruner", instantiate)
    store = open_study(address, plan.name, plan.definition, plan.goal, pruner=pruner, lease_s=settings.lease_s)
    try:
        if settings.design == "factorial":
            return store, FactorialQueue(store, plan.space, plan.goal, list(plan.cells), plan.seeds, settings.seed)
        return store, _search_queue(plan, store, address)
    except BaseException:
        store.leases.close()
        raise


def _search_queue(plan: Plan, store: StudyStore, address: str) -> SearchQueue:
    settings = plan.settings
    # Another seed than that of earlier commands: with the same one, the sampler would propose their trials again.
    store.study.sampler = make_sampler(settings.sampler, settings.seed + len(store.study.trials), instantiate)
    enqueue(store, plan.space, settings.enqueue)
    if settings.warm_start:
        source = load_study(address, settings.warm_start, "hydra.sweeper.warm_start")
        warm_start(store, plan.space, plan.goal, source)
    return SearchQueue(store, plan.space, plan.goal, plan.seeds, settings.n_trials, plan.pruning, settings.max_retries)
