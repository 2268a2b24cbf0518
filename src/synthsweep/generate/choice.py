"""Opens the completer that a configuration names."""

from collections.abc import Sequence
from pathlib import Path

from synthsweep.completer import Completer
from synthsweep.config.schema import PoolConfig
from synthsweep.errors import ConfigError, PoolError
from synthsweep.examples import Example
from synthsweep.generate.errand import FillWatch
from synthsweep.generate.plan import Asking
from synthsweep.generate.recorded import Recording, read_recording, read_shipped
from synthsweep.generate.simulator import Simulator


def open_completer(config: PoolConfig, asking: Asking, train: Sequence[Example], watch: FillWatch) -> Completer:
    """`train` are real training texts, which the simulator alone reads; `watch` sees what is asked of a server.

    Raises:
        PoolError: the recording is not there or not for these labels; the pool lacks texts, and nobody may ask for them.
    """
    llm, labels = config.llm, asking.labels
    if llm.kind == "simulator":
        return Simulator(labels, train, llm.simulator, llm.model or "simulator")
    if llm.hosted:
        return _supplied(config, asking, watch)
    if llm.path:
        recording = read_recording(Path(llm.path).expanduser(), labels.ids)
    else:
        recording = read_shipped(config.prompt.variant)
        unknown = sorted(set(labels.ids) - set(recording.replies))
        if unknown:
            raise PoolError(
                f"llm=recorded has replies for {', '.join(recording.replies)}, none for {', '.join(unknown)}: "
                "give your own with llm.path=FILE, or take llm=simulator or mix=real_only"
            )
    return Recording(llm.model or recording.name, recording.replies)


def _supplied(config: PoolConfig, asking: Asking, watch: FillWatch) -> Completer:
    """The stored replies, after asking for those that are missing."""
    from synthsweep.generate.job import command, plan_job, require_means, run_job

    job = plan_job(config, asking)
    if job.missing:
        lacks = f"llm={config.llm.name} prompt={config.prompt.variant} has {job.wanted.done} of {job.wanted.total} texts"
        if not config.generate.on_demand:
            raise PoolError(f"{lacks}, and generate.on_demand=false: {command(config)}, with the same data, adds them")
        try:
            require_means(job)
        except ConfigError as error:
            raise PoolError(f"{lacks}; {error}; or first: {command(config)}") from error
        run_job(job, watch)
    return job.replies
