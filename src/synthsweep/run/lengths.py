"""How many tokens the texts of a run have, and how many of them the encoder will read, before anything is trained."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from synthsweep.config.keys.training import TrainingConfig
from synthsweep.examples import Example
from synthsweep.train.cache import TrainingCache
from synthsweep.train.lengths import PartLengths, TextLengths, part_lengths

if TYPE_CHECKING:
    from synthsweep.train.encoder.reader import TextReader


def lengths_of(
    parts: Mapping[str, Sequence[Example]], config: TrainingConfig, reader: "TextReader", cache: TrainingCache
) -> TextLengths:
    """The lengths of these texts, whose tokens stay in `cache` for training.

    Raises:
        ModelError: the encoder does not read as many tokens, or windows have no room for a text.
    """
    from synthsweep.train.encoder.limits import require_length

    require_length(config.max_length, reader.limit)
    found = {name: _part(examples, config, reader, cache) for name, examples in parts.items()}
    return TextLengths(found, reader.limit, config.max_length, config.windows)


def _part(examples: Sequence[Example], config: TrainingConfig, reader: "TextReader", cache: TrainingCache) -> PartLengths:
    from synthsweep.train.encoder.tokens import encode
    from synthsweep.train.encoder.windows import windows_of

    texts, limit = [example.text for example in examples], config.read_limit
    whole = encode(texts, reader.tokenizer, limit, cache=cache.tokens, source=reader.source).whole
    if limit is not None:
        return part_lengths(whole, max_length=limit)
    windows = windows_of(reader.tokenizer, config.max_length)
    return part_lengths(whole, max_length=config.max_length, windows=[windows.count(length) for length in whole])
