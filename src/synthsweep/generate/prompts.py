"""Renders a prompt for one criterion; pure, so that equal settings give equal requests for ever."""

import hashlib

from synthsweep.completer import Message
from synthsweep.config.schema import PromptConfig
from synthsweep.errors import ConfigError
from synthsweep.examples import LabelSet

FIELDS = ("n", "text_kind", "criterion", "id", "criteria", "profiles")


def render_messages(prompt: PromptConfig, labels: LabelSet, label: str, *, n: int, sample: int) -> tuple[Message, ...]:
    """The chat that asks for `n` texts for `label`; `sample` draws other profiles for an attributed prompt.

    Raises:
        ConfigError: the template names a field that is not in FIELDS.
    """
    values = {
        "n": n,
        "text_kind": labels.text_kind,
        "criterion": str(labels[label]),
        "id": label,
        "criteria": "\n".join(f"{criterion.id} {criterion.name}".strip() for criterion in labels.criteria),
        "profiles": "\n".join(_profile(prompt, label, sample, line) for line in range(n)),
    }
    try:
        content = prompt.template.format_map(values)
    except (KeyError, IndexError, ValueError, AttributeError, TypeError) as error:
        raise ConfigError(
            f"prompt.template may hold the fields {', '.join('{' + name + '}' for name in FIELDS)} "
            f"(a brace itself is doubled), got a wrong one: {error}"
        ) from error
    system = (Message("system", prompt.system),) if prompt.system else ()
    return (*system, Message("user", content))


def _profile(prompt: PromptConfig, label: str, sample: int, line: int) -> str:
    drawn = (
        f"{name}: {_drawn(values, f'{prompt.variant}/{label}/{sample}/{line}/{name}')}"
        for name, values in sorted(prompt.attributes.items())
    )
    return f"{line + 1}. {'; '.join(drawn)}"


def _drawn(values: list[str], place: str) -> str:
    # A digest draws the same value on every Python version; random.Random promises less.
    return values[int(hashlib.sha256(place.encode()).hexdigest(), 16) % len(values)]
