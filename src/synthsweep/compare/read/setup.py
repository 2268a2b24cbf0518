"""What the compared runs used, from the configuration that each of them kept."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from synthsweep.compare.grid import Grid
from synthsweep.compare.read.assemble import SYNTHETIC, added_texts
from synthsweep.compare.read.kept_config import KeptConfig, KeptConfigs
from synthsweep.compare.read.runs import StudyRun
from synthsweep.compare.read.split_in_words import split_in_words
from synthsweep.compare.setup import RANDOM_WEIGHTS, StudySetup
from synthsweep.config.keys.generation import PromptConfig
from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.keys.run import RunConfig
from synthsweep.config.keys.training import EMBEDDINGS, LLM, SETFIT, TFIDF
from synthsweep.config.thresholds import threshold_rules
from synthsweep.errors import InputError

CLASSIFIERS = {
    TFIDF: "TF-IDF with logistic regression",
    EMBEDDINGS: "logistic regression on frozen sentence embeddings",
    SETFIT: "logistic regression on sentence embeddings that were tuned on pairs of texts (SetFit)",
    LLM: "an LLM that was asked about each text",
}
BY_OPTIMISER = ("weight_decay", "warmup_ratio", "scheduler")
TRAINED_WITH = (
    "epochs", "learning_rate", "batch_size", "max_length", "windows", "match_steps", "select_by", "dev_texts", *BY_OPTIMISER,
)  # fmt: skip
SEEDS = ("seeds.subset", "seeds.draw", "seeds.init", "seeds.order")


def setup_of(grid: Grid, runs: Sequence[StudyRun], kept: KeptConfigs, threshold: Any) -> StudySetup:
    """Reads one configuration per cell; what no run kept is empty. `threshold` replaces the runs' own, if given."""
    found = kept.each(cell.runs[0].run_id for cell in grid.cells)
    pairs = list(zip(grid.cells, map(_accepted, found), strict=True))
    configs = [config for _, config in pairs if config is not None]
    writing = [config for cell, config in pairs if config is not None and cell.facts.get(SYNTHETIC)]
    return StudySetup(
        corpora=_each(configs, _corpus),
        encoders=_each((config for config in configs if config.model.trains_steps), _encoder),
        baselines=_each((config for config in configs if not config.model.trains_steps), _baseline),
        llms=_each(writing, lambda config: _llm(config.llm)),
        prompts=_each(writing, lambda config: config.prompt.variant if _was_prompted(config) else "not recorded"),
        prompt_texts={
            config.prompt.variant: _prompt_text(config.prompt)
            for config in writing
            if config.prompt.template and _was_prompted(config)
        },
        training={key: used for key in TRAINED_WITH if (used := _trained_with(configs, key))},
        thresholds=_thresholds(grid, configs, threshold),
        real=_ends(cell.facts.get("train/real") for cell in grid.cells),
        synthetic=_ends(added_texts(cell.facts) or None for cell in grid.cells),
        dev=_ends(run.metrics.get("dev/examples") for run in runs),
        splits=split_in_words([config.data for config in configs]),
        seeds={key: levels for key in SEEDS if (levels := _seeds(runs, key))},
    )


def _thresholds(grid: Grid, configs: Sequence[RunConfig], threshold: str | float | None) -> tuple[str, ...]:
    """How thresholds were chosen; none act where each text carries exactly one label."""
    if grid.kind == "single":
        return ()
    return (_rules(threshold),) if threshold is not None else _each(configs, lambda one: _rules(one.evaluation.threshold))


def _rules(threshold: Any) -> str:
    return threshold_rules(threshold).words


def _seeds(runs: Sequence[StudyRun], key: str) -> tuple[str, ...]:
    """The values of a key of seeds, in the order of numbers; runs in which it cannot act keep none."""
    found = {run.params[key] for run in runs if run.params.get(key, "").isdigit()}
    return tuple(sorted(found, key=int))


def _accepted(kept: KeptConfig | None) -> RunConfig | None:
    try:
        return None if kept is None else kept.config
    except InputError:
        return None


def _each(configs: Iterable[RunConfig], word: Callable[[RunConfig], str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(word, configs)))


def _trained_with(configs: Iterable[RunConfig], key: str) -> tuple[str, ...]:
    return _each((config for config in configs if config.model.trains_steps), lambda config: str(getattr(config.training, key)))


def _ends(values: Iterable[float | None]) -> tuple[int, ...]:
    """The smallest and the largest number, once if they are equal."""
    known = [round(value) for value in values if value is not None]
    return tuple(dict.fromkeys((min(known), max(known)))) if known else ()


def _corpus(config: RunConfig) -> str:
    return Path(config.data.source).name


def _encoder(config: RunConfig) -> str:
    if config.model.random_sizes:
        return f"{config.model.name} ({RANDOM_WEIGHTS}, tokens of {config.model.name_or_path})"
    frozen = f", {config.model.frozen_layers} layers frozen" if config.model.frozen_layers else ""
    return f"{config.model.name} ({config.model.name_or_path}{frozen})"


def _baseline(config: RunConfig) -> str:
    return f"{config.model.name} ({CLASSIFIERS[config.model.kind]})"


def _was_prompted(config: RunConfig) -> bool:
    """Whether the prompt of the configuration is the one that the texts answer; of texts in a file nobody knows."""
    return not (config.llm.kind == "recorded" and config.llm.path)


def _llm(config: LlmConfig) -> str:
    if config.kind == "recorded" and config.path:
        return f"{config.model or 'an LLM that is not recorded'} (texts of the file {Path(config.path).name})"
    model = f" (model {config.model})" if config.model and config.model != config.name else ""
    temperature = f" at temperature {config.temperature:g}" if config.temperature is not None else ""
    return f"{config.name}{model}{temperature}"


def _prompt_text(config: PromptConfig) -> str:
    drawn: Mapping[str, Sequence[str]] = {**config.attributes, **({"persona": config.personas} if config.personas else {})}
    lines = [f"{name}, drawn at random: {', '.join(values)}" for name, values in drawn.items()]
    examples = [f"Real texts shown as examples: {config.exemplars}"] if config.exemplars else []
    return "\n\n".join(part for part in (config.system, config.template.strip(), "\n".join([*lines, *examples])) if part)
