"""OpenAI's own client for one endpoint: nothing of another account goes with it, and nothing takes it to another host."""

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.generate.llm.endpoint.proxy import tunnel_hooks
from synthsweep.generate.llm.endpoint.trust import is_localhost, is_loopback

# Variables that OpenAI's client reads.
OF_OPENAI = ("OPENAI_", "AZURE_")
LOOPBACKS = ("127.0.0.1", "::1")
# A connection, TLS included, takes a second where the server is far away; how long an answer takes is another matter.
CONNECT_S = 15.0


def is_openai(address: str) -> bool:
    """Whether an address is OpenAI's own."""
    host = urlsplit(address).hostname or ""
    return host == "openai.com" or host.endswith(".openai.com")


def connect_s(timeout_s: float) -> float:
    """Seconds for a connection where all may take `timeout_s`: less than that, so that the two ends differ."""
    return min(CONNECT_S, timeout_s / 2)


def connect(llm: LlmConfig, key: str, headers: Mapping[str, str], timeout_s: float) -> Any:
    """The SDK's client of an endpoint; it opens no connection yet."""
    with _without_foreign_variables(llm):
        return _make_sdk(llm, key, headers, timeout_s)


@contextmanager
def _without_foreign_variables(llm: LlmConfig) -> Iterator[None]:
    """Hides what OpenAI's client would take from the environment: addresses, headers, and keys that the preset does not name.

    Organisation and project of an account go to OpenAI alone.
    """
    own = {"OPENAI_ORG_ID", "OPENAI_PROJECT_ID"} if is_openai(llm.base_url or "") and llm.kind == "openai" else set()
    hidden = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(OF_OPENAI) and name not in own}
    try:
        yield
    finally:
        os.environ.update(hidden)


def _make_sdk(llm: LlmConfig, key: str, headers: Mapping[str, str], timeout_s: float) -> Any:
    import ssl

    import httpx2
    import openai

    for name in ("openai", "httpx", "httpx2", "httpcore", "httpcore2"):
        # At lower levels they log what is sent.
        logging.getLogger(name).setLevel(logging.WARNING)
    address = str(llm.base_url)
    # A redirect or a proxy would carry a prompt to a host that the user did not name.
    here: dict[str, Any] = {"trust_env": False} if is_loopback(address) else tunnel_hooks()
    if is_loopback(address) and urlsplit(address).scheme == "http":
        # Trusts nobody, and is never asked: to load the authorities takes longer than to start a client.
        here["verify"] = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if is_localhost(urlsplit(address).hostname or ""):
        here["transport"] = _local_transport(**here)
    http = openai.DefaultAsyncHttpxClient(follow_redirects=False, **here)
    given: dict[str, Any] = {
        "api_key": key, "timeout": httpx2.Timeout(timeout_s, connect=connect_s(timeout_s)), "max_retries": 0,
        "http_client": http, "default_headers": dict(headers),
    }  # fmt: skip
    if llm.kind == "azure":
        given |= {"azure_deployment": llm.model, "api_version": llm.api_version}
        return openai.AsyncAzureOpenAI(azure_endpoint=address, **given)
    return openai.AsyncOpenAI(base_url=address, **given)


def _local_transport(**settings: Any) -> Any:
    """A transport that takes `localhost` and `*.localhost` for this machine without asking DNS."""
    import httpx2

    class LocalTransport(httpx2.AsyncHTTPTransport):
        async def handle_async_request(self, request: Any) -> Any:
            url, name = request.url, request.url.host
            request.extensions = {**request.extensions, "sni_hostname": name}
            for place in LOOPBACKS:
                request.url = url.copy_with(host=place)
                try:
                    return await super().handle_async_request(request)
                except httpx2.ConnectError:
                    if place == LOOPBACKS[-1]:
                        raise
                finally:
                    request.url = url
            raise AssertionError

    return LocalTransport(**settings)
