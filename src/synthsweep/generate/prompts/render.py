"""Renders the prompt of one request; pure, so that equal settings always give equal requests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from synthsweep.config.keys.generation import PromptConfig
from synthsweep.errors import ConfigError
from synthsweep.examples import Example, LabelSet
from synthsweep.generate.completer import Message, Profile
from synthsweep.generate.prompts.profiles import one_of, profile_lines
from synthsweep.messages import first_line
from synthsweep.stratify import number_of

# What every prompt says where each text carries exactly one label.
ONE_CLASS = "Each text belongs to exactly one of these classes, {title}, and shows none of the others:\n{criteria}"
# What a template may name; the files of conf/prompt/ show each.
FIELDS = (
    "n", "text_kind", "criterion", "id", "definition", "criteria", "definitions", "profiles", "persona", "companions",
    "exemplars", "source", "openings", "format",
)  # fmt: skip


@dataclass(frozen=True)
class Draws:
    """What is drawn for one request: a profile per text, a persona, further criteria, real texts, openings of earlier ones."""

    profiles: tuple[Profile, ...] = ()
    persona: str = ""
    companions: tuple[str, ...] = ()
    exemplars: tuple[Example, ...] = ()
    source: Example | None = None
    openings: tuple[str, ...] = ()


def render_messages(
    prompt: PromptConfig, labels: LabelSet, label: str, draws: Draws, *, form: str = "list", listed: Sequence[str] = ()
) -> tuple[Message, ...]:
    """The chat that asks for texts for `label`; `form` is the format of the reply, `listed` are the criteria it may name.

    Raises:
        ConfigError: a template does not parse, or names what is not in FIELDS.
    """
    known = [c for c in labels.criteria if c.id in (listed or labels.ids)]
    values = {
        "n": prompt.per_request,
        "text_kind": labels.text_kind,
        "criterion": str(labels[label]),
        "id": label,
        "definition": labels[label].definition,
        "criteria": "\n".join(f"{c.id} {c.name}".strip() for c in known),
        "definitions": "\n".join(c.definition for c in known),
        "profiles": "\n".join(profile_lines(draws.profiles)),
        "persona": draws.persona,
        "companions": [labels[name].definition for name in draws.companions],
        "exemplars": [" ".join(example.text.split()) for example in draws.exemplars],
        "source": " ".join(draws.source.text.split()) if draws.source else "",
        "openings": list(draws.openings),
        "format": form,
    }
    parts = {role: rendered(name, text, values) for role, name, text in _templates(prompt)}
    if labels.kind == "single":
        parts["user"] = f"{parts['user']}\n\n{ONE_CLASS.format(title=labels[label].title, criteria=values['criteria'])}"
    return tuple(Message(role, content) for role, content in parts.items() if content)


def _templates(prompt: PromptConfig) -> tuple[tuple[str, str, str], ...]:
    return ("system", "prompt.system", prompt.system), ("user", "prompt.template", prompt.template)


def rendered(name: str, template: str, values: Mapping[str, Any]) -> str:
    """A Jinja2 template with its fields filled in; `name` is the key that holds it.

    Raises:
        ConfigError: it does not parse, or names what is not in `values`.
    """
    from jinja2 import TemplateError

    try:
        return str(_compiled(template).render(values)).strip()
    except (TemplateError, TypeError, ValueError, ArithmeticError, AttributeError, LookupError) as error:
        raise ConfigError(
            f"{name} must be a Jinja2 template of the fields {', '.join(values)}, got a wrong one: {first_line(error)}"
        ) from error


@cache
def _compiled(template: str) -> Any:
    # The import takes a tenth of a second, and runs without synthetic texts do not need it.
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    # A prompt file may come from somebody else: it must not be able to run Python.
    environment = ImmutableSandboxedEnvironment(undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string(template)


def draw_persona(prompt: PromptConfig, label: str, sample: int) -> str:
    """Who speaks in a request; empty without personas."""
    return one_of(prompt.personas, f"{prompt.variant}/{label}/{sample}/persona") if prompt.personas else ""


def draw_companions(prompt: PromptConfig, labels: LabelSet, label: str, sample: int) -> tuple[str, ...]:
    """Further criteria that every text of a request is to show, in the order of the labels."""
    # The highest digests win, so a criterion that is added only changes the requests in which it wins.
    others = sorted(
        (name for name in labels.ids if name != label),
        key=lambda name: number_of(f"{prompt.variant}/{label}/{sample}/with/{name}"),
    )
    drawn = set(others[-prompt.companions :] if prompt.companions else ())
    return tuple(name for name in labels.ids if name in drawn)
