"""Drops synthetic texts that repeat one another or stand in dev or test; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from synthsweep.config.schema import CurationConfig
from synthsweep.examples import Example, text_key


@dataclass(frozen=True)
class Curated:
    """What is left of a pool, and how many texts each rule dropped."""

    kept: tuple[Example, ...]
    duplicates: int = 0
    leaks: int = 0


def curate(pool: Sequence[Example], evaluated: Iterable[Example], config: CurationConfig) -> Curated:
    """The pool in its order without what the configuration drops; `evaluated` are the texts of dev and test.

    Two texts are the same when they differ in case, punctuation and spacing alone.
    """
    seen = {text_key(example.text) for example in evaluated} if config.drop_leaks else set()
    sealed = tuple(example for example in pool if text_key(example.text) not in seen)
    kept = _first_of_each(sealed) if config.drop_duplicates else sealed
    return Curated(kept, duplicates=len(sealed) - len(kept), leaks=len(pool) - len(sealed))


def _first_of_each(examples: Sequence[Example]) -> tuple[Example, ...]:
    first: dict[str, Example] = {}
    for example in examples:
        first.setdefault(text_key(example.text), example)
    return tuple(first.values())
