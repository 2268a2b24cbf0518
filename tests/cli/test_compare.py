"""`synthsweep compare` and `synthsweep compare power`, in this process."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from support.builders import AB_CSV, Answer
from support.kept_studies import CONTROL, Planted, keep_in, keep_study
from synthsweep.compare.read.runs import read_studies
from synthsweep.config.keys.run import TrackingConfig
from synthsweep.pages.folder_name import folder_name
from synthsweep.track.choose import existing_reader
from synthsweep.track.writer import Tracker

ARMS = [Planted(CONTROL), Planted({"mix.ratio": "1", "llm": "recorded"}, ranking=1.0)]
QUICK = ("compare.resamples=200", "compare.tfidf_baseline=false")


@pytest.mark.slow
def test_a_study_ends_in_sentences_a_table_and_a_page(cli: Callable[..., Answer], tracker: Tracker) -> None:
    """Below mlruns/ alone; the study's run in MLflow has a copy, and its page the sentences with a link to it."""

    keep_study(tracker, "mine", ARMS, [1, 2, 3])
    answer = cli("compare", "study=mine", "compare.tfidf_baseline=true")

    page = Path("mlruns/reports/mine/report.html")
    assert answer.status == 0, answer.err
    assert answer.out.startswith("Adding ")
    assert "ratio=1 llm=recorded" in answer.out.replace("\n", " ")
    assert f"Report: {page}; figures/ and tables/ lie beside it." in answer.out
    assert f"Next: open {page.absolute().as_uri()} in a browser; synthsweep ui shows it" in answer.out
    assert {path.name for path in page.parent.iterdir()} == {"report.html", "question.json", "index.html", "figures", "tables"}
    reader = existing_reader(TrackingConfig())
    head = read_studies(reader, ["mine"]).heads[0]
    kept = reader.file_of(head.run_id, "report/report.html")
    assert kept is not None
    assert page.read_bytes() == kept.read_bytes()
    assert f"(#/experiments/1/runs/{head.run_id}/artifacts/report/report.html?workflowType=machine_learning)" in head.note
    assert "\n\n- Adding " in head.note
    assert "synthsweep compare study=mine" in page.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Path:
    """The store of a small study."""
    folder = tmp_path_factory.mktemp("made")
    keep_in(folder, migrated, lambda tracker: keep_study(tracker, "mine", ARMS, [1, 2]))
    return folder / "mlruns"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "study must name what is compared, as in synthsweep compare study=NAME; there are mine"),
        (["study=mime"], "study=mime: no run carries this name; did you mean study=mine?"),
        (["study=mine", "baseline=llm:gpt"], "baseline=llm:gpt: llm has no such level; "),
        (["study=mine", "factors=[prompt]"], "factors=prompt: the study varies no such key; there are llm, mix.ratio"),
        (
            ["study=mine", "compare.metric=ap"],
            "compare.metric must be one of precision, recall, f1, average_precision, brier, accuracy; got",
        ),
        (["study=mine", "compare.threshold=2"], "compare.threshold must be a number in [0, 1], dev_fB (as dev_f1, dev_f2)"),
        (["study=mine", "compare.equivalence=0"], "compare.equivalence must be in (0, 100], got 0.0: says of each change"),
        (["study=mine", "compare.equivalence=some"], "compare.equivalence must be a number, got some: says of each change"),
        (["study=mine", "compare.confirm=1"], "compare.confirm must be 0 or at least 2, got 1"),
        (["study=mine", "tracking=none"], "tracking=none keeps nothing that could be read"),
        (["study=[[a]]"], "study must be a word or a list of words"),
    ],
)
def test_bad_input_is_one_line(cli: Callable[..., Answer], made: Path, words: list[str], said: str) -> None:
    """Status 2, and no report is begun."""

    shutil.copytree(made, "mlruns")
    answer = cli("compare", *words, *QUICK)

    assert (answer.status, answer.out) == (2, "")
    assert answer.err[-1].startswith(f"synthsweep: {said}")
    assert not Path("mlruns/reports").exists()


def test_without_a_store_the_error_says_how_to_make_one(cli: Callable[..., Answer]) -> None:
    """And no store is created."""

    answer = cli("compare", "study=mine")

    assert answer.status == 2
    assert "there are no runs yet; synthsweep run -m sweeps=demo makes some" in answer.err[-1]
    assert not Path("mlruns/mlflow.db").exists()


@pytest.mark.slow
def test_names_of_studies_make_no_folders_elsewhere(cli: Callable[..., Answer], tracker: Tracker) -> None:
    """A name may hold what a path may not."""

    keep_study(tracker, "../a/b", ARMS, [1, 2])
    answer = cli("compare", "study=../a/b", *QUICK)

    assert answer.status == 0, answer.err
    assert [path.name for path in Path("mlruns/reports").iterdir()] == [folder_name("../a/b")]


