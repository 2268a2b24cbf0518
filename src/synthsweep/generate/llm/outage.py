"""Whether a place that gave no answer will give one, so that what does not pass is not asked again and again; pure.

Failures count by rounds: all that was sent before the last one was counted belongs to its round. An answer begins anew.
"""

from dataclasses import dataclass, field

from synthsweep.generate.llm.dialects.outcomes import FailureKind

# Rounds in a row without an answer. A place that never answered and is no API is none a second later.
MOST_ROUNDS, FROM_THE_START = 4, 2
LASTING = frozenset({FailureKind.DAMAGED, FailureKind.FOREIGN, FailureKind.UNREACHABLE})


@dataclass
class Outage:
    """Counts failures that may last; those of another kind change nothing."""

    answered: bool = field(default=False, init=False)
    rounds: int = field(default=0, init=False)
    _foreign: bool = field(default=False, init=False)
    _counted_at: float = field(default=float("-inf"), init=False)

    def ended(self) -> None:
        """An answer came."""
        self.answered, self.rounds, self._foreign = True, 0, False

    def failed(self, kind: FailureKind, sent_at: float, now: float) -> None:
        """A request failed that was sent at a time."""
        if kind in LASTING and sent_at >= self._counted_at:
            self.rounds, self._counted_at = self.rounds + 1, now
            self._foreign = kind is FailureKind.FOREIGN

    @property
    def lasts(self) -> bool:
        """Whether asking again is in vain."""
        return self.rounds >= (FROM_THE_START if self._foreign and not self.answered else MOST_ROUNDS)

    def pauses(self, kind: FailureKind) -> bool:
        """Whether nothing is sent for a while, and then one request alone: one damaged reply of many slows nobody down."""
        return kind in LASTING and (kind is not FailureKind.DAMAGED or self.rounds > 1)
