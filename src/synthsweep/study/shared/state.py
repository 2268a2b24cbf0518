"""How the studies of a storage stand: what is done, who works on what, what failed and why; nothing is changed."""

import difflib
import json
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import optuna
import sqlalchemy as sa
from optuna.trial import FrozenTrial, TrialState

from synthsweep.errors import StudyError
from synthsweep.storage.claim_rows import ClaimRow, read_claims
from synthsweep.storage.database import open_engine, study_names
from synthsweep.storage.leases import DONE, FAILED, HELD
from synthsweep.study.optuna_storage import DEFINITION, FAILURE, WARM, load_study, open_storage, quiet_optuna, storage_errors
from synthsweep.study.queue.ended_trials import FINISHED
from synthsweep.study.queue.growing_queue import LOOK
from synthsweep.study.queue.search_queue import GIVEN_BACK, PROCESS_GONE, RETRY_OF
from synthsweep.study.queue.trial_queue import TRIALS, trial_item
from synthsweep.study.shared.begun import BEGUN, read_begun
from synthsweep.study.shared.stop_request import STOP

# `CELL/SEED` of a factorial, `trial:NUMBER` of a search, whose replicates are `trial:NUMBER/SEED`.
CELL_ITEM = re.compile(r"[0-9a-f]{16}/\d+")
TRIAL_ITEM, REPLICATE_ITEM = re.compile(rf"{TRIALS}\d+"), re.compile(rf"{TRIALS}\d+/\d+")


@dataclass(frozen=True)
class Holder:
    """A process that holds work of a study: since when, how much, and its last sign of life, all in seconds since 1970."""

    host: str
    pid: str
    items: int
    since: float | None
    renewed: float


@dataclass(frozen=True)
class StudyState:
    """How a study stands. `planned` is None where nobody knows it; replicates are counted, for holders of a search trials.

    `failed` counts the replicates, or trials, by the first line of their reason. `seconds` is the mean length of the last
    replicates, None where none is finished. `stop` is the last request to stop. `open_ended`: a rule may add seeds.
    """

    name: str
    design: str
    planned: int | None
    done: int
    running: tuple[Holder, ...] = ()
    stale: tuple[Holder, ...] = ()
    failed: Mapping[str, int] | None = None
    seconds: float | None = None
    stop: Any = None
    open_ended: bool = False

    @property
    def finished(self) -> bool:
        return self.planned is not None and self.done >= self.planned and not self.open_ended

    @property
    def seconds_left(self) -> float | None:
        """What is left in the time of those who work on it now, of one where nobody does; None where it is not known."""
        if self.seconds is None or self.planned is None:
            return None
        return max(self.planned - self.done, 0) * self.seconds / max(sum(one.items for one in self.running), 1)


def read_states(address: str, shown: str, lease_s: float, name: str | None = None) -> list[StudyState]:
    """The studies of a storage in the order in which they were begun, or the one of that name; nothing is made.

    `shown` is what messages call the storage.

    Raises:
        StudyError: there is no study of this name.
        StorageError: the database does not answer.
    """
    quiet_optuna()
    names = study_names(address)
    if name is not None:
        require_known(address, shown, name, names)
    if not names:
        return []
    engine = open_engine(address)
    try:
        with storage_errors(address):
            storage = open_storage(address)
            kept = [one for one in storage.get_all_studies() if DEFINITION in one.user_attrs and name in {None, one.study_name}]
            return [_state(storage, engine, one, lease_s) for one in kept]
    finally:
        engine.dispose()


def require_known(address: str, shown: str, name: str, names: set[str]) -> None:
    """Raises StudyError, with the nearest name, if the storage has no study of this name that is synthsweep's."""
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        hint = f"did you mean {near[0]}?" if near else "synthsweep studies lists those that it has" if names else "it has none"
        raise StudyError(f"study={name}: {shown} has no study of this name; {hint}")
    with storage_errors(address):
        kept = load_study(address, name).user_attrs
    if DEFINITION in kept:
        return
    if BEGUN in kept:
        raise StudyError(f"study={name}: the command that began it in {shown} was ended before it had: give it once more")
    raise StudyError(f"study={name}: the study of this name in {shown} is not synthsweep's")


