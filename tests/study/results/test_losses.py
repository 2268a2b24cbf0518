"""What a study has finished and the tracking store has lost, and that exactly this is done again."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hydra.utils import instantiate

from support.studies import AP, GOAL, SPACE, factorial, jobs_of, names, search
from synthsweep.study.optuna_storage import StudyStore
from synthsweep.study.queue.search_queue import SearchQueue
from synthsweep.study.queue.trial_queue import Counts, Job, Outcome, TrialQueue
from synthsweep.study.results.losses import Losses, find_losses
from synthsweep.study.results.run_tree import STUDY_RUN, RunTree
from synthsweep.study.samplers import make_optuna
from synthsweep.sweep.open_queue import with_lost
from synthsweep.track.reader import MODEL, PARENT, PREDICTIONS, REUSED_FROM, KeptRun
from synthsweep.track.writer import RecordingTracker, RunStart

SEEDS = (1, 2)


@dataclass
class KeptStore:
    """A tracking store in memory: runs by id, as its workers write them."""

    runs: dict[str, KeptRun] = field(default_factory=dict)

    def runs_of_study(self, study: str) -> list[KeptRun]:
        return [run for run in self.runs.values() if run.tags.get("study") == study]

    def runs_with_ids(self, run_ids: Collection[str]) -> list[KeptRun]:
        return [run for run in self.runs.values() if run.run_id in run_ids]

    def add(self, status: str = "FINISHED", *, files: Path | None = None, **tags: str) -> str:
        run_id = f"run{len(self.runs)}"
        self.runs[run_id] = KeptRun(run_id, run_id, status, {AP: 0.5}, {"study": "study", **tags}, files=files)
        return run_id

    def do(self, job: Job, *, pruned: str = "", parent: str = "", **more: str) -> Outcome:
        """Runs a job as a worker does."""
        key = f"key {job.trial.number} {job.seed}"
        tags = {"kind": "replicate", "trial": str(job.trial.number), "replicate": str(job.replicate), PARENT: parent}
        run_id = self.add("KILLED" if pruned else "FINISHED", **tags, **({} if pruned else {"run_key": key}), **more)
        return Outcome("" if pruned else run_id, "" if pruned else key, {} if pruned else {AP: 0.5}, 1.0, pruned=pruned)

    def delete(self, **tags: str) -> None:
        for run in [run for run in self.runs.values() if tags.items() <= run.tags.items()]:
            # As MLflow's own: the next run takes another id.
            self.runs[run.run_id] = replace(run, tags={}, run_id="deleted")


def work(queue: TrialQueue, runs: KeptStore, pruned: Callable[[Job], str] = lambda job: "") -> list[tuple[int, int]]:
    done = []
    for job in jobs_of(queue):
        queue.record(job, runs.do(job, pruned=pruned(job)))
        done.append((job.trial.number, job.seed))
    return done


def again(store: StudyStore, runs: KeptStore, design: str, pruning: str = "") -> tuple[TrialQueue, Losses]:
    """The queue of the same command, given later."""
    losses = find_losses(store, runs, SEEDS, pruning)  # type: ignore[arg-type]
    if design == "factorial":
        return factorial(store), losses
    return with_lost(search(store, pruning=pruning), store, SEEDS, losses), losses


@pytest.fixture(params=["factorial", "search"])
def finished(request: pytest.FixtureRequest, open_store: Callable[..., StudyStore]) -> tuple[StudyStore, KeptStore, str]:
    store, runs = open_store(), KeptStore()
    work(factorial(store) if request.param == "factorial" else search(store), runs)
    return store, runs, request.param


def test_a_study_whose_runs_are_there_has_lost_nothing(finished: tuple[StudyStore, KeptStore, str]) -> None:
    """Nothing is said, and nothing runs."""

    queue, losses = again(*finished)

    assert (losses.lost, losses.message, list(jobs_of(queue))) == ((), "", [])


def test_exactly_the_replicates_whose_runs_are_gone_run_again(finished: tuple[StudyStore, KeptStore, str]) -> None:
    """Under their numbers and with their parameters; then nothing is left, and the values of the trials are what they were."""

    store, runs, design = finished
    before = [(trial.number, trial.params, trial.values, trial.state) for trial in store.study.trials]
    count = sum(trial.state.is_finished() for trial in store.study.trials) * 2
    runs.delete(trial="0", replicate="1")
    runs.delete(trial="2")

    queue, losses = again(store, runs, design)
    counts = queue.counts()
    jobs = [(trial.number, dict(trial.assignment)) for trial in queue.trials() if trial.state == "open"]
    done = work(queue, runs)

    assert sorted(done) == [(0, 2), (2, 1), (2, 2)]
    assert losses.message == f"3 of {count} finished replicates are gone from the tracking store: they run again"
    assert [counts, queue.counts()] == [Counts(count, count - 3), Counts(count, count)]
    assert jobs == [(number, params) for number, params, _, _ in before if number in {0, 2}]
    assert [(trial.number, trial.params, trial.values, trial.state) for trial in store.study.trials] == before
    assert [trial.state for trial in queue.trials()] == ["complete"] * len(before)
    assert again(store, runs, design)[1].message == ""


def test_a_trial_whose_last_seed_is_noted_and_no_more_is_closed_with_its_run(open_store: Callable[..., StudyStore]) -> None:
    """A process may die after the last replicate, and before Optuna has the trial's value."""

    store, runs = open_store(), KeptStore()
    queue = factorial(store)
    for job in jobs_of(queue):
        outcome = runs.do(job)
        if (job.trial.number, len(job.trial.outcomes)) == (0, len(SEEDS) - 1):
            store.leases.finish(f"{job.trial.item}/{job.seed}", outcome.plain())
        elif job.trial.number == 0:
            queue.record(job, outcome)
    for number in "01":
        runs.add("KILLED", kind="trial", trial=number)

    later, losses = again(store, runs, "factorial")

    assert (losses.cut_off, losses.lost) == ({0}, ())
    assert [trial.state for trial in later.trials()][:2] == ["complete", "open"]


