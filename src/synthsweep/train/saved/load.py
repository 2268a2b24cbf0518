"""Opens a saved classifier, whatever it is made of, without the run that trained it."""

from pathlib import Path

from synthsweep.config.keys.training import ENCODER
from synthsweep.errors import ModelError
from synthsweep.train.saved.card import ONNX_FILE, read_card
from synthsweep.train.saved.classifier import SavedClassifier


def open_saved(folder: Path, *, device: str = "auto", threads: int = 0, batch_size: int = 64) -> SavedClassifier:
    """Loads a folder that a run saved, also one of the first format.

    Raises:
        ModelError: the folder holds no classifier, a broken one, or one of another format.
    """
    card = read_card(folder)
    if (folder / ONNX_FILE).is_file():
        raise ModelError(
            f"{folder}: this is an ONNX file, for ONNX Runtime alone: give the run that it comes from, {card.run_id}"
        )
    if card.classifier != ENCODER:
        from synthsweep.train.saved.linear import open_linear

        return open_linear(card, folder, device=device, threads=threads, batch_size=batch_size)
    # torch and transformers take seconds to import.
    from synthsweep.train.saved.encoder import open_encoder

    return open_encoder(card, folder, device=device, threads=threads, batch_size=batch_size)
