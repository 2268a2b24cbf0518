"""An ONNX file gives the logits of the classifier, whatever its pooling, and its page says how to use it."""

import re
import sys
from pathlib import Path

import numpy as np
import pytest

from support.saved_models import save_and_open
from support.tiny_model import load_tiny, separable
from synthsweep.errors import ConfigError, ModelError
from synthsweep.export import onnx_file
from synthsweep.export.onnx_file import PACKAGES, require_packages, write_onnx

TEXTS = [*separable(5).texts, "a train " * 60]


def test_a_missing_extra_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is trained or written."""
    monkeypatch.setattr(sys, "path", [])
    for name in [one for one in sys.modules if one.partition(".")[0] in PACKAGES]:
        monkeypatch.delitem(sys.modules, name)

    with pytest.raises(
        ConfigError, match=r"^format=onnx needs onnx, onnxscript, onnxruntime.*pip install 'synthsweep\[onnx\]'$"
    ):
        require_packages()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("pooling", "kind"), [("native", "multi"), ("max", "single")])
def test_the_file_gives_the_numbers_that_its_page_computes(tmp_path: Path, pooling: str, kind: str) -> None:
    """The example of the page, executed: its probabilities and decisions are ours, also of a text that is cut."""
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    thresholds = {"thresholds": {}} if kind == "single" else {}
    saved, folder = save_and_open(load_tiny(pooling=pooling), tmp_path / "model", kind=kind, **thresholds), tmp_path / "onnx"
    folder.mkdir()
    difference = write_onnx(saved, tmp_path / "model", folder)

    assert difference < 1e-5
    assert {path.name for path in folder.iterdir()} >= {"README.md", "model.onnx", "synthsweep.json", "tokenizer.json"}
    example = re.search(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    assert example
    found: dict[str, object] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        exec(example[1].replace('["A text.", "Another one."]', repr(TEXTS)), found)  # noqa: S102 - what a reader pastes
    expected = saved.probabilities(TEXTS)
    np.testing.assert_allclose(np.asarray(found["probabilities"]), expected, atol=1e-5)
    if kind == "single":
        assert found["decisions"] == [saved.card.labels[place] for place in expected.argmax(axis=1)]
    else:
        assert (np.asarray(found["decisions"]) == (expected >= [0.5, 0.25])).all()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_a_file_with_other_numbers_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With less than no difference allowed, any file is one."""
    pytest.importorskip("onnxruntime")
    pytest.importorskip("onnxscript")
    monkeypatch.setattr(onnx_file, "LARGEST_DIFFERENCE", -1.0)
    (tmp_path / "onnx").mkdir()

    with pytest.raises(
        ModelError, match=r"^format=onnx: ONNX Runtime's logits differ from torch's by .*use format=transformers$"
    ):
        write_onnx(save_and_open(load_tiny(), tmp_path / "model"), tmp_path / "model", tmp_path / "onnx")
