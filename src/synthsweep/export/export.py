"""A classifier for use elsewhere on one screen: choose -> check -> write -> register."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from synthsweep.config.keys.export import ONNX, ModelExportConfig
from synthsweep.config.keys.training import ENCODER
from synthsweep.errors import ConfigError, ModelError, StudyError
from synthsweep.export.final import FinalModel, final_model
from synthsweep.export.folder import WrittenFolder, copy_into, require_free, write_folder
from synthsweep.export.onnx_file import require_packages, write_onnx
from synthsweep.pages.numbers import counted
from synthsweep.predict.chosen import ARM, ChosenModel, choose_models
from synthsweep.progress import Progress, Stage
from synthsweep.track.choose import registry_of
from synthsweep.track.reader import FINAL_OF, KeptRun
from synthsweep.track.writer import RegisteredModel
from synthsweep.train.saved.card import FORMAT, TRAIN_AGAIN, SavedCard, read_card

if TYPE_CHECKING:
    from synthsweep.train.saved.classifier import SavedClassifier
    from synthsweep.train.saved.encoder import SavedEncoder

# MLflow's description of a model; it is written last.
MLMODEL = "MLmodel"
# What a registered version says of its run.
TAGS = ("study", "arm", "seed", FINAL_OF, "final_of_study")


@dataclass(frozen=True)
class Export:
    """What a command has made of a classifier; `final` says how it was trained, None if by the chosen run.

    `difference` is that of an ONNX file's logits from torch's, at most.
    """

    card: SavedCard
    final: FinalModel | None = None
    difference: float | None = None
    folder: WrittenFolder | None = None
    registered: RegisteredModel | None = None


def export_model(config: ModelExportConfig, progress: Progress) -> Export:
    """Writes the folder and registers the model that a configuration names.

    Raises:
        InputError: the classifier or the folder cannot be used; nothing was written.
        TrackingError: the store does not answer.
    """
    if config.path is not None:
        require_free(config.path)
    if config.format == ONNX:
        require_packages()
    final = final_model(config, progress) if config.final else None
    model = final.model if final else _one(str(config.run), choose_models(str(config.run), config.tracking))
    if config.register is not None and model.run is None:
        raise ConfigError(f"register={config.register}: MLflow registers models of runs: give run=ID or best:STUDY")
    if config.path is not None:
        require_free(config.path, model.folder)
    saved = _checked(config, model, progress)
    folder, difference = _write(config, model, saved, progress) if config.path is not None else (None, None)
    registered = _register(config, model.run, progress) if config.register is not None and model.run else None
    return Export(saved.card, final, difference, folder, registered)


def _one(asked: str, models: tuple[ChosenModel, ...]) -> ChosenModel:
    if len(models) > 1:
        names = ", ".join(model.run.run_id for model in models if model.run)
        raise StudyError(
            f"run={asked}: these are {counted(len(models), 'classifier')}, and export takes one: "
            f"give the ID of one of them ({names}); synthsweep predict run={ARM}... takes their mean"
        )
    return models[0]


def _checked(config: ModelExportConfig, model: ChosenModel, progress: Progress) -> "SavedClassifier":
    """A classifier that loads and predicts, so that no broken one leaves."""
    card = read_card(model.folder)
    if card.format != FORMAT:
        raise ModelError(
            f"{model.folder}: an earlier version saved it, whose head plain transformers does not find: {TRAIN_AGAIN}"
        )
    if not (model.folder / MLMODEL).is_file():
        raise ModelError(f"{model.folder}: {MLMODEL} is missing, so MLflow would not load it: {TRAIN_AGAIN}")
    if config.format == ONNX and card.classifier != ENCODER:
        raise ConfigError(
            f"format=onnx is for encoders, and the classifier of {model.name} is of the kind {card.classifier}: "
            "use format=transformers, which keeps its files as they are"
        )
    progress(Stage(f"loading {model.name}"))
    # torch and transformers take seconds to import.
    from synthsweep.export.check import require_sound

    return require_sound(model.folder)


def _write(
    config: ModelExportConfig, model: ChosenModel, saved: "SavedClassifier", progress: Progress
) -> tuple[WrittenFolder, float | None]:
    """The folder, and how far the numbers of an ONNX file are from torch's."""
    progress(Stage(f"writing {config.path}"))
    if config.format != ONNX:
        return write_folder(str(config.path), copy_into(model.folder), force=config.force), None
    # Others were refused.
    encoder, found = cast("SavedEncoder", saved), list[float]()
    written = write_folder(
        str(config.path), lambda folder: found.append(write_onnx(encoder, model.folder, folder)), force=config.force
    )
    return written, found[0]


def _register(config: ModelExportConfig, run: KeptRun, progress: Progress) -> RegisteredModel:
    progress(Stage(f"registering {config.register}"))
    tags = {"run": run.name, **{name: run.tags[name] for name in TAGS if run.tags.get(name)}}
    return registry_of(config.tracking).register(str(config.register), run.trained_id, config.alias, tags)
