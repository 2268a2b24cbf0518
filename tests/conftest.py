"""Every test runs in an empty folder of its own, offline, and leaves no variable behind."""

import os
from pathlib import Path

import pytest

# Before any test imports the hub's client: a name that is not here must fail at once, not after minutes of retries.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "huggingface"))
    return tmp_path
