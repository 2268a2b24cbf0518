"""The trained classifier of a run as a folder: weights, card for programs, card for people, MLflow's description."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from synthsweep import __version__
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.training import ENCODER
from synthsweep.pretrained import resolve_path
from synthsweep.run.prepare import TrainingData
from synthsweep.run.record.description import run_name
from synthsweep.run.record.model_page import model_page
from synthsweep.run.record.result import Evaluation
from synthsweep.track.mlflow.saved_model import add_description
from synthsweep.train.saved.card import SavedCard

if TYPE_CHECKING:
    from synthsweep.train.fit import Fitted
    from synthsweep.train.linear.classifier import FittedLinear

# The module that MLflow loads a folder with.
LOADER = "synthsweep.train.saved.pyfunc"


def write_model(
    config: RunConfig, prepared: TrainingData, evaluation: Evaluation, card: SavedCard, folder: Path, history: str = ""
) -> None:
    """Writes the folder; nothing in it is a text of the corpus or a path of this machine. `history` is as in `model_page`."""
    if config.model.kind == ENCODER:
        from synthsweep.train.saved.save import save_classifier

        save_classifier(cast("Fitted", evaluation.fitted).loaded, card, folder)
    else:
        # It needs no torch.
        from synthsweep.train.saved.linear import save_linear

        save_linear(cast("FittedLinear", evaluation.fitted), card, folder)
    (folder / "README.md").write_text(model_page(config, prepared, evaluation, card, history), encoding="utf-8")
    add_description(folder, LOADER, card.labels, card.kind, [f"synthsweep=={__version__}"])


def card_of(
    config: RunConfig, prepared: TrainingData, evaluation: Evaluation, run_id: str, temperature: float | None
) -> SavedCard:
    """What the folder says of itself; the temperature is that of dev."""
    first = evaluation.predictions[0]
    values = [] if first.kind == "single" else evaluation.thresholds.tolist()
    card = SavedCard(
        name=run_name(config, prepared),
        labels=first.label_ids,
        kind=first.kind,
        thresholds=dict(zip(first.label_ids, values, strict=True)) if values else {},
        temperature=temperature,
        run_id=run_id,
        study=config.study or "",
        encoder=encoder_name(config) if config.model.pretrained else "",
        data_digest=prepared.data_digest[:16],
        classifier=config.model.kind,
    )
    if not config.model.trains_steps:
        return card
    training = config.training
    return replace(
        card,
        max_length=training.max_length,
        windows=training.windows,
        pooling=config.model.pooling,
        precision=training.precision,
    )


def encoder_name(config: RunConfig) -> str:
    """The encoder as others can find it: a folder of this machine is called by the name of its configuration."""
    name = config.model.name_or_path
    packaged = resolve_path(name) != name
    return name if packaged or not (Path(name).expanduser().exists() or name.startswith(("/", ".", "~"))) else config.model.name
