"""Features of texts are kept without a word on the screen."""

from pathlib import Path

import pytest
from sentence_transformers import SentenceTransformer

from support.tiny_sentences import write_tiny_sentences
from synthsweep.pretrained import vectors_of
from synthsweep.train.linear.features import ENCODER_FOLDER, SentenceFeatures

pytestmark = pytest.mark.slow


def test_an_encoder_is_written_in_silence(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A bar for its weights would be one."""
    model = SentenceTransformer(str(write_tiny_sentences(tmp_path)), device="cpu")
    folder = tmp_path / "kept"
    folder.mkdir()
    capfd.readouterr()

    SentenceFeatures(lambda texts: vectors_of(model, texts), lambda: model).write(folder)

    assert tuple(capfd.readouterr()) == ("", "")
    assert (folder / ENCODER_FOLDER / "modules.json").is_file()
