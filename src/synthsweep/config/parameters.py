"""The parameters of a run: every key that acts on it, and those by which a person looks for runs; pure."""

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

from synthsweep.config.acting import below, idle_keys, sections_of
from synthsweep.config.flat import flat, plain
from synthsweep.config.keys.run import PoolConfig, RunConfig
from synthsweep.config.spelling import spelled

# Written of every run on which they act, also where they have their defaults.
ALWAYS = (
    "seed", "labels.name", "data.kind", "data.path", "data.train_size", "llm.name", "prompt.variant", "mix.arm", "mix.ratio",
    "mix.count", "model.name", "model.name_or_path", "training.learning_rate", "training.epochs", "training.batch_size",
)  # fmt: skip
# What follows from the name of a choice or is too long to look for, and what says only where and how often runs are made.
NEVER = (
    "labels.ids", "labels.names", "labels.descriptions", "labels.text_kind", "labels.language", "data.id", "data.text",
    "data.group", "data.public", "prompt.system", "prompt.template", "prompt.personas", "prompt.attributes", "prompt.when",
    "llm.members", "curation.judge_system", "curation.judge_template", "model.random_sizes", "model.pooling", "study",
    "model.system", "model.template",
    "replicates", "tracking",
)  # fmt: skip
# Each defaults to the seed of the run.
PARTS_OF_SEED = ("seeds",)

Value = TypeVar("Value")


def acting_values(config: RunConfig, *, pool: bool) -> dict[str, Any]:
    """Every key that can act on a run; `pool` says whether a pool acts on it."""
    return without_idle(flat(plain(config)), config, pool=pool)


def without_idle(values: Mapping[str, Value], config: RunConfig, *, pool: bool) -> dict[str, Value]:
    """The keys of a configuration, as they were read, that can act on its run."""
    idle = {"sweep", "objective", *idle_keys(config, pool=pool)}
    return {name: value for name, value in values.items() if not below(name, idle)}


def searched_parameters(config: PoolConfig, values: Mapping[str, Any], *, factors: Collection[str] = ()) -> dict[str, str]:
    """Of these values, those by which a person looks for runs: a few key ones, factors, and what differs from its default.

    A factor that is a group of keys stands for the keys that name its choice.
    """
    usual, always = flat(plain(type(config)())), {*ALWAYS, *(name for factor in factors for name in names_of(factor))}
    return {
        name: spelled(name, value)
        for name, value in values.items()
        if name in always or _differs(name, value, usual, config.seed)
    }


def names_of(factor: str) -> tuple[str, ...]:
    """The keys that hold the level of a factor: itself, or those that name the choice of a group."""
    section = sections_of(RunConfig).get(factor)
    return (factor,) if section is None else tuple(f"{factor}.{key}" for key in section.named_by)


def _differs(name: str, value: Any, usual: Mapping[str, Any], seed: int) -> bool:
    if below(name, NEVER) or (below(name, PARTS_OF_SEED) and value == seed):
        return False
    return bool(value != usual.get(name))
