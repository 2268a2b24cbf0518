"""The state of a training at its last evaluation on dev, in a file: one that was killed or pre-empted goes on from there.

A file is named by all that acts on the numbers of its training, the first weights and the versions included. So whoever trains
the same finds it, and nobody else does.
"""

import hashlib
import logging
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import torch

from synthsweep import __version__
from synthsweep.messages import first_line
from synthsweep.storage.private import make_private_folder, open_private
from synthsweep.train.encoder.model import Classifier
from synthsweep.train.texts import Texts

log = logging.getLogger(__name__)

# Where a file says whose state it is, and when it was written.
OF, WRITTEN = "of", "written"
# Raised with what a state holds, and with what training makes of the same inputs.
LAYOUT = 1


@dataclass
class Checkpoint:
    """It holds weights that were trained on the user's texts: the file is its owner's alone."""

    path: Path
    _failed: bool = field(default=False, init=False)

    def read(self) -> dict[str, Any] | None:
        """The state; None where there is none, or one that cannot be read."""
        try:
            state = torch.load(self.path, map_location="cpu", weights_only=True)
            if state[OF] != self.path.stem:
                raise ValueError("it is that of another training")
            return dict(state)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except Exception as error:
            log.warning("training.checkpoint: %s cannot be read (%s): training begins anew", self.path, first_line(error))
            return None

    def write(self, state: Mapping[str, Any]) -> None:
        """Replaces the state; where that fails, training goes on with one warning."""
        part = self.path.with_name(f"{self.path.name}.{uuid4().hex[:8]}.part")
        try:
            make_private_folder(self.path.parent)
            part.unlink(missing_ok=True)
            with open_private(part, "xb") as file:
                torch.save({**state, OF: self.path.stem, WRITTEN: time.time()}, file)
                file.flush()
                os.fsync(file.fileno())
            part.replace(self.path)
        # torch raises a RuntimeError where a disk is full.
        except (OSError, RuntimeError) as error:
            with suppress(OSError):
                part.unlink()
            if not self._failed:
                log.warning("training.checkpoint: %s cannot be written: %s; training goes on", self.path, first_line(error))
            self._failed = True

    def forget(self) -> None:
        """Deletes it, and what killed processes have left of it."""
        try:
            for path in self.path.parent.glob(f"{self.path.name}*"):
                path.unlink(missing_ok=True)
        except OSError as error:
            log.warning("training.checkpoint: %s cannot be deleted: %s", self.path, first_line(error))


def checkpoint_of(folder: Path, model: Classifier, *inputs: object) -> Checkpoint:
    """That of the training of a model on `inputs`, each of which says in its `repr` all that acts."""
    versions = LAYOUT, __version__, torch.__version__, torch.get_num_threads()
    built = model.pooling, model.frozen_layers, repr(model), model.network.config.to_json_string()
    found = hashlib.sha256(repr((versions, built, inputs)).encode())
    for name, tensor in model.state_dict().items():
        found.update(name.encode())
        found.update(tensor.detach().cpu().contiguous().flatten().view(torch.uint8).numpy())
    return Checkpoint(folder / f"{found.hexdigest()[:32]}.pt")


def inputs_of(texts: Texts) -> tuple[object, ...]:
    """What acts of texts, as plain values."""
    arrays = (texts.truth, texts.weights, texts.kinds)
    return list(texts.texts), *(None if one is None else np.asarray(one).tolist() for one in arrays)
