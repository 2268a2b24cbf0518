"""What is kept of regressions gives their probabilities again."""

from pathlib import Path

import numpy as np
import pytest

from synthsweep.examples import UNKNOWN
from synthsweep.train.linear.head import read_head
from synthsweep.train.linear.regression import fit_regressions
from synthsweep.train.probabilities import probabilities_of

ROWS = np.random.default_rng(1).normal(size=(80, 5))
SIGNS = (ROWS[:, :2] > 0).astype(int)


def classes(*present: int) -> np.ndarray:
    """One of three classes per text, of those that are present."""
    chosen = np.array(present)[(ROWS[:, 0] * 10).astype(int) % len(present)]
    return np.eye(3, dtype=int)[chosen]


@pytest.mark.parametrize(
    ("truth", "kind"),
    [
        (np.column_stack([SIGNS, np.ones(80, int), np.full(80, UNKNOWN)]), "multi"),
        (np.zeros((80, 2), int), "multi"),
        (classes(0, 1, 2), "single"),
        (classes(0, 2), "single"),
        (classes(1), "single"),
    ],
    ids=["labels", "no label learnt", "three classes", "two of three classes", "one class"],
)
@pytest.mark.parametrize("sparse", [False, True])
def test_one_matrix_gives_the_probabilities_of_all_regressions(
    truth: np.ndarray, kind: str, sparse: bool, tmp_path: Path
) -> None:
    """Also where nothing could be learnt of a label, and where a class has no text."""
    from scipy.sparse import csr_matrix

    rows = csr_matrix(ROWS) if sparse else ROWS
    fitted = fit_regressions(rows, truth, kind)
    fitted.head(ROWS.shape[1]).write(tmp_path)
    logits = read_head(tmp_path).logits(rows)

    np.testing.assert_allclose(probabilities_of(logits, kind), fitted.probabilities(rows), atol=1e-12)
    assert (np.isfinite(logits).all(), logits.dtype) == (True, np.float64)
