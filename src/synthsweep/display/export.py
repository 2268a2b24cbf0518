"""What the terminal shows of an export: which classifier, where it is, and how it is loaded."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console

from synthsweep.config.commands import assign, command_line
from synthsweep.config.keys.export import ModelExportConfig
from synthsweep.config.keys.training import ENCODER
from synthsweep.config.metrics import PRIMARY
from synthsweep.display.console import print_prose
from synthsweep.messages import without_password
from synthsweep.pages.numbers import score
from synthsweep.train.saved.card import ONNX_FILE

if TYPE_CHECKING:
    from synthsweep.export.export import Export
    from synthsweep.export.final import FinalModel
    from synthsweep.export.folder import WrittenFolder
    from synthsweep.track.writer import RegisteredModel


def print_export(console: Console, config: ModelExportConfig, made: "Export") -> None:
    """Prints a line per thing that was made, and last how to load it."""
    run = f" (run {made.card.run_id})" if made.card.run_id else ""
    print_prose(console, f"Classifier: {made.card.name}{run}, {len(made.card.labels)} labels.")
    if made.final is not None:
        for line in _final_lines(made.final):
            print_prose(console, line)
    if made.folder is not None:
        for line in _folder_lines(made.folder, made):
            print_prose(console, line)
    if made.registered is not None:
        for line in _registry_lines(made.registered):
            print_prose(console, line)


def _final_lines(final: "FinalModel") -> Iterator[str]:
    yield final.choices.sentences
    after, before = (run.metrics.get(PRIMARY) if run else None for run in (final.model.run, final.origin))
    yield f"Macro average precision on test: {score(after)}, before {score(before)}: one seed each, so this is no effect."
    if final.reused:
        yield "It was trained so before: nothing was trained."


def _folder_lines(folder: "WrittenFolder", made: "Export") -> Iterator[str]:
    size = f"{folder.size / 1e6:.1f} MB"
    yield f"{folder.name} holds it already: nothing was written." if folder.before else f"Written: {folder.name} ({size})."
    if made.difference is not None:
        windows = "" if made.card.windows == "none" else " It reads one window of a text."
        yield (
            f"Load it: onnxruntime.InferenceSession({f'{folder.name}/{ONNX_FILE}'!r}), as its README.md shows. Its logits "
            f"differ from torch's by {made.difference:.1g} at most, on a few texts.{windows}"
        )
        return
    trusted = "" if made.card.pooling == "native" else ", trust_remote_code=True"
    command = command_line("predict", assign("run", folder.name), "data.path=new.csv")
    encoder = f"AutoModelForSequenceClassification.from_pretrained({folder.name!r}{trusted})"
    other = f"mlflow.pyfunc.load_model({folder.name!r}).predict(table with a column text)"
    yield f"Load it: {encoder if made.card.classifier == ENCODER else other}, or {command}"


def _registry_lines(model: "RegisteredModel") -> Iterator[str]:
    version, moved = f"version {model.version} of {model.name}", model.before and model.before != model.version
    yield f"Registered: {version}." if model.new else f"The run is {version} already: no other one was registered."
    yield f"Alias {model.alias}: version {model.version}{f', before version {model.before}' if moved else ''}."
    yield (
        f"Load it: mlflow.set_tracking_uri({without_password(model.uri)!r}), "
        f"then mlflow.pyfunc.load_model({model.address!r}).predict(table with a column text)"
    )
