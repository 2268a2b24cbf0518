"""An encoder by its name: fetched from a hub once, then from the cache."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from transformers import BertConfig, BertModel, BertTokenizer

from support.hub_server import COMMIT, serving
from support.patience import LIMIT_S

# The hub's client reads its variables when it is imported: each load is a process of its own.
SCRIPT = """
import sys
from synthsweep.config.keys.training import ModelConfig
from synthsweep.errors import ModelError
from synthsweep.train.encoder.model import load

config = ModelConfig(name="mine", name_or_path=sys.argv[1], revision=sys.argv[2] or None, pooling="mean")
try:
    loaded = load(config, ("A", "B"), dropout=None, max_length=16, seed=1)
except ModelError as error:
    sys.exit(str(error))
print(loaded.tokenizer.convert_tokens_to_ids("lamp"), float(loaded.classifier.network.bert.pooler.dense.weight.detach().sum()))
"""


@pytest.fixture
def checkpoint(tmp_path: Path) -> dict[str, bytes]:
    """The files of a tiny pretrained BERT."""
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "lamp"]
    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8, "vocab_size": 6}
    with torch.random.fork_rng():
        torch.manual_seed(1)
        BertModel(BertConfig(**sizes)).save_pretrained(tmp_path / "made")
    BertTokenizer(vocab={word: index for index, word in enumerate(words)}).save_pretrained(tmp_path / "made")
    return {path.name: path.read_bytes() for path in (tmp_path / "made").iterdir()}


def load_by_name(name: str, endpoint: str, cache: Path, *, revision: str = "", offline: bool = False) -> tuple[int, str]:
    """Exit status and what was printed; only the loopback endpoint can be reached."""
    hub = {"HF_ENDPOINT": endpoint, "HF_HOME": str(cache), "HF_HUB_OFFLINE": str(int(offline)), "HF_HUB_DISABLE_TELEMETRY": "1"}
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, name, revision],
        env={**os.environ, **hub, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip
    return done.returncode, (done.stdout or done.stderr).strip()


def expected_line(tmp_path: Path) -> str:
    weights = BertModel.from_pretrained(tmp_path / "made").pooler.dense.weight.detach()
    return f"5 {float(weights.sum())}"


@pytest.mark.slow
def test_a_name_is_fetched_once_and_then_needs_no_network(checkpoint: dict[str, bytes], tmp_path: Path) -> None:
    """The weights are those of the hub, and the second load asks nobody."""
    with serving("somebody/tiny-bert", checkpoint, kind="models") as hub:
        first = load_by_name("somebody/tiny-bert", hub.endpoint, tmp_path / "cache")
        fetched = [path for method, path in hub.requests if method == "GET"]
    second = load_by_name("somebody/tiny-bert", hub.endpoint, tmp_path / "cache", offline=True)

    assert [first, second] == [(0, expected_line(tmp_path))] * 2
    assert [path for path in fetched if path.endswith("model.safetensors")] == [
        f"/somebody/tiny-bert/resolve/{COMMIT}/model.safetensors"
    ]


@pytest.mark.slow
def test_a_revision_is_the_one_that_is_fetched(checkpoint: dict[str, bytes], tmp_path: Path) -> None:
    """A paper's model must not change under it."""
    with serving("somebody/tiny-bert", checkpoint, kind="models") as hub:
        found = load_by_name("somebody/tiny-bert", hub.endpoint, tmp_path / "cache", revision="v1")
        paths = [path for _, path in hub.requests]

    assert found == (0, expected_line(tmp_path))
    assert "/api/models/somebody/tiny-bert/revision/v1" in paths
    assert not [path for path in paths if "/main/" in path]


@pytest.mark.slow
def test_a_name_that_the_hub_does_not_know_is_an_error_of_one_line(checkpoint: dict[str, bytes], tmp_path: Path) -> None:
    """So is a revision; the line names the key and the ways out."""
    with serving("somebody/tiny-bert", checkpoint, kind="models") as hub:
        unknown = [
            load_by_name("somebody/other", hub.endpoint, tmp_path / "cache"),
            load_by_name("somebody/tiny-bert", hub.endpoint, tmp_path / "cache", revision="v9"),
        ]

    for (status, line), name in zip(unknown, ("somebody/other", "somebody/tiny-bert"), strict=True):
        assert status == 1
        assert line.startswith(f"model.name_or_path={name}: it cannot be loaded (")
        assert line.endswith("fetch it where there is a network: hf download NAME")
        assert "\n" not in line


AGAIN = """
import sys
from synthsweep.config.keys.training import ModelConfig
from synthsweep.train.encoder.model import load
from synthsweep.train.cache import TrainingCache

config, cache = ModelConfig(name="mine", name_or_path="somebody/tiny-bert", pooling="mean"), TrainingCache()
for _ in range(int(sys.argv[1])):
    load(config, ("A", "B"), dropout=None, max_length=16, seed=1, cache=cache)
"""


@pytest.mark.slow
def test_a_warm_load_asks_the_hub_nothing(checkpoint: dict[str, bytes], tmp_path: Path) -> None:
    """A worker's later runs find all files where the first one has put them."""
    asked = []
    for loads in (1, 3):
        with serving("somebody/tiny-bert", checkpoint, kind="models") as hub:
            variables = {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(tmp_path / f"cache{loads}"), "HF_HUB_OFFLINE": "0"}
            environment = {**os.environ, **variables, "HF_HUB_DISABLE_TELEMETRY": "1", "OMP_NUM_THREADS": "1"}
            subprocess.run([sys.executable, "-c", AGAIN, str(loads)], env=environment, check=True, timeout=LIMIT_S)
            asked.append(len(hub.requests))

    assert asked[0] == asked[1] > 0
