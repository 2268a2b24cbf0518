"""What is known of a run before it trains: name, parameters, tags, data sets, prompt."""

from collections.abc import Mapping
from pathlib import Path

from synthsweep.config.flat import flat, plain
from synthsweep.config.keys.run import PoolConfig, RunConfig
from synthsweep.examples import digest_examples, digest_of
from synthsweep.run.prepare import TrainingData
from synthsweep.track.environment import git_tags, version_tags
from synthsweep.track.writer import DatasetRecord, PromptRecord, RunStart


def run_name(config: RunConfig, prepared: TrainingData) -> str:
    """Such as `augment 0.5 recorded/plain seed 1`, which distinguishes runs in a list."""
    if not prepared.mix.synthetic:
        arm = f"{config.mix.arm} {config.mix.ratio:g}" if prepared.mix.added else "real_only"
        return f"{arm} seed {config.seed}"
    prompt = "" if config.llm.path else f"/{config.prompt.variant}"
    return f"{config.mix.arm} {config.mix.ratio:g} {prepared.llm}{prompt} seed {config.seed}"


def describe_run(config: RunConfig, prepared: TrainingData, tags: Mapping[str, str]) -> RunStart:
    """The start of a run, with `tags` beside its own; it contains no text of the corpus."""
    known = {
        "data_digest": prepared.data_digest[:16],
        "mix_digest": prepared.mix_digest[:16],
        "seed": str(config.seed),
        "arm": config.mix.arm,
        "llm": prepared.llm or "none",
        **({"study": config.study} if config.study else {}),
        **git_tags(Path.cwd()),
        **version_tags(),
    }
    if config.sweep.trial is not None:
        known |= {"kind": "replicate", "trial": str(config.sweep.trial), "replicate": str(config.sweep.replicate)}
    parameters = {name: value for name, value in flat(plain(config)).items() if not name.startswith("sweep.")}
    return RunStart(
        run_name(config, prepared),
        parameters,
        {**known, **tags},
        _datasets(config, prepared),
        config.sweep.parent or "",
        prompt_record(config) if prepared.mix.synthetic else None,
    )


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
        parts["synthetic"] = ("train", prepared.mix.synthetic, prepared.llm)
    return tuple(
        DatasetRecord(
            name=name,
            context="synthetic" if name == "synthetic" else context,
            digest=digest_examples(examples),
            source=place,
            profile={
                "examples": len(examples),
                **{label: sum(label in e.labels for e in examples) for label in prepared.corpus.labels.ids},
            },
        )
        for name, (context, examples, place) in parts.items()
    )
