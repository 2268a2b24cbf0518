"""The protocol of label checks: a classifier, an LLM judge or raters read texts, and curation uses their verdicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from synthsweep.examples import Example


@dataclass(frozen=True)
class Verdict:
    """A check's verdict on one text.

    `labels` are those that the check sees in the text; `agreement` in [0, 1] is how sure it is of the text's own labels; `usd`
    is the cost of its answers.
    """

    labels: frozenset[str]
    agreement: float
    usd: float = 0.0


class LabelChecker(Protocol):
    """Reads texts against every criterion."""

    def check(self, examples: Sequence[Example]) -> Sequence[Verdict | None]:
        """A verdict per text, in order; None where there is no usable answer."""
