"""All that a verb takes on its command line: groups with their choices, sections with their keys."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from synthsweep.config.compose.choices import GroupEntry, describe_groups
from synthsweep.config.compose.composed import Composition, compose_verb
from synthsweep.config.reference import KeyEntry, SectionEntry, describe_sections
from synthsweep.config.verbs import Verb


@dataclass(frozen=True)
class VerbEntry:
    """A verb with the groups, sections and keys that act there; their defaults are the composed ones."""

    verb: Verb
    groups: tuple[GroupEntry, ...]
    sections: tuple[SectionEntry, ...]

    @property
    def keys(self) -> tuple[KeyEntry, ...]:
        return tuple(entry for section in self.sections for entry in section.keys)


def describe_verb(verb: Verb, overrides: Sequence[str] = (), folders: Sequence[Path] = ()) -> VerbEntry:
    """A verb as it would be composed with these overrides; `folders` hold choices beside those of conf/.

    Without defaults, `describe_groups` and `describe_sections` answer faster: they do not import Hydra.
    """
    composed = compose_verb(verb, overrides, folders)
    groups = tuple(
        replace(group, default=composed.choices.get(group.name, group.default)) for group in describe_groups(verb, folders)
    )
    return VerbEntry(verb, groups, tuple(_composed(section, composed) for section in describe_sections(verb)))


def _composed(section: SectionEntry, composed: Composition) -> SectionEntry:
    if section.choice and not _is_chosen(section.choice, composed):
        return section
    return replace(
        section, keys=tuple(replace(entry, default=composed.value(entry.name, entry.default)) for entry in section.keys)
    )


def _is_chosen(choice: str, composed: Composition) -> bool:
    group, _, name = choice.partition("=")
    return composed.choices.get(group) == name
