"""Scores of subgroups beside scikit-learn on their rows, and the names of their metrics."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import average_precision_score, recall_score

from synthsweep.evaluate.predictions import Predictions, read_parquet, write_parquet
from synthsweep.evaluate.subgroups import metric_word, renamed_values, subgroup_scores

# The rule of MLflow.
ALLOWED = re.compile(r"[/\w.\- :]*")


def predictions(split: str = "test") -> Predictions:
    rng = np.random.default_rng(3)
    truth = (rng.random((40, 2)) < 0.4).astype(int)
    sex = (*("f" if row % 3 else "m/x" for row in range(39)), "o")
    truth[39] = 0
    ids = tuple(map(str, range(40)))
    return Predictions(split, ("A", "B"), ids, (None,) * 40, truth, rng.random((40, 2)), {"sex": sex})


def test_each_subgroup_is_scored_on_its_rows_alone() -> None:
    """With the thresholds of all texts, which are no scores of a subgroup."""
    whole = predictions()
    found = subgroup_scores(whole, np.array([0.5, 0.4]), bins=10)

    assert list(found) == ["subgroup/sex/f", f"subgroup/sex/{metric_word('m/x')}", "subgroup/sex/o"]
    rows = [row for row, value in enumerate(whole.subgroups["sex"]) if value == "f"]
    truth, probabilities = whole.truth[rows, 1], whole.probabilities[rows, 1]
    scores = found["subgroup/sex/f"]
    assert scores["recall/B"] == pytest.approx(recall_score(truth, probabilities >= 0.4))
    assert scores["average_precision/B"] == pytest.approx(average_precision_score(truth, probabilities))
    assert (scores["examples"], scores["support/B"]) == (float(len(rows)), float(truth.sum()))
    assert not any(name.startswith("threshold/") for name in scores)


def test_what_a_subgroup_cannot_have_is_undefined() -> None:
    """One text without a label has no recall, and not a recall of 0."""
    scores = subgroup_scores(predictions(), np.array([0.5, 0.5]), bins=10)["subgroup/sex/o"]

    assert (scores["recall/A"], scores["recall/macro"], scores["support/A"], scores["examples"]) == (None, None, 0.0, 1.0)


def test_those_of_a_further_test_set_begin_with_its_name() -> None:
    """So that no two numbers have one name."""
    assert next(iter(subgroup_scores(predictions("test_b"), np.array([0.5, 0.5]), bins=10))) == "test_b/subgroup/sex/f"


@given(st.text(max_size=80), st.text(max_size=80))
def test_a_name_of_a_metric_holds_any_value(one: str, other: str) -> None:
    """Within MLflow's rules, as a part of its own; different values have different names."""
    words = [metric_word(text) for text in (one, other)]

    for word in words:
        assert word.strip(".")
        assert "/" not in word
        assert ALLOWED.fullmatch(word)
    assert (words[0] == words[1]) <= (one == other)


def test_a_value_with_another_name_is_said() -> None:
    """A plain one keeps its own."""
    assert list(renamed_values(predictions())) == ["m/x"]


def test_values_come_back_from_the_file(tmp_path: Path) -> None:
    """A split without the column has none, and a file of before has no column."""
    plain = Predictions("dev", ("A", "B"), ("d",), (None,), np.array([[1, 0]]), np.array([[0.5, 0.5]]))
    write_parquet([plain, predictions()], tmp_path / "p.parquet")
    found = read_parquet(tmp_path / "p.parquet")

    assert found["test"].subgroups == predictions().subgroups
    assert found["dev"].subgroups == {}
