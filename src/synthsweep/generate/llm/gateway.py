"""Whether an LLM that counts as free is free: a gateway may stand on this machine, with a paid LLM behind it."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.errors import CompletionError
from synthsweep.generate.completer import Completion
from synthsweep.generate.llm.openai_client import Answered
from synthsweep.generate.llm.prices import PROVIDERS_OWN, Price, dollars

# The headers of gateways, in small letters.
GATEWAYS = {"x-litellm-": "LiteLLM", "x-portkey-": "Portkey", "helicone-": "Helicone", "cf-aig-": "Cloudflare's AI Gateway"}


def require_free(answer: Answered, done: Completion, llm: LlmConfig, price: Price) -> None:
    """Raises CompletionError if the answer of an LLM that counts as free may have cost something."""
    if not price.free:
        return
    reason = _why_paid(answer, done, llm)
    if reason:
        section = llm.section
        raise CompletionError(
            f"{llm.choice} counts as free, and {urlsplit(llm.base_url or '').netloc} {reason}: set "
            f"{section}.price_per_million.input and {section}.price_per_million.output in dollars, and generate.max_usd"
        )


def _why_paid(answer: Answered, done: Completion, llm: LlmConfig) -> str:
    if done.stated_usd:
        return f"states {dollars(done.stated_usd)} for an answer"
    # Who writes down a price of 0 has said that nobody bills it.
    if done.stated_usd is not None or llm.price_per_million.input is not None:
        return ""
    if PROVIDERS_OWN.search(done.answered_as.lower()):
        return f"answers as {done.answered_as}, which its provider alone serves"
    gateway = _gateway(answer.headers)
    return f"is a gateway ({gateway}) that does not say what an answer costs" if gateway else ""


def _gateway(headers: Mapping[str, str]) -> str:
    names = [name.lower() for name in headers]
    return next((gateway for prefix, gateway in GATEWAYS.items() if any(name.startswith(prefix) for name in names)), "")
