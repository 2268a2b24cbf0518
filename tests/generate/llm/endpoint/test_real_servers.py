"""Servers that nobody here wrote, where they are installed: llama.cpp by xllamacpp, LiteLLM's proxy with invented replies."""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest

from support.builders import run_config
from support.patience import LIMIT_S
from support.ports import free_port
from synthsweep.errors import CompletionError
from synthsweep.generate.llm.endpoint.probe import probe
from synthsweep.generate.llm.openai_client import Answered

pytestmark = pytest.mark.slow
SUPPORT = Path(__file__).parents[3] / "support"
KEY = "sk-proxy-canary-77"
LITELLM = """
general_settings: {{master_key: {key}}}
model_list:
  - model_name: {name}
    litellm_params: {{model: {model}, api_key: sk-nobody, mock_response: '{{"examples": []}}'}}
"""


@contextmanager
def served(command: Sequence[str], health: str, log: Path, **variables: str) -> Iterator[None]:
    """A server in a process of its own, once it answers."""
    with log.open("w") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, **variables})
    try:
        deadline = time.monotonic() + LIMIT_S
        while not answers(health):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.3)
        yield
    finally:
        process.kill()
        process.wait()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own address
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.mark.skipif(not (find_spec("xllamacpp") and find_spec("gguf")), reason="needs xllamacpp and gguf")
def test_llama_cpp_takes_all_that_is_asked(own_folder: Path) -> None:
    """A schema, a limit and a seed; it counts tokens, and names the file of the weights."""
    port = free_port()
    command = [sys.executable, str(SUPPORT / "tiny_gguf.py"), str(own_folder / "tiny.gguf"), str(port)]
    with served(command, f"http://127.0.0.1:{port}/health", own_folder / "log"):
        where = f"llm.base_url=http://127.0.0.1:{port}/v1"
        found = probe(run_config("llm=llama_cpp", "llm.model=tiny", where, "llm.max_output_tokens=200").llm, 60)

    assert isinstance(found.outcome, Answered)
    assert found.spoken == found.asked
    assert found.outcome.tokens.usage
    assert found.outcome.completion.answered_by(["tiny"])


@pytest.mark.skipif(shutil.which("litellm") is None, reason="needs LiteLLM's proxy")
def test_litellm_is_asked_without_what_it_refuses(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """For an LLM of Anthropic's it takes no seed; a wrong key is refused, and no part of it said."""
    (own_folder / "proxy.yaml").write_text(LITELLM.format(key=KEY, name="claude", model="anthropic/claude-sonnet-4-20250514"))
    port = free_port()
    command = [
        str(shutil.which("litellm")),
        "--config",
        str(own_folder / "proxy.yaml"),
        "--port",
        str(port),
        "--host",
        "127.0.0.1",
    ]
    health = f"http://127.0.0.1:{port}/health/liveliness"
    llm = run_config(
        "llm=openai_compatible", "llm.model=claude", f"llm.base_url=http://127.0.0.1:{port}/v1", "llm.api_key_env=PROXY_KEY"
    ).llm
    local = {"LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_DANGEROUSLY_PERMIT_WEAK_OR_UNSET_MASTER_KEY": "true"}
    with served(command, health, own_folder / "log", **local):
        monkeypatch.setenv("PROXY_KEY", KEY)
        found = probe(llm, 60)
        monkeypatch.setenv("PROXY_KEY", "sk-wrong-canary-88")
        with pytest.raises(CompletionError) as caught:
            probe(llm, 60)

    assert isinstance(found.outcome, Answered)
    assert found.spoken.left_out == ("seed",)
    assert "canary" not in str(caught.value)
