"""Rows as data frames: types, order, and what is undefined."""

import numpy as np
import pytest

from synthsweep.api.frames import frame_of, level, metric_columns, metrics_frame


@pytest.mark.parametrize(
    ("cells", "dtype"),
    [
        ([1, 2], "int64"),
        ([np.int64(1), 2], "int64"),
        ([1, None], "float64"),
        ([0.5, None], "float64"),
        ([None, None], "float64"),
        ([True, False], "bool"),
        ([True, None], "object"),
        (["a", None], "object"),
        (["a", 1], "object"),
    ],
)
def test_a_column_of_numbers_has_numbers(cells: list[object], dtype: str) -> None:
    """Undefined is NaN there, never 0."""

    frame = frame_of([{"x": cell} for cell in cells], ["x"])

    assert str(frame["x"].dtype) == dtype
    assert frame["x"].isna().tolist() == [cell is None for cell in cells]


def test_a_level_is_a_number_where_it_is_one() -> None:
    assert [level(text) for text in ("2", "0.5", "1e-3", "plain", "true")] == [2, 0.5, 0.001, "plain", "true"]


def test_scores_have_a_row_per_split_and_criterion_then_the_averages() -> None:
    """Counts of undefined criteria, durations and figures of the training texts are no scores."""
    metrics = {
        "dev/f1/macro": 0.3, "test/f1/weighted": 0.5, "test/f1/macro": 0.4, "test/f1/A2": None, "test/support/A2": 3.0,
        "test/f1/undefined": 1.0, "train/real": 200.0, "time/train": 1.5, "synthetic/texts/kept": 4.0,
    }  # fmt: skip
    frame = metrics_frame(metrics)

    assert frame.columns.tolist() == ["split", "criterion", "f1", "support"]
    assert list(zip(frame["split"], frame["criterion"], strict=True)) == [
        ("test", "A2"), ("test", "macro"), ("test", "weighted"), ("dev", "macro"),
    ]  # fmt: skip
    assert frame["f1"].isna().tolist() == [True, False, False, False]


def test_the_score_on_test_comes_first() -> None:
    names = ["train/real", "dev/f1/macro", "test/f1/A1", "test/brier/macro", "test/f1/macro", "test/average_precision/macro"]

    assert metric_columns(names) == [
        "test/average_precision/macro", "test/f1/macro", "test/brier/macro", "test/f1/A1", "dev/f1/macro", "train/real",
    ]  # fmt: skip
