"""Which texts the steps of a run are taken on: all through one shuffle, or synthetic and real ones apart; pure.

The learning rate, the steps of the optimiser and the looks at dev go on over the phases: nothing begins anew in the second.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Phase:
    """So many steps, on batches of these texts alone (`indices` into the training texts), in as many passes as it takes."""

    indices: tuple[int, ...]
    steps: int


def plan_phases(synthetic: Sequence[bool], curriculum: str, steps: int) -> tuple[Phase, ...]:
    """The phases of a run of `steps` >= 1, which they share out among them; `synthetic` tells the kind of each text.

    mixed is one phase. The others end with a phase of real texts alone that takes the real texts' share of the steps: at least
    one step, and not all. Before it, synthetic_first takes synthetic texts alone, so that a text is seen as often as in mixed;
    real_last takes all texts, so that real ones are seen more often than in mixed, and synthetic ones less. Texts of one kind,
    and a single step, have nothing to be shared out: they are mixed.
    """
    every = tuple(range(len(synthetic)))
    written = tuple(index for index in every if synthetic[index])
    real = tuple(index for index in every if not synthetic[index])
    if curriculum == "mixed" or not written or not real or steps == 1:
        return (Phase(every, steps),)
    share = (2 * steps * len(real) + len(every)) // (2 * len(every))
    last = min(max(share, 1), steps - 1)
    return Phase(written if curriculum == "synthetic_first" else every, steps - last), Phase(real, last)
