"""Every test runs in an empty folder of its own, offline, and leaves no variable behind."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Before any test imports the hub's client: a name that is not here must fail at once, not after minutes of retries.
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TOKENIZERS_PARALLELISM"] = "false"

# Timings never decide a test: a busy machine would fail these two. CI draws the same examples each time.
settings.register_profile(
    "steady",
    settings.get_profile("ci" if os.environ.get("CI") else "default"),
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "huggingface"))
    return tmp_path
