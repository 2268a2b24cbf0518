"""The card of a saved classifier for people: README.md with the front matter that the Hugging Face hub reads."""

import importlib.metadata
import re
from pathlib import Path

import yaml

from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.training import EMBEDDINGS, SETFIT, TFIDF
from synthsweep.config.test_sets import is_test
from synthsweep.errors import ModelError
from synthsweep.examples import digest_of
from synthsweep.pages.numbers import counted
from synthsweep.pages.page import DEMO_NOTE
from synthsweep.pages.tables.markdown import plain_text
from synthsweep.pretrained import PACKAGE_PREFIX, resolve_path
from synthsweep.run.prepare import TrainingData
from synthsweep.run.record.description import pool_name
from synthsweep.run.record.result import Evaluation, criteria_table
from synthsweep.train.linear.tfidf import WORDS_FILE
from synthsweep.train.saved.card import SavedCard

UNKNOWN_LICENSE = "see its card"
LOADING = """\
```python
from transformers import AutoModelForSequenceClassification, AutoTokenizer

model = AutoModelForSequenceClassification.from_pretrained(FOLDER{trusted}).eval()
tokenizer = AutoTokenizer.from_pretrained(FOLDER{trusted})
```
"""
LOADING_LINEAR = """\
```python
import mlflow
import pandas as pd

mlflow.pyfunc.load_model(FOLDER).predict(pd.DataFrame({"text": ["A text."]}))
```

synthsweep must be installed there; transformers cannot load this folder.
"""
LINEAR_MODELS = {
    TFIDF: "Logistic regression on TF-IDF of words and pairs of words.",
    EMBEDDINGS: "Logistic regression on frozen sentence embeddings of {encoder} (licence: {license}).",
    SETFIT: "Logistic regression on sentence embeddings of {encoder} (licence: {license}), tuned on pairs of texts (SetFit).",
}


def model_page(config: RunConfig, prepared: TrainingData, evaluation: Evaluation, card: SavedCard, history: str = "") -> str:
    """Markdown after YAML; digests stand for texts, names for folders.

    `history` is a paragraph on a classifier for which dev chose nothing, because it is trained on dev.
    """
    license_name = license_of_encoder(config) if config.model.pretrained else UNKNOWN_LICENSE
    encoder = config.model.trains_steps
    front = {
        **({"library_name": "transformers"} if encoder else {}),
        "pipeline_tag": "text-classification",
        "tags": ["synthsweep", f"{card.kind}-label"],
        # Hub's field for the licence of a model: fine-tuned weights are bound by that of the encoder.
        **({} if license_name == UNKNOWN_LICENSE else {"license": license_name}),
    }
    parts = [
        f"---\n{yaml.safe_dump(front, sort_keys=False)}---",
        f"# {plain_text(card.name)}",
        _encoder(config, card, license_name) if encoder else _linear(card, license_name),
        "## Trained on",
        _data(config, prepared, card),
        *([history] if history else []),
        "## Scores",
        "Of this run alone, so without intervals; `synthsweep compare` gives those of a study.",
        *(criteria_table(evaluation, part.split) for part in evaluation.predictions if is_test(part.split)),
        "## Use",
        *([LOADING.format(trusted=_trusted(card)), _reading(card)] if encoder else [LOADING_LINEAR]),
        _deciding(card),
        "## Limits",
        _limits(config, evaluation, card),
    ]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _encoder(config: RunConfig, card: SavedCard, license_name: str) -> str:
    weights = "random weights, for tests" if config.model.random_sizes else f"licence: {license_name}"
    return f"A text classifier on the encoder {plain_text(card.encoder)} ({weights}), pooling `{card.pooling}`."


def _linear(card: SavedCard, license_name: str) -> str:
    return LINEAR_MODELS[card.classifier].format(encoder=plain_text(card.encoder), license=license_name)


def _trusted(card: SavedCard) -> str:
    return "" if card.pooling == "native" else ", trust_remote_code=True"


def _data(config: RunConfig, prepared: TrainingData, card: SavedCard) -> str:
    mix = prepared.mix
    lines = [
        f"- corpus: digest `{card.data_digest}`; mix: digest `{prepared.mix_digest[:16]}`",
        f"- arm `{config.mix.arm}`: {counted(len(mix.real), 'real text')}, {counted(len(mix.synthetic), 'synthetic text')}",
    ]
    if mix.synthetic:
        pool = prepared.llm if config.llm.path else pool_name(config, prepared.llm)
        template = digest_of([config.prompt.system, config.prompt.template])[:16]
        lines.append(f"- pool: {plain_text(pool)}; template of the prompt: digest `{template}`")
    lines.append(f"- run `{card.run_id}`" + (f" of study {plain_text(card.study)}" if card.study else ""))
    return "\n".join(lines)


def _reading(card: SavedCard) -> str:
    if card.windows == "none":
        return f"A text is cut after {card.max_length} tokens, also by `pipeline(..., truncation=True)`."
    return (
        f"Texts beyond {card.max_length} tokens are read in windows of that length, each beginning half a window after the one "
        f"before; the last one ends with the text. The logit of a text is the {card.windows} over its windows. "
        "transformers alone reads only the first window; `mlflow.pyfunc.load_model` reads all."
    )


def _deciding(card: SavedCard) -> str:
    if card.kind == "single":
        return "The class of a text is the one with the highest probability (softmax)."
    rows = [f"| {plain_text(label)} | {value:.6g} |" for label, value in card.thresholds.items()]
    return "\n".join(
        [
            "A label holds if its probability (sigmoid) is at least its threshold:",
            "",
            "| label | threshold |",
            "| --- | --- |",
            *rows,
        ]
    )


def _limits(config: RunConfig, evaluation: Evaluation, card: SavedCard) -> str:
    known = (
        "calibrated probabilities cannot be had: dev did not give a temperature"
        if card.temperature is None
        else f"calibrated probabilities divide the logits by {card.temperature:.4g}, chosen on dev; thresholds are for those "
        "before it"
    )
    lines = [f"- {known}", "- thresholds and scores hold for texts like those of the corpus"]
    if card.classifier == TFIDF:
        lines.append(
            f"- `{WORDS_FILE}` names no word of the training texts, but who guesses one can check whether they contain it"
        )
    elif card.precision != "fp32":
        lines.append("- on a GPU with bf16 the recorded probabilities differ from those in float32 by up to some thousandths")
    return "\n".join([*lines, *([f"- {DEMO_NOTE}"] if config.data.kind == "demo" else [])])


def license_of_encoder(config: RunConfig) -> str:
    """The licence of the encoder: of its own card if that is on this machine, else of its package."""
    name = config.model.name_or_path
    try:
        card = Path(resolve_path(name)) / "README.md"
        found = re.search(r"^license:\s*(\S+)\s*$", card.read_text(encoding="utf-8"), re.MULTILINE)
        if found:
            return found[1]
    except (OSError, UnicodeError, ModelError):
        pass
    if not name.startswith(PACKAGE_PREFIX):
        return UNKNOWN_LICENSE
    try:
        about = importlib.metadata.metadata(name.removeprefix(PACKAGE_PREFIX).partition("/")[0].replace("_", "-"))
    except importlib.metadata.PackageNotFoundError:
        return UNKNOWN_LICENSE
    stated = next((about[name] for name in ("License-Expression", "License") if name in about), UNKNOWN_LICENSE)
    # Some packages put the whole text there.
    return stated if len(stated.split()) <= 4 else UNKNOWN_LICENSE
