"""Whether a value names an environment variable, or is the secret itself, which nothing may print."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

# No key ends so: what is random has another end. A name of this form is shown though it is not set.
CONVENTIONAL = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*_(?:KEY|TOKEN|SECRET)")
# A value of api_key_env, or of the headers, wherever it stands in an override.
KEY_VALUE = re.compile(r"api_key_env[\"']?\s*[=:]\s*(.+)", re.DOTALL)
HEADER_VALUE = re.compile(r"(?:^|[.+{,\s])headers(?:\.[\w-]+)?[\"']?\s*[=:]\s*(.+)", re.DOTALL)
# Parameters of a request that hold secrets.
SECRET_NAME = re.compile(r"api_?key|secret|password|authorization|(?:^|_)token$", re.IGNORECASE)
NOTHING = frozenset({"", "null", "none", "~"})


def names_variable(value: str) -> bool:
    """Whether a value is the name of an environment variable: of one that is set, or in the form that names of keys have."""
    return value in os.environ or (len(value) <= 60 and bool(CONVENTIONAL.fullmatch(value)))


def shown_variable(value: str) -> str:
    """The name of a variable for a message; a value that may be a key is not shown."""
    return value if names_variable(value) else "that the configuration names"


def pasted_words(words: Iterable[str]) -> str:
    """What is wrong with overrides in which a key stands instead of a variable's name; empty if nothing is."""
    for word in words:
        for name, values in _values_of(word):
            if any(value.lower() not in NOTHING and not names_variable(value) for value in values):
                return message(name)
    return ""


def pasted_values(section: str, llm: Mapping[str, Any]) -> str:
    """The same for an LLM as it was composed, files included, and for the members of a union."""
    if (key := llm.get("api_key_env")) and not names_variable(str(key)):
        return message(f"{section}.api_key_env")
    headers = llm.get("headers") or {}
    for header, value in headers.items() if isinstance(headers, Mapping) else ():
        if not names_variable(str(value)):
            return message(f"{section}.headers.{header}")
    extra = llm.get("extra_body") or {}
    secret = next((name for name in (extra if isinstance(extra, Mapping) else ()) if SECRET_NAME.search(str(name))), None)
    if secret is not None:
        return f"{section}.extra_body must hold no {secret}, which is kept with each run: {section}.headers takes a variable"
    address = urlsplit(str(llm.get("base_url") or ""))
    if address.username or address.password or address.query:
        return f"{section}.base_url must hold no user, password or query: name a variable in api_key_env instead"
    members = llm.get("members") or {}
    found = (pasted_values(f"{section}.members.{name}", one) for name, one in members.items() if isinstance(one, Mapping))
    return next(filter(None, found), "")


def message(name: str) -> str:
    """What a user is told who gave something else than the name of a variable."""
    rule = "the name of an environment variable, not the key itself: one that is set, or that ends in _KEY, _TOKEN or _SECRET"
    return f"{name} must be {rule}; what was given is not shown"


def _values_of(word: str) -> Iterator[tuple[str, list[str]]]:
    """The values that an override gives to names of variables, one by one where it sweeps over several."""
    head = re.split(r"[=:]", word, maxsplit=1)[0].lstrip("+~")
    if match := KEY_VALUE.search(word):
        yield (
            (head if head.endswith("api_key_env") else "api_key_env"),
            _split(match[1])[:1] if "{" in word else _split(match[1]),
        )
    if match := HEADER_VALUE.search(word):
        inner = match[1].strip()
        pairs = inner.strip("{}").split(",") if inner.startswith("{") else []
        name = head if head.endswith("headers") or not pairs else "headers"
        yield name, [pair.partition(":")[2].strip(" \"'}") for pair in pairs] or _split(inner)


def _split(text: str) -> list[str]:
    return [part.strip(" \"'[](){}") for part in text.split(",")]
