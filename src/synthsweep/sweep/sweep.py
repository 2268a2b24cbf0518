"""A sweep from plan to summary: open the study, start the workers, conduct, tell."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra.plugins.launcher import Launcher
from hydra.types import HydraContext
from hydra.utils import instantiate
from omegaconf import DictConfig
from rich.console import Console

from synthsweep.config.flat import flat
from synthsweep.config.roots import PowerConfig
from synthsweep.corpus.parts import require_files
from synthsweep.display.sweep import SweepScreen, duration, rows_table
from synthsweep.errors import Interrupted, Refusal, SweepFailed
from synthsweep.messages import without_password
from synthsweep.storage.database import absolute_address
from synthsweep.study.queue.trial_queue import Counts, Job, TrialQueue
from synthsweep.study.results.run_tree import Tree
from synthsweep.study.runner import SweepRunner, interruptible
from synthsweep.sweep.hydra_job import Task
from synthsweep.sweep.plan import Plan, make_plan, read_settings
from synthsweep.track.writer import RunStart, Status, Tracker
from synthsweep.workers.pool import WorkerPool

# Rows of the last table: all of a usual grid, the top of a search.
ROWS = 24


def sweep(
    given: dict[str, Any], node: DictConfig, context: HydraContext, launcher: Launcher, arguments: Sequence[str]
) -> list[Any]:
    """Plans and conducts a study, and says what came of it; returns its trials.

    Raises:
        InputError: the study cannot be as it is described; nothing was begun.
        Refusal: some replicates failed, or it was interrupted; what is finished stays.
    """
    settings = read_settings(given)
    plan = make_plan(settings, node, context.config_loader, arguments)
    require_files(plan.config.data)
    if isinstance(plan.config, PowerConfig):
        from synthsweep.sweep.power import print_power

        print_power(plan, arguments)
        return []
    if plan.config.sweep.dry_run:
        from synthsweep.sweep.forecast import print_forecast

        print_forecast(plan, node, context.config_loader)
        return []
    # Hydra adds the mode itself.
    own = [text for text in node.hydra.overrides.hydra if not text.startswith("hydra.mode")]
    return _Sweep(plan, launcher, list(arguments), own).run()


@dataclass
class _Sweep:
    plan: Plan
    launcher: Launcher
    arguments: list[str]
    hydra_arguments: list[str]

    def run(self) -> list[Any]:
        from synthsweep.study.optuna_storage import storage_errors

        plan = self.plan
        screen = SweepScreen(plan.name, plan.goal, 1)
        screen.say(f"study {plan.name}: {_sizes(plan)}")
        address = absolute_address(plan.settings.storage)
        with storage_errors(address):
            self.store, queue = open_queue(plan, address)
            try:
                return self._run_queue(queue, screen)
            finally:
                screen.close()
                self.store.leases.close()

    def _run_queue(self, queue: TrialQueue, screen: SweepScreen) -> list[Any]:
        counts = queue.counts()
        left = counts.planned - counts.done
        if left <= 0 and _mark(counts) in self.store.leases.notes("kept:"):
            screen.say("every replicate is finished, nothing is left to do")
            return self._format(queue, None, interrupted=False)
        workers = open_workers(self.launcher, max(left, 1), self.plan.settings.batch_size) if left > 0 else _NoWorkers()
        screen.workers = workers.size
        with interruptible() as stop:
            try:
                tree = Tree(self._trackers(), self.store.leases, self._start())
                tree.open()
                screen.say(
                    f"{workers.size} worker{'s' * (workers.size != 1)} start" if left > 0 else "every replicate is finished"
                )
            except BaseException:
                workers.close(at_once=True)
                raise
            runner = SweepRunner(queue, workers, tree, screen, self._order, self.plan.settings.max_retries, stop)
            try:
                runner.run()
            except KeyboardInterrupt:
                stop.asked = True
            finally:
                screen.close()
                self._keep(tree, queue, runner, interrupted=stop.asked)
        return self._format(queue, runner, interrupted=stop.asked)

    def _order(self, job: Job, parent: str) -> Task:
        number = job.trial.number * len(self.plan.seeds) + job.replicate
        return Task(number, self.plan.overrides(job, parent))

    def _trackers(self) -> Callable[[], Tracker]:
        from dataclasses import replace

        from synthsweep.track.choose import tracker_of

        opened = tracker_of(self.plan.config.tracking)
        return lambda: replace(opened)  # type: ignore[type-var]

    def _start(self) -> RunStart:
        from synthsweep.track.environment import git_tags, version_tags

        definition = self.plan.definition
        command = without_password(shlex.join(["synthsweep", "run", "-m", *self.arguments, *self.hydra_arguments]))
        tags = {"study": self.plan.name, "kind": "study", "design": definition.design, "command": command}
        shown = {"objective": ", ".join(definition.objectives), "seeds": ", ".join(map(str, definition.seeds))}
        space = flat({"space": dict(definition.space)})
        return RunStart(self.plan.name, {**shown, **space}, {**tags, **git_tags(Path.cwd()), **version_tags()})

    def _keep(self, tree: Tree, queue: TrialQueue, runner: SweepRunner, *, interrupted: bool) -> None:
        from synthsweep.study.results.best import markdown, table, write_results
        from synthsweep.study.results.plots import write_plots

        counts, goal = queue.counts(), self.plan.goal

        def write(folder: Path) -> None:
            write_results(folder, self.store, self.plan.definition, goal, counts)
            write_plots(folder, self.store.study, goal)

        tree.progress(counts, {"study/failed": float(len(runner.failures)), "study/reused": float(runner.reused)})
        kept, over = tree.keep(write), counts.done >= counts.planned
        status: Status | None = "FINISHED" if over else "KILLED" if interrupted else "FAILED"
        tree.close(None if counts.elsewhere and not over else status, markdown(table(queue.trials(), goal)))
        if over and kept and self.store.leases.claim(_mark(counts)):
            self.store.leases.finish(_mark(counts))

    def _format(self, queue: TrialQueue, runner: SweepRunner | None, *, interrupted: bool) -> list[Any]:
        from synthsweep.study.results.best import best_of, table, why_infeasible

        console, counts = Console(highlight=False, soft_wrap=True), queue.counts()
        console.print(rows_table(table(queue.trials(), self.plan.goal), f"study {self.plan.name}", ROWS))
        if self.plan.settings.design == "search":
            _print_best(console, best_of(self.store), self.plan, why_infeasible(self.store))
        failures = runner.failures if runner else []
        for failed in failures:
            where = f"trial {failed.job.trial.number} replicate {failed.job.replicate}"
            console.print(f"failed: {where}: {failed.reason}", markup=False)
            alone = shlex.join(["synthsweep", "run", *self.plan.alone(failed.job)])
            console.print(f"  alone: {without_password(alone)}", markup=False)
        self._print_end(console, counts, runner)
        if interrupted:
            raise Refusal(Interrupted("interrupted: the same command goes on where this one ended"))
        if failures:
            raise Refusal(
                SweepFailed(f"{len(failures)} of {counts.planned} replicates failed: the same command tries them again")
            )
        undefined = [trial for trial in queue.trials() if trial.state == "failed"]
        if undefined and not any(trial.state in {"complete", "open"} for trial in queue.trials()):
            raise Refusal(SweepFailed(f"no trial came to a value: {undefined[0].reason}"))
        return queue.trials()

    def _print_end(self, console: Console, counts: Counts, runner: SweepRunner | None) -> None:
        reused = f", {runner.reused} of them reused" if runner and runner.reused else ""
        elsewhere = f"; {counts.elsewhere} run in another terminal" if counts.elsewhere else ""
        spent = f" in {duration(runner.busy_s)} of work" if runner and runner.busy_s else ""
        tracking = self.plan.config.tracking
        where = {"none": "kept in no tracker", "server": f"kept at {without_password(str(tracking.uri))}"}.get(
            tracking.kind, f"kept in {tracking.folder}/"
        )
        console.print(
            f"{counts.done} of {counts.planned} replicates finished{reused}{spent}{elsewhere}; {where}, study {self.plan.name}."
        )
        console.print(f"Next: {self._next_step()}; the same command goes on or shows this again.")

    def _next_step(self) -> str:
        tracking = self.plan.config.tracking
        if tracking.kind == "none":
            return "the same with tracking=local keeps it"
        # What is not in the usual place has to be said again.
        moved = [text for text in self.arguments if text.startswith("tracking")]
        command = without_password(shlex.join(["synthsweep", "compare", f"study={self.plan.name}", *moved]))
        return f"{command} says what it came to, synthsweep ui shows its runs, nested"


class _NoWorkers:
    """The workers of a study that is finished."""

    size = 0

    def room(self) -> int:
        return 1

    def submit(self, task_id: int, order: Any) -> None:
        raise AssertionError("a finished study has no job")

    def wait(self, seconds: float) -> list[Any]:
        return []

    def close(self, *, at_once: bool = False) -> None:
        """There is nobody to send home."""


def open_queue(plan: Plan, address: str) -> tuple[Any, TrialQueue]:
    """The study in its storage, and what is left to do of it."""
    from synthsweep.study.optuna_storage import load_study, make_optuna, make_sampler, open_study
    from synthsweep.study.queue.factorial_queue import FactorialQueue
    from synthsweep.study.queue.search_queue import SearchQueue, enqueue, warm_start

    settings = plan.settings
    pruner = make_optuna(settings.pruner, "pruner", instantiate)
    store = open_study(address, plan.name, plan.definition, plan.goal, pruner=pruner, lease_s=settings.lease_s)
    try:
        if settings.design == "factorial":
            return store, FactorialQueue(store, plan.space, plan.goal, list(plan.cells), plan.seeds, settings.seed)
        # A command that goes on must not propose again what the first one did.
        store.study.sampler = make_sampler(settings.sampler, settings.seed + len(store.study.trials), instantiate)
        enqueue(store, plan.space, settings.enqueue)
        if settings.warm_start:
            warm_start(store, plan.space, plan.goal, load_study(address, settings.warm_start, "hydra.sweeper.warm_start"))
        return store, SearchQueue(
            store, plan.space, plan.goal, plan.seeds, settings.n_trials, plan.pruning, settings.max_retries
        )
    except BaseException:
        store.leases.close()
        raise


def open_workers(launcher: Launcher, jobs: int, wanted_batch: int) -> WorkerPool:
    """The launcher's own workers where it has any; batches with any other launcher."""
    if hasattr(launcher, "open_workers"):
        workers: WorkerPool = launcher.open_workers(jobs)
        return workers
    from synthsweep.sweep.launch import BatchWorkerPool, batch_size

    return BatchWorkerPool(launcher, min(batch_size(launcher, wanted_batch), jobs))


