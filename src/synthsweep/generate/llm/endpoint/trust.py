"""Whether an LLM runs on this machine, so that real texts may be shown to it.

An address on loopback is not enough: a gateway there (LiteLLM, an SSH tunnel) passes prompts on, and so does Ollama for the
models that its makers run (`gpt-oss:120b-cloud`). `llm.forwards=false` says that the server runs the weights itself.
"""

import ipaddress
import re
from urllib.parse import urlsplit

from synthsweep.config.keys.generation import PrivacyConfig
from synthsweep.config.keys.llm import LlmConfig
from synthsweep.errors import PrivacyError

CLOUD = re.compile(r"[:-]cloud$", re.IGNORECASE)


def is_loopback(address: str) -> bool:
    """Whether an address names this machine only."""
    host = (urlsplit(address).hostname or "").rstrip(".")
    try:
        ip = ipaddress.ip_address(host)
        mapped = getattr(ip, "ipv4_mapped", None)
        return bool((mapped or ip).is_loopback)
    except ValueError:
        return is_localhost(host)


def is_localhost(host: str) -> bool:
    """Whether a name means this machine (RFC 6761); it is never looked up, since a DNS server may say otherwise."""
    plain = host.rstrip(".").lower()
    return plain == "localhost" or plain.endswith(".localhost")


def why_elsewhere(llm: LlmConfig) -> str:
    """Why prompts may leave this machine; empty if they stay."""
    host = urlsplit(llm.base_url or "").hostname or ""
    if not is_loopback(llm.base_url or ""):
        return host
    if CLOUD.search(str(llm.model)):
        return f"{host}, whose model {llm.model} runs in the cloud"
    return f"{host}, which may pass them on (llm.forwards=true)".replace("llm.", f"{llm.section}.") if llm.forwards else ""


def require_allowed(llm: LlmConfig, privacy: PrivacyConfig, shown: str) -> None:
    """`shown` says what real texts the LLM would see: `prompt=few_shot shows real texts`.

    Raises:
        PrivacyError: they would leave this machine without permission.
    """
    where = why_elsewhere(llm)
    if privacy.allow_real_text or not where:
        return
    here = is_loopback(llm.base_url or "") and not CLOUD.search(str(llm.model))
    way_out = (
        f"{llm.section}.forwards=false says that the server runs the weights itself"
        if here
        else "a server on 127.0.0.1 that runs the weights itself needs no permission"
    )
    raise PrivacyError(f"{shown} to {where}: refused; privacy.allow_real_text=true allows it, {way_out}")
