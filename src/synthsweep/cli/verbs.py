"""What each verb does once Hydra has composed its configuration."""

import os
import shlex
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from synthsweep.cli.audit import audit, audit_export, audit_import, audit_review
from synthsweep.cli.compare import compare, compare_power
from synthsweep.cli.inspect import inspect
from synthsweep.config.register import frozen
from synthsweep.config.roots import DoctorConfig, ExportConfig, ImportConfig, SweepsConfig, UiRootConfig
from synthsweep.config.schema import PoolConfig, RunConfig, TrackingConfig
from synthsweep.errors import ConfigError, InputError, Refusal, SynthsweepError, without_password
from synthsweep.loopback import require_free

if TYPE_CHECKING:
    from synthsweep.generate.llm.job import Job
    from synthsweep.run.cache import Reuse
    from synthsweep.run.prepare import Material
    from synthsweep.study.replicate import EpochJudge
    from synthsweep.study.resume import KeyedResult
    from synthsweep.track.writer import Tracker


def run(node: DictConfig) -> Any:
    """`synthsweep run`: returns what the sweeper asked for, or to any other the dev score, None where it is undefined."""
    config, hydra = frozen(node, RunConfig), HydraConfig.get()
    overrides = list(hydra.overrides.task)
    multirun = hydra.mode == RunMode.MULTIRUN
    if config.sweep.trial is not None:
        return _replicate(config, overrides)
    if not multirun:
        _require_single(config, overrides)
    from synthsweep.corpus.parts import require_files

    require_files(config.data)
    return _run(config, overrides, title=f"job {hydra.job.num + 1}: {' '.join(overrides)}" if multirun else "")


def _require_single(config: RunConfig, overrides: list[str]) -> None:
    """Raises ConfigError for what only a multirun can do."""
    hydra = HydraConfig.get()
    given = {override.partition("=")[0] for override in overrides}
    varied = [key for key in hydra.sweeper.get("params") or {} if key not in given]
    if hydra.runtime.choices.get("sweeps") and varied:
        raise ConfigError(f"sweeps={hydra.runtime.choices['sweeps']} is a multirun: add -m, as in synthsweep run -m ...")
    for name in ("replicates", "sweep.dry_run"):
        if name in given and (config.replicates > 1 or config.sweep.dry_run):
            raise ConfigError(f"{name} is for a multirun: add -m, as in synthsweep run -m ...")


def _replicate(config: RunConfig, overrides: list[str]) -> dict[str, Any]:
    """One replicate of a study's trial, in a worker."""
    from synthsweep.study.replicate import run_replicate

    alone = [text for text in overrides if not text.startswith("sweep.")]
    tags = {"command": without_password(shlex.join(["synthsweep", "run", *alone]))}
    tracker = _tracker_again(config.tracking)
    return run_replicate(config, tracker=tracker, tags=tags, reuse=_reuse(), judge=_epoch_judge(config))


@cache
def _reuse() -> "Reuse":
    """One for the process: a worker does many replicates."""
    from synthsweep.run.cache import Reuse

    return Reuse()


@cache
def _tracker_again(config: TrackingConfig) -> "Tracker":
    from synthsweep.track.choose import tracker_of

    return tracker_of(config)


def _epoch_judge(config: RunConfig) -> "EpochJudge | None":
    from synthsweep.study.design.pruning import prunes_by_epoch

    settings = HydraConfig.get().sweeper
    if config.sweep.replicate or not prunes_by_epoch(settings.get("pruner")):
        return None
    from hydra.utils import instantiate

    from synthsweep.storage.database import absolute_address
    from synthsweep.study.optuna_storage import make_optuna
    from synthsweep.study.replicate import EpochJudge

    pruner = make_optuna(dict(settings.pruner), "pruner", instantiate)
    return EpochJudge(absolute_address(settings.storage), str(config.study), config.sweep.trial or 0, pruner)


