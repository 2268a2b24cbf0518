"""A planned study from its storage to its results: open it, start workers, run what is left, keep the results, print them."""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import optuna
from hydra.plugins.launcher import Launcher
from rich.console import Console

from synthsweep.config.compose.given import given_command
from synthsweep.config.flat import flat
from synthsweep.config.keys.sweeper import SweeperSettings
from synthsweep.config.parameters import names_of
from synthsweep.display.console import open_console
from synthsweep.display.steps import Steps
from synthsweep.display.sweep import SweepScreen, print_best, print_end, print_failures, print_trials
from synthsweep.display.took import took_line
from synthsweep.errors import Interrupted, Refusal, SweepFailed, TrackingError
from synthsweep.messages import listing, without_password
from synthsweep.pages.numbers import counted
from synthsweep.progress import Event
from synthsweep.storage.database import study_address, study_names
from synthsweep.study.design.seed_rule import UNTIL_TAG, Look
from synthsweep.study.limits import StudyLimits
from synthsweep.study.optuna_storage import StudyStore, storage_errors
from synthsweep.study.queue.growing_queue import GrowingQueue
from synthsweep.study.queue.trial_queue import Counts, Job, Trial, TrialQueue
from synthsweep.study.results.best import as_it_stands, best_of, table, why_infeasible, write_results
from synthsweep.study.results.looks import look_line, write_looks
from synthsweep.study.results.losses import RESULTS, Losses
from synthsweep.study.results.note import study_note
from synthsweep.study.results.plots import write_plots
from synthsweep.study.results.run_tree import RunTree
from synthsweep.study.shared.begun import Begun
from synthsweep.study.shared.kept_inputs import files_read, keep_files
from synthsweep.study.shared.stop_request import StopRequests
from synthsweep.study.sweep_runner import JobEnded, SweepRunner, Tally, interruptible
from synthsweep.sweep.follow_study import follow_study
from synthsweep.sweep.keep_command import begun_of
from synthsweep.sweep.launch.choose import open_workers
from synthsweep.sweep.launch.hydra_job import Task
from synthsweep.sweep.open_queue import open_queue
from synthsweep.sweep.plan import Plan
from synthsweep.sweep.replies import keep_study_replies
from synthsweep.sweep.texts import describe_texts
from synthsweep.track.choose import tracker_of
from synthsweep.track.environment import git_tags, version_tags
from synthsweep.track.views import study_view
from synthsweep.track.writer import RunStart, Status, Tracker
from synthsweep.workers.worker_pool import WorkerPool

# What a study reads is kept again while it runs, not more often than this.
KEEP_AFTER_S = 60.0


def run_study(
    plan: Plan, launcher: Launcher, arguments: Sequence[str], hydra_arguments: Sequence[str],
    *, prints_results: bool = True, joins: bool = False,
) -> list[Trial]:  # fmt: skip
    """Runs what is left of a study and prints its results, or only what failed; returns its trials.

    A process that `joins` a study takes its command from there, and leaves it as it is.

    Raises:
        Refusal: some replicates failed, no trial has a value, or it was interrupted; what is finished stays.
    """
    if hasattr(launcher, "require_reachable"):
        launcher.require_reachable()
    screen = SweepScreen(plan.name, plan.goal, 1)
    screen.say(f"study {plan.name}: {plan.size}{f' ({plan.named})' if plan.named else ''}")
    if plan.idle:
        screen.say(plan.idle)
    address = study_address(plan.settings.storage, plan.config.tracking.folder)
    with storage_errors(address), Steps(screen) as begin:
        study = _opened(plan, address, screen, begin, None if joins else begun_of(plan, arguments, hydra_arguments))
        begin.close()
        try:
            study.say_losses()
            tally = study.run(launcher, study_start(plan, [*arguments, *hydra_arguments]))
            study.write_results()
            if prints_results:
                study.print_results(tally, arguments)
            else:
                study.print_failures(tally, open_console(stderr=True))
            trials, counts = study.queue.trials(), study.queue.counts()
        finally:
            screen.close()
            study.store.leases.close()
    require_success(trials, counts, tally, search=plan.settings.design == "search")
    return trials


def _opened(plan: Plan, address: str, screen: SweepScreen, begin: Steps, begun: Begun | None) -> "OpenStudy":
    begin("opening the storage of the study")
    if plan.name not in study_names(address):
        # A study whose texts nobody can read must not begin: its name would belong to them.
        begin("reading texts")
        texts = describe_texts(plan)
        for line in texts.lines:
            screen.say(line)
        screen.says_cut_texts = not texts.cut
    store, queue, losses = open_queue(plan, address, begun)
    if store.grown:
        screen.say(f"study {plan.name} grows: {listing(list(store.grown), 6)}; what is finished stays")
    if store.learned:
        screen.say(store.learned)
    return OpenStudy(plan, store, queue, screen, losses, begin, limits_of(plan.settings), StopRequests(store.leases))


