"""One replicate of a trial, as a worker runs it."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import optuna
import pytest

from support.builders import AB_CSV, run_config, store_of
from support.studies import AP
from synthsweep.errors import Pruned, StudyError
from synthsweep.run.cache import ProcessCache
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.contents import contents_of
from synthsweep.storage.database import absolute_address
from synthsweep.study.optuna_storage import open_storage, quiet_optuna
from synthsweep.study.queue.trial_queue import Outcome
from synthsweep.study.replicate import PruningCallback, run_replicate
from synthsweep.track.writer import RecordingTracker
from synthsweep.train.curve import CurvePoint

CI = ("experiment=ci", "training.epochs=2", "training.threads=1", "sweep.trial=0", "sweep.parent=above")


def point(score: float | None) -> SimpleNamespace:
    return SimpleNamespace(score=score)


@pytest.mark.slow
def test_the_outcome_travels_as_plain_values() -> None:
    """The run is marked as a replicate below its trial, and draws no figures unless they are asked for."""

    tracker, collaborators = RecordingTracker(), Collaborators(cache=ProcessCache())

    outcome = Outcome(**run_replicate(run_config(*CI), store_of(tracker), collaborators, tags={"command": "c"}))

    assert tracker.run is not None
    assert (outcome.run_id, outcome.reused, outcome.pruned) == ("recorded", False, "")
    assert 0 < (outcome.metrics[AP] or 0) <= 1
    tags = {"kind": "replicate", "trial": "0", "replicate": "0", "command": "c", "run_key": outcome.key}
    assert tags.items() <= tracker.run.tags.items()
    assert tracker.run.parent == "above"
    assert not any(name.startswith("sweep.") for name in tracker.run.params)
    assert not any(name.startswith("figures") for name in tracker.files)


def test_a_replicate_whose_texts_have_changed_since_the_study_was_planned_is_refused() -> None:
    """By name and digests, before anything is trained."""

    Path("ab.csv").write_text(AB_CSV)
    data = ("data=csv", "data.path=ab.csv", "labels=from_data")
    planned = run_config(*CI, *data)
    begun = replace(planned, sweep=replace(planned.sweep, contents=contents_of(planned)))
    Path("ab.csv").write_text(AB_CSV + "60,c1,one more,1,1\n")

    with pytest.raises(StudyError, match=r"^content of ab\.csv was \w{12} when the study began and is \w{12} now: "):
        run_replicate(begun, store_of(RecordingTracker()), tags={})


def test_a_pruner_ends_a_run_early_and_the_outcome_says_why() -> None:
    """The curve up to then is kept, and the run is KILLED with the reason."""

    def prune(point: CurvePoint) -> None:
        raise Pruned("it was enough")

    tracker, collaborators = RecordingTracker(), Collaborators(cache=ProcessCache(), on_evaluation=prune)

    outcome = Outcome(**run_replicate(run_config(*CI), store_of(tracker), collaborators, tags={}))

    assert (outcome.pruned, dict(outcome.metrics)) == ("it was enough", {})
    assert (tracker.status, tracker.reason) == ("KILLED", "Pruned: it was enough")
    assert [name for name in tracker.metrics[0][1] if "average" in name] == ["curve/dev_average_precision"]


@pytest.fixture
def address() -> str:
    """A study with two trials whose epochs were good, and one that runs."""
    quiet_optuna()
    address = absolute_address(f"sqlite:///{Path('pruner.db').absolute()}")
    study = optuna.create_study(study_name="s", storage=open_storage(address), direction="maximize")
    for _ in range(2):
        trial = study.ask()
        for epoch, value in enumerate((0.5, 0.6), start=1):
            trial.report(value, epoch)
        study.tell(trial, 0.6)
    study.ask()
    return address


@pytest.mark.parametrize(
    ("scores", "pruned"), [((0.6, 0.7), False), ((None, None), False), ((0.6, 0.1), False), ((0.1,), True)]
)
def test_epochs_are_reported_and_a_pruner_may_end_the_run(address: str, scores: tuple[float | None, ...], pruned: bool) -> None:
    """The best epoch so far is compared with the median; an undefined score is not reported."""

    callback = PruningCallback(address, "s", 2, optuna.pruners.MedianPruner(n_startup_trials=1))
    ended = False
    for score in scores:
        try:
            callback(point(score))
        except Pruned as error:
            ended = "after epoch 1" in str(error)
    reported = optuna.load_study(study_name="s", storage=open_storage(address)).trials[2].intermediate_values

    assert ended == pruned
    assert reported == {epoch: score for epoch, score in enumerate(scores, start=1) if score is not None}


@pytest.mark.parametrize(("state", "ended"), [("PRUNED", 2), ("COMPLETE", 0)])
def test_a_finished_trial_that_runs_again_ends_where_it_did(state: str, ended: int, tmp_path: Path) -> None:
    """Its run is gone, and Optuna keeps what it was told: nothing is reported, and no pruner decides anew."""

    quiet_optuna()
    address = absolute_address(f"sqlite:///{tmp_path / 'optuna.db'}")
    study = optuna.create_study(study_name="s", storage=open_storage(address), direction="maximize")
    trial = study.ask()
    for epoch, value in ((1, 0.5), (2, 0.4)):
        trial.report(value, epoch)
    finished = optuna.trial.TrialState[state]
    study.tell(trial, 0.4 if state == "COMPLETE" else None, None if state == "COMPLETE" else finished)
    # It would prune every epoch.
    callback = PruningCallback(address, "s", 0, optuna.pruners.ThresholdPruner(lower=0.9))

    pruned = 0
    for epoch in (1, 2, 3):
        try:
            callback(point(0.5))
        except Pruned:
            pruned = epoch
            break

    assert pruned == ended
    assert study.trials[0].intermediate_values == {1: 0.5, 2: 0.4}
