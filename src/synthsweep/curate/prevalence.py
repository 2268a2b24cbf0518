"""Counts of labels, and the largest part of some texts that leaves the shares of the labels as they are; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from synthsweep.examples import Example, label_matrix

# Limits of the search. Seconds would make the result depend on the machine.
MOST_WHOLE, MOST_NODES = 128, 1000


def label_rows(examples: Sequence[Example], label_ids: Sequence[str]) -> np.ndarray:
    """(examples, labels + 1) of 0 and 1; the last column stands for no label at all."""
    rows = np.array(label_matrix(examples, label_ids), dtype=np.int64).reshape(len(examples), len(label_ids))
    return np.column_stack([rows, ~rows.any(axis=1)])


def residual_of(examples: Sequence[Example], aim: np.ndarray, label_ids: Sequence[str]) -> float:
    """Summed absolute difference, in texts, of the label counts to `aim`, (labels + 1,) with the texts without a label last."""
    return float(np.abs(label_rows(examples, label_ids).sum(axis=0) - aim).sum())


def prevalence_matched(
    real: Sequence[Example], candidates: Sequence[Example], label_ids: Sequence[str], tolerance: float
) -> tuple[Example, ...]:
    """A largest part of `candidates`, in their order, with which the real texts (one at least) keep their shares.

    With it, the share of each label and that of texts with none are within `tolerance` of what they are in `real`, in exact
    arithmetic, and no single text can be added. A multidimensional knapsack: texts with the same labels are alike, so it has
    one variable a label set. With up to `MOST_WHOLE` label sets it is an integer programme, solved to the largest part unless
    HiGHS stops at `MOST_NODES`. With more, its linear relaxation is rounded down and filled up: a few texts below the
    relaxation's bound, as a rule.
    """
    if not candidates:
        return ()
    kinds, kind_of, sizes = np.unique(label_rows(candidates, label_ids), axis=0, return_inverse=True, return_counts=True)
    left = _Knapsack.of(kinds, sizes, label_rows(real, label_ids), tolerance).solve().tolist()
    chosen = []
    for example, kind in zip(candidates, kind_of.ravel().tolist(), strict=True):
        if left[kind] > 0:
            left[kind] -= 1
            chosen.append(example)
    return tuple(chosen)


@dataclass(frozen=True)
class _Knapsack:
    """How many to take of each label set: `sizes` (kinds,) are there, each moves the shares by its row of `drifts`.

    `drifts` (kinds, labels + 1) is real texts x label - real count of the label: whole numbers, so that a bound is exact.
    """

    drifts: np.ndarray
    sizes: np.ndarray
    real: int
    tolerance: Fraction

    @classmethod
    def of(cls, kinds: np.ndarray, sizes: np.ndarray, real_rows: np.ndarray, tolerance: float) -> "_Knapsack":
        drifts = len(real_rows) * kinds - real_rows.sum(axis=0)
        return cls(drifts, sizes, len(real_rows), Fraction(str(tolerance)))

    def bound(self, size: int) -> int:
        """The most that a drift may be in either direction when `size` texts are taken."""
        return int(self.tolerance * self.real * (self.real + size))

    def solve(self) -> np.ndarray:
        """(kinds,) texts to take of each label set."""
        return self._filled(self._mended(self._programme()))

    def _programme(self) -> np.ndarray:
        """HiGHS's solution in whole texts, of the relaxation rounded down; within the bounds but for its own tolerance."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        kinds, moves, room = len(self.sizes), self.drifts / self.real, float(self.tolerance)
        within = LinearConstraint(np.vstack([moves.T - room, -moves.T - room]), -np.inf, room * self.real)
        whole = np.full(kinds, int(kinds <= MOST_WHOLE))
        options = {"node_limit": MOST_NODES, "mip_rel_gap": 0}
        found = milp(-np.ones(kinds), constraints=within, bounds=Bounds(0, self.sizes), integrality=whole, options=options)
        if found.x is None:
            return np.zeros(kinds, dtype=np.int64)
        # What the solver calls 2 may be a hair under it.
        return np.asarray(np.clip(np.floor(found.x + 1e-6).astype(np.int64), 0, self.sizes))

    def _mended(self, taken: np.ndarray) -> np.ndarray:
        """Without the texts that keep it out of bounds, the worst first; no text at all is within."""
        taken = taken.copy()
        drift = taken @ self.drifts
        while np.abs(drift).max() > self.bound(int(taken.sum())):
            after = np.where(taken > 0, np.abs(drift - self.drifts).max(axis=1), np.iinfo(np.int64).max)
            worst = int(after.argmin())
            taken[worst] -= 1
            drift = drift - self.drifts[worst]
        return taken

    def _filled(self, taken: np.ndarray) -> np.ndarray:
        """With single texts for as long as one can be added, each time the one that leaves the shares nearest."""
        taken = taken.copy()
        drift, size = taken @ self.drifts, int(taken.sum())
        while True:
            after = np.abs(drift + self.drifts)
            fits = (after.max(axis=1) <= self.bound(size + 1)) & (taken < self.sizes)
            if not fits.any():
                return taken
            best = int(np.where(fits, np.square(after, dtype=float).sum(axis=1), np.inf).argmin())
            taken[best] += 1
            drift, size = drift + self.drifts[best], size + 1