@dataclass
class OpenStudy:
    """A study whose storage is open, the screen on which it is shown, and what the tracking store has lost of it.

    `stop_requested` says where `synthsweep studies stop` has asked for an end since the study was opened.
    """

    plan: Plan
    store: StudyStore
    queue: TrialQueue
    screen: SweepScreen
    losses: Losses
    begin: Steps
    limits: StudyLimits = field(default_factory=StudyLimits)
    stop_requested: Callable[[], str] = lambda: ""
    _kept_at: float = field(default=0.0, init=False)

    def say_losses(self) -> None:
        """Prints what the tracking store has lost of the study."""
        if self.losses.message:
            self.screen.say(self.losses.message)
        if self.plan.config.tracking.log_model and self.losses.unsaved_message:
            self.screen.say(self.losses.unsaved_message)

    def run(self, launcher: Launcher, start: RunStart) -> Tally:
        """Runs every job that is left, and keeps the results in the study's run, which `start` describes."""
        counts = self.queue.counts()
        left = counts.planned - counts.done
        if counts.finished and not self.losses.message and results_mark(counts) in self.store.leases.notes(RESULTS):
            self.screen.say("every replicate is finished, nothing is left to do")
            return Tally()
        if hasattr(launcher, "submit_workers"):
            return follow_study(self, launcher, partial(self._open_tree, start))
        self.begin("starting workers")
        # More may follow, of each configuration at least once.
        jobs = max(left, len(self.plan.cells)) if counts.undecided else left
        workers = open_workers(launcher, jobs, self.plan.settings.batch_size)
        self.screen.workers = workers.size
        with interruptible() as stop:
            tree = self._open_tree_of(workers, start)
            if isinstance(self.queue, GrowingQueue):
                self.queue.show = partial(self.show_look, self.queue, tree)
            show = partial(self._show, tree)
            runner = SweepRunner(self.queue, workers, tree, show, self._task, self.limits, stop, self.stop_requested)
            try:
                runner.run()
            except KeyboardInterrupt:
                stop.asked, runner.tally.limit = True, ""
            finally:
                self.screen.close()
                runner.tally.interrupted = stop.asked and not runner.tally.limit
                self.keep_results(tree, runner.tally)
        if runner.tally.lost:
            # A worker that was given up may have been alive when another one began its replicate: its run is closed by now.
            with suppress(TrackingError):
                tracker_of(self.plan.config.tracking)
        return runner.tally

    def _open_tree_of(self, workers: WorkerPool, start: RunStart) -> RunTree:
        try:
            tree = self._open_tree(start)
        except BaseException:
            workers.close(at_once=True)
            raise
        plural = "s" * (workers.size != 1)
        self.screen.say(f"{workers.size} worker{plural} start" if workers.size else "every replicate is finished")
        return tree

    def _open_tree(self, start: RunStart) -> RunTree:
        self.begin(f"opening the tracking store {self._place} (a new one takes longest)")
        makes, store = _tracker_factory(self.plan), self.store
        tree = RunTree(makes, store.leases, start, self.losses.orphans, store.grown, store.keep_run)
        tree.open()
        for trial in self.queue.trials():
            if trial.number in self.losses.unclosed and trial.state != "open" and trial.outcomes:
                tree.parent_of(trial)
                tree.close_trial(trial)
        self.begin.close()
        self._keep_inputs(tree)
        return tree

    def _show(self, tree: RunTree, event: Event, /) -> None:
        self.screen(event)
        if isinstance(event, JobEnded) and time.monotonic() - self._kept_at > KEEP_AFTER_S:
            # A machine can join once the texts of all LLMs are there, not at the end of this command.
            self._keep_inputs(tree)

    def _keep_inputs(self, tree: RunTree) -> None:
        """Keeps what the study reads with its run where that was asked for, and says so: real texts leave this folder."""
        self._kept_at = time.monotonic()
        if not self.plan.config.tracking.log_data:
            return
        files = keep_files(files_read(self.plan.contents), tree.keep, self.store.leases)
        replies = keep_study_replies(self.plan, tree.keep, self.store.leases)
        if files or replies:
            kept = f"{counted(files, 'file')} and {counted(replies, 'answer')} of LLMs are now kept with the study"
            self.screen.say(f"tracking.log_data=true: {kept} at {self._place}")

    @property
    def _place(self) -> str:
        """The tracking store, as it is shown."""
        return without_password(str(self.plan.config.tracking.uri or self.plan.config.tracking.folder))

    def _task(self, job: Job, parent: str) -> Task:
        number = job.trial.number * self.plan.most_seeds + job.replicate
        overrides = self.plan.overrides(job, parent)
        return Task(number, overrides, self.plan.composed(overrides))

    def show_look(self, queue: GrowingQueue, tree: RunTree, look: Look) -> None:
        """Says what a look found, and keeps all looks with the study's run, where a comparison reads them."""
        assert self.plan.rule is not None
        self.screen.say(look_line(self.plan.rule, look, len(self.plan.cells)))
        tree.keep(partial(write_looks, rule=self.plan.rule, looks=queue.looks))

    def keep_results(self, tree: RunTree, tally: Tally) -> None:
        """Adds plots and results to the study's run, and ends it unless another process goes on with it."""
        counts, goal, leases = self.queue.counts(), self.plan.goal, self.store.leases

        def write(folder: Path) -> None:
            shown = self.shown_study()
            write_results(folder, self.store, self.plan.definition, goal, counts, shown)
            if self.plan.rule and isinstance(self.queue, GrowingQueue):
                write_looks(folder, self.plan.rule, self.queue.looks)
            write_plots(folder, shown, goal)

        tree.progress(counts, tally.metrics())
        # What LLMs wrote in the meantime.
        self._keep_inputs(tree)
        kept, finished = tree.keep(write), counts.finished
        status: Status | None = "FINISHED" if finished else "KILLED" if tally.interrupted or tally.limit else "FAILED"
        if counts.elsewhere and not finished:
            status = None
        trials = self.queue.trials()
        tree.close(status, study_note(self.plan.name, table(trials, goal), tree.trial_runs(trials)))
        if not finished:
            # A worker that had to be killed left its run open; where the store does not answer, the tree has said so.
            with suppress(TrackingError):
                tracker_of(self.plan.config.tracking)
        if finished and kept and leases.claim(results_mark(counts)):
            leases.finish(results_mark(counts))

    def shown_study(self) -> optuna.Study:
        """What results and plots are of: Optuna's own study, or what a factorial one has grown to."""
        if self.plan.settings.design == "search":
            return self.store.study
        return as_it_stands(self.store.study, self.queue.trials(), self.plan.space, self.plan.goal)

    def write_results(self) -> None:
        """Keeps the results in Hydra's folder of this command, too, where its own Optuna sweeper has them."""
        folder = Path(str(self.plan.composer.node.hydra.sweep.dir))
        folder.mkdir(parents=True, exist_ok=True)
        write_results(folder, self.store, self.plan.definition, self.plan.goal, self.queue.counts(), self.shown_study())

    def print_results(self, tally: Tally, arguments: Sequence[str]) -> None:
        """Prints the trials, the best of a search, what failed, and what to do next."""
        plan, console = self.plan, open_console()
        print_trials(console, plan.name, table(self.queue.trials(), plan.goal))
        if plan.settings.design == "search":
            print_best(console, best_of(self.store.study), why_infeasible(self.store), plan.goal, plan.space)
        self.print_failures(tally, console)
        console.print(took_line(self.screen.seconds))
        print_end(console, plan.name, self.queue.counts(), tally, plan.config.tracking, arguments)

    def print_failures(self, tally: Tally, console: Console) -> None:
        """Prints what failed, with the commands that run it alone."""
        alone = [given_command("run", *self.plan.alone(one.job)) for one in tally.failures]
        print_failures(console, tally.failures, alone)