def test_finished_encoders_without_a_saved_classifier_are_counted(
    finished: tuple[StudyStore, KeptStore, str], tmp_path: Path
) -> None:
    """Of a baseline none can be saved; what nobody can see may be there."""
    store, runs, design = finished
    saved, plain = tmp_path / "saved", tmp_path / "plain"
    (saved / MODEL).mkdir(parents=True)
    plain.mkdir()
    for folder in (saved, plain):
        (folder / PREDICTIONS).touch()
    kept = [(saved, "encoder"), (plain, "encoder"), (plain, "encoder"), (plain, "llm")]
    replicates = [run for run in runs.runs.values() if run.status == "FINISHED"]
    for run, (folder, kind) in zip(replicates, kept, strict=False):
        runs.runs[run.run_id] = replace(run, files=folder, params={"model.kind": kind})

    losses = again(store, runs, design)[1]

    assert (losses.unsaved, losses.message) == (2, "")
    assert losses.unsaved_message.startswith(f"tracking.log_model=true: 2 of {len(losses.kept)} finished replicates saved no")
    assert again(store, KeptStore(), design)[1].unsaved_message == ""


def test_everything_runs_again_where_the_store_is_empty(finished: tuple[StudyStore, KeptStore, str]) -> None:
    """A removed database, or another store; back in the first one, nothing is missing."""

    store, runs, design = finished
    other = KeptStore()

    done = work(again(store, other, design)[0], other)

    assert len(done) == len(runs.runs)
    assert [again(store, one, design)[1].message for one in (runs, other)] == ["", ""]


@pytest.mark.parametrize("loss", ["source", "files of source", "files"])
def test_a_result_that_nothing_holds_any_more_is_gone(
    loss: str, finished: tuple[StudyStore, KeptStore, str], tmp_path: Path
) -> None:
    """A run that is reused from one that is gone, and runs without their predictions."""

    store, runs, design = finished
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / PREDICTIONS).touch()
    lost = next(run for run in runs.runs.values() if run.tags["trial"] == "1" and run.tags["replicate"] == "0")
    kept = next(run for run in runs.runs.values() if run.tags["trial"] == "2" and run.tags["replicate"] == "0")
    sources = [runs.add(study="other", files=tmp_path / name) for name in ("there", "nowhere")]
    linked = {REUSED_FROM: {"source": "deleted", "files of source": sources[1], "files": ""}[loss]}
    runs.runs[kept.run_id] = replace(kept, tags={**kept.tags, REUSED_FROM: sources[0]})
    runs.runs[lost.run_id] = (
        replace(lost, files=tmp_path / "nowhere") if loss == "files" else replace(lost, tags={**lost.tags, **linked})
    )

    assert work(again(store, runs, design)[0], runs) == [(1, 1)]
    assert again(store, runs, design)[1].message == ""


def test_two_terminals_that_find_the_same_loss_do_it_once(
    finished: tuple[StudyStore, KeptStore, str], open_store: Callable[..., StudyStore]
) -> None:
    """Each takes what the other one has not claimed, and knows in the end that all is done."""

    store, runs, design = finished
    runs.delete(trial="0")
    one, other = again(store, runs, design)[0], again(open_store(), runs, design)[0]
    first, second = one.next_job(), other.next_job()
    assert first is not None
    assert second is not None
    one.record(first, runs.do(first))
    other.record(second, runs.do(second))

    assert sorted(names([first, second])) == [(0, 1), (0, 2)]
    assert [queue.next_job() for queue in (one, other)] == [None, None]
    assert one.counts() == other.counts() == Counts(one.counts().planned, one.counts().planned)


def test_a_lost_replicate_that_fails_or_is_given_back_is_done_by_the_next_command(
    finished: tuple[StudyStore, KeptStore, str], open_store: Callable[..., StudyStore]
) -> None:
    store, runs, design = finished
    runs.delete(trial="0")
    queue = again(store, runs, design)[0]
    for job, end in zip(list(jobs_of(queue)), (lambda job: queue.fail(job, "no memory"), queue.release), strict=True):
        end(job)
    left = queue.counts()
    store.leases.close()

    assert left.planned - left.done == 2
    assert len(work(again(open_store(), runs, design)[0], runs)) == 2


