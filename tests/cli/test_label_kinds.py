"""Studies of partly labelled texts, and of texts with exactly one label each, through to their report."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow.parquet
import pytest
from sklearn.metrics import accuracy_score

from support.builders import Answer
from support.kept_studies import CONTROL, Planted, Texts, keep_study
from synthsweep.track.writer import Tracker

ARMS = [Planted(CONTROL), Planted({"mix.ratio": "1", "llm": "recorded"}, ranking=1.0)]
QUICK = ("compare.resamples=200", "compare.tfidf_baseline=false")
TRAINED = ("experiment=ci", "hydra/launcher=basic", "tracking.figures=false")
LABELS = ("calm", "loud", "odd")


@pytest.mark.slow
def test_a_report_of_classes_names_accuracy_and_macro_f1(cli: Callable[..., Answer], tracker: Tracker) -> None:
    """In its sentences and its first table, beside the primary metric; the predicted class is the most probable one."""

    keep_study(tracker, "classes", ARMS, [1, 2, 3], texts=Texts(kind="single", undecided=0.1))
    answer = cli("compare", "study=classes", *QUICK)
    page = Path("mlruns/reports/classes/report.html").read_text(encoding="utf-8")

    assert answer.status == 0, answer.err
    assert "accuracy from 0." in answer.out.replace("\n", " ")
    assert "Macro average precision, accuracy and macro F1 on test" in page
    table = Path("mlruns/reports/classes/tables/primary.tex").read_text(encoding="utf-8")
    assert table.index("macro average precision &") < table.index("accuracy &") < table.index("macro F1 &")


def test_a_threshold_is_refused_where_the_most_probable_class_is_predicted(
    cli: Callable[..., Answer], tracker: Tracker
) -> None:
    """In one line, before any report."""

    keep_study(tracker, "classes", ARMS, [1, 2], texts=Texts(kind="single"))
    answer = cli("compare", "study=classes", "compare.threshold=0.5", *QUICK)

    assert answer.status == 2
    assert answer.err[-1].startswith("synthsweep: compare.threshold=0.5: with labels.kind=single the most probable class")


@pytest.mark.slow
def test_a_report_of_partly_labelled_texts_counts_what_is_ignored(cli: Callable[..., Answer], tracker: Tracker) -> None:
    """Per criterion beside its positives, in the cautions, and in the methods to cite."""

    texts = Texts(undecided=0.3)
    keep_study(tracker, "partly", ARMS, [1, 2, 3], texts=texts)
    answer = cli("compare", "study=partly", *QUICK)
    page = Path("mlruns/reports/partly/report.html").read_text(encoding="utf-8")
    ignored = (~texts.known()).sum(axis=0).tolist()

    assert answer.status == 0, answer.err
    assert f"labels of test texts on which nobody decided count nowhere: A ({ignored[0]})" in answer.out.replace("\n", " ")
    assert f"{sum(ignored)} labels of test texts on which nobody decided are left out of every score." in page
    table = Path("mlruns/reports/partly/tables/positives.tex").read_text(encoding="utf-8")
    rows = [line.split("&") for line in table.splitlines() if line.startswith(("A &", "B &", "C &"))]
    assert [int(row[-1].strip(" \\")) for row in rows] == ignored


@pytest.mark.slow
def test_a_study_of_classes_runs_through_to_its_report(cli: Callable[..., Answer]) -> None:
    """Two arms and two seeds of small random encoders; the accuracies of the report follow from the stored predictions."""

    rng = np.random.default_rng(1)
    rows = [
        (f"{LABELS[n % 3]} words of text {rng.integers(10**6)}", *(int(n % 3 == one) for one in range(3))) for n in range(150)
    ]
    with Path("texts.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("text", *LABELS), *rows])
    classes = ("labels=from_data", "labels.kind=single", "data=csv", "data.path=texts.csv", "llm=simulator")
    sizes = ("data.train_size=0", "data.dev_size=0", "data.test_size=0", "generate.n=40")
    study = ("study=classes", "replicates=2", "mix.ratio=0,0.5", *TRAINED)
    assert cli("run", "-m", *study, *classes, *sizes).status == 0
    answer = cli("compare", "study=classes", "compare.resamples=200")

    assert answer.status == 0, answer.err
    page = Path("mlruns/reports/classes/report.html").read_text(encoding="utf-8")
    assert "The most probable class is the predicted one." in page
    assert " with multinomial logistic regression" in page
    assert "from a threshold on" not in page
    with Path("mlruns/reports/classes/tables/scores.csv").open(encoding="utf-8") as file:
        shown = {row["arm"]: float(row["mean"]) for row in csv.DictReader(file) if row["score"] == "f1/micro"}
    found = [accuracy_of(path) for path in Path("mlruns/artifacts").rglob("predictions.parquet")]
    assert sorted(shown) == ["ratio=0", "ratio=0.5"]
    assert np.mean(list(shown.values())) == pytest.approx(np.mean(found))


@pytest.mark.slow
def test_a_search_for_accuracy_reports_the_classes_and_their_accuracy(cli: Callable[..., Answer]) -> None:
    """No run of classes has a threshold to know its labels by."""

    rows = "".join(f"{LABELS[n % 3]} text {n},{LABELS[n % 3]}\n" for n in range(90))
    Path("texts.csv").write_text(f"text,label\n{rows}", encoding="utf-8")
    classes = ("labels=from_data", "labels.kind=single", "data=csv", "data.path=texts.csv", "mix=real_only")
    sizes = ("data.train_size=0", "data.dev_size=0", "data.test_size=0", "training.epochs=1")
    search = ("hydra.sweeper.design=search", "hydra.sweeper.objective=dev/accuracy/micro", "hydra.sweeper.n_trials=2")
    varied = ("study=found", "training.learning_rate=interval(1e-4,1e-2)", *TRAINED)
    assert cli("run", "-m", *classes, *sizes, *search, *varied).status == 0
    answer = cli("compare", "study=found")

    assert answer.status == 0, answer.err
    assert "Its accuracy is " in answer.out.replace("\n", " ")
    page = Path("mlruns/reports/found/report.html").read_text(encoding="utf-8")
    assert "accuracy/micro" in page


def accuracy_of(path: Path) -> float:
    table = pyarrow.parquet.read_table(path).to_pandas()
    test = table[table["split"] == "test"]
    truth, chances = (test[[f"{kind}/{label}" for label in LABELS]].to_numpy() for kind in ("truth", "probability"))
    return float(accuracy_score(truth.argmax(axis=1), chances.argmax(axis=1)))
