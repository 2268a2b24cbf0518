"""A study in Optuna's storage, and the claims beside it."""

import json
import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.storages import RDBStorage
from sqlalchemy.exc import SQLAlchemyError

from synthsweep.errors import StudyError
from synthsweep.storage.database import alone, as_storage_error, engine_arguments, open_engine, sqlite_file, study_names
from synthsweep.storage.leases import Leases
from synthsweep.study.design.definition import Definition, require_same
from synthsweep.study.design.objective import Goal, TrialScore
from synthsweep.study.queue.trial_queue import Trial
from synthsweep.study.shared.begun import Begun, keep_begun

DEFINITION, FAILURE, WARM, CELL, RUN = "definition", "failure", "warm_start", "cell", "mlflow_run"
# Of a trial of a study that differs in other keys: the sampler learns from it, and it is no result of this study.
TEACHES = "teaches_only"
# What Optuna says to a sampler that stops its loop, which is not used here.
STOPPED = "Study.stop"
OPEN_STATES = (optuna.trial.TrialState.RUNNING, optuna.trial.TrialState.WAITING)


@dataclass
class StudyStore:
    """An open study in Optuna's storage, with the claims of this process on it.

    `exhausted`: the sampler has nothing new to propose, as after a whole grid. `grown` is what this command has added to it,
    `learned` says in words whose trials its sampler learns from.
    """

    name: str
    study: optuna.Study
    leases: Leases
    address: str
    exhausted: bool = False
    grown: Sequence[str] = ()
    learned: str = ""

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A lock for one process of this study at a time, for actions that must not happen twice."""
        with alone(self.leases.engine, self.name):
            yield

    def record_score(self, trial: Trial, score: TrialScore) -> None:
        """Closes a trial with its score; without a value it fails, with the reason."""
        trial.values, trial.feasible = score.values, score.feasible
        trial.state, trial.reason = ("failed", score.reason) if score.values is None else ("complete", "")
        number = self.storage_id(trial.number)
        frozen = self.storage.get_trial(number)
        if frozen.state.is_finished():
            # Closed by an earlier command, or by another process, from the same numbers.
            return
        for name in score.violations.keys() - frozen.constraints.keys():
            optuna.trial.Trial(self.study, number).set_constraint(name, score.violations[name])
        if score.values is None:
            self.close_failed(trial.number, score.reason)
        else:
            self.close(trial.number, list(score.values))

    def keep_run(self, number: int, run_id: str) -> None:
        """Notes the run of a trial in the tracking store, so that Optuna's own tools lead to its files."""
        trial = self.storage.get_trial(self.storage_id(number))
        if not trial.state.is_finished() and trial.user_attrs.get(RUN) != run_id:
            self.storage.set_trial_user_attr(self.storage_id(number), RUN, run_id)

    def close_failed(self, number: int, reason: str) -> None:
        """Fails a trial with the reason, unless it is finished."""
        if self.storage.get_trial(self.storage_id(number)).state.is_finished():
            return
        self.storage.set_trial_user_attr(self.storage_id(number), FAILURE, reason)
        self.close(number, state=optuna.trial.TrialState.FAIL)

    def close(self, number: int, values: list[float] | None = None, state: optuna.trial.TrialState | None = None) -> None:
        """Closes a trial with values or a state, unless it is finished."""
        try:
            self.study.tell(number, values, state, skip_if_finished=True)
        except RuntimeError as error:
            # After its last grid point a sampler stops Optuna's own loop; the trial is closed by then.
            if STOPPED not in str(error):
                raise
            self.exhausted = True

    @property
    def storage(self) -> Any:
        """Optuna's own storage; each of its calls is one transaction."""
        return self.study._storage

    def storage_id(self, number: int) -> int:
        """Optuna's number of a trial in its database, from its number in the study."""
        return int(self.storage.get_trial_id_from_study_id_trial_number(self.study._study_id, number))


