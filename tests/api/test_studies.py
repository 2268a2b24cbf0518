"""Studies as data frames, beside what the command line writes of them."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import synthsweep
from support import answers
from support.kept_studies import CONTROL, Planted, keep_run, keep_study
from synthsweep.api.studies import StudyAnswer
from synthsweep.compare.report.files import write_tables
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.config.roots import CompareConfig
from synthsweep.errors import ConfigError, StudyError
from synthsweep.track.choose import tracker_of
from synthsweep.track.writer import RunStart

pytestmark = pytest.mark.slow

TREATED = Planted({"mix.ratio": "1", "llm": "recorded"}, ranking=1.0)
QUICK = ("compare.resamples=200", "compare.tfidf_baseline=false")
ODD = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Path:
    """A store with the study `mine`: two arms, three seeds, and a run that failed."""
    place = tmp_path_factory.mktemp("kept") / "mlruns"
    shutil.copytree(migrated, place)
    tracker = tracker_of(TrackingConfig(folder=str(place)))
    keep_study(tracker, "mine", [Planted(CONTROL), TREATED], [1, 2, 3])
    keep_study(tracker, "seeds", [Planted(CONTROL), TREATED], [4, 5])
    keep_run(tracker, "single", Planted(CONTROL), 9)
    tracker.start(RunStart("mine 4", {"seed": "4"}, {"study": "mine"}))
    tracker.finish("FAILED", "TrainingError: the loss is not a number")
    return place


@pytest.fixture(scope="module")
def answer(folder: Path) -> StudyAnswer:
    return synthsweep.compare("mine", overrides=QUICK, folder=folder)


def test_the_tables_are_the_csv_files_of_a_report(answer: StudyAnswer, tmp_path: Path) -> None:
    """The same rows, columns and digits."""

    written = {path.stem: pd.read_csv(path) for path in write_tables(answer.comparison, [], tmp_path / "report")}

    assert {"effects", "splits", "scores", "power"} <= set(written)
    assert set(answer.tables) == set(written)
    for name, table in answer.tables.items():
        table.to_csv(tmp_path / "table.csv", index=False)
        pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "table.csv"), written[name], check_exact=True, obj=name)


def test_effects_are_in_points_and_scores_are_not(answer: StudyAnswer) -> None:
    """A change is the difference of the two scores, times 100."""

    effects = answer.effects
    changes = 100 * (effects["arm"] - effects["baseline"])

    assert len(effects) == len(answer.comparison.effects)
    assert effects["change_points"].to_numpy() == pytest.approx(changes.to_numpy())
    assert (effects["low_points"] < effects["change_points"]).all()
    assert effects["arm"].between(0, 1).all()


def test_a_notebook_shows_names_as_text() -> None:
    """Nothing that a name or a sentence holds is a tag, and there is no script."""
    shown = replace(answers.factorial(), headline=(ODD,), warnings=(ODD,), baseline=ODD)
    page = StudyAnswer(shown, CompareConfig())._repr_html_()

    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 4
    assert repr(StudyAnswer(shown, CompareConfig())) == ODD


def test_a_search_has_trials_and_no_effects() -> None:
    """Its numbers are no effects: the sweep looked where they were high."""
    found = StudyAnswer(answers.search(), CompareConfig())

    assert len(found.tables["trials"]) == len(answers.search().search.trials)  # type: ignore[union-attr]
    assert "<table" not in found._repr_html_()
    with pytest.raises(StudyError, match="is a search, which has no effects"):
        _ = found.effects


def test_runs_have_one_row_each(folder: Path) -> None:
    """What varied is a number where it is one; a run that failed says why, and has no score."""

    runs = synthsweep.runs("mine", folder=folder)
    finished, failed = runs[runs["status"] == "FINISHED"], runs[runs["status"] != "FINISHED"]

    assert (len(finished), len(failed)) == (6, 1)
    assert runs["run_id"].is_unique
    assert finished.groupby("mix.ratio")["seed"].apply(list).to_dict() == {0: [1, 2, 3], 1: [1, 2, 3]}
    assert list(runs.columns)[:8] == ["run_id", "name", "study", "status", "reason", "trial", "seed", "reused_from"]
    assert finished["test/average_precision/macro"].between(0, 1).all()
    assert failed["reason"].tolist() == ["TrainingError: the loss is not a number"]
    assert failed["test/average_precision/macro"].isna().all()


def test_several_studies_are_one_table(folder: Path) -> None:
    """Runs that did not finish are named after their study, too."""

    assert synthsweep.runs(["mine", "seeds"], folder=folder)["study"].value_counts().to_dict() == {"mine": 7, "seeds": 4}


def test_predictions_are_cut_at_the_thresholds_of_the_run(folder: Path) -> None:
    """One row per text of dev and test."""
    run = synthsweep.runs("single", folder=folder).iloc[0]
    found = synthsweep.predictions(run["run_id"], folder=folder)

    assert found["split"].value_counts().to_dict() == {"dev": 300, "test": 300}
    assert (found["predicted/A"] == (found["probability/A"] >= run["test/threshold/A"])).all()
    test = found[found["split"] == "test"]
    assert test.loc[test["truth/A"] == 1, "predicted/A"].mean() == pytest.approx(run["test/recall/A"])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda folder: synthsweep.runs("mime", folder=folder),
            "study=mime: no run carries this name; did you mean study=mine?",
        ),
        (lambda folder: synthsweep.effects("mine", folder=folder / "no"), "there are no runs yet"),
        (lambda folder: synthsweep.predictions("' OR 1=1", folder=folder), "run=' OR 1=1: there is no such run"),
        (
            lambda folder: synthsweep.compare("mine", overrides="compare.metric=ap", folder=folder),
            "compare.metric must be one of",
        ),
    ],
)
def test_an_error_is_the_line_of_the_command(folder: Path, call: Callable[[Path], object], said: str) -> None:
    with pytest.raises((StudyError, ConfigError)) as refused:
        call(folder)

    assert said in str(refused.value)


@pytest.mark.parametrize("wrong", [None, 3, {"mix": "augment"}])
def test_what_are_no_words_is_one_line(wrong: Any) -> None:
    """Of a study, and of overrides."""
    with pytest.raises(ConfigError, match="study must be a word or a list of words"):
        synthsweep.runs(wrong)
    with pytest.raises(ConfigError, match="overrides must be a word or a list of words"):
        synthsweep.runs("s", overrides=wrong)
