"""The best trial of a search on fresh seeds."""

from dataclasses import replace

import pytest
from scipy import stats

from support.builders import run_config, store_of
from synthsweep.compare.result.search import Confirmation
from synthsweep.compare.search.confirm import Selection, confirm, confirmation_of, fresh_config, fresh_seeds
from synthsweep.config.keys.run import SweepConfig
from synthsweep.errors import StudyError
from synthsweep.progress import Advance, Event
from synthsweep.run.experiment import run_experiment
from synthsweep.track.writer import RecordingTracker

AP = "dev/average_precision/macro"
CI = (
    "experiment=ci", "training.threads=1", "tracking=none", "training.epochs=1", "data.train_size=60", "data.dev_size=60",
    "data.test_size=60",
)  # fmt: skip


def test_seeds_that_followed_the_old_seed_follow_the_fresh_one() -> None:
    """Seeds that were set apart stay, data.split_seed above all; the run belongs to no trial any more."""

    config = run_config(*CI, "seed=3", "seeds.order=9", "study=best", "replicates=4", "force=true", "data.split_seed=3")
    config = replace(config, sweep=SweepConfig(trial=5, replicate=2, parent="abc"))

    again = fresh_config(config, 11)

    seeds = again.seeds
    assert (again.seed, seeds.subset, seeds.draw, seeds.init, seeds.order) == (11, 11, 11, 11, 9)
    assert (again.study, again.sweep, again.replicates, again.force) == ("best-confirm", SweepConfig(), 1, False)
    assert (again.data, again.training, again.mix) == (config.data, config.training, config.mix)
    assert fresh_config(run_config(*CI), 2).study == "confirm"


def test_fresh_seeds_begin_after_the_largest_used() -> None:
    assert fresh_seeds((2, 7, 4), 3) == (8, 9, 10)
    with pytest.raises(StudyError, match="fresh seeds"):
        fresh_seeds((2**32 - 2,), 3)


def confirmed(seed: int, tracker: RecordingTracker, objective: str = AP) -> Confirmation:
    return confirm(run_config(*CI), (seed,), Selection(5, objective, 0.9), store_of(tracker))


@pytest.mark.slow
def test_a_confirmation_is_the_mean_on_fresh_seeds_with_a_t_interval() -> None:
    """Each value is that of a run with that seed alone."""

    tracker, events = RecordingTracker(), list[Event]()

    found = confirm(run_config(*CI, "study=best"), (4, 5, 6), Selection(5, AP, 0.9), store_of(tracker), events.append)

    alone = [run_experiment(run_config(*CI, f"seed={seed}"), RecordingTracker()).metrics[AP] or 0.0 for seed in (4, 5, 6)]
    expected = stats.t.interval(0.95, 2, loc=sum(alone) / 3, scale=stats.sem(alone))
    assert found.fresh_interval is not None
    assert [found.fresh_interval.low, found.fresh_interval.high] == pytest.approx(list(expected))
    assert (found.trial, found.objective, found.seeds) == (5, AP, (4, 5, 6))
    assert (found.selected, found.fresh) == (0.9, pytest.approx(sum(alone) / 3))
    assert events == [Advance(1, 3), Advance(2, 3), Advance(3, 3)]
    assert tracker.run is not None
    assert tuple(tracker.run.tags[name] for name in ("study", "kind", "confirms")) == ("best-confirm", "confirmation", "5")


@pytest.mark.slow
def test_a_finished_seed_is_not_trained_again() -> None:
    tracker = RecordingTracker()
    first = confirmed(4, tracker)
    writes = len(tracker.metrics)

    again = confirmed(4, tracker)

    assert len(tracker.metrics) == writes
    assert again == first
    assert again.fresh_interval is None


@pytest.mark.slow
def test_seconds_can_be_confirmed_as_metrics_can() -> None:
    """An objective of a search may be what a run takes."""

    assert confirmed(4, RecordingTracker(), "train/steps").fresh > 0


@pytest.mark.slow
def test_an_objective_that_no_seed_defines_is_refused() -> None:
    """Undefined is not 0."""

    with pytest.raises(StudyError, match=r"dev/f1/none is undefined with every fresh seed \(4\)"):
        confirmed(4, RecordingTracker(), "dev/f1/none")


def test_a_seed_with_which_the_objective_is_undefined_is_excluded(caplog: pytest.LogCaptureFixture) -> None:
    """A warning names it; the mean is of the others."""

    found = confirmation_of(Selection(5, "dev/precision/A", 0.9), {4: 0.5, 5: None, 6: 0.7})

    assert (found.seeds, found.fresh) == ((4, 6), pytest.approx(0.6))
    assert "dev/precision/A is undefined with seed 5: left out of the mean" in caplog.text
