"""Looks up which keys count for a run key, a study or `compare`, as declared with each key (rules.py); pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from functools import cache
from typing import Any, get_type_hints

from synthsweep.config.keys.llm import LLM_KINDS, LlmConfig
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.synthetic import SOURCED
from synthsweep.config.keys.training import LLM
from synthsweep.config.rules import Acts, Section


def sections_of(root: type[Section]) -> dict[str, type[Section]]:
    """The sections of a root by their names, in order."""
    types = get_type_hints(root)
    kinds = {item.name: types[item.name] for item in fields(root)}
    return {name: kind for name, kind in kinds.items() if isinstance(kind, type) and issubclass(kind, Section)}


@cache
def acts_of(root: type[Section], name: str) -> Acts:
    """What a key such as `training.threads` acts on.

    Keys of a nested section count as that section does; a key unknown to this version counts as its section does. A key of an
    entry, as `llm.members.MINE.base_url`, counts as the key of the section that describes the entry.
    """
    first, _, rest = name.partition(".")
    section = sections_of(root).get(first)
    return _acts_in(root, [first]) if section is None else _acts_in(section, rest.split("."))


def _acts_in(holder: type[Section], path: Sequence[str]) -> Acts:
    item = next((item for item in fields(holder) if item.name == path[0]), None)
    if item is None:
        return holder.acts
    if item.metadata.get("entries") and len(path) > 2:
        return _acts_in(holder, path[2:])
    return declared_acts(holder, item)


def below(key: str, names: Iterable[str]) -> bool:
    """Whether a key is one of the names or below one, as `mix.ratio` is below `mix`."""
    return not _itself_and_above(key).isdisjoint(names)


@cache
def _itself_and_above(key: str) -> frozenset[str]:
    """`mix.ratio` and `mix` of `mix.ratio`."""
    parts = key.split(".")
    return frozenset(".".join(parts[:count]) for count in range(1, len(parts) + 1))


def acting_values(section: type[Section], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a section that are part of the run key; a key without a value is null."""
    kind = values.get("kind", getattr(section, "kind", None))
    return {
        item.name: values.get(item.name)
        for item in fields(section)
        if Acts.RUN_KEY in declared_acts(section, item)
        and kind in (item.metadata.get("kinds") or (kind,))
        and not (item.metadata.get("added") and values.get(item.name, _default(item)) == _default(item))
    }


def _default(item: "Field[Any]") -> Any:
    return item.default if item.default_factory is MISSING else item.default_factory()


def idle_sections(config: RunConfig, *, synthetic: bool) -> set[str]:
    """The sections that cannot act on a run, which has synthetic texts or has none."""
    idle = set() if synthetic else set(sections_of_synthetic())
    if config.curation.label_check != "judge":
        idle.add("judge")
    if config.llm.path:
        # Texts of the user's own file answer no prompt.
        idle.add("prompt")
    if not config.model.trains_steps:
        idle.add("training")
    if config.model.kind != LLM:
        idle.add("classifier")
    return idle


@cache
def sections_of_synthetic() -> frozenset[str]:
    """The sections that act on synthetic texts alone."""
    return frozenset(name for name, section in sections_of(RunConfig).items() if section.of_synthetic)


def idle_keys(config: RunConfig, *, pool: bool) -> set[str]:
    """The sections and keys that cannot act on a run, so that its parameters leave them out.

    `pool` says whether a pool acts on it. The arm is always there, since it is what lets the others act or not.
    """
    idle = idle_sections(config, synthetic=pool) - {"mix"}
    if not config.llm.hosted and config.llm.kind != "union":
        idle |= {
            f"generate.{item.name}"
            for item in fields(config.generate)
            if Acts.RUN_KEY not in declared_acts(config.generate, item)
        }
    idle |= {f"llm.{item.name}" for item in fields(LlmConfig) if config.llm.kind not in _kinds(item)}
    model = config.model
    idle |= {f"model.{item.name}" for item in fields(model) if model.kind not in (item.metadata.get("kinds") or (model.kind,))}
    return idle | {f"mix.{name}" for name in _idle_in_mix(config, pool=pool)}


def _idle_in_mix(config: RunConfig, *, pool: bool) -> set[str]:
    mix = config.mix
    acts = {
        "ratio": mix.arm != "real_only" and mix.count is None,
        "count": mix.arm != "real_only" and mix.count is not None,
        "source": mix.arm in SOURCED,
        "targets": mix.arm == "target",
        "tolerance": mix.arm in {"prevalence_matched", "size_matched"},
        "synthetic_weight": pool,
        "curriculum": pool,
    }
    return {name for name, acting in acts.items() if not acting}


def _kinds(item: Field[Any]) -> tuple[str, ...]:
    """The kinds of LLM for which a key acts."""
    every = LLM_KINDS if item.name != "members" else ("union",)
    return item.metadata.get("kinds") or every


def declared_acts(section: type[Section] | Section, item: Field[Any]) -> Acts:
    """What a field of a section acts on: what its section does, unless it says otherwise."""
    declared: Acts | None = item.metadata.get("acts")
    return section.acts if declared is None else declared