def _mark(counts: Counts) -> str:
    """Says in the table of claims that plots and results of so many replicates are kept."""
    return f"kept:{counts.done}"


def _sizes(plan: Plan) -> str:
    seeds = f"{len(plan.seeds)} seed{'s' * (len(plan.seeds) != 1)}"
    if plan.settings.design == "search":
        return f"search, {plan.settings.n_trials} trials of {seeds}"
    combinations = sum(cell.merged for cell in plan.cells)
    message = f" ({combinations} combinations; those without synthetic texts share one control)"
    shared = message if combinations > len(plan.cells) else ""
    return f"factorial, {len(plan.cells)} configurations{shared} of {seeds}: {plan.jobs} replicates"


def _print_best(console: Console, best: Sequence[Any], plan: Plan, why: str) -> None:
    if not best:
        console.print(f"No trial is feasible so far{f': {why}' if why else ''}.", markup=False)
    for one in best:
        values = ", ".join(f"{name} {value:.4f}" for name, value in zip(plan.goal.metrics, one.values, strict=True))
        source = f" (from {one.source})" if one.source else ""
        what = "Best" if len(plan.goal.metrics) == 1 else "On the Pareto front"
        settings = shlex.join(plan.space.overrides(one.assignment))
        console.print(f"{what}: trial {one.number}{source}: {values}: {settings}", markup=False)
