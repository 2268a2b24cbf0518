"""A saved regression is arrays, words and a card: whatever is missing or broken is one line."""

import json
from pathlib import Path

import numpy as np
import pytest

from support.tiny_model import separable
from synthsweep.errors import ModelError
from synthsweep.train.linear.classifier import fit_linear
from synthsweep.train.linear.tfidf import fit_tfidf
from synthsweep.train.saved.card import SavedCard
from synthsweep.train.saved.linear import save_linear
from synthsweep.train.saved.load import open_saved

TEXTS = separable(12)


def saved(folder: Path) -> np.ndarray:
    """Writes a classifier by TF-IDF; its probabilities."""
    features = fit_tfidf(TEXTS.texts)
    assert features is not None
    fitted = fit_linear(features, TEXTS, (), "multi")
    card = SavedCard("mine", ("A", "B"), "multi", {"A": 0.5, "B": 0.25}, temperature=2.0, classifier="tfidf")
    save_linear(fitted, card, folder)
    return fitted.probabilities(TEXTS.texts)


def test_files_of_two_classifiers_are_one_line(tmp_path: Path) -> None:
    saved(tmp_path)
    other = fit_tfidf(["only words"])
    assert other is not None
    other.write(tmp_path)

    with pytest.raises(
        ModelError, match=r"its files are of two classifiers \(3 features for regressions on \d+\); train again"
    ):
        open_saved(tmp_path)


def test_a_folder_without_anything_to_execute_gives_the_same_probabilities(tmp_path: Path) -> None:
    expected = saved(tmp_path)
    found = open_saved(tmp_path)

    np.testing.assert_allclose(found.probabilities(TEXTS.texts), expected, atol=1e-12)
    logits = np.log(expected / (1 - expected))
    np.testing.assert_allclose(found.probabilities(TEXTS.texts, calibrated=True), 1 / (1 + np.exp(-logits / 2)), atol=1e-9)
    assert found.probabilities([]).shape == (0, 2)
    assert {path.name for path in tmp_path.iterdir()} == {"regression.npz", "words.npz", "synthsweep.json"}


@pytest.mark.parametrize(
    ("name", "content", "rule"),
    [
        ("regression.npz", None, "No such file or directory"),
        ("regression.npz", b"cut", "it cannot be loaded ("),
        ("words.npz", None, "No such file or directory"),
        ("words.npz", b"cut", "it cannot be loaded ("),
        ("synthsweep.json", {"classifier": "forest"}, "classifier must be one of tfidf, embeddings, setfit, got 'forest'"),
        ("synthsweep.json", {"classifier": "embeddings"}, "encoder/ is missing"),
        ("synthsweep.json", {"labels": ["A"]}, "2 regressions for 1 label"),
        ("synthsweep.json", {"labels": "AB"}, "it cannot be read (labels are no list)"),
        ("synthsweep.json", {"labels": []}, "labels must be names, each once, got ()"),
        ("synthsweep.json", {"labels": ["A", "A"]}, "labels must be names, each once, got ('A', 'A')"),
        ("synthsweep.json", {"kind": "both"}, "kind must be multi or single, got 'both'"),
        ("synthsweep.json", {"thresholds": {"A": 0.5}}, "thresholds must be a number for each label, got {'A': 0.5}"),
        ("synthsweep.json", {"thresholds": {"A": 0.5, "B": "x"}}, "thresholds must be a number for each label"),
        ("synthsweep.json", {"thresholds": None}, "it cannot be read ("),
        ("synthsweep.json", {"temperature": 0}, "temperature must be above 0, or null, got 0"),
        ("synthsweep.json", {"temperature": "hot"}, "temperature must be above 0, or null, got 'hot'"),
    ],
)
def test_what_cannot_be_loaded_is_one_line(
    tmp_path: Path, name: str, content: "bytes | dict[str, object] | None", rule: str
) -> None:
    saved(tmp_path)
    file = tmp_path / name
    if content is None:
        file.unlink()
    elif isinstance(content, bytes):
        file.write_bytes(content)
    else:
        file.write_text(json.dumps(json.loads(file.read_text()) | content))

    with pytest.raises(ModelError) as error:
        open_saved(tmp_path)
    assert rule in str(error.value)
    assert "\n" not in str(error.value)
    assert "train again with tracking.log_model=true" in str(error.value)
