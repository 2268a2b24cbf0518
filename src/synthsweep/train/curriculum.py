"""The order in which a run trains on real and synthetic texts: in one shuffle, or in two phases; pure.

Learning rate, optimiser and evaluations on dev continue through both phases.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Phase:
    """Trains for `steps` on these texts alone (`indices` into the training texts), in as many passes as that takes."""

    indices: tuple[int, ...]
    steps: int


def plan_phases(synthetic: Sequence[bool], curriculum: str, steps: int) -> tuple[Phase, ...]:
    """Divides `steps` >= 1 into phases; `synthetic` says of each text whether an LLM wrote it.

    mixed is one phase. The others end with a phase of real texts alone, which gets the real texts' share of the steps: at least
    one step, and not all. Before it, synthetic_first trains on synthetic texts alone, so that a text is seen as often as in
    mixed; real_last trains on all texts, so that real ones are seen more often than in mixed, and synthetic ones less often.
    Texts of one kind, and a single step, cannot be divided: they are mixed.
    """
    every = tuple(range(len(synthetic)))
    llm_written = tuple(index for index in every if synthetic[index])
    real = tuple(index for index in every if not synthetic[index])
    if curriculum == "mixed" or not llm_written or not real or steps == 1:
        return (Phase(every, steps),)
    share = (2 * steps * len(real) + len(every)) // (2 * len(every))
    last = min(max(share, 1), steps - 1)
    return Phase(llm_written if curriculum == "synthetic_first" else every, steps - last), Phase(real, last)
