"""Real training texts with some of their words changed: what all rewriters share."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from synthsweep.examples import Example
from synthsweep.generate.completer import Completion, CompletionRequest

# (texts, texts with the same label, rng) -> changed texts; a text is a list of words.
Rewrite = Callable[[Sequence[Sequence[str]], Sequence[Sequence[str]], random.Random], list[list[str]]]


@dataclass(frozen=True)
class Rewriter:
    """A Completer without an LLM; its texts keep all labels of the real ones that they come from.

    `examples` are real training texts, never those of dev or test. Those that carry the asked criterion are rewritten in turns.
    """

    examples: Sequence[Example]
    rewrite: Rewrite
    seed: int
    name: str

    finite = False
    # Their likeness to real texts is intended.
    screened = False

    def complete(self, request: CompletionRequest) -> Completion | None:
        """`request.n` texts, determined by criterion and sample; None where no training text carries the criterion."""
        asked, carriers = request.criterion, self._carriers.get(request.criterion, [])
        if not carriers:
            return None
        first = request.sample * request.n
        chosen = [carriers[(first + number) % len(carriers)] for number in range(request.n)]
        rng = random.Random(f"{self.seed}/{asked}/{request.sample}")
        kin = [example.text.split() for example in carriers]
        texts = self.rewrite([example.text.split() for example in chosen], kin, rng)
        lines = [_line(words, example.labels - {asked}) for words, example in zip(texts, chosen, strict=True)]
        return Completion("\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1)), self.name)

    @cached_property
    def _carriers(self) -> dict[str, list[Example]]:
        """The texts that carry each label, shuffled."""
        found: dict[str, list[Example]] = {}
        for label in sorted({label for example in self.examples for label in example.labels}):
            found[label] = [example for example in self.examples if label in example.labels]
            random.Random(f"{self.seed}/{label}").shuffle(found[label])
        return found


def _line(words: Sequence[str], also: frozenset[str]) -> str:
    return " ".join(words) + (f" [also: {', '.join(sorted(also))}]" if also else "")


def changes(words: Sequence[str], share: float) -> int:
    """The number of words that a share of a text is: at least one, as in Wei and Zou (2019)."""
    return max(1, int(share * len(words)))
