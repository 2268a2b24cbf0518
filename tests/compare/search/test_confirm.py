"""The best trial of a search again, on seeds that chose nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from scipy import stats

from support.builders import run_config
from synthsweep.compare.result import Confirmation
from synthsweep.compare.search.confirm import confirm, confirmation_of, fresh_config, fresh_seeds, read_config
from synthsweep.config.flat import plain
from synthsweep.config.schema import RunConfig, SweepConfig
from synthsweep.errors import ConfigError, StudyError
from synthsweep.run.experiment import run_experiment
from synthsweep.track.writer import RecordingTracker

AP = "dev/average_precision/macro"
CI = (
    "experiment=ci", "training.threads=1", "tracking=none", "training.epochs=1", "data.train_size=60", "data.dev_size=60",
    "data.test_size=60",
)  # fmt: skip


def written(values: dict[str, object]) -> Path:
    path = Path("config.yaml")
    path.write_text(yaml.safe_dump(values, sort_keys=False, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.slow
def test_a_run_gives_its_configuration_back() -> None:
    """From the artifact of a real run, whatever was set."""

    config = run_config(*CI, "study=doses", "training.learning_rate=5e-4", "labels=dsm5_asd", "evaluation.threshold=0.5")
    tracker = RecordingTracker()
    run_experiment(config, tracker)
    Path("config.yaml").write_bytes(tracker.files["config.yaml"])

    assert config == read_config(Path("config.yaml"))


def test_keys_of_another_version_are_left_out_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """And keys that it did not have yet are at their defaults."""

    values = plain(run_config(*CI))
    values["training"]["momentum"] = 0.9
    values["audit"] = {"judge": "x"}
    del values["training"]["weight_decay"]

    config = read_config(written(values))

    assert "this version has no audit, training.momentum: left out" in caplog.text
    assert RunConfig().training.weight_decay == config.training.weight_decay
    assert run_config(*CI).training.learning_rate == config.training.learning_rate


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "training: 3", "training: {epochs: 0}", "training: {epochs: many}"])
def test_a_file_that_is_no_configuration_is_refused(text: str) -> None:
    """In one line."""

    Path("config.yaml").write_text(text)

    with pytest.raises(ConfigError, match=r"config\.yaml: th|training\.epochs must be"):
        read_config(Path("config.yaml"))


def test_a_file_that_is_not_there_is_refused() -> None:
    """With its name."""

    with pytest.raises(ConfigError, match=r"nowhere\.yaml: the run's configuration cannot be read"):
        read_config(Path("nowhere.yaml"))


def test_a_fresh_seed_takes_along_what_followed_the_old_one() -> None:
    """What was fixed on purpose stays, data.split_seed above all; the run belongs to no trial any more."""

    config = run_config(*CI, "seed=3", "seeds.order=9", "study=best", "replicates=4", "force=true", "data.split_seed=3")
    config = replace(config, sweep=SweepConfig(trial=5, replicate=2, parent="abc"))

    again = fresh_config(config, 11)

    seeds = again.seeds
    assert (again.seed, seeds.subset, seeds.draw, seeds.init, seeds.order) == (11, 11, 11, 11, 9)
    assert (again.study, again.sweep, again.replicates, again.force) == ("best-confirm", SweepConfig(), 1, False)
    assert (config.data, config.training, config.mix) == (again.data, again.training, again.mix)
    assert fresh_config(run_config(*CI), 2).study == "confirm"


def test_fresh_seeds_begin_after_the_largest_used() -> None:
    """None of them was seen by the search."""

    assert fresh_seeds((2, 7, 4), 3) == (8, 9, 10)
    with pytest.raises(StudyError, match="fresh seeds"):
        fresh_seeds((2**32 - 2,), 3)


def confirmed(config: RunConfig | Path, seeds: tuple[int, ...], tracker: RecordingTracker, objective: str = AP) -> Confirmation:
    return confirm(config, seeds, trial=5, objective=objective, selected=0.9, tracker=tracker)


@pytest.mark.slow
def test_a_confirmation_is_the_mean_on_fresh_seeds_with_a_t_interval() -> None:
    """Each value is that of a run with that seed alone; the caller hears of each."""

    config, heard = run_config(*CI, "study=best"), list[tuple[int, int, int, float | None]]()
    tracker = RecordingTracker()

    found = confirm(
        written(plain(config)), (4, 5, 6), trial=5, objective=AP, selected=0.9, tracker=tracker,
        on_seed=lambda *told: heard.append(told),
    )  # fmt: skip

    alone = [run_experiment(run_config(*CI, f"seed={seed}"), RecordingTracker()).metrics[AP] for seed in (4, 5, 6)]
    expected = stats.t.interval(0.95, 2, loc=sum(alone) / 3, scale=stats.sem(alone))
    assert found.fresh_interval is not None
    assert list(expected) == pytest.approx([found.fresh_interval.low, found.fresh_interval.high])
    assert (found.trial, found.objective, found.seeds) == (5, AP, (4, 5, 6))
    assert (0.9, sum(alone) / 3) == (found.selected, pytest.approx(found.fresh))
    assert [(place, 3, seed, value) for place, seed, value in zip((1, 2, 3), (4, 5, 6), alone, strict=True)] == heard
    assert tracker.run is not None
    assert tuple(tracker.run.tags[name] for name in ("study", "kind", "confirms")) == ("best-confirm", "confirmation", "5")


@pytest.mark.slow
def test_a_finished_seed_is_not_trained_again() -> None:
    """The tracker gives it back under its key."""

    tracker = RecordingTracker()
    first = confirmed(run_config(*CI), (4,), tracker)
    writes = len(tracker.metrics)

    again = confirmed(run_config(*CI), (4,), tracker)

    assert writes == len(tracker.metrics)
    assert first == again
    assert again.fresh_interval is None


@pytest.mark.slow
def test_seconds_can_be_confirmed_as_metrics_can() -> None:
    """An objective of a search may be what a run takes."""

    assert confirmed(run_config(*CI), (4,), RecordingTracker(), "train/steps").fresh > 0


def test_an_objective_that_no_seed_defines_is_refused() -> None:
    """Undefined is not 0."""

    with pytest.raises(StudyError, match=r"dev/f1/none is undefined with every fresh seed \(4\)"):
        confirmed(run_config(*CI), (4,), RecordingTracker(), "dev/f1/none")


def test_a_seed_in_which_the_objective_is_undefined_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    """With a warning; the mean is of the others."""

    found = confirmation_of(5, "dev/precision/A", 0.9, {4: 0.5, 5: None, 6: 0.7})

    assert (found.seeds, found.fresh) == ((4, 6), pytest.approx(0.6))
    assert "dev/precision/A is undefined with seed 5: left out of the mean" in caplog.text
