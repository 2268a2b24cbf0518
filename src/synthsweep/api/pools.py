"""Pools of synthetic texts: what is there, and the request for more."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from synthsweep.api.frames import frame_of
from synthsweep.api.session import Folder, Overrides, composed, words_of_call
from synthsweep.config.commands import assign
from synthsweep.errors import PoolError

if TYPE_CHECKING:
    from pandas import DataFrame

    from synthsweep.config.keys.run import PoolConfig


@dataclass(frozen=True, eq=False)
class GeneratedPool:
    """A pool after a call of `generate`: its texts as `pool` gives them, what the call received, and what that cost.

    `forecast` is what the call expected to pay before it sent anything, empty where nothing was missing.
    """

    llm: str
    prompt: str
    texts: "DataFrame"
    answered: int
    usd: float
    forecast: str

    def __repr__(self) -> str:
        return (
            f"pool of llm={self.llm} prompt={self.prompt}: {len(self.texts)} texts; "
            f"{self.answered} replies received now, for ${self.usd:.4f}"
        )


def pool(
    llm: str = "recorded", prompt: str = "plain", *, overrides: Overrides = (), folder: Folder | None = None
) -> "DataFrame":
    """The texts that are there of an LLM and a prompt, before curation: one row each; nothing is sent to an LLM.

    `criterion` is the one that was asked for; `label/A1` is 1 where the text carries the criterion.

    Raises:
        ConfigError: there is no such LLM or prompt.
        PoolError: no text is there.
    """
    words = [assign("llm", llm), assign("prompt", prompt), *words_of_call(overrides, folder)]
    with composed("inspect", words) as node:
        from synthsweep.config.compose.register import frozen
        from synthsweep.config.roots import InspectConfig

        texts = _texts(frozen(node, InspectConfig))
    if texts.empty:
        raise PoolError(f"llm={llm} prompt={prompt}: no text is there; synthsweep.generate({llm!r}, {prompt!r}) requests some")
    return texts


def generate(
    llm: str,
    prompt: str = "plain",
    *,
    n: int | None = None,
    max_usd: float | None = None,
    overrides: Overrides = (),
    folder: Folder | None = None,
) -> GeneratedPool:
    """Requests the texts that a pool lacks, as `synthsweep generate` does: `n` per criterion, for at most `max_usd` dollars.

    What is there is not paid for again. With `generate.dry_run=true` nothing is sent.

    Raises:
        ConfigError: the LLM cannot be asked, there is no key, or `max_usd` is missing where it is not free.
        PrivacyError: the prompt would show real texts to another machine.
        PoolError: the budget is used up; what was answered is kept.
        CompletionError: the server answers nothing more; what was answered is kept.
        Interrupted: it was interrupted; the answers to all that was sent are kept.
    """
    limits = {"generate.n": n, "generate.max_usd": max_usd}
    words = [
        assign("llm", llm),
        assign("prompt", prompt),
        *(f"{key}={value}" for key, value in limits.items() if value is not None),
    ]
    words += words_of_call(overrides, folder)
    with composed("generate", words) as node:
        from synthsweep.cli.generate import fill, plan, read_corpus, track
        from synthsweep.config.compose.register import frozen
        from synthsweep.config.keys.run import PoolConfig
        from synthsweep.generate.llm.filler import FillStats

        config = frozen(node, PoolConfig)
        job = plan(config, read_corpus(config))
        try:
            forecast = str(job.forecast) if job.requests else ""
            stats = FillStats() if config.generate.dry_run else fill(job, most_requests=config.generate.preview or None)
            track(job, stats)
        finally:
            job.store.close()
        return GeneratedPool(llm, prompt, _texts(config), stats.answered, stats.usd, forecast)


def _texts(config: "PoolConfig") -> "DataFrame":
    """The texts of a pool that are there."""
    from synthsweep.corpus.corpus import load_corpus, require_files
    from synthsweep.generate.dry_run import OnlyStored
    from synthsweep.run.collaborators import Collaborators
    from synthsweep.run.prepare import read_pool

    require_files(config.data)
    corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset)
    read, writer = read_pool(config, corpus, Collaborators(asking=OnlyStored()))
    labels = corpus.labels.ids
    rows = [
        {
            "id": example.id,
            "criterion": example.provenance.criterion,
            "text": example.text,
            **{f"label/{label}": int(label in example.labels) for label in labels},
            "llm": example.provenance.llm or writer,
            "prompt": example.provenance.prompt,
            "request": example.provenance.request,
            "sample": example.provenance.sample,
            "line": example.provenance.line,
        }
        for example in read.examples
    ]
    names = ("id", "criterion", "text", *(f"label/{label}" for label in labels), "llm", "prompt", "request", "sample", "line")
    return frame_of(rows, names)
