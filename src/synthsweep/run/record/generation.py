"""Keeps a generation job as a run of its own."""

from typing import TYPE_CHECKING

from synthsweep.config.flat import flat, plain
from synthsweep.config.parameters import searched_parameters
from synthsweep.run.record.description import config_text, prompt_record
from synthsweep.track.environment import version_tags
from synthsweep.track.reader import CONFIG
from synthsweep.track.writer import RunStart, Tracker

if TYPE_CHECKING:
    from synthsweep.generate.llm.filler import FillStats
    from synthsweep.generate.pool_job import GenerationJob


def track_job(job: "GenerationJob", stats: "FillStats", tracker: Tracker) -> None:
    """Writes a run with the counts, dollars and prompt of a job, but no text."""
    config, missing = job.config, job.missing
    asked = {name: value for name, value in flat(plain(config)).items() if name.startswith(("llm.", "prompt.", "generate."))}
    parameters = searched_parameters(config, asked)
    tags = {"kind": "generate", "llm": str(config.llm.model), **version_tags()}
    name, files = f"generate {config.llm.model}/{config.prompt.variant}", {CONFIG: config_text(config)}
    tracker.start(RunStart(name, parameters, tags, prompt=prompt_record(config), files=files))
    tracker.log_metrics(
        {
            "synthetic/texts": missing.done,
            "cost/requests": stats.answered,
            "cost/prompt_tokens": stats.prompt_tokens,
            "cost/completion_tokens": stats.completion_tokens,
            "cost/usd": stats.usd,
            **({"cost/stated_usd": stats.stated_usd} if stats.stated else {}),
            **{f"synthetic/rejected/{reason.replace(' ', '_')}": count for reason, count in missing.rejected.items()},
        }
    )
    tracker.finish("FINISHED")
