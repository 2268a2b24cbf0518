"""What a study has finished and the tracking store has lost: deleted runs, a removed database, another store, removed files."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from synthsweep.config.keys.training import ENCODER
from synthsweep.study.optuna_storage import CELL, WARM, StudyStore
from synthsweep.study.queue.trial_queue import Outcome, trial_item
from synthsweep.study.results.run_tree import RUN, STUDY_RUN
from synthsweep.track.reader import REUSED_FROM, KeptRun, RunReader

# The claims that mark the study's results as kept.
RESULTS = "kept:"


@dataclass(frozen=True)
class FinishedReplicate:
    """A replicate that the study's storage says is finished; `item` is its claim, `outcome` None if it was not noted.

    A `pruned` one has a run that did not finish.
    """

    trial: int
    index: int
    item: str
    outcome: Outcome | None
    pruned: bool


@dataclass(frozen=True)
class Losses:
    """`kept` are the outcomes of replicates whose runs are there, by trial and index; `trials` those whose own run is gone.

    `cut_off` are complete trials whose own run was ended before it was closed. `study`: its own run is gone.
    `orphans` are runs whose parent is gone, by the claim of the parent. `unsaved` counts the kept ones without a saved encoder.
    """

    lost: tuple[FinishedReplicate, ...] = ()
    kept: Mapping[tuple[int, int], Outcome] = field(default_factory=dict)
    trials: frozenset[int] = frozenset()
    cut_off: frozenset[int] = frozenset()
    study: bool = False
    orphans: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unsaved: int = 0

    @property
    def unclosed(self) -> frozenset[int]:
        """The trials whose own run has to be closed once more."""
        return self.trials | self.cut_off

    @property
    def message(self) -> str:
        """What is gone, and what is done about it, in one line; empty where nothing is gone."""
        finished = len(self.lost) + len(self.kept)
        if self.lost:
            return f"{len(self.lost)} of {finished} finished replicates are gone from the tracking store: they run again"
        if self.trials:
            return f"the runs of {_of_trials(self.trials)} are gone from the tracking store: they are made again"
        if self.cut_off:
            return f"the runs of {_of_trials(self.cut_off)} were ended before they were closed: they are closed now"
        return "the study's own run is gone from the tracking store: it is made again" if self.study else ""

    @property
    def unsaved_message(self) -> str:
        """For a command that asks for saved classifiers; empty where none is lacking."""
        if not self.unsaved:
            return ""
        return (
            f"tracking.log_model=true: {self.unsaved} of {len(self.kept)} finished replicates saved no classifier, and this "
            "study does not train them again: the same command with another study=NAME trains these once more and saves them"
        )


def _of_trials(numbers: frozenset[int]) -> str:
    return f"{len(numbers)} trial{'s' * (len(numbers) != 1)}"


@dataclass(frozen=True)
class KeptRuns:
    """The runs of a study that the store has, and the runs whose results they take."""

    runs: tuple[KeptRun, ...]
    sources: tuple[KeptRun, ...] = ()

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(run.run_id for run in self.runs)

    def find(self, one: FinishedReplicate) -> KeptRun | None:
        """A run of the trial with the same key, or where the key is not known, of the same replicate."""
        key = one.outcome.key if one.outcome else ""
        for run in self._replicates.get(one.trial, ()):
            keys = {run.tags.get("run_key"), run.tags.get("reused_run_key")}
            same = key in keys if key else run.tags.get("replicate") == str(one.index)
            if same and (one.pruned or self._is_complete(run)):
                return run
        return None

    def run_of(self, trial: int | None) -> str:
        """The id of a trial's own run, or of the study's for None; empty if there is none."""
        kind, number = ("study", None) if trial is None else ("trial", str(trial))
        own = (run.run_id for run in self.runs if run.tags.get("kind") == kind and run.tags.get("trial") == number)
        return next(own, "")

    def cut_off(self, complete: Set[int]) -> frozenset[int]:
        """The complete trials whose own run was ended by a signal: their process died between the two stores."""
        ended = {run.tags.get("trial") for run in self.runs if run.tags.get("kind") == "trial" and run.status == "KILLED"}
        return frozenset(number for number in complete if str(number) in ended)

    def orphans(self, items: Mapping[int, str]) -> dict[str, list[str]]:
        """The runs whose parent is gone, by the claim of the parent's run; `items` are the trials' claims."""
        found: dict[str, list[str]] = defaultdict(list)
        for run in self.runs:
            number = run.tags.get("trial", "")
            if run.parent and run.parent not in self.ids and number.isdigit() and int(number) in items:
                of_trial = run.tags.get("kind") == "trial"
                found[STUDY_RUN if of_trial else f"{RUN}{items[int(number)]}"].append(run.run_id)
        return dict(found)

    @cached_property
    def _replicates(self) -> Mapping[int, list[KeptRun]]:
        found: dict[int, list[KeptRun]] = defaultdict(list)
        for run in self.runs:
            if run.tags.get("kind") == "replicate" and run.tags.get("trial", "").isdigit():
                found[int(run.tags["trial"])].append(run)
        return found

    @cached_property
    def _sound(self) -> frozenset[str]:
        runs = (*self.runs, *self.sources)
        return frozenset(run.run_id for run in runs if run.status == "FINISHED" and run.has_predictions)

    def lacks_model(self, run: KeptRun) -> bool:
        """Whether an encoder was trained, and certainly not saved."""
        trained = next((one for one in (*self.runs, *self.sources) if one.run_id == run.trained_id), run)
        return trained.params.get("model.kind", ENCODER) == ENCODER and not trained.has_model

    def _is_complete(self, run: KeptRun) -> bool:
        return run.status == "FINISHED" and run.trained_id in self._sound


def find_losses(store: StudyStore, reader: RunReader, seeds: Sequence[int], pruning: str) -> Losses:
    """Compares what the storage says is finished with the runs that the store has, and frees the claims of what is gone.

    Raises:
        TrackingError: the tracking store does not answer.
    """
    frozen_trials = [trial for trial in store.study.get_trials(deepcopy=False) if WARM not in trial.user_attrs]
    items, notes = {trial.number: _item(trial) for trial in frozen_trials}, store.leases.notes()
    finished = [one for trial in frozen_trials for one in _finished(trial, notes, seeds, pruning)]
    # Read after the notes: a replicate that ends meanwhile has a run before it has a note.
    kept_runs = _read(reader, store.name)
    found = [(one, kept_runs.find(one)) for one in finished]
    lost = tuple(one for one, run in found if run is None)
    store.leases.reopen({one.item: one.outcome.plain() for one in lost if one.outcome is not None})
    gone = _free_gone_runs(store, kept_runs, items, notes)
    return Losses(
        lost,
        {(one.trial, one.index): one.outcome or _outcome(run) for one, run in found if run is not None},
        frozenset(number for number, item in items.items() if f"{RUN}{item}" in gone),
        kept_runs.cut_off(_complete(frozen_trials, [one for one, run in found if run is not None], len(seeds))),
        STUDY_RUN in gone,
        kept_runs.orphans(items),
        sum(run is not None and not one.pruned and kept_runs.lacks_model(run) for one, run in found),
    )


def _read(reader: RunReader, study: str) -> KeptRuns:
    runs = reader.runs_of_study(study)
    elsewhere = {run.tags[REUSED_FROM] for run in runs if REUSED_FROM in run.tags} - {run.run_id for run in runs}
    return KeptRuns(tuple(runs), tuple(reader.runs_with_ids(elsewhere)))


def _complete(trials: Sequence[FrozenTrial], kept: Sequence[FinishedReplicate], seeds: int) -> set[int]:
    """The trials that are complete, and those of which Optuna alone does not know it: all seeds of the cell are noted."""
    of_cells = Counter(one.trial for one in kept)
    return {
        trial.number
        for trial in trials
        if trial.state == TrialState.COMPLETE or (CELL in trial.user_attrs and of_cells[trial.number] == seeds)
    }


def _item(trial: FrozenTrial) -> str:
    return str(trial.user_attrs.get(CELL, trial_item(trial.number)))


def _finished(trial: FrozenTrial, notes: Mapping[str, Any], seeds: Sequence[int], pruning: str) -> list[FinishedReplicate]:
    """The finished replicates of a trial: those of a cell are noted, those of a search also follow from the trial's state."""
    items = {index: f"{_item(trial)}/{seed}" for index, seed in enumerate(seeds)}
    noted = {index for index, item in items.items() if item in notes}
    if CELL not in trial.user_attrs:
        noted = noted | _searched(trial, len(seeds), pruning) if trial.state in _ENDED else set()
    outcomes = {index: Outcome(**notes[items[index]]) if items[index] in notes else None for index in sorted(noted)}
    by_epoch = trial.state == TrialState.PRUNED and pruning != "replicate"
    return [
        FinishedReplicate(trial.number, index, items[index], outcome, bool(outcome.pruned) if outcome else by_epoch)
        for index, outcome in outcomes.items()
    ]


