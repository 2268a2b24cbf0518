"""Opens a study in its storage, and the queue of its remaining work."""

from collections.abc import Sequence

from hydra.utils import instantiate

from synthsweep.messages import listing
from synthsweep.pages.numbers import counted
from synthsweep.storage.database import study_address
from synthsweep.study.design.seed_rule import Look, SeedRule, seeds_from
from synthsweep.study.optuna_storage import (
    StudyStore,
    load_study,
    open_study,
    require_same_definition,
)
from synthsweep.study.queue.factorial_queue import FactorialQueue
from synthsweep.study.queue.growing_queue import GrowingQueue, following, kept_looks
from synthsweep.study.queue.restored_trials import RestoredTrials
from synthsweep.study.queue.search_queue import SearchQueue
from synthsweep.study.queue.trial_queue import TrialQueue
from synthsweep.study.queue.warm_start import AUTO, differing_keys, enqueue, nearest_study, require_in_space, warm_start
from synthsweep.study.results.losses import Losses, find_losses
from synthsweep.study.samplers import make_optuna, make_sampler, own_stream
from synthsweep.study.shared.begun import Begun
from synthsweep.sweep.plan import Plan
from synthsweep.track.choose import reader_of, tracker_of

WARM_START = "hydra.sweeper.warm_start"


def require_runnable(plan: Plan) -> Sequence[str]:
    """Refuses in a dry run what the study itself would refuse; returns what it would add to the study of this name.

    Raises:
        StudyError: it was begun with another definition, or a sampler, a pruner, a first configuration or another study cannot
            be used.
    """
    settings = plan.settings
    make_optuna(settings.pruner, "pruner", instantiate)
    make_sampler(settings.sampler, settings.seed, instantiate)
    require_in_space(plan.space, settings.enqueue)
    address = study_address(settings.storage, plan.config.tracking.folder)
    if settings.warm_start and settings.warm_start != AUTO:
        load_study(address, settings.warm_start, WARM_START)
    return require_same_definition(address, plan.name, plan.definition)


def open_queue(plan: Plan, address: str, begun: Begun | None = None) -> tuple[StudyStore, TrialQueue, Losses]:
    """Begins or continues the study of a plan, by the command `begun`; what the tracking store has lost is in the queue again.

    Raises:
        StudyError: it was begun with another definition, or a sampler, a pruner or a first configuration cannot be used.
        StorageError: the database does not answer.
        TrackingError: the tracking store, in which finished replicates are looked for, does not answer.
    """
    settings = plan.settings
    pruner = make_optuna(settings.pruner, "pruner", instantiate)
    definition, lease_s = plan.definition, settings.lease_s
    store = open_study(address, plan.name, definition, plan.goal, pruner=pruner, lease_s=lease_s, begun=begun)
    try:
        losses = _losses(plan, store)
        if plan.rule:
            return store, _growing_queue(plan, store, plan.rule), losses
        if settings.design == "factorial":
            return store, FactorialQueue(store, plan.space, plan.goal, list(plan.cells), plan.seeds, settings.seed), losses
        return store, with_lost(_search_queue(plan, store, address), store, plan.seeds, losses), losses
    except BaseException:
        store.leases.close()
        raise


def _losses(plan: Plan, store: StudyStore) -> Losses:
    # A study that has finished nothing need not wait for the store to open.
    if plan.config.tracking.kind == "none" or not store.leases.notes():
        return Losses()
    tracker_of(plan.config.tracking)
    seeds = seeds_from(plan.seeds[0], plan.most_seeds) if plan.rule else plan.seeds
    return find_losses(store, reader_of(plan.config.tracking), seeds, plan.pruning)


def _growing_queue(plan: Plan, store: StudyStore, rule: SeedRule) -> GrowingQueue:
    """The queue of a study that gets seeds until its rule stops, as far as the looks that were taken have decided."""
    looks = kept_looks(store.leases)
    seeds, stopped = seeds_from(plan.seeds[0], following(looks, rule.least)), bool(looks) and looks[-1].stops
    cells = FactorialQueue(store, plan.space, plan.goal, list(plan.cells), seeds, plan.settings.seed, open_ended=not stopped)

    def look(count: int, earlier: Sequence[Look]) -> Look:
        from synthsweep.compare.look import take_look

        looked_at = seeds_from(plan.seeds[0], count)
        return take_look(rule, plan.goal.metrics, reader_of(plan.config.tracking), plan.name, looked_at, earlier)

    return GrowingQueue(cells, looks, look)


def with_lost(search: SearchQueue, store: StudyStore, seeds: tuple[int, ...], losses: Losses) -> TrialQueue:
    """A search that first runs the lost replicates of its finished trials again."""
    lost: dict[int, list[int]] = {}
    for one in losses.lost:
        lost.setdefault(one.trial, []).append(one.index)
    restored = {trial.number: trial for trial in search.trials() if trial.number in {*lost, *losses.unclosed}}
    for (number, index), outcome in losses.kept.items():
        if number in restored:
            restored[number].outcomes[index] = outcome
    return RestoredTrials(search, store, seeds, restored, lost) if restored else search


def _search_queue(plan: Plan, store: StudyStore, address: str) -> SearchQueue:
    settings = plan.settings
    store.study.sampler = make_sampler(settings.sampler, settings.seed, instantiate, own_stream(store))
    enqueue(store, plan.space, settings.enqueue)
    if settings.warm_start:
        store.learned = _learn(plan, store, address, settings.warm_start)
    return SearchQueue(store, plan.space, plan.goal, plan.seeds, settings.n_trials, plan.pruning, settings.max_retries)


def _learn(plan: Plan, store: StudyStore, address: str, given: str) -> str:
    """Copies the trials of another study for the sampler; says how many are new, and of which study."""
    name = nearest_study(store) if given == AUTO else given
    if name is None:
        return f"{WARM_START}={AUTO}: no other study of this storage varies the same keys for the same objective"
    source = load_study(address, name, WARM_START)
    copied, differing = warm_start(store, plan.space, plan.goal, source), differing_keys(store, source.user_attrs)
    where = f"differs in {listing(list(differing), 4)}" if differing else "does not say in what it differs"
    aside = "" if differing == () else f", which {where}: none of them can be the best of this study"
    return f"the sampler learns from {counted(copied, 'further trial')} of study {name}{aside}"
