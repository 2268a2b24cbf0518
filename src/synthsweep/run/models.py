"""Which pretrained models a run reads, by the keys that name them, and what they contain."""

from collections.abc import Iterator, Mapping

from synthsweep.config.flat import flat, plain
from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.keys.run import TrainingDataConfig
from synthsweep.config.keys.synthetic import CurationConfig
from synthsweep.curate.embedder import Embedder
from synthsweep.errors import ModelError
from synthsweep.generate.union import member_configs
from synthsweep.pretrained import content_of
from synthsweep.run.characterize import MEANINGS

ENCODER, EMBEDDER, PERPLEXITY = "model.name_or_path", "characteristics.embedder", "characteristics.perplexity"


def contents_of_models(config: TrainingDataConfig, *, synthetic: bool, embedder: Embedder | None = None) -> Mapping[str, str]:
    """The content of each model that acts on the numbers of a run, by its key; without `synthetic` texts, the encoder alone.

    `embedder` stands for the configured one.
    """
    # Texts are prepared for other commands, too, which train no encoder.
    encoder = getattr(config, "model", None)
    found = {ENCODER: content_of(encoder.name_or_path, encoder.revision)} if encoder and encoder.pretrained else {}
    if synthetic:
        found |= {key: content_of(name) for key, name in _models_of_texts(config)}
    name = config.characteristics.embedder
    if EMBEDDER in found and embedder is not None and embedder.name not in {name, f"{name}@{found[EMBEDDER]}"}:
        found[EMBEDDER] = embedder.name
    return found


def require_unchanged(config: TrainingDataConfig, before: Mapping[str, str], embedder: Embedder | None = None) -> None:
    """Raises ModelError if a model is another one than `before`: it is unknown which of its files were read."""
    now = contents_of_models(config, synthetic=bool(before.keys() - {ENCODER}), embedder=embedder)
    changed = next((key for key, content in before.items() if now.get(key) != content), None)
    if changed is not None:
        named = f"{changed}={flat(plain(config)).get(changed, '')}"
        raise ModelError(f"{named}: its files changed while they were read: give the command again")


def _models_of_texts(config: TrainingDataConfig) -> Iterator[tuple[str, str]]:
    """Key and name of each model that writes, drops, selects or measures synthetic texts."""
    yield from _rewriters(config.llm, "llm")
    measured = config.characteristics
    if measured.kind == "all" or config.select.by in MEANINGS or _curates_by_meaning(config.curation):
        yield EMBEDDER, measured.embedder
    if measured.perplexity != "ngram" and (measured.kind != "none" or config.select.by == "perplexity"):
        yield PERPLEXITY, measured.perplexity


def _curates_by_meaning(curation: CurationConfig) -> bool:
    near = curation.near_duplicates in {"embedding", "both"} or curation.leak_cosine is not None
    return near or curation.label_check in {"classifier", "confident"}


def _rewriters(llm: LlmConfig, section: str) -> Iterator[tuple[str, str]]:
    if llm.kind == "masked_lm" and llm.rewriter.model:
        yield f"{section}.rewriter.model", llm.rewriter.model
    for name, member in member_configs(llm).items() if llm.kind == "union" else ():
        yield from _rewriters(member, f"{section}.members.{name}")
