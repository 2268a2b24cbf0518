"""Real texts for prompts: from the training part only, without those that are also in dev or test."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from synthsweep.errors import PoolError
from synthsweep.examples import Example, text_key
from synthsweep.stratify import number_of

# A shorter text of dev or test occurs in many prompts by chance: "he is five".
LEAST_WORDS = 5


@dataclass(frozen=True)
class RealTexts:
    """What prompts may show: `train` without texts that share a group or their wording with `held_out`."""

    train: Sequence[Example] = ()
    held_out: Sequence[Example] = ()

    def draw(self, label: str, place: str, count: int, *, decided: bool = False) -> tuple[Example, ...]:
        """`count` different texts that carry a label; the same `place` gives the same texts.

        With `decided`, only texts on all of whose labels somebody decided.

        Raises:
            PoolError: fewer texts carry the label.
        """
        carriers = self._carriers.get(label, ())
        if decided:
            carriers = tuple(example for example in carriers if not example.unknown)
        if len(carriers) < count:
            kind = f"{label}, all of whose labels somebody decided on" if decided and self._carriers.get(label) else label
            raise PoolError(
                f"a prompt that shows real texts needs {count} training texts with {kind}, there are {len(carriers)}: "
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
        """The text of dev or test that a prompt holds word for word, if any."""
        words = text_key(prompt).split()
        for start in range(len(words) - LEAST_WORDS + 1):
            for key, example in self._held_out_by_start.get(tuple(words[start : start + LEAST_WORDS]), ()):
                if words[start : start + len(key)] == key:
                    return example
        return None

    @cached_property
    def _held_out_by_start(self) -> dict[tuple[str, ...], list[tuple[list[str], Example]]]:
        """Texts of dev and test by their first words, since each training text is searched for thousands of them."""
        starts: dict[tuple[str, ...], list[tuple[list[str], Example]]] = {}
        for example in self.held_out:
            key = text_key(example.text).split()
            if len(key) >= LEAST_WORDS:
                starts.setdefault(tuple(key[:LEAST_WORDS]), []).append((key, example))
        return starts

    @cached_property
    def _carriers(self) -> dict[str, tuple[Example, ...]]:
        groups = {example.group for example in self.held_out if example.group is not None}
        keys = {text_key(example.text) for example in self.held_out}
        separate = [
            example
            for example in self.train
            if example.group not in groups and text_key(example.text) not in keys and self.leaked(example.text) is None
        ]
        return _by_label(sorted(separate, key=lambda example: example.id))


def _by_label(examples: Iterable[Example]) -> dict[str, tuple[Example, ...]]:
    groups: dict[str, list[Example]] = {}
    for example in examples:
        for label in example.labels:
            groups.setdefault(label, []).append(example)
    return {label: tuple(carriers) for label, carriers in groups.items()}
