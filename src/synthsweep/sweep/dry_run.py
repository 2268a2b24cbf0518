"""`sweep.dry_run=true`: the cells, how many replicates are finished, and how long the rest takes; nothing is written."""

from collections.abc import Iterator
from pathlib import Path

from hydra.core.config_loader import ConfigLoader
from omegaconf import DictConfig
from rich.progress import track

from synthsweep.config.commands import for_shell
from synthsweep.config.keys.run import RunConfig
from synthsweep.display.console import open_console
from synthsweep.display.sweep import duration
from synthsweep.study.forecast import StudyForecast, forecast
from synthsweep.sweep.launch.local_workers import visible_gpus, worker_environments
from synthsweep.sweep.plan import Plan, compose_run
from synthsweep.track.choose import open_store
from synthsweep.track.mlflow.local_store import DATABASE
from synthsweep.track.reader import FinishedRuns


def print_forecast(plan: Plan, node: DictConfig, loader: ConfigLoader) -> None:
    """Prints what the study would run, and how long that would take."""
    console = open_console()
    search = plan.settings.design == "search"
    expected = _forecast([plan.config] if search else list(_configs(plan, node, loader)), plan.config)
    if search:
        trials = plan.settings.n_trials
        console.print(f"study {plan.name}: search, {trials} trials of {plan.seeds_text}, at most {plan.jobs} replicates.")
        expected = _scaled(expected, plan.jobs)
    else:
        console.print(f"study {plan.name}: factorial, {len(plan.cells)} configurations of {plan.seeds_text}.")
        for cell in plan.cells:
            merged = f"  (stands for {cell.merged} combinations)" if cell.merged > 1 else ""
            console.print(f"  {for_shell(*plan.space.overrides(cell.assignment)) or 'as it is'}{merged}")
        console.print(f"{plan.jobs} replicates: {expected.finished} finished before and reused, {expected.left} to run.")
    console.print(_time(expected, node))
    console.print("0 dollars: recorded and simulated texts cost nothing.")


def _forecast(configs: list[RunConfig], config: RunConfig) -> StudyForecast:
    bar = open_console(stderr=True)
    shown = track(configs, "reading texts", console=bar, transient=True, disable=not bar.is_terminal)
    return forecast(shown, _finished_runs(config))


def _configs(plan: Plan, node: DictConfig, loader: ConfigLoader) -> Iterator[RunConfig]:
    for cell in plan.cells:
        for seed in plan.seeds:
            yield compose_run(node, loader, [*plan.fixed, *plan.space.overrides(cell.assignment), f"seed={seed}"])


def _finished_runs(config: RunConfig) -> FinishedRuns | None:
    exists = config.tracking.uri or (Path(config.tracking.folder) / DATABASE).exists()
    return open_store(config.tracking).finished if exists and config.tracking.kind != "none" else None


def _scaled(one: StudyForecast, jobs: int) -> StudyForecast:
    # What a search will propose is not known: its first configuration stands for all.
    seconds = None if one.seconds is None else one.seconds * jobs
    return StudyForecast(0, jobs, one.steps * jobs, seconds, one.measured_on)


def _time(expected: StudyForecast, node: DictConfig) -> str:
    if not expected.left:
        return "Nothing is left to train."
    if expected.seconds is None:
        return f"{expected.steps} training steps at most; how long is not known before a run of this encoder is finished."
    wanted = node.hydra.launcher.get("n_workers", 0)
    workers = min(len(worker_environments(wanted, 0, visible_gpus())), expected.left)
    return (
        f"At most {expected.steps} training steps, {duration(expected.seconds / workers)} on {workers} "
        f"worker{'s' * (workers != 1)} (by {expected.measured_on} finished runs of this encoder)."
    )
