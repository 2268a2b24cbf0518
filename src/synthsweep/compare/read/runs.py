"""Reads the runs of studies from the tracking store: those that are compared, and those excluded with a reason."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synthsweep.compare.read.kept_config import KeptConfigs
from synthsweep.compare.read.parameters import parameters_of_runs
from synthsweep.compare.result.supplements import ExcludedRun
from synthsweep.config.commands import assign, for_shell
from synthsweep.config.spelling import spelled
from synthsweep.errors import StudyError
from synthsweep.messages import listing
from synthsweep.study.design.seed_rule import UNTIL_TAG
from synthsweep.track.reader import FINAL_OF, NOTE, KeptRun, RunReader

# Kinds of runs in the store that train no classifier.
UNTRAINED_KINDS = frozenset({"study", "trial", "generate"})
TRAINED_ON_DEV = "it was trained on dev, too (synthsweep export final=true)"
UNFINISHED = {"RUNNING": "it is not finished yet", "SCHEDULED": "it is not finished yet", "KILLED": "it was ended"}


@dataclass(frozen=True)
class StudyRun:
    """One finished run; `assignment` holds the factors of its trial, None for a run outside a multirun.

    `trained` is the id of the run that holds the files; it is another run's id if a finished run was reused.
    """

    run_id: str
    name: str
    study: str
    trial: int | None
    assignment: Mapping[str, str] | None
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]
    trained: str


@dataclass(frozen=True)
class StudyHead:
    """The tracked run of a study itself: its design, the command that ran it, what its page says.

    `until` is the rule by which it gets seeds, empty where their number was given.
    """

    run_id: str
    name: str
    design: str
    objectives: str
    command: str
    note: str = ""
    until: str = ""


@dataclass(frozen=True)
class StudyRuns:
    """Everything the store holds of the studies: finished runs, excluded runs, and the runs of the studies themselves.

    `configs` has what each run kept as its configuration.
    """

    runs: tuple[StudyRun, ...]
    excluded: tuple[ExcludedRun, ...]
    heads: tuple[StudyHead, ...]
    configs: KeptConfigs


def read_studies(reader: RunReader, studies: Sequence[str], rule: str = "") -> StudyRuns:
    """Reads the runs of these studies and those that an MLflow filter selects, oldest first.

    Raises:
        StudyError: the store has no run of one of the studies.
        TrackingError: the store does not answer, or rejects the filter.
    """
    kept = [run for study in studies for run in _of_study(reader, study)]
    kept += reader.filtered_runs(rule) if rule else []
    unique = {run.run_id: run for run in kept}
    trained = [run for run in unique.values() if run.tags.get("kind") not in UNTRAINED_KINDS and FINAL_OF not in run.tags]
    finished = [run for run in trained if run.status == "FINISHED"]
    configs, trials = KeptConfigs(reader), _trials_of(finished, unique, reader)
    params = parameters_of_runs(finished, configs)
    return StudyRuns(
        runs=tuple(_study_run(run, trials.get(run.parent), of_run) for run, of_run in zip(finished, params, strict=True)),
        excluded=(
            *(_unfinished(run) for run in trained if run.status != "FINISHED"),
            *(ExcludedRun(run.run_id, run.name, run.status, TRAINED_ON_DEV) for run in unique.values() if FINAL_OF in run.tags),
        ),
        heads=tuple(_head(run) for run in unique.values() if run.tags.get("kind") == "study"),
        configs=configs,
    )


def _trials_of(runs: Sequence[KeptRun], known: Mapping[str, KeptRun], reader: RunReader) -> dict[str, KeptRun]:
    """The trials to which replicates belong, by their ids; those that no study's own query found are read at once."""
    wanted = {run.parent for run in runs if run.tags.get("kind") == "replicate" and run.parent}
    others = reader.runs_with_ids(wanted - known.keys())
    return {run_id: known[run_id] for run_id in wanted & known.keys()} | {run.run_id: run for run in others}


def read_heads(reader: RunReader, studies: Sequence[str]) -> tuple[StudyHead, ...]:
    """The runs of the studies themselves.

    Raises:
        StudyError, TrackingError: as `read_studies`.
    """
    kept = [run for study in studies for run in _of_study(reader, study)]
    return tuple(_head(run) for run in kept if run.tags.get("kind") == "study")


def _of_study(reader: RunReader, study: str) -> list[KeptRun]:
    runs = reader.runs_of_study(study)
    if not runs:
        raise StudyError(f"study={study}: no run carries this name{_suggestion(study, reader.studies())}")
    return runs


def _study_run(run: KeptRun, trial: KeptRun | None, params: Mapping[str, str]) -> StudyRun:
    """`trial` is the one that a replicate belongs to; None for a single run, or if it was deleted."""
    number = run.tags.get("trial", "") if run.tags.get("kind") == "replicate" and run.parent else ""
    return StudyRun(
        run_id=run.run_id,
        name=run.name,
        study=run.tags.get("study", ""),
        trial=int(number) if number.isdigit() else None,
        # Of a deleted trial, the parameters of its runs still distinguish them.
        assignment=None if trial is None else {key: spelled(key, value) for key, value in trial.params.items()},
        params=params,
        metrics=run.metrics,
        tags=run.tags,
        trained=run.trained_id,
    )


def _head(run: KeptRun) -> StudyHead:
    tags, params = run.tags, run.params
    design, objectives = tags.get("design", "factorial"), params.get("objective", "")
    return StudyHead(
        run.run_id,
        tags.get("study", ""),
        design,
        objectives,
        tags.get("command", ""),
        tags.get(NOTE, ""),
        tags.get(UNTIL_TAG, ""),
    )


def _unfinished(run: KeptRun) -> ExcludedRun:
    reason = run.tags.get("failure") or UNFINISHED.get(run.status, "it failed")
    return ExcludedRun(run.run_id, run.name, run.status, reason)


def _suggestion(study: str, known: Sequence[str]) -> str:
    if not known:
        return "; there is no study yet"
    near = difflib.get_close_matches(study, known, n=1)
    return f"; did you mean {for_shell(assign('study', near[0]))}?" if near else f"; there are {listing(list(known), 6)}"
