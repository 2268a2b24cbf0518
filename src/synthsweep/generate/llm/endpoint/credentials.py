"""Keys and headers from the environment, and texts of servers without them."""

import os
import re
from collections.abc import Iterable

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.variables import names_variable, shown_variable
from synthsweep.errors import ConfigError

# A server on loopback asks for no key, but the client insists on one.
NO_KEY = "none"
# A part of a key of this length is a trace of it; servers quote `sk-proj-...abcd`.
TRACE = 6
MASKED = re.compile(r"\S*(?:\*{3,}|\w\.{3,}\w|\w…\w|x{6,}|X{6,})\S*")


def lacks_api_key(llm: LlmConfig) -> bool:
    """Whether an LLM needs a key that the environment does not have."""
    return bool(llm.api_key_env) and not os.environ.get(str(llm.api_key_env))


def key_step(llm: LlmConfig) -> str:
    """What a person does to give the key."""
    name = str(llm.api_key_env)
    if not names_variable(name):
        return f"name a variable that is set in {llm.section}.api_key_env, for the key of {llm.choice}"
    return f"set {name} in the environment, the key of {llm.choice}"


def require_api_key(llm: LlmConfig) -> str:
    """The API key from the environment.

    Raises:
        ConfigError: the preset names a variable that is not set, or whose value cannot be sent.
    """
    if lacks_api_key(llm):
        variable = shown_variable(str(llm.api_key_env))
        raise ConfigError(f"{llm.choice} needs a key in the environment variable {variable}, which is not set")
    return _sendable(str(llm.api_key_env)) if llm.api_key_env else NO_KEY


def require_headers(llm: LlmConfig) -> dict[str, str]:
    """The further headers with their values from the environment.

    Raises:
        ConfigError: a variable is not set, or its value cannot be sent.
    """
    for header, variable in llm.sent_headers.items():
        if not os.environ.get(variable):
            raise ConfigError(
                f"{llm.section}.headers.{header} needs the environment variable {shown_variable(variable)}, which is not set"
            )
    return {header: _sendable(variable) for header, variable in llm.sent_headers.items()}


def _sendable(variable: str) -> str:
    value = os.environ[variable]
    # The HTTP client would quote the value in its error.
    if not re.fullmatch(r"[\x21-\x7e]+(?: [\x21-\x7e]+)*", value):
        raise ConfigError(
            f"{variable} in the environment must hold letters, digits and signs of ASCII, got a line break, a blank at an "
            "end or another letter: set it anew, as by export NAME=$(cat FILE)"
        )
    return value


def without_secrets(text: str, secrets: Iterable[str]) -> str:
    """A server's message without keys, parts of keys, and masked keys, which some servers quote."""
    for secret in secrets:
        if secret and secret != NO_KEY:
            text = _without(text.replace(secret, "[key]"), secret)
    return MASKED.sub("[key]", text)


def _without(text: str, secret: str) -> str:
    """The text without the words that hold a part of the secret."""
    if len(secret) < TRACE:
        return text
    traces = {secret[start : start + TRACE] for start in range(len(secret) - TRACE + 1)}
    words = re.split(r"(\s+)", text)
    return "".join("[key]" if any(word[i : i + TRACE] in traces for i in range(len(word))) else word for word in words)
