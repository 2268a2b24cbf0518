"""Whether the name under which a server answers is that of the LLM that was asked for; pure.

Servers answer with a dated name (`gpt-4o` as `gpt-4o-2024-08-06`), behind an owner or a path (`openai/gpt-4o`,
`models/gemini-2.5-flash`, `us.anthropic.claude-sonnet-4-20250514-v1:0`), or resolve an alias (`claude-sonnet-4-0` as
`claude-sonnet-4-20250514`). What follows a name may say which version of it answered, not which size or variety: `gpt-4o-mini`
is not `gpt-4o`, and `gpt-4.1` is not `gpt-4`.
"""

import re
from collections.abc import Sequence

# Bedrock's regions and owners.
OWNER = re.compile(
    r"^(?:(?:us|eu|apac|global|jp|au|ca|us-gov)\.)?"
    r"(?:anthropic|meta|amazon|mistral|cohere|ai21|deepseek|openai|qwen|google|nvidia|writer|moonshotai?|minimax|zai)\.(?=[a-z])"
)
# Ways to serve one LLM, as OpenRouter names them, and Bedrock's revisions; in Ollama what follows a colon is a size.
SERVED = re.compile(r":(?:free|nitro|floor|online|extended|exacto|thinking|beta|latest|\d)$")
# How the weights are kept, at the end of a name or before its date.
KEPT = re.compile(r"[-.](?:i?q\d\w*|fp\d+|bf16|f16|f32|int\d|[48]bit|awq|gptq|gguf|mlx)(?=[-.]|$)")
WORDS_OF_VERSION = frozenset({"latest", "preview", "exp", "experimental", "default"})


def same_llm(asked: str, answered: str) -> bool:
    """Whether `answered` names the LLM `asked`; where `asked` ends in a star, any name that begins so."""
    if asked.endswith("*"):
        return answered.casefold().rpartition("/")[2].startswith(asked[:-1].casefold().rpartition("/")[2])
    wanted, found = _parts(asked), _parts(answered)
    if wanted == found:
        return True
    stem = _stem(wanted)
    if found[: len(wanted)] == wanted and _is_version(found[len(wanted) :]):
        return True
    # Gateways leave the version out; an alias (-latest, -0) stands for any.
    if found == stem or (_is_alias(wanted) and found[: len(stem)] == stem and _is_version(found[len(stem) :])):
        return True
    return wanted[-1:] == ["latest"] and _moved(stem, found)


def any_same(names: Sequence[str], answered: str) -> bool:
    """Whether `answered` names one of the LLMs."""
    return any(same_llm(name, answered) for name in names)


def _parts(name: str) -> list[str]:
    """A name's words, without owner, path, way of serving and form of the weights."""
    # Vertex writes a date behind the @, transformers' server a revision of the repository.
    plain = re.sub(r"@(?!\d{8}).*$", "", name.casefold().strip().rpartition("/")[2]).replace("@", "-")
    plain = KEPT.sub("", SERVED.sub("", OWNER.sub("", SERVED.sub("", plain))))
    return [
        part for part in re.split(r"[-_. ]", re.sub(r"-v\d$", "", plain) if re.search(r"\d{8}-v\d$", plain) else plain) if part
    ]


def _is_alias(parts: list[str]) -> bool:
    return parts[-1:] == ["latest"] or (len(parts) > 2 and parts[-1] == "0")


def _stem(parts: list[str]) -> list[str]:
    """A name without the version at its end."""
    if _is_alias(parts):
        return parts[:-1]
    for length in range(1, len(parts)):
        if _is_version(parts[length:]):
            return parts[:length]
    return parts


def _is_version(parts: list[str]) -> bool:
    """Whether words say which version answered: a date, a counter of three digits, preview; not `4`, `1` or `mini`."""
    dated = False
    for part in parts:
        if part in WORDS_OF_VERSION or re.fullmatch(r"\d{3,}|v\d+", part):
            dated = True
        elif not (dated and re.fullmatch(r"\d{1,2}", part)):
            return False
    return True


def _moved(stem: list[str], found: list[str]) -> bool:
    """Whether an alias without a number has moved on: gemini-flash-latest to gemini-3.5-flash."""
    rest = list(found)
    for word in stem:
        if word not in rest:
            return False
        rest.remove(word)
    return all(re.fullmatch(r"[\dv]+", word) or word in WORDS_OF_VERSION for word in rest)
