"""Every key of a verb with its meaning, default, range and effect, for `--help`, the guide and shell completion; pure."""

import inspect
import types
from collections.abc import Iterator
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, Union, get_args, get_origin, get_type_hints

from synthsweep.config.acting import acts_of, below, declared_acts
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.rules import Acts, Rule, Section, is_alias, meaning_of
from synthsweep.config.verbs import Verb

TYPES = {bool: "true or false", int: "whole number", float: "number", str: "text", list: "list", dict: "mapping", Any: "any"}
# What another value of a key changes, as a reader is told: a run's numbers, only what counts as the same study, or neither.
NUMBERS, STUDY, NOTHING = "numbers", "study", "nothing"
# `seed` acts through `seeds`, whose parts follow it.
THROUGH_OTHERS = {"seed": NUMBERS}


@dataclass(frozen=True)
class KeyEntry:
    """A key; `takes` is its type in words, `acts` what it acts on (empty for a key of no run).

    `first` says whether the first screen of `--help` has it.
    """

    name: str
    meaning: str
    takes: str
    rule: Rule | None
    default: Any
    acts: str
    first: bool

    @property
    def choices(self) -> tuple[str, ...]:
        """The values that the key takes, if they are a list of words; true and false are one."""
        return self.rule.choices if self.rule else ("true", "false") if self.takes == TYPES[bool] else ()

    @property
    def values(self) -> str:
        """Type and range in one: `number in [0, 10] or null`, `a, b or null`."""
        if self.rule is None:
            return self.takes
        kind, null, _ = self.takes.partition(" or null")
        if self.rule.choices:
            return f"{self.range}{null}"
        return f"{kind} {self.range}{null}" if self.range.startswith("in ") else f"{kind}{null}, {self.range}"

    @property
    def range(self) -> str:
        """`in [0, 10]`, or the choices; empty where the type says all."""
        if self.rule is None:
            return ""
        return ", ".join(self.rule.choices) or self.rule.text


@dataclass(frozen=True)
class SectionEntry:
    """A section of a root, or the root's own keys, whose name is empty; `choice` is the choice that has these keys."""

    name: str
    meaning: str
    keys: tuple[KeyEntry, ...]
    choice: str = ""


def describe_sections(verb: Verb) -> tuple[SectionEntry, ...]:
    """The sections of a verb with the keys that act there, nested ones after their parents; old names are left out."""
    found = [*_sections(verb.root, "")]
    found += [_section(plugin, plugin.section, _choice_of(plugin)) for plugin in verb.plugins]
    acting = [_without(section, verb.idle) for section in found]
    return tuple(section for section in acting if section.keys)


def describe_keys(verb: Verb) -> tuple[KeyEntry, ...]:
    """All keys of a verb that act there."""
    return tuple(entry for section in describe_sections(verb) for entry in section.keys)


def _sections(kind: type[Section], path: str) -> Iterator[SectionEntry]:
    yield _section(kind, path)
    types_of = get_type_hints(kind)
    for item in fields(kind):
        if _is_section(types_of[item.name]):
            yield from _sections(types_of[item.name], f"{path}.{item.name}".lstrip("."))


def _section(kind: type[Section], path: str, choice: str = "") -> SectionEntry:
    hints = get_type_hints(kind)
    own = [item for item in fields(kind) if not is_alias(item) and not _is_section(hints[item.name])]
    keys = tuple(_entry(kind, item, hints[item.name], f"{path}.{item.name}".lstrip(".")) for item in own)
    return SectionEntry(path, _first_paragraph(kind), keys, choice)


def _entry(holder: type[Section], item: Field[Any], hint: Any, name: str) -> KeyEntry:
    default = item.default if item.default_factory is MISSING else item.default_factory()
    return KeyEntry(
        name=name,
        meaning=meaning_of(item),
        takes=item.metadata.get("takes") or type_in_words(hint),
        rule=item.metadata.get("rule"),
        default=default,
        acts=_acts_on(holder, item, name),
        first=bool(item.metadata.get("first")),
    )


def type_in_words(hint: Any) -> str:
    """`whole number or null` of `int | None`."""
    options = get_args(hint) if get_origin(hint) in {Union, types.UnionType} else (hint,)
    words = ["null" if option is type(None) else TYPES[get_origin(option) or option] for option in options]
    return " or ".join(words)


def _acts_on(holder: type[Section], item: Field[Any], name: str) -> str:
    root = name.partition(".")[0]
    if root == "hydra":
        acts = declared_acts(holder, item)
    elif root in {one.name for one in fields(RunConfig)}:
        acts = acts_of(RunConfig, name)
    else:
        return ""
    acted = NUMBERS if Acts.RUN_KEY in acts else STUDY if Acts.DEFINITION in acts else NOTHING
    return THROUGH_OTHERS.get(name, acted)


def _without(section: SectionEntry, idle: tuple[str, ...]) -> SectionEntry:
    keys = tuple(entry for entry in section.keys if not below(entry.name, idle))
    return SectionEntry(section.name, section.meaning, keys, section.choice)


def _choice_of(plugin: type[Section]) -> str:
    # `... (hydra/launcher=workers).` ends the docstring of a plugin's settings.
    return _first_paragraph(plugin).partition("(")[2].rstrip(")")


def _first_paragraph(kind: type[Section]) -> str:
    text = (inspect.getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ").replace("`", "")
    return text.rstrip(".")


def _is_section(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Section)
