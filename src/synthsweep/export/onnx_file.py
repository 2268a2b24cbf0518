"""A saved classifier as one file for ONNX Runtime, by torch's own exporter, and checked against torch.

The packages are those of the extra `onnx`. optimum-onnx, which others use, takes transformers below 4.58 alone.
"""

import importlib.util
import json
import logging
import shutil
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from synthsweep.errors import ConfigError, ModelError
from synthsweep.messages import first_line, listing
from synthsweep.train.saved.card import CARD_FILE, ONNX_FILE, SavedCard

if TYPE_CHECKING:
    from synthsweep.train.saved.encoder import SavedEncoder

PACKAGES = ("onnx", "onnxscript", "onnxruntime")
INPUTS, OUTPUT = ("input_ids", "attention_mask"), "logits"
# Of logits: float32 rounds in another order; a larger difference is another network.
LARGEST_DIFFERENCE = 1e-4
USE = """\
# {name}

An ONNX file of a text classifier, for [ONNX Runtime](https://onnxruntime.ai): token ids and their mask, of any number and
length, to logits. `{card}` holds labels, thresholds and temperature{windows}.

```python
import json

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

card = json.load(open("{card}", encoding="utf-8"))
tokenizer = Tokenizer.from_file("tokenizer.json")
tokenizer.enable_truncation(card["max_length"])
tokenizer.enable_padding(pad_id={pad_id}, pad_token={pad_token!r})
session = onnxruntime.InferenceSession("{file}")

rows = tokenizer.encode_batch(["A text.", "Another one."])
inputs = {{"input_ids": [row.ids for row in rows], "attention_mask": [row.attention_mask for row in rows]}}
(logits,) = session.run(None, {{name: np.array(value, dtype=np.int64) for name, value in inputs.items()}})
{deciding}
```
"""
MULTI = """\
probabilities = 1 / (1 + np.exp(-logits.astype(float)))
decisions = probabilities >= [card["thresholds"][label] for label in card["labels"]]"""
SINGLE = """\
probabilities = np.exp(logits.astype(float)) / np.exp(logits.astype(float)).sum(axis=1, keepdims=True)
decisions = [card["labels"][place] for place in probabilities.argmax(axis=1)]"""


def require_packages() -> None:
    """Raises ConfigError where the extra is not installed, before anything is trained or written."""
    absent = [name for name in PACKAGES if importlib.util.find_spec(name) is None]
    if absent:
        raise ConfigError(f"format=onnx needs {listing(absent)}, not installed here: pip install 'synthsweep[onnx]'")


def write_onnx(saved: "SavedEncoder", source: Path, folder: Path) -> float:
    """Writes the file, the tokenizer and the card of `source`; returns the largest difference of its logits from torch's.

    Raises:
        ModelError: the network cannot be written so, or the file gives other logits.
    """
    from synthsweep.export.check import TEXTS

    network, tokenizer = saved.loaded.classifier, saved.loaded.tokenizer
    rows = tokenizer([*TEXTS], padding=True, truncation=True, max_length=saved.card.max_length, return_tensors="pt")
    _write(network, rows, saved.card, folder / ONNX_FILE)
    tokenizer.save_pretrained(folder)
    shutil.copyfile(source / CARD_FILE, folder / CARD_FILE)
    (folder / "README.md").write_text(_page(saved.card, tokenizer), encoding="utf-8")
    difference = max(_differences(network, rows, folder / ONNX_FILE))
    # A NaN is no small difference, either.
    if not difference <= LARGEST_DIFFERENCE:
        raise ModelError(
            f"format=onnx: ONNX Runtime's logits differ from torch's by {difference:.2g}, more than {LARGEST_DIFFERENCE:g}: "
            "this encoder cannot be written so; use format=transformers"
        )
    return difference


def _write(network: Any, rows: Any, card: SavedCard, file: Path) -> None:
    import torch

    shape = dict.fromkeys((0, 1), torch.export.Dim.DYNAMIC)
    with _silent(), torch.no_grad():
        try:
            program = torch.onnx.export(
                network, tuple(rows[name] for name in INPUTS), input_names=INPUTS, output_names=[OUTPUT],
                dynamic_shapes=(shape, shape), dynamo=True, verbose=False,
            )  # fmt: skip
        except Exception as error:
            # torch and onnxscript each raise errors of their own.
            raise ModelError(
                f"format=onnx: torch cannot write this encoder ({first_line(error)}): use format=transformers"
            ) from error
        assert program is not None
        about = {"labels": card.labels, "kind": card.kind, "thresholds": dict(card.thresholds), "temperature": card.temperature}
        more = {"max_length": card.max_length, "windows": card.windows, "run_id": card.run_id, "name": card.name}
        program.model.metadata_props["synthsweep"] = json.dumps({**about, **more}, ensure_ascii=False)
        program.save(file, external_data=False)


def _differences(network: Any, rows: Any, file: Path) -> Iterator[float]:
    """Of all texts together, and of each alone, as short as it is."""
    import torch
    from onnxruntime import InferenceSession

    session = InferenceSession(str(file), providers=["CPUExecutionProvider"])
    count = len(rows[INPUTS[0]])
    lengths = rows[INPUTS[1]].sum(dim=1).tolist()
    parts: Sequence[tuple[slice, int]] = [
        (slice(0, count), max(lengths)),
        *((slice(n, n + 1), lengths[n]) for n in range(count)),
    ]
    for texts, length in parts:
        part = [rows[name][texts, :length] for name in INPUTS]
        with torch.inference_mode():
            expected = network(*part).numpy()
        (found,) = session.run(None, {name: values.numpy() for name, values in zip(INPUTS, part, strict=True)})
        yield float(np.abs(found - expected).max())


def _page(card: SavedCard, tokenizer: Any) -> str:
    windows = (
        "" if card.windows == "none" else f". It reads one window: windows and the {card.windows} over them are not in the file"
    )
    return USE.format(
        name=card.name, card=CARD_FILE, file=ONNX_FILE, windows=windows, pad_id=tokenizer.pad_token_id,
        pad_token=tokenizer.pad_token, deciding=SINGLE if card.kind == "single" else MULTI,
    )  # fmt: skip


@contextmanager
def _silent() -> Iterator[None]:
    """Hides what torch says of packages that are not needed, and of its own calls."""
    logs = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [log.level for log in logs]
    try:
        for log in logs:
            log.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for log, level in zip(logs, levels, strict=True):
            log.setLevel(level)
