"""Copies of real texts, with the label counts that other texts would have added; pure."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from synthsweep.curate.prevalence import label_rows
from synthsweep.examples import Example

# An exchange tries to remove a copy of this many label sets, the most promising first.
MOST_TRIES = 100


def duplicate_real(
    real: Sequence[Example], aim: np.ndarray, count: int, label_ids: Sequence[str], *, seed: int
) -> tuple[Example, ...]:
    """`count` copies of real texts whose label counts are near `aim`, (labels + 1,) as in `label_rows`.

    A bootstrap sample, in which single copies are exchanged for copies of texts with other labels while that lowers the summed
    absolute difference from `aim`. At the end no exchange of one copy lowers it (of many label sets, the best `MOST_TRIES` are
    tried). Within a label set every text is equally likely. The copies of `ID` are `ID#2`, `ID#3`, ...
    """
    if not count or not real:
        return ()
    rng = random.Random(f"{seed}/duplicate")
    drawn = rng.choices(range(len(real)), k=count)
    kinds, kind_of = np.unique(label_rows(real, label_ids), axis=0, return_inverse=True)
    home = kind_of.ravel().tolist()
    copies = _exchanged(kinds, np.bincount([home[index] for index in drawn], minlength=len(kinds)), aim)
    return _numbered(real, _redrawn(drawn, home, copies.tolist(), rng))


def _exchanged(kinds: np.ndarray, copies: np.ndarray, aim: np.ndarray) -> np.ndarray:
    """(label sets,) copies of each after the exchanges; their sum does not change."""
    copies, off = copies.copy(), copies @ kinds - aim
    # Squares rank equal absolute differences, so that the search leaves a plateau; they never outweigh one text.
    weight = 1 / (1 + float(np.abs(off).sum()) ** 2)
    while exchange := _best_exchange(kinds, copies, off, weight):
        out, into = exchange
        copies[out] -= 1
        copies[into] += 1
        off = off - kinds[out] + kinds[into]
    return copies


def _best_exchange(kinds: np.ndarray, copies: np.ndarray, off: np.ndarray, weight: float) -> tuple[int, int] | None:
    """The label set to remove a copy of, and the one to add a copy of; None where no exchange lowers the difference."""
    now = float(_cost(off, weight))
    fewer = np.where(copies > 0, _cost(off - kinds, weight), np.inf)
    for out in np.argsort(fewer, kind="stable")[: min(MOST_TRIES, np.count_nonzero(copies))]:
        after = _cost(off - kinds[out] + kinds, weight)
        into = int(after.argmin())
        if after[into] < now - 1e-9:
            return int(out), into
    return None


def _cost(off: np.ndarray, weight: float) -> np.ndarray:
    return np.asarray(np.abs(off).sum(axis=-1) + weight * np.square(off, dtype=float).sum(axis=-1))


def _redrawn(drawn: Sequence[int], home: Sequence[int], copies: Sequence[int], rng: random.Random) -> list[int]:
    """Indices of real texts: the drawn ones, up to the copies of their label set, then new draws for the other copies."""
    remaining = list(copies)
    kept = []
    for index in drawn:
        if remaining[home[index]] > 0:
            remaining[home[index]] -= 1
            kept.append(index)
    members = defaultdict(list)
    for index, kind in enumerate(home):
        members[kind].append(index)
    return kept + [index for kind, more in enumerate(remaining) for index in rng.choices(members[kind], k=more)]


def _numbered(real: Sequence[Example], indices: Sequence[int]) -> tuple[Example, ...]:
    """Copies with ids of their own."""
    taken = {example.id for example in real}
    last = dict.fromkeys(taken, 1)
    copies = []
    for index in indices:
        ident, name = real[index].id, real[index].id
        while name in taken:
            last[ident] += 1
            name = f"{ident}#{last[ident]}"
        copies.append(replace(real[index], id=name))
    return tuple(copies)
