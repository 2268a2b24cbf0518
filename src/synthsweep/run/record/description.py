"""What is known of a run before it trains: name, parameters, tags, data sets, prompt."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from synthsweep.config.flat import plain
from synthsweep.config.keys.run import PoolConfig, RunConfig
from synthsweep.config.parameters import acting_values, searched_parameters
from synthsweep.config.spelling import number_text
from synthsweep.examples import digest_examples, digest_of
from synthsweep.pages.numbers import counted
from synthsweep.run.prepare import TrainingData
from synthsweep.track.environment import git_tags, version_tags
from synthsweep.track.reader import CONFIG, CONFIG_TAG
from synthsweep.track.views import training_view
from synthsweep.track.writer import DatasetRecord, PromptRecord, RunStart

# What a run's name leaves out, since most runs have it.
USUAL_ARM, USUAL_LLM = "augment", "recorded"
# Kinds of LLM that no prompt reaches.
UNASKED = frozenset({"simulator", "eda", "masked_lm"})


def run_name(config: RunConfig, prepared: TrainingData) -> str:
    """Such as `plain x0.5 s1`: short, since a table of runs shows some 20 letters of it.

    What differs most often comes first. The usual arm and the usual LLM are left out: the run's parameters have them.
    """
    if prepared.mix.synthetic:
        arm = "" if config.mix.arm == USUAL_ARM else config.mix.arm
        words = [_texts_name(config, prepared), arm, dose(config)]
    else:
        words = [config.mix.arm, dose(config)] if prepared.mix.added else ["real_only"]
    return " ".join([*filter(None, words), f"s{config.seed}"])


def _texts_name(config: RunConfig, prepared: TrainingData) -> str:
    """Who wrote the synthetic texts, as far as it is not as usual."""
    if config.llm.path:
        # No prompt of ours is known to have asked for them.
        return config.llm.model or config.llm.file_names
    if config.llm.kind == USUAL_LLM:
        return config.prompt.variant
    return pool_name(config, prepared.llm) if _is_asked(config) else pool_name(config, prepared.llm).partition("/")[0]


def dose(config: RunConfig) -> str:
    """How much is added: `x0.5` for half a text per real one, or `2 texts`."""
    return f"x{number_text(config.mix.ratio)}" if config.mix.count is None else counted(config.mix.count, "text")


def pool_name(config: PoolConfig, llm: str) -> str:
    """What a pool is called: its file, or who wrote it with which prompt."""
    return config.llm.file_names if config.llm.path else f"{llm}/{config.prompt.variant}"


def describe_run(config: RunConfig, prepared: TrainingData, tags: Mapping[str, str]) -> RunStart:
    """The start of a run, with `tags` beside its own; it contains no text of the corpus."""
    known = {
        "data_digest": prepared.data_digest[:16],
        "mix_digest": prepared.mix_digest[:16],
        "seed": str(config.seed),
        "arm": config.mix.arm,
        CONFIG_TAG: CONFIG,
        **({"llm": prepared.llm} if prepared.llm else {}),
        **({"study": config.study} if config.study else {}),
        **git_tags(Path.cwd()),
        **version_tags(),
    }
    if config.sweep.trial is not None:
        known |= {"kind": "replicate", "trial": str(config.sweep.trial), "replicate": str(config.sweep.replicate)}
    return RunStart(
        run_name(config, prepared),
        searched_parameters(config, acting_values(config, pool=has_pool(config, prepared)), factors=config.sweep.factors),
        {**known, **tags},
        _datasets(config, prepared),
        config.sweep.parent or "",
        prompt_record(config) if prepared.mix.synthetic else None,
        files={CONFIG: config_text(config)},
        views=(training_view(prepared.corpus.labels.ids),),
    )


def has_pool(config: RunConfig, prepared: TrainingData) -> bool:
    """Whether a pool acts on a run."""
    return config.mix.reads_pool and bool(prepared.mix.synthetic or prepared.mix.added)


def config_text(config: PoolConfig) -> str:
    """The whole configuration, as a run keeps it."""
    return yaml.safe_dump(plain(config), sort_keys=False, allow_unicode=True)


def _is_asked(config: PoolConfig) -> bool:
    """Whether an LLM answers the prompt, or has answered it."""
    return not config.llm.path and config.llm.kind not in UNASKED


def prompt_record(config: PoolConfig) -> PromptRecord | None:
    """The prompt of a configuration; None where no LLM was asked with it."""
    if not _is_asked(config):
        return None
    prompt = config.prompt
    messages = tuple((role, text) for role, text in (("system", prompt.system), ("user", prompt.template)) if text)
    return PromptRecord(f"synthsweep.{prompt.variant}", messages, digest_of(messages))


def _datasets(config: RunConfig, prepared: TrainingData) -> tuple[DatasetRecord, ...]:
    source = config.data.source
    # A part without texts is one that this run has no use for.
    real = {part: examples for part, examples in prepared.corpus.split.parts.items() if examples}
    parts = {f"{config.data.kind} {part}": (part, examples, source) for part, examples in real.items()}
    if prepared.mix.synthetic:
        parts[pool_name(config, prepared.llm)] = ("synthetic", prepared.mix.synthetic, prepared.llm)
    return tuple(
        DatasetRecord(
            name=name,
            context=context,
            digest=digest_examples(examples),
            source=place,
            profile={
                "examples": len(examples),
                **{label: sum(label in e.labels for e in examples) for label in prepared.corpus.labels.ids},
            },
        )
        for name, (context, examples, place) in parts.items()
    )
