"""A sentence encoder learns from pairs of texts: by its seed, watched, and only where pairs can be made."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from support.tiny_model import Diary, separable
from support.tiny_sentences import write_tiny_sentences
from synthsweep.errors import ConfigError, DataError, Interrupted
from synthsweep.examples import UNKNOWN
from synthsweep.pretrained import vectors_of
from synthsweep.progress import silent
from synthsweep.train.linear.setfit import MOST_TEXTS, require_pairs, require_setfit, tune

TEXTS = separable(16)


def tuned(folder: Path, *, seed: int = 1, pairs: int = 40, **keys: Any) -> np.ndarray:
    """The vectors of all texts after training."""
    from sentence_transformers import SentenceTransformer

    encoder = SentenceTransformer(str(folder), device="cpu")
    given = {"learning_rate": 1e-3, "threads": 1, "progress": silent, "should_stop": lambda: False, **keys}
    tune(encoder, TEXTS, pairs=pairs, seed=seed, **given)
    return vectors_of(encoder, TEXTS.texts)


def likeness(vectors: np.ndarray) -> float:
    """How much nearer texts with the same labels are than texts that share none, as a difference of mean cosines."""
    cosines, truth = vectors @ vectors.T, TEXTS.truth
    same, apart = (truth[:, None] == truth[None]).all(axis=2), (truth @ truth.T) == 0
    return float(cosines[same].mean() - cosines[apart & ~same].mean())


def test_a_missing_extra_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [])
    for name in [one for one in sys.modules if one.partition(".")[0] == "setfit"]:
        monkeypatch.delitem(sys.modules, name)

    with pytest.raises(ConfigError, match=r"^model=mine needs setfit, not installed here: pip install 'synthsweep\[setfit\]'$"):
        require_setfit("mine")


def test_texts_of_which_no_pairs_can_be_made_are_refused() -> None:
    """All share a label, or all have none, or they are too many; nobody's decision is no label."""
    with pytest.raises(DataError, match=r"^model=mine learns from texts that share no label"):
        require_pairs(np.array([[1, 0], [1, 1]]), "mine")
    with pytest.raises(DataError, match="share no label"):
        require_pairs(np.array([[0, UNKNOWN], [0, 0]]), "mine")
    with pytest.raises(DataError, match=r"at most 5,000, got 5,001: set data\.train_size, or take model=embeddings$"):
        require_pairs(np.eye(2, dtype=int)[np.arange(MOST_TEXTS + 1) % 2], "mine")
    require_pairs(np.array([[1, 0], [0, 0]]), "mine")


@pytest.mark.slow
def test_texts_that_share_a_label_come_nearer(tmp_path: Path) -> None:
    """The same with the same seed, other vectors with another one; the steps are told, and the files stay as they are."""
    pytest.importorskip("setfit")
    folder, diary = write_tiny_sentences(tmp_path), Diary()
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    first, again, other = tuned(folder, progress=diary), tuned(folder), tuned(folder, seed=2)

    assert likeness(first) > likeness(tuned(folder, pairs=1, learning_rate=1e-9)) + 0.2
    np.testing.assert_array_equal(first, again)
    assert np.abs(first - other).max() > 1e-3
    assert [step.done for step in diary.steps] == [1, 10, 11, 20, 21, 30, 31, 40]
    assert {step.total for step in diary.steps} == {40}
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


@pytest.mark.slow
def test_it_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    pytest.importorskip("setfit")

    with pytest.raises(Interrupted, match="stopped at step 1 of 40"):
        tuned(write_tiny_sentences(tmp_path), should_stop=lambda: True)
