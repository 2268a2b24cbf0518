"""Opens the completer that a configuration names: hosted, recorded, simulated, rewriting or a union of several."""

import logging
import math
from collections.abc import Sequence
from dataclasses import replace

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.keys.run import PoolConfig
from synthsweep.errors import ConfigError, PoolError
from synthsweep.examples import Example
from synthsweep.generate.asking import SENDING, Asking
from synthsweep.generate.completer import Completer
from synthsweep.generate.offline.eda import eda
from synthsweep.generate.offline.masked_lm import masked_lm
from synthsweep.generate.offline.recorded import Recording, RowReader, read_recording, read_shipped
from synthsweep.generate.offline.simulator import Simulator
from synthsweep.generate.prompts.plan import DEFAULT_N, PromptPlan
from synthsweep.generate.replies.exchange import read_rows
from synthsweep.generate.union import Joined, Member, member_configs, member_names
from synthsweep.progress import Progress
from synthsweep.storage.paths import named_path

log = logging.getLogger(__name__)


def open_completer(
    config: PoolConfig,
    prompt_plan: PromptPlan,
    train: Sequence[Example],
    progress: Progress,
    asking: Asking = SENDING,
    rows: RowReader = read_rows,
) -> Completer:
    """`train` are real training texts, for completers without an LLM; `progress` reports requests to a server.

    `rows` reads a file of the user's own.

    Raises:
        ConfigError: the prompt asks for what a rewriter cannot write, or a union's member is described wrongly.
        PoolError: the recording does not exist or has other labels; or the pool lacks texts that may not be requested.
    """
    llm = config.llm
    if llm.kind == "simulator":
        return Simulator(prompt_plan.labels, _decided(train, llm), llm.simulator, llm.model or "simulator")
    if llm.kind in {"eda", "masked_lm"}:
        return _rewriter(config, _decided(train, llm))
    if llm.kind == "union":
        return _union(config, prompt_plan, train, progress, asking, rows)
    if llm.hosted:
        return _hosted(config, prompt_plan, progress, asking)
    return _own_files(config, prompt_plan, rows) if llm.path else _shipped(config, prompt_plan)


def _shipped(config: PoolConfig, prompt_plan: PromptPlan) -> Recording:
    recording = read_shipped(config.prompt.variant)
    unknown = sorted(set(prompt_plan.labels.ids) - set(recording.replies))
    if unknown:
        raise PoolError(
            f"llm=recorded has replies for {', '.join(recording.replies)}, none for {', '.join(unknown)}: "
            "give your own with llm.path=FILE, or take llm=simulator or mix=real_only"
        )
    return recording


def _own_files(config: PoolConfig, prompt_plan: PromptPlan, rows: RowReader) -> Completer:
    """The user's own file; of several, one pool in which each text names its file."""
    model, labels = config.llm.model, prompt_plan.labels.ids
    recordings = {
        name: read_recording(named_path(file), labels, config.prompt.variant, rows) for name, file in config.llm.files.items()
    }
    if isinstance(config.llm.path, str):
        [recording] = recordings.values()
        return replace(recording, name=model or recording.name)
    names = {name: f"{model} ({name})" if model else name for name in recordings}
    members = tuple(Member(names[name], recording, prompt_plan) for name, recording in recordings.items())
    return Joined(model or " + ".join(recordings), members)


def _decided(train: Sequence[Example], llm: LlmConfig) -> list[Example]:
    """The texts on all of whose labels somebody decided: what is made of the others would lack the undecided ones."""
    decided = [example for example in train if not example.unknown]
    if len(decided) < len(train):
        log.warning("%s takes none of %d texts with labels that nobody decided on", llm.choice, len(train) - len(decided))
    return decided


def _rewriter(config: PoolConfig, train: Sequence[Example]) -> Completer:
    llm, prompt = config.llm, config.prompt
    if prompt.labels != "asked" or prompt.companions:
        raise ConfigError(
            f"prompt={prompt.variant} needs an LLM, got {llm.choice}, which rewrites texts of the asked criterion"
        )
    return (eda if llm.kind == "eda" else masked_lm)(train, llm.rewriter)


def _union(
    config: PoolConfig,
    prompt_plan: PromptPlan,
    train: Sequence[Example],
    progress: Progress,
    asking: Asking,
    rows: RowReader,
) -> Completer:
    """Opens each member as if it were alone, except for its part of `generate.n` and the shared budget."""
    members = members_of(config, prompt_plan)
    completers = {name: open_completer(*alone, train, progress, asking, rows) for name, alone in members.items()}
    names = member_names(completers)
    return Joined(config.llm.name, tuple(Member(names[name], completers[name], plan) for name, (_, plan) in members.items()))


def members_of(config: PoolConfig, prompt_plan: PromptPlan) -> dict[str, tuple[PoolConfig, PromptPlan]]:
    """The members of a union, each as it would be asked alone.

    Raises:
        ConfigError: there are fewer than two, or one is described wrongly.
    """
    configs = member_configs(config.llm)
    return {
        name: (_share_of(config, llm, len(configs)), replace(prompt_plan, form=llm.reply_form)) for name, llm in configs.items()
    }


def _share_of(config: PoolConfig, llm: LlmConfig, members: int) -> PoolConfig:
    n = math.ceil((config.generate.n or DEFAULT_N) / members)
    # A budget is identified by its name; without a study, the members share the union's.
    study = config.study or f"{config.llm.name}/{config.prompt.variant}"
    return replace(config, llm=llm, study=study, generate=replace(config.generate, n=n))


def _hosted(config: PoolConfig, prompt_plan: PromptPlan, progress: Progress, asking: Asking) -> Completer:
    """The stored replies, after requesting those that are missing."""
    from synthsweep.generate.pool_job import command, lacks, plan_job, require_on_demand

    job = plan_job(config, prompt_plan, asking)
    require_on_demand(job)
    try:
        asking.ask(job, progress)
    except ConfigError as error:
        raise PoolError(f"{lacks(job)}; {error}; or first: {command(config)}") from error
    return job.replies
