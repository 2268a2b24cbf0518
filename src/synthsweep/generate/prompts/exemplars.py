"""Real texts for prompts: of the training part alone, and never one that stands in dev or test too."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from synthsweep.errors import PoolError
from synthsweep.examples import Example, text_key
from synthsweep.stratify import number_of

# A shorter text of dev or test stands in many prompts by chance: "he is five".
TELLING_WORDS = 5


@dataclass(frozen=True)
class RealTexts:
    """What prompts may show of the corpus: `train` without what is like dev and test, by group or by wording."""

    train: Sequence[Example] = ()
    held_out: Sequence[Example] = ()

    def draw(self, label: str, place: str, count: int) -> tuple[Example, ...]:
        """`count` different texts that carry a label, the same ones for the same place.

        Raises:
            PoolError: fewer of them carry it.
        """
        carriers = self._carriers.get(label, ())
        if len(carriers) < count:
            raise PoolError(
                f"a prompt that shows real texts needs {count} training texts with {label}, there are {len(carriers)}: "
                "take a prompt without them, more data, or fewer exemplars (prompt.exemplars)"
            )
        drawn: dict[str, Example] = {}
        step = 0
        while len(drawn) < count:
            example = carriers[number_of(f"{place}/{step}") % len(carriers)]
            drawn[example.id] = example
            step += 1
        return tuple(drawn.values())

    def leaked(self, prompt: str) -> Example | None:
        """The text of dev or test that a prompt holds word for word, if there is one."""
        words = text_key(prompt).split()
        for start in range(len(words) - TELLING_WORDS + 1):
            for key, example in self._telling.get(tuple(words[start : start + TELLING_WORDS]), ()):
                if words[start : start + len(key)] == key:
                    return example
        return None

    @cached_property
    def _telling(self) -> dict[tuple[str, ...], list[tuple[list[str], Example]]]:
        """By their first words: a corpus has thousands, and each training text is looked for them."""
        found: dict[tuple[str, ...], list[tuple[list[str], Example]]] = {}
        for example in self.held_out:
            key = text_key(example.text).split()
            if len(key) >= TELLING_WORDS:
                found.setdefault(tuple(key[:TELLING_WORDS]), []).append((key, example))
        return found

    @cached_property
    def _carriers(self) -> dict[str, tuple[Example, ...]]:
        groups = {example.group for example in self.held_out if example.group is not None}
        keys = {text_key(example.text) for example in self.held_out}
        apart = [
            example
            for example in self.train
            if example.group not in groups and text_key(example.text) not in keys and self.leaked(example.text) is None
        ]
        return _by_label(sorted(apart, key=lambda example: example.id))


def _by_label(examples: Iterable[Example]) -> dict[str, tuple[Example, ...]]:
    found: dict[str, list[Example]] = {}
    for example in examples:
        for label in example.labels:
            found.setdefault(label, []).append(example)
    return {label: tuple(own) for label, own in found.items()}