def _state(storage: Any, engine: sa.Engine, study: Any, lease_s: float) -> StudyState:
    definition = json.loads(study.user_attrs[DEFINITION])
    claims, now = read_claims(engine, study.study_name, _is_of_all), time.time()
    search = definition["design"] == "search"
    held = [row for row in claims if row.state == HELD and (TRIAL_ITEM if search else CELL_ITEM).fullmatch(row.item)]
    lengths = [row.note["seconds"] for row in claims if _is_outcome(row)]
    if search:
        trials = [one for one in storage.get_all_trials(study._study_id, deepcopy=False) if WARM not in one.user_attrs]
        planned, done, failed = _searched(trials, claims, len(definition["seeds"]), study.user_attrs)
    else:
        cells, seeds = storage.get_n_trials(study._study_id), _seeds(definition, claims)
        planned, done = cells * seeds, sum(row.state == DONE and bool(CELL_ITEM.fullmatch(row.item)) for row in claims)
        failed = Counter(str(row.note) for row in claims if row.state == FAILED)
    return StudyState(
        study.study_name, definition["design"], planned, done,
        _holders([row for row in held if row.is_held(lease_s, now)]),
        _holders([row for row in held if not row.is_held(lease_s, now)]),
        failed, sum(lengths) / len(lengths) if lengths else None,
        next((row.note for row in claims if row.item == STOP), None), _may_grow(definition, claims),
    )  # fmt: skip


def _is_of_all(item: str) -> bool:
    """Whether a note is about the study as a whole."""
    return item == STOP or item.startswith(LOOK)


def _is_outcome(row: ClaimRow) -> bool:
    """Whether the length of a replicate that was trained was read."""
    return row.state == DONE and isinstance(row.note, dict) and bool(row.note.get("seconds")) and not row.note.get("reused")


def _holders(rows: Sequence[ClaimRow]) -> tuple[Holder, ...]:
    """The processes behind claims, with what each of them holds."""
    owners = dict.fromkeys(row.owner for row in rows)
    return tuple(_holder([row for row in rows if row.owner == owner]) for owner in owners)


def _holder(rows: Sequence[ClaimRow]) -> Holder:
    since = [row.note for row in rows if isinstance(row.note, float)]
    process, renewed = rows[0].process, max(row.renewed for row in rows)
    return Holder(process.host, process.pid, len(rows), min(since, default=None), renewed)


def _looks(claims: Sequence[ClaimRow]) -> list[Any]:
    taken = [row.note for row in claims if row.state == DONE and row.item.startswith(LOOK) and isinstance(row.note, dict)]
    return sorted(taken, key=lambda look: look["seeds"])


def _seeds(definition: Mapping[str, Any], claims: Sequence[ClaimRow]) -> int:
    looks = _looks(claims)
    return int(looks[-1]["following"]) if looks else len(definition["seeds"])


def _may_grow(definition: Mapping[str, Any], claims: Sequence[ClaimRow]) -> bool:
    looks = _looks(claims)
    return "hydra.sweeper.until" in definition["fixed"] and not (looks and looks[-1]["reason"])


def _searched(
    trials: Sequence[FrozenTrial], claims: Sequence[ClaimRow], seeds: int, kept: Mapping[str, Any]
) -> tuple[int | None, int, Counter[str]]:
    """How many replicates a search has and has finished, and the reasons of trials that failed for good."""
    open_trials = {trial_item(trial.number) for trial in trials if trial.state == TrialState.RUNNING}
    noted = [row.item for row in claims if row.state == DONE and REPLICATE_ITEM.fullmatch(row.item)]
    ended = sum(trial.state in FINISHED for trial in trials)
    begun = read_begun(kept)
    planned = max(begun.n_trials, ended) * seeds if begun else None
    done = ended * seeds + sum(item.partition("/")[0] in open_trials for item in noted)
    return planned, done, Counter(_reasons(trials))


def _reasons(trials: Sequence[FrozenTrial]) -> list[str]:
    again = {trial.user_attrs.get(RETRY_OF) for trial in trials}
    failed = [trial for trial in trials if trial.state == optuna.trial.TrialState.FAIL and trial.number not in again]
    reasons = [str(trial.user_attrs.get(FAILURE, "no reason is kept")) for trial in failed]
    return [reason for reason in reasons if reason not in {GIVEN_BACK, PROCESS_GONE}]
