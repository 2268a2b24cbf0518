"""What is known of a run before it trains: name, parameters, tags, data sets, prompt."""

from collections.abc import Mapping
from pathlib import Path

from synthsweep.config.acting import below, idle_keys
from synthsweep.config.flat import flat, plain
from synthsweep.config.keys.run import PoolConfig, RunConfig
from synthsweep.config.spelling import number_text, spelled
from synthsweep.examples import digest_examples, digest_of
from synthsweep.pages.numbers import counted
from synthsweep.run.prepare import TrainingData
from synthsweep.track.environment import git_tags, version_tags
from synthsweep.track.writer import DatasetRecord, PromptRecord, RunStart


def run_name(config: RunConfig, prepared: TrainingData) -> str:
    """Such as `augment 0.5 recorded/plain seed 1`, which distinguishes runs in a list."""
    if not prepared.mix.synthetic:
        arm = f"{config.mix.arm} {dose(config)}" if prepared.mix.added else "real_only"
        return f"{arm} seed {config.seed}"
    prompt = "" if config.llm.path else f"/{config.prompt.variant}"
    return f"{config.mix.arm} {dose(config)} {prepared.llm}{prompt} seed {config.seed}"


def dose(config: RunConfig) -> str:
    """How much is added: `0.5` for each real text, or `2 texts`."""
    return number_text(config.mix.ratio) if config.mix.count is None else counted(config.mix.count, "text")


def pool_name(config: PoolConfig, llm: str) -> str:
    """What a pool is called: its file, or who wrote it with which prompt."""
    return Path(config.llm.path).name if config.llm.path else f"{llm}/{config.prompt.variant}"


def describe_run(config: RunConfig, prepared: TrainingData, tags: Mapping[str, str]) -> RunStart:
    """The start of a run, with `tags` beside its own; it contains no text of the corpus."""
    known = {
        "data_digest": prepared.data_digest[:16],
        "mix_digest": prepared.mix_digest[:16],
        "seed": str(config.seed),
        "arm": config.mix.arm,
        **({"llm": prepared.llm} if prepared.llm else {}),
        **({"study": config.study} if config.study else {}),
        **git_tags(Path.cwd()),
        **version_tags(),
    }
    if config.sweep.trial is not None:
        known |= {"kind": "replicate", "trial": str(config.sweep.trial), "replicate": str(config.sweep.replicate)}
    return RunStart(
        run_name(config, prepared),
        _parameters(config, prepared),
        {**known, **tags},
        _datasets(config, prepared),
        config.sweep.parent or "",
        prompt_record(config) if prepared.mix.synthetic else None,
    )


def _parameters(config: RunConfig, prepared: TrainingData) -> dict[str, str]:
    """Every key that can act on this run."""
    idle = {"sweep", *idle_keys(config, pool=config.mix.reads_pool and bool(prepared.mix.synthetic or prepared.mix.added))}
    return {name: spelled(name, value) for name, value in flat(plain(config)).items() if not below(name, idle)}


def prompt_record(config: PoolConfig) -> PromptRecord | None:
    """The prompt of a configuration; None where no LLM was asked with it."""
    if config.llm.path or config.llm.kind in {"simulator", "eda", "masked_lm"}:
        return None
    prompt = config.prompt
    messages = tuple((role, text) for role, text in (("system", prompt.system), ("user", prompt.template)) if text)
    return PromptRecord(f"synthsweep.{prompt.variant}", messages, digest_of(messages))


def _datasets(config: RunConfig, prepared: TrainingData) -> tuple[DatasetRecord, ...]:
    source = config.data.source
    parts = {f"{config.data.kind} {part}": (part, examples, source) for part, examples in prepared.corpus.split.parts.items()}
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