@pytest.mark.slow
def test_another_question_has_a_report_of_its_own(cli: Callable[..., Answer], tracker: Tracker) -> None:
    """Beside the usual one, here and in the study's run in MLflow; a study of another name has its own as well."""

    keep_study(tracker, 'say "it\'s" [v2]', ARMS, [1, 2])
    asked = ("compare", "study='say \"it\\'s\" [v2]'", *QUICK)
    usual = cli(*asked)
    other = cli(*asked, "compare.threshold=0.50")

    assert (usual.status, other.status) == (0, 0), (usual.err, other.err)
    reports = sorted(path.parent.name for path in Path("mlruns/reports").rglob("report.html"))
    assert reports == [folder_name('say "it\'s" [v2]'), "threshold-0.5"]
    assert "1 other report of this study: mlruns/reports/" in other.out
    reader = existing_reader(TrackingConfig())
    head = read_studies(reader, ['say "it\'s" [v2]']).heads[0]
    kept = reader.file_of(head.run_id, "reports/threshold-0.5/report.html")
    assert kept is not None
    assert [path.name for path in kept.parents[1].iterdir()] == ["threshold-0.5"]


@pytest.mark.slow
def test_a_report_that_cannot_be_written_is_one_line(cli: Callable[..., Answer], tracker: Tracker) -> None:
    """Status 1; the runs are as they were."""

    keep_study(tracker, "mine", ARMS, [1, 2])
    Path("mlruns/reports").write_text("a file where the folder should be")
    answer = cli("compare", "study=mine", *QUICK)

    assert (answer.status, answer.out) == (1, "")
    assert answer.err[-1].startswith("synthsweep: mlruns/reports/mine: the report cannot be written: ")


@pytest.mark.slow
def test_power_says_what_a_study_could_find_before_it_runs(cli: Callable[..., Answer]) -> None:
    """A row per criterion with its positives on test; nothing is trained, nothing is written."""

    answer = cli("compare", "power", "sweeps=ratio_response", "replicates=6")

    assert answer.status == 0, answer.err
    assert "study ratio_response: 3 arms against a baseline; 21 comparisons of criteria" in answer.out
    rows = [line.split("│")[1].strip() for line in answer.out.splitlines() if line.startswith("│")]
    assert rows == ["A1", "A2", "A3", "B1", "B2", "B3", "B4", "macro"]
    assert "Next: synthsweep run -m sweeps=ratio_response replicates=6 sweep.dry_run=true" in answer.out
    assert not Path("mlruns/mlflow.db").exists()


@pytest.mark.slow
def test_a_pilot_gives_power_its_spreads(cli: Callable[..., Answer], tracker: Tracker) -> None:
    """It must have the same labels."""

    Path("my.csv").write_text(AB_CSV)
    arms = [Planted(CONTROL), Planted({"mix.ratio": "1"})]
    keep_study(tracker, "other", arms, [1, 2])
    shared = (
        "data=csv",
        "data.path=my.csv",
        "labels=from_data",
        "data.group=child",
        "mix.ratio=0,1",
        "replicates=3",
        "llm=simulator",
    )

    assumed = cli("compare", "power", "-m", *shared)
    answer = cli("compare", "power", "-m", *shared, "power.pilot=other")

    assert assumed.status == 0, assumed.err
    assert "1 arm against a baseline; 2 comparisons of criteria" in assumed.out
    assert answer.status == 2
    assert answer.err[-1].startswith("synthsweep: power.pilot=other has the labels A, B, C, this study A, B")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["sweeps=ratio_response", "replicates=1"], "replicates=1: one seed has no spread, so no effect could be detected"),
        (["sweeps=bert_search"], "study=bert_search is a search, which has no effects"),
        (["replicates=3"], "varies nothing: an effect needs two configurations"),
        (["sweeps=ratio_response", "power.wanted=0"], "power.wanted must be"),
    ],
)
def test_power_of_no_study_is_one_line(cli: Callable[..., Answer], words: list[str], said: str) -> None:
    answer = cli("compare", "power", *words)

    assert answer.status == 2
    assert said in answer.err[-1]


@pytest.mark.slow
def test_a_search_is_answered_and_its_best_trial_confirmed(cli: Callable[..., Answer]) -> None:
    """Trials, no effects; fresh seeds say how much the best was overrated, and are trained once."""

    search = (
        "experiment=ci", "study=found", "training.epochs=1", "training.threads=1", "hydra.sweeper.design=search",
        "hydra.sweeper.n_trials=3", "training.learning_rate=tag(log,interval(1e-4,1e-2))", "hydra/launcher=basic",
        "tracking.figures=false",
    )  # fmt: skip
    assert cli("run", "-m", *search).status == 0
    first, again = (cli("compare", "study=found", "compare.confirm=2") for _ in range(2))
    refused = cli("compare", "study=found", "baseline=0")

    assert (first.status, again.status) == (0, 0), first.err
    assert "none of these numbers is an effect" in first.out
    assert first.out == again.out
    confirmed = read_studies(existing_reader(TrackingConfig()), ["found-confirm"]).runs
    assert sorted(run.params["seed"] for run in confirmed) == ["2", "3"]
    assert refused.status == 2
    assert "baseline is for effects, and study=found is a search" in refused.err[-1]
