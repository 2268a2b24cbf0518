"""Which classifiers `run=` names, in a real MLflow store."""

import shutil
from pathlib import Path

import pytest
import yaml

from support.kept_studies import CONTROL, Planted, keep_in, keep_study
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.errors import StudyError
from synthsweep.predict.chosen import choose_models
from synthsweep.track.choose import existing_reader
from synthsweep.track.reader import MODEL, RESULTS, KeptRun
from synthsweep.track.writer import Tracker

ARMS = [Planted(CONTROL), Planted({"mix.ratio": "0.5"}), Planted({"mix.ratio": "1"})]
SEEDS = [1, 2, 3]


def runs(study: str = "mine", kind: str = "replicate") -> list[KeptRun]:
    return [run for run in existing_reader(TrackingConfig()).runs_of_study(study) if run.tags.get("kind") == kind]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> tuple[Path, list[str]]:
    """The store of a study whose runs all saved a classifier, with the best arm at 0.5; the ids of its runs, arm by arm."""
    folder = tmp_path_factory.mktemp("made")
    return folder / "mlruns", keep_in(folder, migrated, save_study)


@pytest.fixture
def study(made: tuple[Path, list[str]]) -> list[str]:
    """The ids of the runs of the study, arm by arm, in a copy of its store."""
    store, kept = made
    shutil.copytree(store, "mlruns")
    return kept


def save_study(tracker: Tracker) -> list[str]:
    kept = keep_study(tracker, "mine", ARMS, SEEDS)
    for run in runs():
        assert run.files
        (run.files / MODEL).mkdir()
    (head,) = runs(kind="study")
    assert head.files
    result = {"best_params": {"mix.ratio": 0.5}, "best_value": 0.8, "objectives": ["maximize dev/average_precision/macro"]}
    head.files.mkdir(parents=True, exist_ok=True)
    (head.files / RESULTS).write_text(yaml.safe_dump(result))
    return kept


def chosen(asked: str) -> list[str]:
    """The ids of the runs whose folders are chosen."""
    by_folder = {run.files / MODEL: run.run_id for run in runs() if run.files}
    return [by_folder[model.folder] for model in choose_models(asked, TrackingConfig())]


def test_an_id_names_one_run(study: list[str]) -> None:
    assert chosen(study[4]) == [study[4]]


def test_the_best_trial_gives_its_best_seed_on_dev(study: list[str]) -> None:
    found = {run.run_id: run.metrics["dev/average_precision/macro"] for run in runs() if run.run_id in study[3:6]}

    assert chosen("best:mine") == [max(found, key=found.__getitem__)]


@pytest.mark.parametrize("arm", ["ratio=1", "mix.ratio=1", "ratio=1.0", "2"])
def test_an_arm_gives_all_its_seeds(arm: str, study: list[str]) -> None:
    assert chosen(f"arm:mine/{arm}") == study[6:9]


def test_a_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    (found,) = choose_models(str(tmp_path), TrackingConfig())

    assert found.folder == tmp_path


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("best:min", "no run carries the name of study 'min'; did you mean mine?"),
        ("arm:mine/ratio=3", "there is no such arm; did you mean 'ratio="),
        ("arm:mine/", "there is no such arm; the study has 'ratio=0', 'ratio=0.5', 'ratio=1'"),
        ("arm:mine", "there is no such arm"),
        ("0123456789abcdef", "there is no run with this ID, and no folder"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(asked: str, message: str, study: list[str]) -> None:
    with pytest.raises(StudyError) as error:
        choose_models(asked, TrackingConfig())

    assert message in str(error.value)


def test_runs_without_a_saved_classifier_say_how_one_is_saved(tracker: Tracker) -> None:
    first, *_ = keep_study(tracker, "mine", ARMS[:1], SEEDS)

    for asked in (first, "arm:mine/ratio=0"):
        with pytest.raises(StudyError, match=r"no classifier was saved: .*tracking\.log_model=true"):
            choose_models(asked, TrackingConfig())


def test_an_llm_is_never_saved_so_no_command_is_named_that_would_save_it(tracker: Tracker) -> None:
    """Asking it again would save nothing either."""
    asked = Planted({**CONTROL, "model": "llm"}, params={"model.kind": "llm", "model.name": "llm"})
    keep_study(tracker, "mine", [asked], SEEDS)

    with pytest.raises(StudyError, match=r"this one is model=llm, an LLM that is asked, and leaves nothing to save$"):
        choose_models("arm:mine/0", TrackingConfig())


def test_an_arm_some_of_whose_seeds_saved_none_is_refused(study: list[str]) -> None:
    gone = next(run for run in runs() if run.run_id == study[7])
    assert gone.files
    (gone.files / MODEL).rmdir()

    with pytest.raises(StudyError, match="1 of its 3 seeds saved no classifier"):
        choose_models("arm:mine/ratio=1", TrackingConfig())


@pytest.mark.slow
def test_a_study_that_has_no_result_yet_is_refused(tracker: Tracker) -> None:
    keep_study(tracker, "mine", ARMS, SEEDS)

    with pytest.raises(StudyError, match="the study has no result yet"):
        choose_models("best:mine", TrackingConfig())
