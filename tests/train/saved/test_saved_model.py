"""A saved classifier predicts the same through transformers and through synthsweep, or is refused in one line."""

import json
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from support.saved_models import save, save_and_open
from support.tiny_model import load_tiny, separable
from synthsweep.config.keys.training import ModelConfig
from synthsweep.errors import ModelError
from synthsweep.train.cache import TrainingCache
from synthsweep.train.encoder.model import Loaded, load
from synthsweep.train.encoder.reader import load_reader
from synthsweep.train.encoder.tokens import encode, padded
from synthsweep.train.encoder.windows import windows_of
from synthsweep.train.saved.load import open_saved

CACHE = TrainingCache()
POOLINGS = ("native", "cls", "mean", "max")
TEXTS = list(separable(6).texts)
PLAIN = "import sys; from transformers import AutoModelForSequenceClassification as A; A.from_pretrained(sys.argv[1])"


def logits_of(loaded: Loaded) -> np.ndarray:
    ids, mask = padded(encode(TEXTS, loaded.tokenizer, 32).ids, loaded.tokenizer.pad_token_id)
    with torch.inference_mode():
        return np.asarray(loaded.classifier.eval()(torch.tensor(ids), torch.tensor(mask)))


@pytest.mark.parametrize("pooling", POOLINGS)
def test_a_saved_classifier_gives_the_same_logits(tmp_path: Path, pooling: str) -> None:
    """Whatever its pooling, through us and through transformers; its files are data, but for the code of our own poolings."""
    loaded = load_tiny(pooling=pooling, frozen_layers=1, dropout=0.3)
    saved, trusted = save_and_open(loaded, tmp_path), pooling != "native"
    network = AutoModelForSequenceClassification.from_pretrained(tmp_path, trust_remote_code=trusted).eval()
    tokens = AutoTokenizer.from_pretrained(tmp_path, trust_remote_code=trusted)(TEXTS, padding=True, return_tensors="pt")
    with torch.inference_mode():
        plain = network(**tokens).logits.numpy()

    expected = logits_of(loaded)
    np.testing.assert_allclose(saved.logits(TEXTS), expected, atol=1e-6)
    np.testing.assert_allclose(plain, expected, atol=1e-6)
    kinds = {path.suffix for path in tmp_path.iterdir()}
    assert kinds == {".json", ".safetensors"} | ({".py"} if trusted else set())
    assert (network.config.id2label, network.config.thresholds) == ({0: "A", 1: "B"}, {"A": 0.5, "B": 0.25})
    assert (saved.card.pooling, saved.card.labels, saved.loaded.classifier.training) == (pooling, ("A", "B"), False)


@pytest.mark.slow
@pytest.mark.parametrize("pooling", ["cls", "mean", "max"])
def test_plain_loading_of_our_poolings_ends_with_an_error(tmp_path: Path, pooling: str) -> None:
    """It never goes on with an untrained head: without trust in the code, there is no model."""
    folder = save(load_tiny(pooling=pooling), tmp_path)
    done = subprocess.run([sys.executable, "-c", PLAIN, str(folder)], stdin=subprocess.DEVNULL, capture_output=True, text=True)

    assert done.returncode == 1
    assert "trust_remote_code=True" in done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize("pooling", ["native", "mean"])
def test_a_saved_classifier_as_the_encoder_of_another_run(tmp_path: Path, pooling: str) -> None:
    """Its encoder is trained further under a new head, where transformers sees an encoder; else one line says what to give."""
    folder = save(load_tiny(pooling=pooling), tmp_path)
    config = ModelConfig(name="again", name_or_path=str(folder), pooling="cls")

    if pooling == "native":
        assert load(config, ("X", "Y", "Z"), dropout=None, max_length=16, seed=1).classifier.head is not None
        return
    for reading in (partial(load, config, ("X",), dropout=None, max_length=16, seed=1), partial(load_reader, config, CACHE)):
        with pytest.raises(ModelError, match=r"trained with model\.pooling=mean, which is not trained further: give the"):
            reading()


