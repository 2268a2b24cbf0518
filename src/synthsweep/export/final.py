"""The classifier of a run's configuration, trained once more on train and dev: found again, or trained now."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from synthsweep.compare.read.kept_config import read_config
from synthsweep.config.keys.export import ModelExportConfig
from synthsweep.config.keys.run import RunConfig
from synthsweep.errors import ConfigError, StudyError
from synthsweep.examples import digest_of
from synthsweep.predict.chosen import ChosenModel, choose_run
from synthsweep.progress import Progress, Stage
from synthsweep.run.cache import ProcessCache
from synthsweep.run.collaborators import Collaborators
from synthsweep.run.final_run import DevChoices, final_config, run_final, with_dev
from synthsweep.run.prepare import TrainingData, prepare
from synthsweep.storage.paths import named_path
from synthsweep.study.run_key import run_key
from synthsweep.track.choose import existing_reader, open_store
from synthsweep.track.reader import CONFIG, FINAL_OF, MODEL, PREDICTIONS, KeptRun, RunReader

AGAIN = "train it again with synthsweep run"


@dataclass(frozen=True)
class FinalModel:
    """The classifier, what dev had decided, the run that it did so in, and whether it was trained by an earlier command."""

    model: ChosenModel
    choices: DevChoices
    origin: KeptRun
    reused: bool


def final_model(config: ModelExportConfig, progress: Progress) -> FinalModel:
    """Trains the configuration of a run on train and dev, unless that was done before; no LLM is asked.

    Raises:
        InputError: the run cannot be trained so, or its texts are other ones now; nothing was trained.
        SynthsweepError: training or tracking failed.
    """
    asked = str(config.run)
    if named_path(asked).is_dir():
        raise ConfigError("final=true trains the configuration of a run once more: give run=ID or best:STUDY, not a folder")
    reader = existing_reader(config.tracking)
    run = _require_origin(choose_run(asked, reader))
    settings = _settings(reader, run, config)
    collaborators = Collaborators(progress=progress, cache=ProcessCache())
    progress(Stage(f"reading the texts of {run.name} (run {run.run_id})"))
    # What is missing is not asked for: an export is not what a reply is paid for.
    silent = replace(settings, generate=replace(settings.generate, on_demand=False))
    prepared = prepare(silent, collaborators)
    _require_same_texts(run, prepared)
    choices = _choices(reader, run, prepared, settings)
    run_id, reused = _found_or_trained(final_config(settings), with_dev(prepared), choices, collaborators)
    return FinalModel(_model_of(config, run_id), choices, run, reused)


def _found_or_trained(
    config: RunConfig, merged: TrainingData, choices: DevChoices, collaborators: Collaborators
) -> tuple[str, bool]:
    """The id of the final run, and whether it was there before."""
    key = digest_of([run_key(config, merged), choices.epochs, choices.thresholds.tolist(), choices.temperature])[:32]
    store = open_store(config.tracking)
    known = store.finished.find_finished(key)
    if known is not None and known.has_model:
        return known.run_id, True
    tags = {"run_key": key}
    if choices.epochs:
        tags["final_epochs"] = str(choices.epochs)
    if choices.study:
        tags["final_of_study"] = choices.study
    return run_final(config, merged, choices, store.tracker, collaborators, tags), False


def _require_origin(run: KeptRun) -> KeptRun:
    if FINAL_OF in run.tags:
        raise StudyError(f"run={run.run_id} was trained on dev already: leave final=true out to export it")
    if run.status != "FINISHED":
        raise StudyError(f"run={run.run_id} is {run.status}, and final=true needs a finished run: take another one")
    return run


def _settings(reader: RunReader, run: KeptRun, config: ModelExportConfig) -> RunConfig:
    """The configuration of a run, which can be trained on dev."""
    path = reader.file_of(run.trained_id, CONFIG)
    if path is None:
        raise StudyError(f"run={run.run_id} has no {CONFIG} among its artifacts, so it cannot be made again: take another one")
    kept = replace(read_config(path), tracking=config.tracking)
    if not kept.model.can_be_saved:
        raise StudyError(
            f"final=true: the classifier of run {run.run_id} is model={kept.model.name}, an LLM that is asked and not trained: "
            "take a run of another model"
        )
    if kept.mix.arm == "synthetic_only":
        raise StudyError(
            f"final=true: run {run.run_id} is of mix=synthetic_only, which trains on no real text, and dev's are real: "
            "leave final out"
        )
    return kept


def _require_same_texts(run: KeptRun, prepared: TrainingData) -> None:
    """What dev has decided holds for the texts that it was decided on."""
    now = {"data_digest": prepared.data_digest[:16], "mix_digest": prepared.mix_digest[:16]}
    changed = next((name for name, digest in now.items() if run.tags.get(name) not in (digest, None)), None)
    if changed is not None:
        what = "real texts" if changed == "data_digest" else "synthetic texts"
        raise StudyError(
            f"final=true: the {what} are others than those of run {run.run_id} ({run.tags[changed]} then, {now[changed]} now): "
            f"restore them, or {AGAIN} and take that run"
        )


def _choices(reader: RunReader, run: KeptRun, prepared: TrainingData, config: RunConfig) -> DevChoices:
    from synthsweep.evaluate.calibration import fit_temperature
    from synthsweep.evaluate.predictions import read_parquet

    predictions = _file(reader, run, PREDICTIONS)
    labels, metrics = prepared.corpus.labels, run.metrics
    try:
        epochs = _epochs(reader, run) if config.model.trains_steps else None
        found = [np.nan if labels.kind == "single" else metrics[f"dev/threshold/{label}"] for label in labels.ids]
        dev = read_parquet(predictions)["dev"]
    except (KeyError, ValueError) as error:
        raise StudyError(f"final=true: run {run.run_id} does not say what dev decided ({error}): {AGAIN}") from error
    return DevChoices(run.run_id, run.tags.get("study", ""), epochs, np.array(found), fit_temperature(dev))


def _epochs(reader: RunReader, run: KeptRun) -> int:
    curve = json.loads(_file(reader, run, "curve.json").read_text(encoding="utf-8"))
    return [point["step"] for point in curve].index(round(run.metrics["train/best_step"])) + 1


def _file(reader: RunReader, run: KeptRun, name: str) -> Path:
    path = reader.file_of(run.trained_id, name)
    if path is None:
        raise StudyError(f"final=true: run {run.run_id} has no {name} among its artifacts: {AGAIN}")
    return path


def _model_of(config: ModelExportConfig, run_id: str) -> ChosenModel:
    # Anew: what was written now is in no earlier answer.
    reader = existing_reader(config.tracking)
    (run,) = reader.runs_with_ids([run_id])
    folder = reader.folder_of(run_id, MODEL)
    if folder is None:
        raise StudyError(f"run={run_id}: its classifier is gone from the store: {AGAIN}")
    return ChosenModel(folder, run.name, run, reader)
