"""What a label check says of a text; the seam between curation and whoever reads the texts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from synthsweep.examples import Example


@dataclass(frozen=True)
class Verdict:
    """What a check says of one text.

    `labels` are those that it sees there; `agreement` in [0, 1] says how sure it is that the text's own are; `usd` is what its
    answers cost.
    """

    labels: frozenset[str]
    agreement: float
    usd: float = 0.0


class LabelChecker(Protocol):
    """Reads texts against every criterion."""

    def check(self, examples: Sequence[Example]) -> Sequence[Verdict | None]:
        """A verdict on each text, in order; None where there is none (no usable answer)."""
