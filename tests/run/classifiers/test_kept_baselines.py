"""A baseline that was kept gives the predictions that its run recorded, by whoever loads its folder."""

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyarrow import parquet

from support.builders import run_config
from support.tiny_sentences import write_tiny_sentences
from synthsweep.run.experiment import run_experiment
from synthsweep.track.writer import RecordingTracker
from synthsweep.train.saved.load import open_saved
from synthsweep.train.saved.pyfunc import TableClassifier

LABELS = ("calm", "loud", "odd")
WORDS = {"calm": "sits still and smiles", "loud": "shouts at the door", "odd": "spins a lid again"}
SIZES = ("data.train_size=0", "data.dev_size=0", "data.test_size=0")
USUAL = (
    "experiment=ci", "tracking=none", "tracking.figures=false", "tracking.log_model=true", "mix=real_only", "labels=from_data",
    "data=csv", "data.path=texts.csv", "data.id=id", *SIZES,
)  # fmt: skip
PLAIN = "import sys; from transformers import AutoModelForSequenceClassification as A; A.from_pretrained(sys.argv[1])"
WITHOUT_TORCH = """
import sys
from pathlib import Path
from synthsweep.train.saved.load import open_saved
open_saved(Path(sys.argv[1])).probabilities(["a text"])
print(sorted({"torch", "transformers"} & set(sys.modules)))
"""


def write_corpus() -> None:
    """Ninety texts, each of one of three classes, with a word of its own."""
    own = [LABELS[number % 7 % 3] for number in range(90)]
    lines = [
        f"t{number},he {WORDS[label]} on day {number},{','.join(str(int(label == one)) for one in LABELS)}"
        for number, label in enumerate(own)
    ]
    Path("texts.csv").write_text("\n".join([f"id,text,{','.join(LABELS)}", *lines]) + "\n")


def trained(*overrides: str) -> tuple[Path, pd.DataFrame]:
    """The folder of a classifier, and what its run recorded of test, with the texts."""
    write_corpus()
    tracker = RecordingTracker()
    run_experiment(run_config(*USUAL, *overrides), tracker)
    for name, content in tracker.files.items():
        if name.startswith("model/"):
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_bytes(content)
    table = parquet.read_table(io.BytesIO(tracker.files["predictions.parquet"])).to_pandas()
    texts = pd.read_csv("texts.csv").set_index("id")["text"]
    return Path("model"), table[table["split"] == "test"].assign(text=lambda rows: rows["id"].map(texts))


def require_recorded(folder: Path, table: pd.DataFrame) -> None:
    """Through us and through MLflow's loader, to 1e-6."""
    columns = [f"probability/{label}" for label in LABELS]
    saved = open_saved(folder, device="cpu", threads=1)
    found = TableClassifier(saved).predict(table[["text"]])

    assert len(table) >= 15
    np.testing.assert_allclose(saved.probabilities(list(table["text"])), table[columns].to_numpy(), atol=1e-6)
    np.testing.assert_allclose(found[columns].to_numpy(), table[columns].to_numpy(), atol=1e-6)
    if saved.card.kind == "single":
        assert list(found["decision"]) == [LABELS[place] for place in table[columns].to_numpy().argmax(axis=1)]
    else:
        assert set(found.columns) == {*columns, *(f"decision/{label}" for label in LABELS)}


@pytest.mark.parametrize("kind", ["multi", "single"])
def test_tfidf_is_kept_without_its_words(kind: str) -> None:
    """Its page says what can be guessed; no file of the folder holds a word of the texts, compressed or not."""
    folder, table = trained("model=tfidf", f"labels.kind={kind}")

    require_recorded(folder, table)
    page = (folder / "README.md").read_text()
    assert [words for words in ("TF-IDF of words", "`words.npz` names no word", "mlflow.pyfunc") if words not in page] == []
    assert {"words.npz", "regression.npz", "MLmodel"} <= {path.name for path in folder.iterdir()}
    with np.load(folder / "words.npz") as arrays:
        assert {name: arrays[name].dtype.kind for name in arrays.files} == {"digests": "u", "weights": "f"}
    assert not [path for path in folder.rglob("*") if path.is_file() and b"shouts" in path.read_bytes()]
    done = subprocess.run([sys.executable, "-c", WITHOUT_TORCH, str(folder)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.slow
def test_embeddings_are_kept_with_their_encoder(tmp_path: Path) -> None:
    """So that the folder is all that is needed; transformers alone ends with an error, and never with an untrained head."""
    encoder = write_tiny_sentences(tmp_path)
    folder, table = trained("model=embeddings", f"model.name_or_path={encoder}")
    encoder.rename(tmp_path / "gone")

    require_recorded(folder, table)
    assert "frozen sentence embeddings of embeddings" in (folder / "README.md").read_text()
    done = subprocess.run(
        [sys.executable, "-c", PLAIN, str(folder)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )  # fmt: skip
    assert done.returncode == 1


@pytest.mark.slow
@pytest.mark.long
@pytest.mark.parametrize("kind", ["multi", "single"])
def test_setfit_is_kept_with_the_encoder_that_it_tuned(kind: str, tmp_path: Path) -> None:
    """The same command gives the same numbers, another seed others; texts that share a label have come nearer."""
    pytest.importorskip("setfit")
    encoder = write_tiny_sentences(tmp_path)
    given = ("model=setfit", f"model.name_or_path={encoder}", "model.pairs=8", "model.pair_learning_rate=1e-3")
    folder, table = trained(*given, f"labels.kind={kind}")
    columns = [f"probability/{label}" for label in LABELS]

    require_recorded(folder, table)
    assert "tuned on pairs of texts (SetFit)" in (folder / "README.md").read_text()
    truth = table[[f"truth/{label}" for label in LABELS]].to_numpy()
    assert (table[columns].to_numpy().argmax(axis=1) == truth.argmax(axis=1)).mean() > 0.9
    if kind == "multi":
        pd.testing.assert_frame_equal(trained(*given)[1], table)
        assert np.abs(trained(*given, "seed=2", "seeds.subset=1")[1][columns].to_numpy() - table[columns].to_numpy()).max() > 0
