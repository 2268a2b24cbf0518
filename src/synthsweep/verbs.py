"""What each verb does once Hydra has composed its configuration."""

import os
import shlex
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hydra.core.hydra_config import HydraConfig
from hydra.types import RunMode
from omegaconf import DictConfig

from synthsweep.config.register import frozen
from synthsweep.config.roots import DoctorConfig, UiRootConfig
from synthsweep.config.schema import RunConfig, TrackingConfig
from synthsweep.errors import ConfigError, InputError, Refusal, SynthsweepError, without_password

if TYPE_CHECKING:
    from synthsweep.material import Material
    from synthsweep.study.resume import KeyedResult
    from synthsweep.track.tracker import Tracker


def run(node: DictConfig) -> float | None:
    """`synthsweep run`: returns the dev score that a sweeper optimises, None where it is undefined."""
    config, hydra = frozen(node, RunConfig), HydraConfig.get()
    overrides = list(hydra.overrides.task)
    multirun = hydra.mode == RunMode.MULTIRUN
    if hydra.runtime.choices.get("sweeps") and not multirun:
        raise ConfigError(f"sweeps={hydra.runtime.choices['sweeps']} is a multirun: add -m, as in synthsweep run -m ...")
    from synthsweep.corpus.parts import require_files

    require_files(config.data)
    return _run(config, overrides, title=f"job {hydra.job.num + 1}: {' '.join(overrides)}" if multirun else "")


def _run(config: RunConfig, overrides: list[str], *, title: str) -> float | None:
    from synthsweep.material import prepare
    from synthsweep.screen import Screen
    from synthsweep.study.resume import run_or_reuse

    screen = Screen()
    try:
        if title:
            screen.stage(title)
        screen.stage("reading texts")
        material = prepare(config)
        screen.stage(_found(material))
        screen.stage("opening the tracking store" if config.tracking.kind != "none" else "nothing will be kept: tracking=none")
        tags = {"command": without_password(shlex.join(["synthsweep", "run", *overrides]))}
        done = run_or_reuse(config, material, tracker=_tracker(config.tracking), tags=tags, progress=screen)
    finally:
        screen.close()
    _report(config, done, material)
    return done.result.metrics.get("dev/average_precision/macro")


def _tracker(config: TrackingConfig) -> "Tracker":
    if config.kind == "none":
        from synthsweep.track.tracker import RecordingTracker

        return RecordingTracker()
    from synthsweep.track.mlflow_tracker import open_tracker

    return open_tracker(config)


def _found(material: "Material") -> str:
    sizes = ", ".join(f"{part} {len(examples)}" for part, examples in material.corpus.split.parts.items())
    return f"{sizes} real texts; labels {', '.join(material.corpus.labels.ids)}"


def _report(config: RunConfig, done: "KeyedResult", material: "Material") -> None:
    from rich.console import Console

    from synthsweep.record import DEMO_NOTE
    from synthsweep.screen import criteria_table

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


def ui(node: DictConfig) -> None:
    """`synthsweep ui`: becomes MLflow's own server, on loopback."""
    config = frozen(node, UiRootConfig)
    if config.tracking.kind != "local":
        raise InputError(
            f"tracking.kind must be local for synthsweep ui, got {config.tracking.kind}: a server has a page of its own"
        )
    _require_free(config.ui.port)
    from synthsweep.track.store import require_store, ui_address, ui_command

    command, environment = ui_command(require_store(Path(config.tracking.folder)), Path(config.tracking.folder), config.ui.port)
    print(f"MLflow UI: {ui_address(config.ui.port)}  (Ctrl-C ends it)", flush=True)
    os.execve(sys.executable, command, {**os.environ, **environment})


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        # As the server will: a port that was left a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise InputError(f"ui.port={port} is taken ({error.strerror}): set ui.port={port + 1} or the like") from error


def doctor(node: DictConfig) -> None:
    """`synthsweep doctor`: one line a check; fails when a check that a run needs does."""
    config = frozen(node, DoctorConfig)
    from synthsweep.doctor import examine, report

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


TASKS = {"run": _one_line(run), "ui": _one_line(ui), "doctor": _one_line(doctor)}