def test_the_tokenizer_cuts_where_training_did(tmp_path: Path) -> None:
    """The one in memory keeps its own limit, for the next run."""
    loaded = load_tiny()
    before = loaded.tokenizer.model_max_length
    saved = save_and_open(loaded, tmp_path, max_length=8)

    assert len(saved.loaded.tokenizer("a train " * 40, truncation=True)["input_ids"]) == 8
    assert loaded.tokenizer.model_max_length == before
    np.testing.assert_allclose(saved.logits(["a train " * 40]), saved.logits(["a train " * 80]))


def test_windows_read_a_long_text_whole(tmp_path: Path) -> None:
    saved = save_and_open(load_tiny(), tmp_path, max_length=8, windows="max")

    long, parts = "a train goes round and a lamp is lit " * 3, saved.loaded.tokenizer
    rows = windows_of(parts, 8).split(parts("".join(long), verbose=False)["input_ids"])
    each = [saved.loaded.classifier(torch.tensor([row]), torch.ones(1, len(row), dtype=torch.long)) for row in rows]
    expected = torch.cat(each).amax(dim=0).detach().numpy()
    np.testing.assert_allclose(saved.logits([long])[0], expected, atol=1e-6)
    assert saved.logits([]).shape == (0, 2)


def test_calibrated_probabilities_divide_the_logits(tmp_path: Path) -> None:
    """Without a temperature they are refused, in one line."""
    warm = save_and_open(load_tiny(), tmp_path / "warm", temperature=2.0)
    cold = save_and_open(load_tiny(), tmp_path / "cold")

    np.testing.assert_allclose(warm.probabilities(TEXTS, calibrated=True), 1 / (1 + np.exp(-warm.logits(TEXTS) / 2)))
    with pytest.raises(ModelError, match=r"^calibrated=true needs a classifier with a temperature"):
        cold.probabilities(TEXTS, calibrated=True)


@pytest.mark.parametrize("pooling", ["native", "mean"])
def test_a_folder_of_the_first_format_loads_with_its_head(tmp_path: Path, pooling: str) -> None:
    """Then the head lay in head.pt, beside a checkpoint whose own head was never trained."""
    loaded = load_tiny(pooling=pooling)
    loaded.classifier.network.save_pretrained(tmp_path)
    loaded.tokenizer.save_pretrained(tmp_path)
    card = {"pooling": pooling, "thresholds": {"A": 0.5, "B": 0.25}, "max_length": 32, "windows": "none"}
    (tmp_path / "synthsweep.json").write_text(json.dumps(card))
    if loaded.classifier.head is not None:
        torch.save(loaded.classifier.head.state_dict(), tmp_path / "head.pt")
    saved = open_saved(tmp_path, device="cpu", threads=1)

    np.testing.assert_allclose(saved.logits(TEXTS), logits_of(loaded), atol=1e-6)
    assert (saved.card.labels, saved.card.temperature) == (("A", "B"), None)
    (tmp_path / "head.pt").unlink(missing_ok=True)
    if pooling == "mean":
        with pytest.raises(ModelError, match=r"head\.pt with its head is missing"):
            open_saved(tmp_path)


def test_what_is_no_saved_classifier_is_refused_in_one_line(tmp_path: Path) -> None:
    """No folder, no card, a newer format, a broken card, missing weights."""
    wrong: list[str] = []

    def refuse(folder: Path) -> None:
        with pytest.raises(ModelError) as caught:
            open_saved(folder, device="cpu")
        wrong.append(str(caught.value))

    refuse(tmp_path / "none")
    (tmp_path / "empty").mkdir()
    refuse(tmp_path / "empty")
    folder = save(load_tiny(), tmp_path / "model")
    card = json.loads((folder / "synthsweep.json").read_text())
    for content in (json.dumps({**card, "format": 99}), "{", "[]", json.dumps({"format": 2})):
        (folder / "synthsweep.json").write_text(content)
        refuse(folder)
    (folder / "synthsweep.json").write_text(json.dumps(card))
    (folder / "model.safetensors").write_bytes(b"cut")
    refuse(folder)
    (folder / "model.onnx").write_bytes(b"")
    refuse(folder)

    rules = (
        "no such folder",
        "no synthsweep.json",
        "got 99",
        "cannot be read",
        "cannot be read",
        "cannot be read",
        "loaded",
        "an ONNX file",
    )
    assert [rule for rule, line in zip(rules, wrong, strict=True) if rule not in line or "\n" in line] == []
