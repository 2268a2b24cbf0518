"""What is kept about the synthetic texts of a run: numbers and ids, no text."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet

from support.builders import AB, real, synthetic
from synthsweep.corpus.corpus import Corpus
from synthsweep.corpus.split import Split
from synthsweep.curate.characteristics.measures import Characteristics
from synthsweep.curate.drop import Curated, Dropped
from synthsweep.curate.mix import Mix
from synthsweep.curate.plant import Planted
from synthsweep.generate.pool import Pool
from synthsweep.label_checker import Verdict
from synthsweep.run.prepare import TrainingData
from synthsweep.run.record.texts import label_metrics, text_metrics, write_texts

REAL = (real("r1", "A"), real("r2", "B"))
WRITTEN = tuple(synthetic(name, "A") for name in ("s1", "s2", "s3", "s4"))
A, BOTH = frozenset({"A"}), frozenset({"A", "B"})
NONE: frozenset[str] = frozenset()


def prepared(*, verdicts: Mapping[str, Verdict] | None = None, residual: float | None = None) -> TrainingData:
    """Four texts were written; one leaks, one is a near-duplicate, and two train."""
    dropped = (Dropped(WRITTEN[2], "near_duplicates", "s1"), Dropped(WRITTEN[3], "leaks", "t1"))
    steps = ("duplicates", "near_duplicates", "leaks")
    curated = Curated(WRITTEN[:2], dropped, steps, verdicts=verdicts or {}, relabelled=1, unjudged=2)
    mix = Mix(REAL, WRITTEN[:2], 2, (REAL[0],), residual)
    planted = Planted(WRITTEN, {"label_noise": 2, "omission": 0})
    return TrainingData(Corpus(AB, Split(REAL, REAL, REAL)), Pool(WRITTEN), curated, mix, "llm", planted)


def test_what_each_step_did_is_counted() -> None:
    """A step that ran and dropped nothing has a 0; a step that did not run is missing."""

    metrics = text_metrics(prepared(residual=1.5), Characteristics(pool={"vendi_q1": 1.9}))

    assert metrics == {
        "train/real": 2,
        "train/synthetic": 2,
        "train/added": 3,
        "train/label_residual": 1.5,
        "synthetic/pool": 4,
        "synthetic/rejected": 0,
        "synthetic/duplicates": 0,
        "synthetic/near_duplicates": 1,
        "synthetic/leaks": 1,
        "synthetic/planted/label_noise": 2,
        "synthetic/relabelled": 1,
        "synthetic/unjudged": 2,
        "synthetic/vendi_q1": 1.9,
    }


def test_label_metrics_compare_verdicts_on_texts_that_train_with_the_labels_as_written() -> None:
    """One text is right, the other shows a further criterion; a verdict on a dropped text does not count."""

    checked = prepared(verdicts={"s1": Verdict(A, 1.0), "s2": Verdict(BOTH, 0.5), "s3": Verdict(NONE, 0.0)})

    assert label_metrics(checked) == {
        "synthetic/label_agreement": 0.75,
        "synthetic/label_correctness": 1.0,
        "synthetic/label_omission": 0.5,
        "synthetic/relabelled": 1,
        "synthetic/unjudged": 2,
    }
    relabelled = replace(checked.mix, synthetic=(replace(WRITTEN[0], labels=BOTH),))
    assert label_metrics(replace(checked, mix=relabelled))["synthetic/label_correctness"] == 1.0
    assert label_metrics(replace(checked, curated=Curated(WRITTEN))) == {}


def test_texts_without_a_verdict_are_counted() -> None:
    assert label_metrics(prepared()) == {"synthetic/relabelled": 1, "synthetic/unjudged": 2}


def test_ids_and_numbers_are_written_and_no_text(tmp_path: Path) -> None:
    """One row per text that trains, and one per dropped text."""

    values = {"length": np.array([2.0, np.nan])}
    write_texts(prepared(), Characteristics(texts=values), tmp_path)

    assert json.loads((tmp_path / "dropped.json").read_text()) == [
        {"step": "near_duplicates", "id": "s3", "like": "s1"},
        {"step": "leaks", "id": "s4", "like": "t1"},
    ]
    table = pyarrow.parquet.read_table(tmp_path / "characteristics.parquet")
    assert (table["id"].to_pylist(), table.column_names) == (["s1", "s2"], ["id", "length"])
    assert not any(b"written s" in path.read_bytes() for path in tmp_path.iterdir())


def test_no_file_is_written_where_nothing_was_dropped_or_measured(tmp_path: Path) -> None:
    write_texts(replace(prepared(), curated=Curated(WRITTEN)), Characteristics(), tmp_path)

    assert list(tmp_path.iterdir()) == []
