"""`sweep.dry_run=true`: cells, replicates, what is finished, and how long the rest takes; nothing is written."""

from collections.abc import Iterator
from pathlib import Path

from hydra.core.config_loader import ConfigLoader
from omegaconf import DictConfig
from rich.console import Console
from rich.progress import track

from synthsweep.config.schema import RunConfig
from synthsweep.display.sweep import duration
from synthsweep.study.forecast import StudyForecast, forecast
from synthsweep.sweep.launch import visible_gpus, worker_environments
from synthsweep.sweep.plan import Plan, composed
from synthsweep.track.choose import open_store
from synthsweep.track.reader import FinishedRuns
from synthsweep.track.store import DATABASE


def print_forecast(plan: Plan, node: DictConfig, loader: ConfigLoader) -> None:
    """Prints what the study would run, and what it would take."""
    console, finished = Console(highlight=False, soft_wrap=True), _finished(plan.config)
    search = plan.settings.design == "search"
    seeds = f"{len(plan.seeds)} seed{'s' * (len(plan.seeds) != 1)}"
    configs = [plan.config] if search else list(_configs(plan, node, loader))
    bar = Console(stderr=True)
    watched = track(configs, "reading texts", console=bar, transient=True, disable=not bar.is_terminal)
    found = forecast(watched, finished)
    if search:
        trials = plan.settings.n_trials
        console.print(f"study {plan.name}: search, {trials} trials of {seeds}, at most {plan.jobs} replicates.")
        found = _scaled(found, plan.jobs)
    else:
        console.print(f"study {plan.name}: factorial, {len(plan.cells)} configurations of {seeds}.")
        for cell in plan.cells:
            merged = f"  (stands for {cell.merged} combinations)" if cell.merged > 1 else ""
            console.print(f"  {' '.join(plan.space.overrides(cell.assignment)) or 'as it is'}{merged}", markup=False)
        console.print(f"{plan.jobs} replicates: {found.finished} finished before and reused, {found.left} to run.")
    console.print(_time(found, node))
    console.print("0 dollars: recorded and simulated texts cost nothing.")


def _configs(plan: Plan, node: DictConfig, loader: ConfigLoader) -> Iterator[RunConfig]:
    for cell in plan.cells:
        for seed in plan.seeds:
            yield composed(node, loader, [*plan.fixed, *plan.space.overrides(cell.assignment), f"seed={seed}"])


def _finished(config: RunConfig) -> FinishedRuns | None:
    there = config.tracking.uri or (Path(config.tracking.folder) / DATABASE).exists()
    return open_store(config.tracking).finished if there and config.tracking.kind != "none" else None


def _scaled(found: StudyForecast, jobs: int) -> StudyForecast:
    # What a search will propose is not known: its first configuration stands for all.
    seconds = None if found.seconds is None else found.seconds * jobs
    return StudyForecast(0, jobs, found.steps * jobs, seconds, found.measured_on)


def _time(found: StudyForecast, node: DictConfig) -> str:
    if not found.left:
        return "Nothing is left to train."
    if found.seconds is None:
        return f"{found.steps} training steps at most; how long is not known before a run of this encoder is finished."
    wanted = node.hydra.launcher.get("n_workers", 0)
    workers = min(len(worker_environments(wanted, 0, visible_gpus())), found.left)
    return (
        f"At most {found.steps} training steps, {duration(found.seconds / workers)} on {workers} "
        f"worker{'s' * (workers != 1)} (by {found.measured_on} finished runs of this encoder)."
    )
