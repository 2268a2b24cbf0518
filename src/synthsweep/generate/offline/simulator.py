"""Recombines real training texts, without an LLM, and with faults of known size: a test of the harness itself.

A text is a real one that carries the label, with a stretch of its words exchanged for a stretch of another such text;
the settings of `llm.simulator` then add faults. The effect of a fault on a run shows what the harness can detect.
"""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from synthsweep.config.keys.llm_parts import SimulatorConfig
from synthsweep.examples import Example, LabelSet
from synthsweep.generate.completer import Completion, CompletionRequest

EXCHANGED_SHARE = 0.3
# Words of a formal report, which `style_gap` puts in the place of real ones.
STYLE = (
    "additionally consistently demonstrates displays exhibits frequently furthermore individual indicates "
    "interactions moreover notably observed particularly presents regarding significant typically various within"
).split()


@dataclass(frozen=True)
class Simulator:
    """A Completer without an LLM; `examples` are the real training texts that it recombines, never those of dev or test."""

    labels: LabelSet
    examples: Sequence[Example]
    knobs: SimulatorConfig
    name: str = "simulator"

    finite = False
    # Its faults are intended.
    screened = False

    def complete(self, request: CompletionRequest) -> Completion | None:
        if not self._carriers[request.criterion]:
            return None
        rng = random.Random(f"{self.knobs.seed}/{request.criterion}/{request.sample}")
        lines: list[str] = []
        for _ in range(request.n):
            if lines and rng.random() < self.knobs.duplication:
                lines.append(rng.choice(lines))
            else:
                lines.append(self._line(request.criterion, rng))
        return Completion("\n".join(f"{number}. {line}" for number, line in enumerate(lines, start=1)), self.name)

    def _line(self, asked: str, rng: random.Random) -> str:
        # A text that shows the asked label as well would not be mislabelled.
        wrong = {label: [e for e in self._carriers[label] if asked not in e.labels] for label in self.labels.ids}
        others = [label for label, sources in wrong.items() if sources]
        mislabelled = bool(others) and rng.random() < self.knobs.label_noise
        written_for = rng.choice(others) if mislabelled else asked
        sources = wrong[written_for] if mislabelled else self._carriers[asked]
        base, donor = (rng.choice(sources) for _ in range(2))
        words = self._spoiled(_recombined(base.text.split(), donor.text.split(), rng), sources, rng)
        also = base.labels - {asked, written_for}
        if not also or rng.random() < self.knobs.omission:
            return " ".join(words)
        return f"{' '.join(words)} [also: {', '.join(sorted(also))}]"

    def _spoiled(self, words: list[str], sources: Sequence[Example], rng: random.Random) -> list[str]:
        while words and len(words) < self.knobs.length:
            words = words + rng.choice(sources).text.split()
        if self.knobs.length:
            words = words[: self.knobs.length]
        return [rng.choice(STYLE) if rng.random() < self.knobs.style_gap else word for word in words]

    @cached_property
    def _carriers(self) -> dict[str, list[Example]]:
        """The texts that it draws from, per label."""
        return {label: self._drawn_from(label) for label in self.labels.ids}

    def _drawn_from(self, label: str) -> list[Example]:
        carriers = [example for example in self.examples if label in example.labels]
        random.Random(f"{self.knobs.seed}/{label}").shuffle(carriers)
        return carriers[: math.ceil(self.knobs.diversity * len(carriers))]


def _recombined(words: list[str], donor: list[str], rng: random.Random) -> list[str]:
    size = int(EXCHANGED_SHARE * min(len(words), len(donor)))
    start, taken = rng.randint(0, len(words) - size), rng.randint(0, len(donor) - size)
    return [*words[:start], *donor[taken : taken + size], *words[start + size :]]
