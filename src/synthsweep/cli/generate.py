"""`synthsweep generate`, `generate export`, `generate import`."""

from pathlib import Path
from typing import TYPE_CHECKING

from omegaconf import DictConfig

from synthsweep.config.commands import assign, command_line
from synthsweep.config.compose.given import given_command, given_overrides
from synthsweep.config.compose.grammar import key_of
from synthsweep.config.compose.register import frozen
from synthsweep.config.keys.run import PoolConfig
from synthsweep.config.roots import ExportConfig, ImportConfig
from synthsweep.errors import ConfigError, InputError
from synthsweep.storage.paths import named_path

if TYPE_CHECKING:
    from synthsweep.corpus.corpus import Corpus
    from synthsweep.generate.llm.filler import FillStats
    from synthsweep.generate.pool_job import GenerationJob


def generate(node: DictConfig) -> None:
    """`synthsweep generate`: forecasts the cost, then requests the texts that a pool lacks."""
    config = frozen(node, PoolConfig)
    corpus = read_corpus(config)
    from synthsweep.corpus.describe import corpus_lines
    from synthsweep.display.console import open_console, print_prose

    # Texts are paid for by label: a column that was not meant must be seen before.
    for line in corpus_lines(corpus):
        print_prose(open_console(), line)
    job = plan(config, corpus)
    try:
        _generate(job)
    finally:
        job.store.close()


def read_corpus(config: PoolConfig) -> "Corpus":
    """The real texts of a configuration whose LLM can be asked.

    Raises:
        ConfigError: its LLM cannot be asked.
        DataError: the texts cannot be read.
    """
    if not config.llm.hosted:
        way = "name each of its LLMs" if config.llm.kind == "union" else "its texts need no generate, synthsweep run takes them"
        raise ConfigError(f"llm must be one that can be asked, as llm=gpt-4o-mini, got {config.llm.name}: {way}")
    from synthsweep.corpus.corpus import load_corpus, require_files

    require_files(config.data)
    return load_corpus(config.labels, config.data, subset_seed=config.seeds.subset)


def plan(config: PoolConfig, corpus: "Corpus") -> "GenerationJob":
    """What the pool of a configuration lacks; nothing is sent."""
    from synthsweep.generate.asking import SENDING
    from synthsweep.generate.dry_run import LookingOn
    from synthsweep.generate.pool_job import plan_job
    from synthsweep.run.prepare import prompt_plan_of

    return plan_job(config, prompt_plan_of(config, corpus), LookingOn() if config.generate.dry_run else SENDING)


def _generate(job: "GenerationJob") -> None:
    from synthsweep.display.console import open_console, print_next, print_prose
    from synthsweep.display.forecast import next_after_dry_run
    from synthsweep.display.generate import preview, summary
    from synthsweep.generate.llm.filler import FillStats
    from synthsweep.generate.llm.job import lacking_means, require_texts
    from synthsweep.generate.pool_job import stored_answers

    config, console = job.config, open_console()
    if job.requests:
        print_prose(console, f"Forecast: {job.forecast}")
    if config.generate.dry_run:
        print_prose(console, f"{job.missing.done:,} of {job.missing.total:,} texts are there.")
        print_next(console, *next_after_dry_run("generate.dry_run", lacking_means(job)))
        return
    # Stored answers are shown first: they cost nothing.
    shown = stored_answers(job, config.generate.preview)
    stats = FillStats(stopped="preview")
    if not config.generate.preview or len(shown) < config.generate.preview:
        stats = fill(job, most_requests=config.generate.preview - len(shown) or None)
    for part in preview(job, [*shown, *stats.answers]):
        console.print(part)
    for line in summary(job, stats):
        print_prose(console, line)
    track(job, stats)
    require_texts(job)
    console.print(f"Next: {_next_command(job, stats)}")


def fill(job: "GenerationJob", *, most_requests: int | None = None) -> "FillStats":
    """Requests what a pool lacks, and shows the progress."""
    from synthsweep.display.screen import Screen
    from synthsweep.generate.llm.job import run_job
    from synthsweep.generate.replies.readings import keep_job_readings

    keep_job_readings(job)
    try:
        with Screen() as screen:
            return run_job(job, screen, most_requests=most_requests)
    finally:
        keep_job_readings(job)


def track(job: "GenerationJob", stats: "FillStats") -> None:
    """Keeps what a pool's answers cost, if there were any."""
    from synthsweep.run.record.generation import track_job
    from synthsweep.track.choose import tracker_of

    if stats.answered and job.config.tracking.kind != "none":
        track_job(job, stats, tracker_of(job.config.tracking))


def _next_command(job: "GenerationJob", stats: "FillStats") -> str:
    given = given_overrides()
    overrides = [text for text in given if not key_of(text).startswith("generate.") or key_of(text) == "generate.n"]
    # An empty pool cannot be trained on yet, so a preview is suggested first.
    look = [] if job.missing.done or job.config.generate.preview else ["generate.preview=1"]
    verb = "generate" if look or stats.stopped == "preview" else "run"
    return given_command(verb, *overrides, *look)


def generate_export(node: DictConfig) -> None:
    """`synthsweep generate export`: writes stored replies to a JSON Lines file."""
    config = frozen(node, ExportConfig)
    from synthsweep.generate.replies.exchange import write_replies
    from synthsweep.generate.replies.store import FILE, open_reply_store

    folder = Path(config.tracking.folder)
    if not (folder / FILE).exists():
        raise InputError(f"{folder / FILE}: there are no replies; synthsweep generate llm=NAME makes some")
    store = open_reply_store(folder)
    count = write_replies(store.all(config.only_llm, config.only_prompt), named_path(config.path))
    print(f"{count} replies in {config.path}. Next: {command_line('generate import', assign('path', config.path))} elsewhere")


def generate_import(node: DictConfig) -> None:
    """`synthsweep generate import`: stores the replies of a file, all or none."""
    config = frozen(node, ImportConfig)
    from synthsweep.generate.replies.exchange import read_replies
    from synthsweep.generate.replies.store import open_reply_store

    replies = read_replies(named_path(config.path))
    store = open_reply_store(Path(config.tracking.folder))
    added = store.add(replies)
    print(f"{added} of {len(replies)} replies added to {store.path}, {len(replies) - added} were there.")
    print("Next: synthsweep generate with the same llm and prompt asks only for what is missing")
