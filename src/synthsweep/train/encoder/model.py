"""An encoder with a multilabel head: any AutoModelForSequenceClassification, or its encoder under another pooling."""

from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModelForSequenceClassification, AutoTokenizer

from synthsweep.config.keys.training import MAX_LENGTH, ModelConfig
from synthsweep.errors import ModelError
from synthsweep.train.cache import TrainingCache
from synthsweep.train.encoder.limits import length_limit, require_length
from synthsweep.train.encoder.reader import TextReader, as_model_error, of_config, place_of, quiet, require_sizes, source_of
from synthsweep.train.saved.pooled_encoder import pooled_states

# Names of dropout settings: of BERT and similar encoders, DistilBERT, ModernBERT.
DROPOUTS = (
    "hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout", "dropout", "attention_dropout",
    "seq_classif_dropout", "embedding_dropout", "mlp_dropout",
)  # fmt: skip
# The first of these that an encoder has is the dropout of its head.
HEAD_DROPOUTS = ("classifier_dropout", "seq_classif_dropout", "hidden_dropout_prob")


class Classifier(nn.Module):
    """Token ids in, one logit per criterion out; the first `frozen_layers` and the embeddings below them stay as pretrained."""

    def __init__(self, network: Any, *, pooling: str, frozen_layers: int) -> None:
        super().__init__()
        self.network = network
        self.pooling = pooling
        self.head: nn.Module | None = None
        if pooling != "native":
            rates = (getattr(network.config, name, None) for name in HEAD_DROPOUTS)
            rate = next((rate for rate in rates if rate is not None), 0.0)
            self.head = nn.Sequential(nn.Dropout(rate), nn.Linear(network.config.hidden_size, network.config.num_labels))
        self.frozen_layers = frozen_layers
        self.frozen = lowest_layers(network.base_model, frozen_layers)
        for module in self.frozen:
            module.requires_grad_(False)

    def forward(
        self, input_ids: torch.Tensor | None, attention_mask: torch.Tensor, inputs_embeds: torch.Tensor | None = None
    ) -> torch.Tensor:
        """Ids and mask (texts, tokens) to logits (texts, criteria); `inputs_embeds` replace ids if there are no embeddings."""
        inputs = {"input_ids": input_ids} if inputs_embeds is None else {"inputs_embeds": inputs_embeds}
        if self.head is None:
            logits: torch.Tensor = self.network(**inputs, attention_mask=attention_mask).logits
        else:
            states = self.network.base_model(**inputs, attention_mask=attention_mask).last_hidden_state
            logits = self.head(pooled_states(states, attention_mask, self.pooling))
        return logits

    def train(self, mode: bool = True) -> "Classifier":
        super().train(mode)
        for module in self.frozen:
            # Dropout in layers that do not learn would only add noise.
            module.eval()
        return self


def lowest_layers(base: Any, frozen_layers: int) -> list[nn.Module]:
    """The embeddings of an encoder and its first `frozen_layers` layers, in this order; empty for 0.

    Raises:
        ModelError: the encoder has fewer layers, or no stack of layers.
    """
    if not frozen_layers:
        return []
    count = base.config.num_hidden_layers
    if frozen_layers > count:
        raise ModelError(f"model.frozen_layers must be in [0, {count}], the layers of this encoder; got {frozen_layers}")
    embeddings = getattr(base, "embeddings", None) or base.get_input_embeddings()
    return [embeddings, *base.get_submodule(stack_of_layers(base))[:frozen_layers]]


def stack_of_layers(base: Any) -> str:
    """The name of the module list that holds an encoder's layers.

    Raises:
        ModelError: no module list has as many members as the encoder has layers.
    """
    count = base.config.num_hidden_layers
    for name, module in base.named_modules():
        if isinstance(module, nn.ModuleList) and len(module) == count:
            return str(name)
    raise ModelError(f"model.frozen_layers: no stack of {count} layers found in {type(base).__name__}; set it to 0")


@dataclass(frozen=True)
class Origin:
    """Identifies what a classifier was loaded from: equal `tokenizer`, equal tokens; equal `weights`, equal frozen weights."""

    tokenizer: Hashable
    weights: Hashable


@dataclass(frozen=True)
class Loaded:
    """A classifier with the tokenizer of its encoder; without an origin, it shares nothing in a cache with others.

    `limit` is the largest training.max_length that it takes.
    """

    classifier: Classifier
    tokenizer: Any
    origin: Origin | None = None
    limit: int = MAX_LENGTH

    @property
    def reader(self) -> TextReader:
        return TextReader(self.tokenizer, self.limit, self.origin and self.origin.tokenizer)


def load(
    config: ModelConfig,
    label_ids: Sequence[str],
    *,
    dropout: float | None,
    max_length: int,
    seed: int,
    kind: str = "multi",
    cache: TrainingCache | None = None,
) -> Loaded:
    """The configured encoder under a new head, whose weights are drawn by `seed`; `kind` is that of the label set.

    Raises:
        ModelError: the weights cannot be loaded, or a size does not fit them.
    """
    source = source_of(config)
    place = place_of(source, cache)
    with quiet(source[0]), as_model_error(*of_config(config)), _seeded(seed):
        tokenizer = (cache and cache.tokenizers.get(source)) or AutoTokenizer.from_pretrained(**place)
        sizes = AutoConfig.from_pretrained(
            **place, num_labels=len(label_ids), problem_type=f"{kind}_label_classification",
            id2label=dict(enumerate(label_ids)), label2id={label: index for index, label in enumerate(label_ids)},
        )  # fmt: skip
        require_sizes(sizes, config.random_sizes)
        sizes.update({**config.random_sizes, **_dropouts(sizes, dropout)})
        # Before gigabytes of weights are fetched and read; the network itself may know better.
        require_length(max_length, length_limit(sizes, tokenizer))
        network, drawn = _load_network(place, sizes, random=bool(config.random_sizes))
        limit = length_limit(sizes, tokenizer, network)
        require_length(max_length, limit)
        classifier = Classifier(network, pooling=config.pooling, frozen_layers=config.frozen_layers)
    if cache is not None:
        cache.tokenizers[source] = tokenizer
    frozen = {name for name, parameter in network.named_parameters() if not parameter.requires_grad}
    weights = (source, repr(sorted(config.random_sizes.items())), seed if frozen & drawn else None)
    return Loaded(classifier, tokenizer, Origin(source, weights), limit)


def _load_network(place: dict[str, Any], sizes: Any, *, random: bool) -> tuple[Any, set[str]]:
    """The network, and the names of its randomly initialised parameters."""
    if random:
        network = AutoModelForSequenceClassification.from_config(sizes)
        return network, {name for name, _ in network.named_parameters()}
    network, info = AutoModelForSequenceClassification.from_pretrained(
        # Of a checkpoint that was fine-tuned on other labels, only the encoder is used: the head is always ours.
        **place, config=sizes, dtype=torch.float32, ignore_mismatched_sizes=True, output_loading_info=True,
    )  # fmt: skip
    return network, {*info["missing_keys"], *(name for name, *_ in info["mismatched_keys"])}


def _dropouts(sizes: Any, dropout: float | None) -> dict[str, float]:
    return {} if dropout is None else {name: dropout for name in DROPOUTS if hasattr(sizes, name)}


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield
