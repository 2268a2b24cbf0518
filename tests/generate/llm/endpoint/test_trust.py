import asyncio

import pytest

from support.builders import run_config
from support.llm_server import serving
from synthsweep.errors import PrivacyError
from synthsweep.generate.completer import CompletionRequest, Message
from synthsweep.generate.llm.endpoint.trust import is_loopback, require_allowed, why_elsewhere
from synthsweep.generate.llm.openai_client import Answered, OpenAiClient, Result

MODEL = "llm.model=m"
HERE = "llm.base_url=http://127.0.0.1:9/v1"


@pytest.mark.parametrize(
    ("overrides", "here"),
    [
        (("llm=llama_cpp",), True), (("llm=ollama",), True), (("llm=vllm",), True), (("llm=transformers",), True),
        (("llm=vllm", "llm.base_url=http://gpu.lab:8000/v1"), False), (("llm=openai_compatible", HERE), False),
        (("llm=openai_compatible", HERE, "llm.forwards=false"), True), (("llm=bedrock", HERE), False),
        (("llm=ollama", "llm.model=gpt-oss:120b-cloud"), False), (("llm=ollama", "llm.model=glm-4.6:cloud"), False),
        (("llm=ollama", "llm.model=clouds"), True),
        (("llm=openai_compatible", "llm.base_url=http://x/v1", "llm.forwards=false"), False),
    ],
)  # fmt: skip
def test_real_texts_stay_where_the_weights_are(overrides: tuple[str, ...], here: bool) -> None:
    """A gateway on this machine may pass prompts on, and Ollama does so for the models of its cloud."""
    llm = run_config(MODEL, *overrides).llm

    assert here == (not why_elsewhere(llm))


def test_the_refusal_says_what_would_be_believed() -> None:
    config = run_config("llm=openai_compatible", MODEL, HERE)

    with pytest.raises(PrivacyError, match=r"127\.0\.0\.1, which may pass them on.*llm\.forwards=false says that"):
        require_allowed(config.llm, config.privacy, "prompt=few_shot shows real texts")


@pytest.mark.parametrize("address", ["http://[::ffff:127.0.0.1]/v1", "http://LOCALHOST./v1", "http://a.b.localhost:1/v1"])
def test_every_spelling_of_this_machine_is_known(address: str) -> None:
    assert is_loopback(address)


def test_a_name_below_localhost_is_not_looked_up() -> None:
    """A DNS server could answer it with another address; the server still sees the name that was asked for."""
    with serving() as server:
        port = server.address.rpartition(":")[2]
        answer = asyncio.run(asked(f"http://gateway.nobody.localhost:{port}"))

    assert isinstance(answer, Answered)
    assert server.headers[0]["host"].startswith("gateway.nobody.localhost")


async def asked(address: str) -> Result:
    """The outcome of one request."""
    client = OpenAiClient(run_config("llm=vllm", MODEL, f"llm.base_url={address}").llm, timeout_s=10)
    try:
        return await client.ask(CompletionRequest((Message("user", "Write 1 different texts."),), "A", 1))
    finally:
        await client.close()