def test_a_search_of_an_earlier_version_is_known_by_its_trials(open_store: Callable[..., StudyStore]) -> None:
    """It noted no replicates; nothing is missing while each place has a finished run."""

    store, runs = open_store(), KeptStore()
    work(search(store), runs)
    store.leases.reopen(store.leases.notes())
    nothing = again(store, runs, "search")[1]
    runs.delete(trial="1", replicate="0")

    assert nothing.message == ""
    assert work(again(store, runs, "search")[0], runs) == [(1, 1)]
    assert again(store, runs, "search")[1].message == ""


@pytest.mark.parametrize("noted", [True, False])
def test_a_trial_that_was_pruned_early_runs_its_one_replicate_again(noted: bool, open_store: Callable[..., StudyStore]) -> None:
    """And is pruned again; its run did not finish, which is no loss."""

    store, runs = open_store(), KeptStore()
    work(search(store, pruning="epoch"), runs, lambda job: "too slow" if job.trial.number == 1 else "")
    if not noted:
        store.leases.reopen(store.leases.notes())
    nothing = again(store, runs, "search", "epoch")[1]
    runs.delete(trial="1")
    queue, losses = again(store, runs, "search", "epoch")

    assert nothing.message == ""
    assert [(one.trial, one.index) for one in losses.lost] == [(1, 0)]
    assert work(queue, runs, lambda job: "too slow") == [(1, 1)]
    assert [trial.state for trial in queue.trials()] == ["complete", "pruned", "complete"]
    assert again(store, runs, "search", "epoch")[1].message == ""


@pytest.mark.parametrize("noted", [True, False])
def test_a_trial_that_lost_by_its_replicates_runs_those_again(noted: bool, open_store: Callable[..., StudyStore]) -> None:
    """Only as many as it had."""

    wilcoxon = make_optuna({"_target_": "optuna.pruners.WilcoxonPruner", "p_threshold": 0.1}, "pruner", instantiate)
    store, runs, seeds = open_store(GOAL, pruner=wilcoxon), KeptStore(), (1, 2, 3, 4, 5, 6)
    queue = SearchQueue(store, SPACE, GOAL, seeds, 2, "replicate")
    for job in jobs_of(queue):
        done = runs.do(job)
        queue.record(job, replace(done, metrics={AP: 0.9 - 0.5 * job.trial.number + 0.01 * job.seed}))
    if not noted:
        store.leases.reopen(store.leases.notes())
    assert [trial.state for trial in queue.trials()] == ["complete", "pruned"]
    runs.delete(trial="1")

    losses = find_losses(store, runs, seeds, "replicate")  # type: ignore[arg-type]
    left = with_lost(SearchQueue(store, SPACE, GOAL, seeds, 2, "replicate"), store, seeds, losses)

    assert work(left, runs) == [(1, seed) for seed in (1, 2, 3, 4)]
    assert [trial.state for trial in left.trials()] == ["complete", "pruned"]


def test_runs_of_trials_and_of_the_study_that_are_gone_are_made_again_above_what_is_left(
    finished: tuple[StudyStore, KeptStore, str],
) -> None:
    """Their runs below are adopted; one that another command made in this store is taken."""

    store, runs, _ = finished
    items = {trial.number: trial.item for trial in again(*finished)[0].trials()}
    for number, item in items.items():
        run_id = runs.add(kind="trial", trial=str(number), **{PARENT: "deleted study"})
        assert store.leases.claim(f"run:{item}")
        # The run of trial 1 is another one here; that of trial 0 is gone.
        store.leases.finish(f"run:{item}", "elsewhere" if number < 2 else run_id)
    assert store.leases.claim(STUDY_RUN)
    store.leases.finish(STUDY_RUN, "deleted study")
    runs.delete(kind="trial", trial="0")
    below = [run.run_id for run in runs.runs.values() if run.tags.get("kind") == "replicate" and run.tags["trial"] == "0"]
    for run_id in below:
        runs.runs[run_id] = replace(runs.runs[run_id], tags={**runs.runs[run_id].tags, PARENT: "elsewhere"})

    queue, losses = again(*finished)
    opened: list[RecordingTracker] = []

    def open_tracker() -> RecordingTracker:
        opened.append(RecordingTracker())
        opened[-1].start = lambda run: f"new {len(opened)}"  # type: ignore[method-assign]
        return opened[-1]

    tree = RunTree(open_tracker, store.leases, RunStart("study", {}, {}), losses.orphans)
    tree.open()
    parents = [tree.parent_of(trial) for trial in queue.trials()]

    assert (losses.lost, losses.trials, losses.study) == ((), frozenset({0}), True)
    assert losses.message == "the runs of 1 trial are gone from the tracking store: they are made again"
    assert parents[0] == "new 2"
    assert parents[1:] == [run.run_id for run in runs.runs.values() if run.tags.get("kind") == "trial"]
    assert sorted(opened[0].children) == sorted(parents[1:])
    assert sorted(opened[1].children) == sorted(below)
    assert [trial.outcomes.keys() for trial in queue.trials() if trial.number == 0] == [{0, 1}]
