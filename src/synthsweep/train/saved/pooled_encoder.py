"""An encoder whose token vectors are pooled into one, under a linear head.

A saved classifier carries a copy of this file, so it needs torch and transformers alone. Its `model_type` is unknown to
transformers: without `trust_remote_code=True`, loading ends with an error, and never with an untrained head.
"""

from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoModelForSequenceClassification, PreTrainedConfig, PreTrainedModel
from transformers.modeling_outputs import SequenceClassifierOutput


class PooledEncoderConfig(PreTrainedConfig):  # type: ignore[misc]
    """`encoder` is the configuration of the encoder as a mapping; `pooling` is cls, mean or max."""

    model_type = "synthsweep_pooled_encoder"

    def __init__(
        self, encoder: dict[str, Any] | None = None, pooling: str = "mean", head_dropout: float = 0.0, **kwargs: Any
    ) -> None:
        self.encoder = encoder
        self.pooling = pooling
        self.head_dropout = head_dropout
        super().__init__(**kwargs)


class PooledEncoderForSequenceClassification(PreTrainedModel):  # type: ignore[misc]
    """`network` is the encoder's own classifier, of which the encoder alone is used; `head` is the trained head."""

    config_class = PooledEncoderConfig

    def __init__(self, config: PooledEncoderConfig) -> None:
        super().__init__(config)
        sizes = dict(config.encoder or {})
        encoder = AutoConfig.for_model(sizes.pop("model_type"), **sizes)
        self.network = AutoModelForSequenceClassification.from_config(encoder)
        self.head = nn.Sequential(nn.Dropout(config.head_dropout), nn.Linear(encoder.hidden_size, config.num_labels))
        self.post_init()

    def forward(
        self,
        input_ids: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        inputs_embeds: torch.Tensor | None = None,
        **_unused: Any,
    ) -> SequenceClassifierOutput:
        """Ids and mask (texts, tokens) to logits (texts, labels); without a mask, every token counts."""
        if attention_mask is None:
            given = input_ids if inputs_embeds is None else inputs_embeds
            assert given is not None
            attention_mask = torch.ones(given.shape[:2], dtype=torch.long, device=given.device)
        inputs = {"input_ids": input_ids} if inputs_embeds is None else {"inputs_embeds": inputs_embeds}
        states = self.network.base_model(**inputs, attention_mask=attention_mask).last_hidden_state
        return SequenceClassifierOutput(logits=self.head(pooled_states(states, attention_mask, self.config.pooling)))


def pooled_states(states: torch.Tensor, mask: torch.Tensor, pooling: str) -> torch.Tensor:
    """(texts, tokens, hidden) to (texts, hidden), over the tokens that the mask keeps."""
    if pooling == "cls":
        return states[:, 0]
    kept = mask.unsqueeze(-1).to(states.dtype)
    if pooling == "mean":
        return (states * kept).sum(dim=1) / kept.sum(dim=1)
    return states.masked_fill(kept == 0, float("-inf")).amax(dim=1)
