"""Counts of labels, and the largest subset of some texts that keeps the shares of the labels; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from synthsweep.examples import UNKNOWN, Example, label_matrix

# Limits of the search; a limit in seconds would make the result depend on the machine.
MOST_WHOLE, MOST_NODES = 128, 1000


def label_rows(examples: Sequence[Example], label_ids: Sequence[str]) -> np.ndarray:
    """(examples, labels + 1) of 0 and 1; the last column is 1 where a text has no label.

    What nobody decided on is 0, as in `known_rows`.
    """
    rows = _matrix(examples, label_ids)
    return np.column_stack([rows == 1, (rows == 0).all(axis=1)]).astype(np.int64)


def known_rows(examples: Sequence[Example], label_ids: Sequence[str]) -> np.ndarray:
    """(examples, labels + 1), 1 where it is known whether the text has the label, and, at the end, whether it has any."""
    rows = _matrix(examples, label_ids)
    any_or_none = (rows == 1).any(axis=1) | (rows == 0).all(axis=1)
    return np.column_stack([rows != UNKNOWN, any_or_none]).astype(np.int64)


def _matrix(examples: Sequence[Example], label_ids: Sequence[str]) -> np.ndarray:
    return np.array(label_matrix(examples, label_ids), dtype=np.int64).reshape(len(examples), len(label_ids))


def residual_of(examples: Sequence[Example], aim: np.ndarray, label_ids: Sequence[str]) -> float:
    """Summed absolute difference, in texts, between the label counts and `aim`, (labels + 1,) as in `label_rows`."""
    return float(np.abs(label_rows(examples, label_ids).sum(axis=0) - aim).sum())


def prevalence_matched(
    real: Sequence[Example], candidates: Sequence[Example], label_ids: Sequence[str], tolerance: float
) -> tuple[Example, ...]:
    """The largest subset of `candidates`, in their order, with which the real texts (at least one) keep their shares.

    With the subset, the share of each label, and that of texts without any, is within `tolerance` of its value in `real`, in
    exact arithmetic, and no single text can be added. This is a multidimensional knapsack problem with one variable per label
    set. With up to `MOST_WHOLE` label sets it is an integer programme, solved exactly unless HiGHS stops at `MOST_NODES`. With
    more, the linear relaxation is rounded down and filled up; as a rule, that is a few texts below the bound of the relaxation.

    Shares are among the real texts on which somebody decided; without such a text a label has no share to keep.
    """
    if not candidates:
        return ()
    kinds, kind_of, sizes = np.unique(label_rows(candidates, label_ids), axis=0, return_inverse=True, return_counts=True)
    rows, known = label_rows(real, label_ids), known_rows(real, label_ids)
    remaining = LabelSetKnapsack.of(kinds, sizes, rows, known, tolerance).solve().tolist()
    chosen = []
    for example, kind in zip(candidates, kind_of.ravel().tolist(), strict=True):
        if remaining[kind] > 0:
            remaining[kind] -= 1
            chosen.append(example)
    return tuple(chosen)


@dataclass(frozen=True)
class LabelSetKnapsack:
    """How many texts to take of each label set; `sizes` (label sets,) exist, and each text shifts the shares by its `drifts`.

    `drifts` (label sets, labels + 1) is `known` x label - the real count of the label: whole numbers, so that bounds are exact.
    `known` (labels + 1,) counts the real texts on which somebody decided.
    """

    drifts: np.ndarray
    sizes: np.ndarray
    known: np.ndarray
    tolerance: Fraction

    @classmethod
    def of(
        cls, kinds: np.ndarray, sizes: np.ndarray, real_rows: np.ndarray, known_rows: np.ndarray, tolerance: float
    ) -> "LabelSetKnapsack":
        known = known_rows.sum(axis=0)
        return cls(known * kinds - real_rows.sum(axis=0), sizes, known, Fraction(str(tolerance)))

    def bounds(self, size: int) -> np.ndarray:
        """(labels + 1,) the largest drift in either direction that is allowed with `size` texts."""
        return np.array([int(self.tolerance * real * (real + size)) for real in self.known.tolist()], dtype=np.int64)

    def solve(self) -> np.ndarray:
        """(label sets,) texts to take of each."""
        return self._filled(self._within_bounds(self._programme()))

    def _programme(self) -> np.ndarray:
        """The solution of HiGHS, rounded down to whole texts; within the bounds up to the tolerance of HiGHS."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        kinds, shifts, tolerance = len(self.sizes), self.drifts / np.maximum(self.known, 1), float(self.tolerance)
        rows = np.vstack([shifts.T - tolerance, -shifts.T - tolerance])
        within = LinearConstraint(rows, -np.inf, tolerance * np.tile(self.known, 2))
        whole = np.full(kinds, int(kinds <= MOST_WHOLE))
        options = {"node_limit": MOST_NODES, "mip_rel_gap": 0}
        found = milp(-np.ones(kinds), constraints=within, bounds=Bounds(0, self.sizes), integrality=whole, options=options)
        if found.x is None:
            return np.zeros(kinds, dtype=np.int64)
        # The solver's 2 may be a little less than 2.
        return np.asarray(np.clip(np.floor(found.x + 1e-6).astype(np.int64), 0, self.sizes))

    def _within_bounds(self, taken: np.ndarray) -> np.ndarray:
        """Removes the worst text until the shares are within the bounds; without any text they are."""
        taken = taken.copy()
        drift = taken @ self.drifts
        while (np.abs(drift) > self.bounds(int(taken.sum()))).any():
            after = np.where(taken > 0, np.abs(drift - self.drifts).max(axis=1), np.iinfo(np.int64).max)
            worst = int(after.argmin())
            taken[worst] -= 1
            drift = drift - self.drifts[worst]
        return taken

    def _filled(self, taken: np.ndarray) -> np.ndarray:
        """Adds single texts while one fits, each time the one that keeps the shares closest."""
        taken = taken.copy()
        drift, size = taken @ self.drifts, int(taken.sum())
        while True:
            after = np.abs(drift + self.drifts)
            fits = (after <= self.bounds(size + 1)).all(axis=1) & (taken < self.sizes)
            if not fits.any():
                return taken
            best = int(np.where(fits, np.square(after, dtype=float).sum(axis=1), np.inf).argmin())
            taken[best] += 1
            drift, size = drift + self.drifts[best], size + 1