def _run(config: RunConfig, overrides: list[str], *, title: str) -> float | None:
    from synthsweep.display.generate import FillScreen
    from synthsweep.display.run import Screen
    from synthsweep.run.prepare import prepare
    from synthsweep.study.resume import run_or_reuse
    from synthsweep.track.choose import tracker_of

    screen = Screen()
    try:
        if title:
            screen.stage(title)
        screen.stage("reading texts")
        filling = FillScreen(free=config.llm.free)
        try:
            material = prepare(config, watch=filling)
        finally:
            filling.close()
        screen.stage(_found(material))
        screen.stage("opening the tracking store" if config.tracking.kind != "none" else "nothing will be kept: tracking=none")
        tags = {"command": without_password(shlex.join(["synthsweep", "run", *overrides]))}
        done = run_or_reuse(config, material, tracker=tracker_of(config.tracking), tags=tags, progress=screen)
    finally:
        screen.close()
    _report(config, done, material)
    return done.result.metrics.get("dev/average_precision/macro")


def _found(material: "Material") -> str:
    sizes = ", ".join(f"{part} {len(examples)}" for part, examples in material.corpus.split.parts.items())
    curated = material.curated
    done = {**curated.counts, "relabelled": curated.relabelled, "without a verdict": curated.unjudged}
    told = ", ".join(f"{count} {what.replace('_', ' ')}" for what, count in done.items() if count)
    curation = f"; of {len(material.planted.examples)} synthetic texts {told}" if told else ""
    return f"{sizes} real texts; labels {', '.join(material.corpus.labels.ids)}{curation}"


def _report(config: RunConfig, done: "KeyedResult", material: "Material") -> None:
    from rich.console import Console

    from synthsweep.display.run import criteria_table
    from synthsweep.pages.page import DEMO_NOTE

    console = Console(highlight=False, soft_wrap=True)
    console.print(criteria_table(done.result.metrics, material.corpus.labels.ids, f"{done.result.name}: test"))
    if config.data.kind == "demo":
        console.print(DEMO_NOTE)
    if done.reused:
        console.print("This run was finished before: nothing was trained. force=true trains it again.")
    tracking, run = config.tracking, f"Run {done.result.run_id}"
    where = {
        "none": "Kept nowhere (tracking=none).",
        "server": f"{run}: kept at {without_password(str(tracking.uri))}, experiment {tracking.experiment}.",
        "local": f"{run}: kept in {tracking.folder}/, experiment {tracking.experiment}.",
    }[tracking.kind]
    console.print(where)
    console.print(f"Next: {_next_step(config, material)}")


def _next_step(config: RunConfig, material: "Material") -> str:
    if config.tracking.kind == "none":
        return "the same with tracking=local keeps it"
    if material.mix.synthetic:
        return "the same with mix=real_only is its baseline; synthsweep ui shows both side by side"
    texts = "" if config.labels.name == "dsm5_asd" else " llm.path=FILE.jsonl (or llm=simulator)"
    return f"the same with mix=augment{texts} adds synthetic texts; synthsweep ui shows both side by side"


def generate(node: DictConfig) -> None:
    """`synthsweep generate`: forecast, then ask for what a pool lacks."""
    config = frozen(node, PoolConfig)
    if not config.llm.hosted:
        way = "each of its LLMs by its own name" if config.llm.kind == "union" else "llm=gpt-4o-mini"
        raise ConfigError(f"llm must be one that can be asked for synthsweep generate, got {config.llm.name}: as {way}")
    from synthsweep.corpus.parts import load_corpus, require_files
    from synthsweep.generate.llm.job import plan_job
    from synthsweep.run.prepare import asking_of

    require_files(config.data)
    corpus = load_corpus(config.labels, config.data, subset_seed=config.seeds.subset)
    job = plan_job(config, asking_of(config, corpus))
    try:
        _generate(job)
    finally:
        job.store.close()


def _generate(job: "Job") -> None:
    from rich.console import Console

    from synthsweep.display.generate import FillScreen, preview, summary
    from synthsweep.generate.llm.job import run_job, stored_answers
    from synthsweep.generate.llm.pool_request import Filled
    from synthsweep.run.record import track_job

    config, console = job.config, Console(highlight=False, soft_wrap=True, markup=False)
    if job.missing:
        console.print(f"Forecast: {job.forecast}")
    if config.generate.dry_run:
        console.print(f"{job.wanted.done:,} of {job.wanted.total:,} texts are there. Next: the same without generate.dry_run")
        return
    # What was answered before is shown first: it costs nothing.
    shown = stored_answers(job, config.generate.preview)
    filled = Filled(stopped="preview")
    if not config.generate.preview or len(shown) < config.generate.preview:
        screen = FillScreen(free=job.price.free)
        try:
            filled = run_job(job, screen, most_requests=config.generate.preview - len(shown) or None)
        finally:
            screen.close()
    for part in [*preview(job, [*shown, *filled.answers]), *summary(job, filled)]:
        console.print(part)
    if filled.answered and config.tracking.kind != "none":
        track_job(job, filled, _tracker_again(config.tracking))
    overrides = [text for text in HydraConfig.get().overrides.task if not text.startswith("generate.") or "generate.n=" in text]
    # A pool without a text has something to show before it has something to train on.
    look = [] if job.wanted.done or config.generate.preview else ["generate.preview=1"]
    verb = "generate" if look or filled.stopped == "preview" else "run"
    again = shlex.join(["synthsweep", verb, *overrides, *look])
    console.print(f"Next: {without_password(again)}")


