"""What reads texts for an encoder: its tokenizer and its limit, without its weights, and mostly without its network."""

import json
import logging
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from synthsweep.config.keys.training import MAX_LENGTH, ModelConfig
from synthsweep.errors import ModelError
from synthsweep.messages import first_line, listing
from synthsweep.pretrained import content_of, pinned, resolve_path
from synthsweep.train.cache import TrainingCache
from synthsweep.train.encoder.bert_tokens import read_bert
from synthsweep.train.encoder.limits import length_limit, network_counts

# Path, name and revision of an encoder, what it contains, and whether its weights are random.
Source = tuple[str, str, str | None, str, bool]
# How the types of encoders that runs save are called.
OWN_TYPES = "synthsweep_"


@dataclass(frozen=True)
class TextReader:
    """A tokenizer with the largest training.max_length of its encoder; `source` names it in a cache."""

    tokenizer: Any
    limit: int = MAX_LENGTH
    source: Hashable = None


def load_reader(config: ModelConfig, cache: TrainingCache) -> TextReader:
    """What reads texts for the configured encoder, without its weights; nothing is fetched.

    Raises:
        ModelError: its files are not on this machine, or cannot be read.
    """
    source = source_of(config)
    if (alone := read_bert(Path(source[0]), config.random_sizes)) is not None:
        return TextReader(*alone, source)
    from transformers import AutoConfig, AutoTokenizer

    place = {**place_of(source, cache), "local_files_only": True}
    with quiet(source[0]), as_model_error(*of_config(config)):
        tokenizer = cache.tokenizers.get(source) or AutoTokenizer.from_pretrained(**place)
        sizes = AutoConfig.from_pretrained(**place)
        require_sizes(sizes, config.random_sizes)
        sizes.update(config.random_sizes)
        limit = length_limit(sizes, tokenizer, _without_weights(sizes) if network_counts(sizes) else None)
    cache.tokenizers[source] = tokenizer
    return TextReader(tokenizer, limit, source)


def _without_weights(sizes: Any) -> Any:
    """The network that sizes describe; what it is made of takes seconds to import."""
    import torch
    from transformers import AutoModelForSequenceClassification

    with torch.device("meta"):
        return AutoModelForSequenceClassification.from_config(sizes)


def source_of(config: ModelConfig) -> Source:
    """Identifies a tokenizer in a cache: of files that changed, nothing is taken from it.

    Raises:
        ModelError: there is no such package, or no model in the folder.
    """
    path = resolve_path(config.name_or_path)
    if Path(path).is_dir() and not (Path(path) / "config.json").is_file():
        raise ModelError(f"model.name_or_path={config.name_or_path}: this folder holds no model (no config.json)")
    if Path(path).is_dir():
        _require_encoder(Path(path), config.name_or_path)
    name, revision = config.name_or_path, config.revision
    return path, name, revision, content_of(name, revision), bool(config.random_sizes)


def _require_encoder(folder: Path, given: str) -> None:
    """Raises ModelError of a classifier that a run saved with a pooling of ours: transformers sees no encoder in it."""
    try:
        found = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        saved = str(found.get("model_type")).startswith(OWN_TYPES)
    except (OSError, ValueError, AttributeError):
        # Whoever loads it says what is wrong.
        return
    if saved:
        raise ModelError(
            f"model.name_or_path={given}: this folder holds a classifier that a run trained with model.pooling="
            f"{found.get('pooling')}, which is not trained further: give the encoder that it began with, or label texts with "
            f"it: synthsweep predict run={given}"
        )


def place_of(source: Source, cache: TrainingCache | None) -> dict[str, Any]:
    """Where transformers finds an encoder, as arguments of its `from_pretrained`."""
    path, name, revision, *_ = source
    return {
        "pretrained_model_name_or_path": path,
        "revision": pinned(name, revision),
        # The hub takes tenths of a second per file: it is asked only once per process.
        "local_files_only": cache is not None and source in cache.tokenizers,
    }


def require_sizes(sizes: Any, wanted: dict[str, int]) -> None:
    """Raises ModelError for names of sizes that an encoder does not have."""
    unknown = [name for name in wanted if not hasattr(sizes, name)]
    if unknown:
        raise ModelError(f"model.random_sizes: {type(sizes).__name__} has no {listing(unknown)}; see its config.json for names")


@contextmanager
def quiet(path: str) -> Iterator[None]:
    """A context in which loading what is at `path` prints no warnings, and a bar for downloads alone."""
    from transformers.utils import logging as transformers_logging

    # A new head is always "newly initialized"; transformers warns of it each time.
    before, bars = transformers_logging.get_verbosity(), transformers_logging.is_progress_bar_enabled()
    transformers_logging.set_verbosity_error()
    # The hub's client logs every retry, twice.
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    if Path(path).is_dir():
        # A download deserves a progress bar, reading a file does not.
        transformers_logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers_logging.set_verbosity(before)
        if bars:
            transformers_logging.enable_progress_bar()


@contextmanager
def as_model_error(subject: str, way_out: str) -> Iterator[None]:
    """A context in which whatever loading raises becomes a ModelError of one line."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:
        # The hub's client, transformers, safetensors and torch each raise errors of their own.
        raise ModelError(f"{subject}: it cannot be loaded ({first_line(error).rstrip(':')}); {way_out}") from error


def of_config(config: ModelConfig) -> tuple[str, str]:
    """Subject and way out of an error about a configured encoder."""
    way_out = "give model.name_or_path=FOLDER with its files, or fetch it where there is a network: hf download NAME"
    return f"model.name_or_path={config.name_or_path}", way_out
