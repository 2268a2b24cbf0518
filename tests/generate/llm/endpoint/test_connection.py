"""A connection that is never made is given up soon, however long an answer may take."""

import asyncio
import socket
import threading
from collections.abc import Iterator

import pytest

from support.builders import run_config
from synthsweep.generate.completer import CompletionRequest, Message
from synthsweep.generate.llm.endpoint.connection import CONNECT_S
from synthsweep.generate.llm.openai_client import Failed, FailureKind, OpenAiClient, Result

ASKED = CompletionRequest((Message("user", "Write."),), "A", 1)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


async def asked(address: str, timeout_s: float) -> Result:
    client = OpenAiClient(run_config("llm=vllm", "llm.model=m", f"llm.base_url={address}").llm, timeout_s=timeout_s)
    try:
        return await client.ask(ASKED)
    finally:
        await client.close()


def test_a_handshake_that_never_ends_is_no_slow_answer(silent_port: int) -> None:
    """As HTTPS to a port that speaks HTTP: nothing was sent, and nothing is billed."""
    found = asyncio.run(asked(f"https://127.0.0.1:{silent_port}/v1", 0.6))

    assert isinstance(found, Failed)
    assert (found.kind, found.billed) == (FailureKind.UNREACHABLE, False)
    assert "no connection within 0.3 s" in found.reason


def test_a_proxy_that_opens_no_tunnel_is_no_slow_answer(silent_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes the request for a tunnel and says nothing: the message names the variables of the proxy."""
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{silent_port}")

    found = asyncio.run(asked("https://llm.example/v1", 4))

    assert isinstance(found, Failed)
    assert (found.kind, found.billed) == (FailureKind.UNREACHABLE, False)
    assert "llm.example cannot be reached (the proxy does not answer: no tunnel within 2 s): see HTTPS_PROXY" in found.reason


def test_a_proxy_that_refuses_a_tunnel_bills_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its words are in the message."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{listening.getsockname()[1]}")
        threading.Thread(target=_refuse_tunnel, args=(listening,), daemon=True).start()

        found = asyncio.run(asked("https://llm.example/v1", 4))

    assert isinstance(found, Failed)
    assert not found.billed
    assert "its proxy refuses (ProxyError: 403 Forbidden): see HTTPS_PROXY and NO_PROXY" in found.reason


def _refuse_tunnel(listening: socket.socket) -> None:
    with listening.accept()[0] as one:
        one.recv(1000)
        one.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")


def test_an_answer_may_take_longer_than_a_connection() -> None:
    client = OpenAiClient(run_config("llm=vllm", "llm.model=m").llm, timeout_s=3600)

    assert (client.sdk.timeout.connect, client.sdk.timeout.read) == (CONNECT_S, 3600)