def open_study(
    address: str, name: str, definition: Definition, goal: Goal, *, pruner: Any, lease_s: float, begun: Begun | None = None
) -> StudyStore:
    """Begins or continues a study, with Optuna's default sampler; it keeps `begun`, the command that does.

    Raises:
        StudyError: the study was begun with another definition.
        StorageError: the database does not answer.
    """
    quiet_optuna()
    engine = open_engine(address)
    # Two studies that begin at the same time must not both make the tables.
    with storage_errors(address), alone(engine, "tables"):
        storage = open_storage(address)
    leases = Leases(engine, name, lease_s)
    try:
        with storage_errors(address), alone(engine, name):
            study, grown = _begin_or_continue(storage, name, definition, goal, pruner, leases, begun)
            return StudyStore(name, study, leases, address, grown=grown)
    except BaseException:
        leases.close()
        raise


def _begin_or_continue(
    storage: RDBStorage, name: str, definition: Definition, goal: Goal, pruner: Any, leases: Leases, begun: Begun | None
) -> tuple[optuna.Study, Sequence[str]]:
    """The study, and what it has more than it was begun with."""
    directions = [optuna.study.StudyDirection[way.upper()] for way in goal.directions]
    study = optuna.create_study(study_name=name, storage=storage, pruner=pruner, load_if_exists=True, directions=directions)
    kept = study.user_attrs.get(DEFINITION)
    # What an earlier version did not keep stays unknown: finished replicates may have met something else than is there now.
    grown = () if kept is None else require_same(name, json.loads(kept), definition)
    if kept is None and (study.get_trials(deepcopy=False) or study.directions != directions):
        raise StudyError(f"study={name}: the storage holds a study of this name that is not synthsweep's; take another name")
    if begun is not None:
        # Before the definition: after a kill, whoever joins one that grew finds a command of at least what it consists of.
        keep_begun(study, begun)
    if kept is None:
        # Claims under this name belong to a study that was deleted from Optuna's tables.
        leases.forget()
        study.set_user_attr(DEFINITION, json.dumps(definition.plain()))
        study.set_metric_names(list(goal.metrics))
    elif grown:
        study.set_user_attr(DEFINITION, json.dumps(definition.plain()))
    return study, grown


def require_same_definition(address: str, name: str, definition: Definition) -> Sequence[str]:
    """What this command would add to the study of this name; nothing is made.

    Raises:
        StudyError: it was begun with another definition.
    """
    if name not in study_names(address):
        return ()
    with storage_errors(address):
        kept = load_study(address, name).user_attrs.get(DEFINITION)
    return () if kept is None else require_same(name, json.loads(kept), definition)


def open_storage(address: str) -> RDBStorage:
    """Optuna's storage at an absolute address.

    Raises:
        StorageError: another Optuna version made it, or its driver is not installed.
    """
    try:
        return RDBStorage(address, engine_kwargs=engine_arguments(address))
    except (RuntimeError, ImportError) as error:
        raise as_storage_error(address, error) from error


def quiet_optuna() -> None:
    """Silences Optuna's lines on every trial and its warnings of experimental features: the sweep shows its own table."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    logging.getLogger("optuna").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)


@contextmanager
def storage_errors(address: str) -> Iterator[None]:
    """Raises the database errors of Optuna and SQLAlchemy as StorageError, in one line."""
    try:
        yield
    except (optuna.exceptions.StorageInternalError, SQLAlchemyError) as error:
        raise as_storage_error(address, error.__cause__ or error) from error


def load_study(address: str, name: str, key: str = "study") -> optuna.Study:
    """A study of the storage; `key` is the configuration key that names it, for messages.

    Raises:
        StudyError: there is no study of this name, or no storage.
    """
    file = sqlite_file(address)
    # Opening a missing file would make an empty one.
    if file is not None and not file.exists():
        raise StudyError(f"{key}={name}: {file}: there is no such storage; name another one")
    try:
        return optuna.load_study(study_name=name, storage=open_storage(address))
    except KeyError as error:
        raise StudyError(f"{key}={name}: the storage has no study of this name") from error
