"""The configuration of a finished run, read from its file."""

from pathlib import Path

import pytest
import yaml

from support.builders import run_config
from synthsweep.compare.read.kept_config import KeptConfigs, read_config
from synthsweep.config.flat import plain
from synthsweep.config.keys.run import RunConfig, TrackingConfig
from synthsweep.errors import ConfigError
from synthsweep.run.experiment import run_experiment
from synthsweep.track.choose import existing_reader
from synthsweep.track.writer import RecordingTracker, RunStart, Tracker

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
    config = run_config(*CI, "study=doses", "training.learning_rate=5e-4", "labels=dsm5_asd", "evaluation.threshold=0.5")
    tracker = RecordingTracker()
    run_experiment(config, tracker)
    Path("config.yaml").write_bytes(tracker.files["config.yaml"])

    assert read_config(Path("config.yaml")) == config


def test_keys_of_another_version_are_ignored_with_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    """Keys that the file lacks have their defaults."""

    values = plain(run_config(*CI))
    values["training"]["momentum"] = 0.9
    values["audit"] = {"judge": "x"}
    del values["training"]["weight_decay"]

    config = read_config(written(values))

    assert "this version has no audit, training.momentum: left out" in caplog.text
    assert config.training.weight_decay == RunConfig().training.weight_decay
    assert config.training.learning_rate == run_config(*CI).training.learning_rate


@pytest.mark.parametrize("text", ["[1, 2]", "a: [", "training: 3", "training: {epochs: 0}", "training: {epochs: many}"])
def test_a_file_that_is_no_configuration_is_refused(text: str) -> None:
    Path("config.yaml").write_text(text)

    with pytest.raises(ConfigError, match=r"config\.yaml: th|training\.epochs must be"):
        read_config(Path("config.yaml"))


def test_a_file_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"nowhere\.yaml: the run's configuration cannot be read"):
        read_config(Path("nowhere.yaml"))


def keep(tracker: Tracker, text: str) -> str:
    """A run with this `config.yaml`."""
    run_id = tracker.start(RunStart("run", {}, {}, files={"config.yaml": text}))
    tracker.finish("FINISHED")
    return run_id


BY_HAND = """# by hand
seed: &s 7
"mix": {ratio: 0.5}
seeds: {draw: *s}
training:
  epochs: 4
"""


def test_sections_that_runs_share_are_read_as_whole_files_are(tracker: Tracker) -> None:
    """Of runs that differ in a section, of a file that somebody wrote by hand, of one with keys of another version."""

    configs = [run_config(*CI), run_config(*CI, "seed=3", "mix.ratio=0.25"), run_config(*CI, "labels.ids=[a,b]")]
    texts = [yaml.safe_dump(plain(config), sort_keys=False, allow_unicode=True) for config in configs]
    texts += [BY_HAND, f"{texts[0]}judge_of: {{x: 1}}\n"]
    run_ids = [keep(tracker, text) for text in texts]
    kept = KeptConfigs(existing_reader(TrackingConfig()))

    found = kept.each([*run_ids, "0" * 32])

    assert [one and one.values for one in found] == [*map(yaml.safe_load, texts), None]
    for text, one in zip(texts, found[:-1], strict=True):
        Path("config.yaml").write_text(text, encoding="utf-8")
        assert one is not None
        assert one.config == read_config(Path("config.yaml"))
    assert found[-2] is not None
    assert found[-2].unknown == ["judge_of"]


@pytest.mark.parametrize("text", ["", "[1, 2]", "a: [", "- x\nseed: 1"])
def test_a_kept_file_that_is_no_configuration_is_refused(tracker: Tracker, text: str) -> None:
    with pytest.raises(ConfigError, match=r"config\.yaml: th"):
        KeptConfigs(existing_reader(TrackingConfig())).of(keep(tracker, text))