_ENDED = (TrialState.COMPLETE, TrialState.PRUNED)


def _searched(trial: FrozenTrial, replicates: int, pruning: str) -> set[int]:
    """The replicates of a finished trial of a search, whose steps are replicates where the pruner compares those."""
    if trial.state == TrialState.COMPLETE:
        return set(range(replicates))
    return {step for step in trial.intermediate_values if step < replicates} if pruning == "replicate" else {0}


def _outcome(run: KeptRun) -> Outcome:
    return Outcome(run.run_id, run.tags.get("run_key", ""), run.metrics, 0.0)


def _free_gone_runs(store: StudyStore, kept_runs: KeptRuns, items: Mapping[int, str], notes: Mapping[str, Any]) -> set[str]:
    """Frees the claims of trials' runs and of the study's that are gone, so that they are started again; returns them."""
    places: dict[str, int | None] = {STUDY_RUN: None, **{f"{RUN}{item}": number for number, item in items.items()}}
    gone = {item for item in places if item in notes and notes[item] not in kept_runs.ids}
    store.leases.reopen({item: notes[item] for item in gone})
    for item in sorted(gone):
        # Another store may have a run in its place, of an earlier command.
        other = kept_runs.run_of(places[item])
        if other and store.leases.claim(item):
            store.leases.finish(item, other)
            gone.remove(item)
    if STUDY_RUN in gone:
        store.leases.reopen({item: note for item, note in notes.items() if item.startswith(RESULTS)})
    return gone
