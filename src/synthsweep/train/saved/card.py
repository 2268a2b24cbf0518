"""What a saved classifier says of itself to programs: the file synthsweep.json in its folder."""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from synthsweep.config.keys.training import ENCODER
from synthsweep.errors import ModelError
from synthsweep.messages import first_line

CARD_FILE = "synthsweep.json"
# The network of an export for ONNX Runtime, which lies in the place of the weights.
ONNX_FILE = "model.onnx"
# A folder without a format is of version 1, whose head lies in head.pt.
FORMAT, FIRST_FORMAT = 2, 1
KINDS = ("multi", "single")
TRAIN_AGAIN = "train again with tracking.log_model=true"


@dataclass(frozen=True)
class SavedCard:
    """Enough to read texts and to decide, besides weights and tokenizer.

    `thresholds` are by label, empty where each text carries exactly one label (`kind` is single). `temperature` divides the
    logits for calibrated probabilities; None if dev could not give one. `data_digest` identifies the training corpus.
    `classifier` is a kind of model; length (tokens), windows and pooling are those of an encoder.
    """

    name: str
    labels: tuple[str, ...]
    kind: str
    thresholds: Mapping[str, float]
    max_length: int = 0
    windows: str = "none"
    pooling: str = "native"
    temperature: float | None = None
    run_id: str = ""
    study: str = ""
    encoder: str = ""
    data_digest: str = ""
    precision: str = "fp32"
    classifier: str = ENCODER
    format: int = FORMAT
    more: Mapping[str, Any] = field(default_factory=dict)

    def divisor(self, *, calibrated: bool) -> float:
        """What logits are divided by: the temperature of dev for `calibrated` probabilities.

        Raises:
            ModelError: dev could not give one.
        """
        if not calibrated:
            return 1.0
        if self.temperature is None:
            raise ModelError(
                "calibrated=true needs a classifier with a temperature, and this one has none: its dev texts show one class "
                "alone, or it was saved without one; set calibrated=false"
            )
        return self.temperature


def write_card(card: SavedCard, folder: Path) -> None:
    """Writes the card into the folder of a classifier."""
    known = asdict(card)
    more = known.pop("more")
    text = json.dumps({"format": known.pop("format"), **known, **more}, indent=2, ensure_ascii=False)
    (folder / CARD_FILE).write_text(text + "\n", encoding="utf-8")


def read_card(folder: Path) -> SavedCard:
    """The card of a saved classifier; of one of the first format, what its files say.

    Raises:
        ModelError: the folder holds no classifier, or one of a format that this version does not read.
    """
    path = folder / CARD_FILE
    if not folder.is_dir():
        raise ModelError(f"{folder}: there is no such folder; tracking.log_model=true keeps the classifier of a run in model/")
    if not path.is_file():
        raise ModelError(f"{folder}: this folder holds no classifier of synthsweep (no {CARD_FILE})")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        written = found.get("format", FIRST_FORMAT)
        if written == FIRST_FORMAT:
            return _usable(_first_format(found, folder), path)
        if written != FORMAT:
            raise ModelError(
                f"{path}: format must be {FIRST_FORMAT} or {FORMAT}, got {written!r}: another version of synthsweep wrote it; "
                f"use that one, or {TRAIN_AGAIN}"
            )
        if not isinstance(found["labels"], list):
            raise TypeError("labels are no list")
        known = {name: found[name] for name in SavedCard.__dataclass_fields__ if name in found}
        return _usable(SavedCard(**{**known, "labels": tuple(found["labels"])}), path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelError(f"{path}: it cannot be read ({first_line(error)}); {TRAIN_AGAIN}") from error


def _usable(card: SavedCard, path: Path) -> SavedCard:
    """The card, if texts can be decided on with it."""
    labels, single = card.labels, card.kind == "single"
    for name, kept, rule in (
        ("labels", len(set(labels)) == len(labels) > 0 and all(isinstance(one, str) for one in labels), "names, each once"),
        ("kind", card.kind in KINDS, " or ".join(KINDS)),
        ("thresholds", single or all(_is_number(card.thresholds.get(label)) for label in labels), "a number for each label"),
        (
            "temperature",
            card.temperature is None or (_is_number(card.temperature) and card.temperature > 0),
            "above 0, or null",
        ),
    ):
        if not kept:
            raise ModelError(f"{path}: {name} must be {rule}, got {getattr(card, name)!r}; {TRAIN_AGAIN}")
    return card


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _first_format(found: Mapping[str, Any], folder: Path) -> SavedCard:
    """Its labels are those of the transformers checkpoint beside it."""
    named = json.loads((folder / "config.json").read_text(encoding="utf-8"))["id2label"]
    return SavedCard(
        name="",
        labels=tuple(named[str(index)] for index in range(len(named))),
        kind=found.get("kind", "multi"),
        thresholds=found.get("thresholds", {}),
        max_length=found["max_length"],
        windows=found.get("windows", "none"),
        pooling=found["pooling"],
        format=FIRST_FORMAT,
    )