def limits_of(settings: SweeperSettings) -> StudyLimits:
    """The limits of this command, whose hours begin now."""
    return StudyLimits(settings.max_retries, settings.max_hours, settings.max_failures)


def results_mark(counts: Counts) -> str:
    """The claim that marks plots and results of this many replicates as kept."""
    return f"{RESULTS}{counts.done}"


def study_start(plan: Plan, arguments: Sequence[str]) -> RunStart:
    """Name, parameters and tags of the study's own run."""
    definition = plan.definition
    command = given_command("run -m", *arguments)
    tags = {"study": plan.name, "kind": "study", "design": definition.design, "command": command}
    params = {"objective": ", ".join(definition.objectives), "seeds": ", ".join(map(str, definition.seeds))}
    if plan.rule:
        tags[UNTIL_TAG], params["seeds"] = plan.rule.text, plan.seeds_text
    space = flat({"space": dict(definition.space)})
    columns = [name for factor in plan.space.factors for name in names_of(factor.key)]
    view = study_view(plan.name, columns, plan.config.labels.ids or ())
    if plan.settings.design == "search" and plan.goal.skips_undefined:
        params["objective.undefined"] = "skip"
    return RunStart(plan.name, {**params, **space}, {**tags, **git_tags(Path.cwd()), **version_tags()}, views=(view,))


def _tracker_factory(plan: Plan) -> Callable[[], Tracker]:
    # The store is opened once; each run gets a tracker of its own.
    opened = tracker_of(plan.config.tracking)
    return lambda: replace(opened)  # type: ignore[type-var]


def require_success(trials: Sequence[Trial], counts: Counts, tally: Tally, *, search: bool = True) -> None:
    """Raises Refusal, which Hydra lets through, if the exit status must not be 0."""
    if tally.interrupted:
        why = f"stopped by {tally.stopped}" if tally.stopped else "interrupted"
        raise Refusal(Interrupted(f"{why}: the same command goes on where this one ended"))
    if tally.failures:
        failed = f"{len(tally.failures)} of {counts.planned} replicates failed"
        raise Refusal(SweepFailed(f"{failed}: the same command tries them again"))
    if tally.unfinished:
        raise Refusal(SweepFailed(tally.unfinished))
    undefined = [trial for trial in trials if trial.state == "failed"]
    if search and undefined and not any(trial.state in {"complete", "open"} for trial in trials):
        raise Refusal(SweepFailed(f"no trial has a value: {undefined[0].reason}"))
