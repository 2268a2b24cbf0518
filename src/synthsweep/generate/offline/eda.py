"""Easy data augmentation (Wei and Zou, 2019): a baseline that the texts of an LLM must beat.

One of four operations changes each text: replacement, insertion, swap or deletion of words. Wei and Zou take synonyms from
WordNet, which is a download; here a new word is from another real training text with the same label.
"""

import random
from collections.abc import Sequence
from functools import partial

from synthsweep.config.keys.llm_parts import RewriterConfig
from synthsweep.examples import Example
from synthsweep.generate.offline.rewriting import Rewriter, changes


def eda(examples: Sequence[Example], config: RewriterConfig) -> Rewriter:
    """A Completer that changes words of real training texts."""
    return Rewriter(examples, partial(_rewritten, share=config.change), config.seed, "eda")


def _rewritten(
    texts: Sequence[Sequence[str]], kin: Sequence[Sequence[str]], rng: random.Random, *, share: float
) -> list[list[str]]:
    written = []
    for words in texts:
        others = [other for other in kin if other != words] or kin
        # A single word can neither change places nor be deleted.
        operation = rng.choice([replaced, inserted, *([swapped, deleted] if len(words) > 1 else [])])
        written.append(operation(words, changes(words, share), others, rng))
    return written


def replaced(words: Sequence[str], count: int, others: Sequence[Sequence[str]], rng: random.Random) -> list[str]:
    """`count` words exchanged for words of other texts."""
    places = set(rng.sample(range(len(words)), count))
    return [rng.choice(rng.choice(others)) if place in places else word for place, word in enumerate(words)]


def inserted(words: Sequence[str], count: int, others: Sequence[Sequence[str]], rng: random.Random) -> list[str]:
    """`count` words of other texts put anywhere."""
    longer = list(words)
    for _ in range(count):
        longer.insert(rng.randint(0, len(longer)), rng.choice(rng.choice(others)))
    return longer


def swapped(words: Sequence[str], count: int, others: Sequence[Sequence[str]], rng: random.Random) -> list[str]:
    """Two words change places, `count` times; `others` is not used."""
    moved = list(words)
    for _ in range(count):
        one, two = rng.sample(range(len(moved)), 2)
        moved[one], moved[two] = moved[two], moved[one]
    return moved


def deleted(words: Sequence[str], count: int, others: Sequence[Sequence[str]], rng: random.Random) -> list[str]:
    """`count` words left out, but never all; `others` is not used."""
    gone = set(rng.sample(range(len(words)), min(count, len(words) - 1)))
    return [word for place, word in enumerate(words) if place not in gone]
