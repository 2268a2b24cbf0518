"""Opens the completer that a configuration names: hosted, recorded, simulated, rewriting or a union of several."""

import math
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.keys.run import PoolConfig
from synthsweep.errors import ConfigError, PoolError
from synthsweep.examples import Example
from synthsweep.generate.completer import Completer
from synthsweep.generate.offline.eda import eda
from synthsweep.generate.offline.masked_lm import masked_lm
from synthsweep.generate.offline.recorded import Recording, read_recording, read_shipped
from synthsweep.generate.offline.simulator import Simulator
from synthsweep.generate.prompts.plan import DEFAULT_N, PromptPlan
from synthsweep.generate.union import Joined, Member, member_configs, member_names
from synthsweep.progress import Progress


def open_completer(config: PoolConfig, prompt_plan: PromptPlan, train: Sequence[Example], progress: Progress) -> Completer:
    """`train` are real training texts, for completers without an LLM; `progress` reports requests to a server.

    Raises:
        ConfigError: the prompt asks for what a rewriter cannot write, or a union's member is described wrongly.
        PoolError: the recording does not exist or has other labels; or the pool lacks texts that may not be requested.
    """
    llm = config.llm
    if llm.kind == "simulator":
        return Simulator(prompt_plan.labels, train, llm.simulator, llm.model or "simulator")
    if llm.kind in {"eda", "masked_lm"}:
        return _rewriter(config, train)
    if llm.kind == "union":
        return _union(config, prompt_plan, train, progress)
    if llm.hosted:
        return _hosted(config, prompt_plan, progress)
    return _recording(config, prompt_plan)


def _recording(config: PoolConfig, prompt_plan: PromptPlan) -> Recording:
    llm, labels = config.llm, prompt_plan.labels
    if llm.path:
        recording = read_recording(Path(llm.path).expanduser(), labels.ids, config.prompt.variant)
    else:
        recording = read_shipped(config.prompt.variant)
        unknown = sorted(set(labels.ids) - set(recording.replies))
        if unknown:
            raise PoolError(
                f"llm=recorded has replies for {', '.join(recording.replies)}, none for {', '.join(unknown)}: "
                "give your own with llm.path=FILE, or take llm=simulator or mix=real_only"
            )
    return replace(recording, name=llm.model or recording.name)


def _rewriter(config: PoolConfig, train: Sequence[Example]) -> Completer:
    llm, prompt = config.llm, config.prompt
    if prompt.labels != "asked" or prompt.companions:
        raise ConfigError(
            f"prompt={prompt.variant} needs an LLM, got {llm.choice}, which rewrites texts of the asked criterion"
        )
    return (eda if llm.kind == "eda" else masked_lm)(train, llm.rewriter)


def _union(config: PoolConfig, prompt_plan: PromptPlan, train: Sequence[Example], progress: Progress) -> Completer:
    """Opens each member as if it were alone, except for its part of `generate.n` and the shared budget."""
    configs = member_configs(config.llm)
    plans = {name: replace(prompt_plan, form=llm.reply_form) for name, llm in configs.items()}
    completers = {
        name: open_completer(_share_of(config, llm, len(configs)), plans[name], train, progress)
        for name, llm in configs.items()
    }
    names = member_names(completers)
    return Joined(config.llm.name, tuple(Member(names[name], completers[name], plans[name]) for name in configs))


def _share_of(config: PoolConfig, llm: LlmConfig, members: int) -> PoolConfig:
    n = math.ceil((config.generate.n or DEFAULT_N) / members)
    # A budget is identified by its name; without a study, the members share the union's.
    study = config.study or f"{config.llm.name}/{config.prompt.variant}"
    return replace(config, llm=llm, study=study, generate=replace(config.generate, n=n))


def _hosted(config: PoolConfig, prompt_plan: PromptPlan, progress: Progress) -> Completer:
    """The stored replies, after requesting those that are missing."""
    from synthsweep.generate.llm.job import require_means, run_job
    from synthsweep.generate.pool_job import command, plan_job

    job = plan_job(config, prompt_plan)
    if job.requests:
        lacks = f"{config.llm.choice} prompt={config.prompt.variant} has {job.state}"
        if not config.generate.on_demand:
            raise PoolError(
                f"{lacks}, and generate.on_demand=false: {command(config)}, with the same data and labels, adds them"
            )
        try:
            require_means(job)
        except ConfigError as error:
            raise PoolError(f"{lacks}; {error}; or first: {command(config)}") from error
        run_job(job, progress)
    return job.replies
