"""Encoders other than BERT, from a folder of the user's own: they load, freeze, train and save."""

from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoModel, AutoModelForSequenceClassification

from support.families import FAMILIES, folder_of, load_folder
from support.saved_models import save_and_open
from support.tiny_model import fit_tiny, training
from synthsweep.config.keys.training import ModelConfig
from synthsweep.errors import ModelError
from synthsweep.train.cache import TrainingCache
from synthsweep.train.encoder.limits import USING_ALL, _unused_positions
from synthsweep.train.encoder.model import load
from synthsweep.train.encoder.reader import load_reader


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("pooling", ["native", "mean"])
def test_an_encoder_of_a_folder_trains_above_its_frozen_layers(tmp_path: Path, family: str, pooling: str) -> None:
    """Embeddings and the first layer stay as they were; the second and the head do not."""
    loaded = load_folder(folder_of(family, tmp_path / "encoder"), pooling=pooling, frozen_layers=1)
    before = {name: value.clone() for name, value in loaded.classifier.state_dict().items()}
    frozen = {name for name, parameter in loaded.classifier.named_parameters() if not parameter.requires_grad}

    fitted = fit_tiny(training(max_length=16, epochs=2), loaded=loaded)
    unchanged = {name for name, value in loaded.classifier.state_dict().items() if torch.equal(value, before[name])}
    learnt = {name for name, parameter in loaded.classifier.named_parameters() if parameter.requires_grad}
    assert frozen <= unchanged
    assert any("embed" in name for name in frozen)
    assert {".0." in name or "embed" in name for name in frozen} == {True}
    assert any(".1." in name for name in learnt - unchanged)
    assert fitted.probabilities(["the train"]).shape == (1, 2)


@pytest.mark.parametrize("family", ["Roberta", "DistilBert", "ModernBert"])
@pytest.mark.parametrize("pooling", ["native", "max"])
def test_a_trained_encoder_of_a_folder_can_be_saved(tmp_path: Path, family: str, pooling: str) -> None:
    """And gives the same probabilities when it is read again."""
    loaded = load_folder(folder_of(family, tmp_path / "encoder"), pooling=pooling)
    ids, mask = torch.tensor([[2, 5, 6, 3]]), torch.ones(1, 4, dtype=torch.long)
    fit_tiny(training(max_length=16, epochs=1), loaded=loaded)

    saved = save_and_open(loaded, tmp_path / "trained").loaded
    with torch.inference_mode():
        # Weights that lie elsewhere in memory may take other kernels, whose last digits differ.
        torch.testing.assert_close(saved.classifier(ids, mask), loaded.classifier(ids, mask), rtol=1e-5, atol=1e-6)
    for name, weight in loaded.classifier.state_dict().items():
        assert torch.equal(weight, saved.classifier.state_dict()[name]), name


@pytest.mark.parametrize("family", ["Roberta", "DistilBert", "ModernBert"])
@pytest.mark.parametrize("pooling", ["native", "cls"])
def test_a_dropout_reaches_every_dropout_of_an_encoder(tmp_path: Path, family: str, pooling: str) -> None:
    """Each family has its own names for them."""
    loaded = load_folder(folder_of(family, tmp_path), pooling=pooling, dropout=0.35)

    rates = {module.p for module in loaded.classifier.modules() if isinstance(module, torch.nn.Dropout)}
    assert rates == {0.35}


def test_the_same_folder_gives_the_same_encoder_under_any_seed(tmp_path: Path) -> None:
    """Only the head is drawn."""
    loaded = load_folder(folder_of("Bert", tmp_path))

    pretrained = AutoModel.from_pretrained(tmp_path).state_dict()
    kept = loaded.classifier.network.bert.state_dict()
    assert all(torch.equal(kept[name], pretrained[name]) for name in kept if not name.startswith("pooler"))


@pytest.mark.parametrize("kind", sorted(USING_ALL))
def test_encoders_that_are_said_to_use_every_position_do(kind: str) -> None:
    """Their networks are built to train alone."""
    with torch.device("meta"):
        network = AutoModelForSequenceClassification.from_config(AutoConfig.for_model(kind))

    assert _unused_positions(network) == 0


@pytest.mark.parametrize(("family", "limit"), [("Bert", 40), ("Roberta", 39), ("DistilBert", 40), ("ModernBert", 40)])
def test_the_limit_is_the_last_length_that_an_encoder_reads(tmp_path: Path, family: str, limit: int) -> None:
    """RoBERTa counts positions from behind the id that pads: its first ones serve no token."""
    # Without the limit that some tokenizers know.
    loaded = load_folder(folder_of(family, tmp_path, max_position_embeddings=40))
    config = ModelConfig(name="mine", name_or_path=str(tmp_path))

    assert (loaded.limit, load_reader(config, TrainingCache()).limit) == (limit, limit)
    ids = torch.full((1, limit), 5)
    assert loaded.classifier(ids, torch.ones_like(ids)).shape == (1, 2)
    with pytest.raises(ModelError, match=rf"^training\.max_length must be at most {limit}, .* got {limit + 1}$"):
        load(config, ("A", "B"), dropout=None, max_length=limit + 1, seed=1)


@pytest.mark.parametrize("family", ["Roberta", "XLNet", "ModernBert"])
@pytest.mark.parametrize("windows", ["mean", "max"])
def test_windows_serve_every_family(tmp_path: Path, family: str, windows: str) -> None:
    loaded = load_folder(folder_of(family, tmp_path))

    fitted = fit_tiny(training(max_length=4, epochs=1, windows=windows), loaded=loaded)
    assert fitted.probabilities(["the train " * 20, "lamp"]).shape == (2, 2)


def test_layers_that_share_their_weights_cannot_be_frozen(tmp_path: Path) -> None:
    """ALBERT has one layer that it runs through twice."""
    folder = folder_of("Albert", tmp_path)

    assert load_folder(folder)
    with pytest.raises(ModelError, match=r"^model\.frozen_layers: no stack of 2 layers found in AlbertModel; set it to 0$"):
        load_folder(folder, frozen_layers=1)


def test_a_folder_without_weights_is_an_error_of_one_line(tmp_path: Path) -> None:
    """As after a download that broke off."""
    folder = folder_of("Bert", tmp_path)
    (folder / "model.safetensors").unlink()

    with pytest.raises(ModelError, match=r"^model\.name_or_path=\S+: it cannot be loaded \(.*model\.safetensors"):
        load_folder(folder)
