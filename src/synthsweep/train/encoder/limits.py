"""How many tokens an encoder reads at most."""

from typing import Any

from synthsweep.config.keys.training import MAX_LENGTH
from synthsweep.errors import ModelError

# Encoders that use every position they have (test_families.py asks transformers); of others, the network says.
USING_ALL = frozenset({"bert", "distilbert", "electra", "modernbert"})


def network_counts(sizes: Any) -> bool:
    """Whether the network of these sizes may read fewer tokens than they say."""
    return sizes.model_type not in USING_ALL


def length_limit(sizes: Any, tokenizer: Any, network: Any = None) -> int:
    """The largest training.max_length: what the encoder has positions for, as far as `network` or its sizes say."""
    # Encoders without a limit have no such size, or -1 (XLNet).
    positions = getattr(sizes, "max_position_embeddings", None) or -1
    if network is not None and positions > 0:
        positions -= _unused_positions(network)
    return int(min(positions if positions > 0 else MAX_LENGTH, tokenizer.model_max_length, MAX_LENGTH))


def _unused_positions(network: Any) -> int:
    """RoBERTa and its kin count positions from behind the id that pads: the first ones serve no token."""
    named = network.base_model.named_modules()
    table = next((module for name, module in named if name.endswith("position_embeddings")), None)
    padding = getattr(table, "padding_idx", None)
    return 0 if padding is None else int(padding) + 1


def require_length(max_length: int, limit: int) -> None:
    """Raises ModelError for more tokens than the encoder reads."""
    if max_length > limit:
        raise ModelError(
            f"training.max_length must be at most {limit}, the tokens that this encoder reads (training.windows=mean reads "
            f"longer texts in windows); got {max_length}"
        )
