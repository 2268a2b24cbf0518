"""Which saved classifiers `run=` names: a run, the best trial of a study, the seeds of an arm, or a folder."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.keys.training import ENCODER, LLM
from synthsweep.config.spelling import spelled
from synthsweep.errors import StudyError
from synthsweep.messages import listing
from synthsweep.storage.paths import named_path
from synthsweep.study.queue.trial_queue import in_words
from synthsweep.track.choose import existing_reader
from synthsweep.track.reader import MODEL, RESULTS, KeptRun, RunReader

BEST, ARM = "best:", "arm:"
SHOWN = 6
SAVE = "tracking.log_model=true"


@dataclass(frozen=True)
class ChosenModel:
    """A folder with a saved classifier, what it is called, and its run; None where the folder itself was named.

    What was fetched from a server is gone with `reader`.
    """

    folder: Path
    name: str
    run: KeptRun | None = None
    reader: RunReader | None = field(default=None, repr=False, compare=False)


def choose_models(asked: str, tracking: TrackingConfig) -> tuple[ChosenModel, ...]:
    """The classifiers that `asked` names: one, or those of all seeds of an arm.

    Raises:
        StudyError: there is no such run, study or arm, or it has no saved classifier.
        TrackingError: the store does not answer.
    """
    folder = named_path(asked)
    if folder.is_dir():
        return (ChosenModel(folder, folder.name),)
    reader = existing_reader(tracking)
    if asked.startswith(BEST):
        return (_of_best(reader, asked.removeprefix(BEST)),)
    if asked.startswith(ARM):
        study, _, arm = asked.removeprefix(ARM).partition("/")
        return _of_arm(reader, study, arm)
    return (_of_run(reader, asked),)


def choose_run(asked: str, reader: RunReader) -> KeptRun:
    """The one run that `asked` names, whether it saved its classifier or not.

    Raises:
        StudyError: there is no such run or study, or it names several runs.
    """
    if asked.startswith(BEST):
        ranked = best_runs(reader, asked.removeprefix(BEST))
        if not ranked:
            raise StudyError(f"run={asked}: its best trial has no finished run: give the study's command again")
        return ranked[0]
    if asked.startswith(ARM):
        raise StudyError(f"run={asked}: an arm has several seeds: take best:STUDY, or the ID of one of its runs")
    return _run_of(reader, asked)


def _run_of(reader: RunReader, run_id: str) -> KeptRun:
    found = reader.runs_with_ids([run_id])
    if not found:
        raise StudyError(f"run={run_id}: there is no run with this ID, and no folder; take best:STUDY, arm:STUDY/ARM, or an ID")
    return found[0]


def _of_run(reader: RunReader, run_id: str) -> ChosenModel:
    run = _run_of(reader, run_id)
    return _only(_with_models(reader, [run]), f"run={run_id}", [run])


def _of_best(reader: RunReader, study: str) -> ChosenModel:
    ranked = best_runs(reader, study)
    return _only(_with_models(reader, ranked), f"run={BEST}{study}", ranked)


def best_runs(reader: RunReader, study: str) -> list[KeptRun]:
    """The seeds of the best trial, the one whose objective is best on dev first.

    Raises:
        StudyError: there is no such study, or no trial of it is the best.
    """
    trials = _trials_of(reader, study)
    objective, maximize, best = _result_of(reader, trials, study)
    levels = {key: spelled(key, value) for key, value in best.items()}
    trial = next((trial for trial in trials.all if dict(trial.params) == levels), None)
    if trial is None:
        raise StudyError(
            f"run={BEST}{study}: its best trial, {in_words(best)}, is not in the store; take run=ID of one of its runs"
        )
    seeds = trials.replicates(trial)
    sign = 1 if maximize else -1
    return sorted(seeds, key=lambda run: sign * run.metrics.get(objective, -sign * float("inf")), reverse=True)


def _of_arm(reader: RunReader, study: str, arm: str) -> tuple[ChosenModel, ...]:
    trials = _trials_of(reader, study)
    found = [trial for trial in trials.all if _matches(trial, arm)]
    names = [in_words(trial.params) or "all runs" for trial in found or trials.all]
    asked = f"run={ARM}{study}/{arm}"
    if not found:
        near = difflib.get_close_matches(arm, names, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise StudyError(f"{asked}: there is no such arm; {hint}the study has {_named(names)}")
    if len(found) > 1:
        raise StudyError(f"{asked}: {len(found)} arms are called so, {_named(names)}: name one")
    runs = trials.replicates(found[0])
    models = _with_models(reader, runs)
    if not models:
        raise _nothing_saved(asked, runs)
    if len(models) < len(runs):
        raise StudyError(f"{asked}: {len(runs) - len(models)} of its {len(runs)} seeds saved no classifier: {_way_out(runs)}")
    return models


@dataclass(frozen=True)
class _Trials:
    """The trials of a study, and all of its runs."""

    all: tuple[KeptRun, ...]
    runs: tuple[KeptRun, ...]
    head: KeptRun | None

    def replicates(self, trial: KeptRun) -> list[KeptRun]:
        return [run for run in self.runs if run.parent == trial.run_id and run.status == "FINISHED"]


def _trials_of(reader: RunReader, study: str) -> _Trials:
    runs = reader.runs_of_study(study)
    if not runs:
        known = reader.studies()
        near = difflib.get_close_matches(study, known, n=1)
        hint = (
            f"did you mean {near[0]}?" if near else f"there are {listing(known, SHOWN)}" if known else "there is no study yet"
        )
        raise StudyError(f"run: no run carries the name of study {study!r}; {hint}")
    trials = tuple(run for run in runs if run.tags.get("kind") == "trial")
    if not trials:
        raise StudyError(f"run: study {study} has no trials, as run -m makes them; take run=ID of one of its runs")
    return _Trials(trials, tuple(runs), next((run for run in runs if run.tags.get("kind") == "study"), None))


def _result_of(reader: RunReader, trials: _Trials, study: str) -> tuple[str, bool, dict[str, Any]]:
    """The objective of a study, whether it is maximised, and the configuration of its best trial."""
    file = reader.file_of(trials.head.run_id, RESULTS) if trials.head else None
    if file is None:
        raise StudyError(
            f"run={BEST}{study}: the study has no result yet: let its command end, or take run=ID of one of its runs"
        )
    result = yaml.safe_load(file.read_text(encoding="utf-8"))
    if "solutions" in result:
        raise StudyError(
            f"run={BEST}{study}: the study has several objectives, and no trial is best in all: take {ARM}{study}/ARM"
        )
    if "best_params" not in result:
        raise StudyError(f"run={BEST}{study}: no trial of the study has a result")
    way, _, metric = result["objectives"][0].partition(" ")
    return metric, way == "maximize", dict(result["best_params"] or {})


def _matches(trial: KeptRun, arm: str) -> bool:
    """Whether an arm is called so: its number, its name in reports, or some of its levels."""
    if arm == trial.tags.get("trial"):
        return True
    levels = {name: value for key, value in trial.params.items() for name in (key, key.rpartition(".")[2])}
    words = [word.partition("=") for word in arm.replace(",", " ").split()]
    return bool(words) and all(equals and _equal(levels.get(name), value) for name, equals, value in words)


def _equal(level: str | None, asked: str) -> bool:
    try:
        return level is not None and (level == asked or float(level) == float(asked))
    except ValueError:
        return False


def _with_models(reader: RunReader, runs: Sequence[KeptRun]) -> tuple[ChosenModel, ...]:
    folders = [(reader.folder_of(run.trained_id, MODEL), run) for run in runs]
    return tuple(ChosenModel(folder, run.name, run, reader) for folder, run in folders if folder is not None)


def _only(models: Sequence[ChosenModel], asked: str, runs: Sequence[KeptRun]) -> ChosenModel:
    if not models:
        raise _nothing_saved(asked, runs)
    return models[0]


def _nothing_saved(asked: str, runs: Sequence[KeptRun]) -> StudyError:
    return StudyError(f"{asked}: no classifier was saved: {_way_out(runs)}")


def _named(arms: Sequence[str]) -> str:
    """Arms, whose names hold spaces."""
    return listing([f"{arm!r}" for arm in arms], SHOWN)


def _way_out(runs: Sequence[KeptRun]) -> str:
    kinds = {run.params.get("model.kind", ENCODER) for run in runs}
    if kinds == {LLM}:
        return f"this one is model={runs[0].params.get('model.name', LLM)}, an LLM that is asked, and leaves nothing to save"
    study = next((run.tags["study"] for run in runs if run.tags.get("study")), "")
    again = f"the study's command again with {SAVE} and another study name" if study else f"its command again with {SAVE}"
    return f"give {again}, which trains once more and saves it"
