"""Labels for new texts on one screen: choose -> survey -> predict part by part -> write."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from synthsweep.config.keys.predict import PredictConfig
from synthsweep.corpus.files.table import listed_rows
from synthsweep.errors import DataError
from synthsweep.pages.numbers import counted
from synthsweep.predict.chosen import ChosenModel, choose_models
from synthsweep.predict.finished_parts import FinishedParts
from synthsweep.predict.new_texts import NewTexts, Survey
from synthsweep.pretrained import content_of
from synthsweep.progress import Advance, Progress, Stage
from synthsweep.storage.paths import named_path

if TYPE_CHECKING:
    from synthsweep.predict.ensemble import Ensemble


@dataclass(frozen=True)
class Prediction:
    """What a command has written; `seconds` are those of the texts that it predicted itself."""

    out: Path
    rows: int
    blank: int
    predicted: int
    seconds: float
    models: tuple[str, ...]
    positive: Mapping[str, int]


def predict_texts(config: PredictConfig, progress: Progress) -> Prediction:
    """Predicts every text of a file and writes the results beside the numbers of their rows.

    Raises:
        InputError: the classifier, the file or a key cannot be used; nothing was written.
        TrackingError: the store does not answer.
    """
    out = _require_free(config)
    models = choose_models(str(config.run), config.tracking)
    texts = NewTexts(config.data, config.copied)
    from synthsweep.predict.written import positives_in, write_tables

    progress(Stage(f"reading {config.data.source}"))
    survey = texts.survey()
    for note in _notes(survey, config):
        progress(Stage(note))
    parts = FinishedParts(out.with_name(f".{out.name}.parts"), _question(config, models, survey))
    with parts.held(force=config.force) as done:
        ensemble = _open(models, config, progress)
        predicted, seconds = _predict(texts, survey, ensemble, parts, done, progress)
        write_tables(parts.tables, out)
        positive = positives_in(parts.tables(), ensemble)
        parts.remove()
    return Prediction(out, survey.rows, len(survey.blank), predicted, seconds, _names(models), positive)


def _require_free(config: PredictConfig) -> Path:
    """The file to write, in whose place nothing lies that is lost."""
    out, texts = named_path(config.out), config.data.path
    if out.is_dir():
        raise DataError(f"out={config.out}: this is a folder, and a file is written: give another name")
    if texts and out.resolve() == named_path(texts).resolve():
        raise DataError(f"out={config.out}: this is the file of the texts itself: give another name")
    if out.exists() and not config.force:
        raise DataError(f"out={config.out}: this file exists: give another name, or force=true to overwrite it")
    return out


def _notes(survey: Survey, config: PredictConfig) -> list[str]:
    found = [f"{counted(survey.rows, 'row')} to predict", *survey.notes]
    if survey.blank:
        found.append(
            f"no text in {listed_rows(list(survey.blank))} ({config.data.text} is empty): their predictions stay empty"
        )
    return found


def _open(models: tuple[ChosenModel, ...], config: PredictConfig, progress: Progress) -> "Ensemble":
    progress(Stage(f"loading {', '.join(_names(models))}"))
    # torch and transformers take seconds to import.
    from synthsweep.predict.ensemble import make_ensemble
    from synthsweep.train.saved.load import open_saved

    settings: dict[str, Any] = {"device": config.device, "threads": config.threads, "batch_size": config.batch_size}
    members = [open_saved(model.folder, **settings) for model in models]
    return make_ensemble(members, config.threshold, calibrated=config.calibrated)


def _predict(
    texts: NewTexts, survey: Survey, ensemble: "Ensemble", parts: FinishedParts, done: int, progress: Progress
) -> tuple[int, float]:
    """Predicts what is lacking; how many rows that were, and in how many seconds."""
    from synthsweep.predict.written import columns_of, predict_part, require_free_names

    before, now, began = 0, 0, time.monotonic()
    for number, part in enumerate(texts.parts()):
        require_free_names(part.beside, columns_of(ensemble))
        if number < done:
            before += len(part.texts)
            continue
        if number == done and before:
            progress(Stage(f"{counted(before, 'row')} of an unfinished command kept"))
            began = time.monotonic()
        parts.put(number, predict_part(part, ensemble))
        now += len(part.texts)
        progress(Advance(before + now, survey.rows, f"{now / (time.monotonic() - began):.0f} texts a second", "texts"))
    return now, time.monotonic() - began


def _question(config: PredictConfig, models: tuple[ChosenModel, ...], survey: Survey) -> dict[str, Any]:
    """All that the predictions depend on."""
    return {
        "file": survey.digest,
        "classifier": [content_of(str(model.folder)) for model in models],
        **{f"data.{name}": getattr(config.data, name) for name in ("text", "id", "encoding")},
        "columns": list(config.copied),
        "threshold": config.threshold,
        "calibrated": config.calibrated,
    }


def _names(models: tuple[ChosenModel, ...]) -> tuple[str, ...]:
    return tuple(model.name for model in models)