def generate_export(node: DictConfig) -> None:
    """`synthsweep generate export`: replies to a file of JSON lines."""
    config = frozen(node, ExportConfig)
    from synthsweep.generate.replies.exchange import write_replies
    from synthsweep.generate.replies.store import FILE, open_reply_store

    folder = Path(config.tracking.folder)
    if not (folder / FILE).exists():
        raise InputError(f"{folder / FILE}: there are no replies; synthsweep generate llm=NAME makes some")
    store = open_reply_store(folder)
    count = write_replies(store.all(config.only_llm, config.only_prompt), Path(config.path).expanduser())
    print(f"{count} replies in {config.path}. Next: synthsweep generate import path={config.path} elsewhere")


def generate_import(node: DictConfig) -> None:
    """`synthsweep generate import`: replies of a file into the store; all of them or none."""
    config = frozen(node, ImportConfig)
    from synthsweep.generate.replies.exchange import read_replies
    from synthsweep.generate.replies.store import open_reply_store

    replies = read_replies(Path(config.path).expanduser())
    store = open_reply_store(Path(config.tracking.folder))
    added = store.add(replies)
    print(f"{added} of {len(replies)} replies added to {store.path}, {len(replies) - added} were there")


def sweeps(node: DictConfig) -> None:
    """`synthsweep sweeps`: the questions that are written down, and how to ask one."""
    frozen(node, SweepsConfig)
    from rich.console import Console
    from rich.table import Table

    from synthsweep.config.questions import questions

    table = Table.grid(padding=(0, 2, 1, 0))
    for question in questions():
        table.add_row(question.name, question.text)
    console = Console(highlight=False)
    console.print(table)
    console.print("synthsweep run -m sweeps=NAME runs one; sweep.dry_run=true says first what it would take.")


def ui(node: DictConfig) -> None:
    """`synthsweep ui`: becomes MLflow's own server, on loopback."""
    config = frozen(node, UiRootConfig)
    if config.tracking.kind != "local":
        raise InputError(
            f"tracking.kind must be local for synthsweep ui, got {config.tracking.kind}: a server has a page of its own"
        )
    require_free(config.ui.port, "ui.port")
    from synthsweep.track.store import require_store, ui_address, ui_command

    command, environment = ui_command(require_store(Path(config.tracking.folder)), Path(config.tracking.folder), config.ui.port)
    print(f"MLflow UI: {ui_address(config.ui.port)}  (Ctrl-C ends it)", flush=True)
    os.execve(sys.executable, command, {**os.environ, **environment})


def doctor(node: DictConfig) -> None:
    """`synthsweep doctor`: one line a check; fails when a check that a run needs does."""
    config = frozen(node, DoctorConfig)
    from synthsweep.cli.doctor import examine, report

    if not report(examine(config)):
        raise SystemExit(1)


def _one_line(task: Callable[[DictConfig], Any]) -> Callable[[DictConfig], Any]:
    def guarded(node: DictConfig) -> Any:
        try:
            return task(node)
        except SynthsweepError as error:
            if HydraConfig.get().mode == RunMode.MULTIRUN:
                raise
            # Past Hydra, which would put a line of its own before ours.
            raise Refusal(error) from error

    return guarded


AUDITS = (audit, audit_export, audit_review, audit_import)
VERBS = (run, generate, generate_export, generate_import, inspect, *AUDITS, compare, compare_power, sweeps, ui, doctor)
TASKS = {verb.__name__: _one_line(verb) for verb in VERBS}
