"""What is kept of predictions, and what comes back from the file."""

from pathlib import Path

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from support.builders import real
from synthsweep.evaluate.predictions import Predictions, predictions_of, read_parquet, write_parquet

EXAMPLES = (real("1", "A", text="a secret", group="c1"), real("2", "A", "B", group="c2"), real("3", group="c1"))
PROBABILITIES = np.array([[0.9, 0.1], [0.8, 0.7], [0.3, 0.2]])


def test_predictions_hold_ids_groups_and_truth_in_the_order_of_the_examples() -> None:
    """Truth has a column per criterion, in the given order."""
    found = predictions_of("dev", EXAMPLES, ["B", "A"], PROBABILITIES)

    assert (found.split, found.label_ids, found.ids, found.groups) == ("dev", ("B", "A"), ("1", "2", "3"), ("c1", "c2", "c1"))
    assert found.truth.tolist() == [[0, 1], [1, 1], [0, 0]]
    assert found.probabilities.tolist() == PROBABILITIES.tolist()


def test_the_file_has_a_row_per_example_and_no_text(tmp_path: Path) -> None:
    """Private text stays where it is: ids, groups, truth and probabilities are all there is."""
    path = tmp_path / "predictions.parquet"
    splits = [predictions_of(split, EXAMPLES, ["A", "B"], PROBABILITIES) for split in ("dev", "test")]
    write_parquet(splits, path)

    columns = pyarrow.parquet.read_table(path).to_pydict()
    assert list(columns) == ["split", "id", "group", "truth/A", "probability/A", "truth/B", "probability/B"]
    assert columns["split"] == ["dev"] * 3 + ["test"] * 3
    assert columns["id"] == ["1", "2", "3"] * 2
    assert columns["group"] == ["c1", "c2", "c1"] * 2
    assert columns["truth/A"] == [1, 1, 0] * 2
    assert "a secret" not in str(columns)


def test_examples_without_a_group_have_none_in_the_file(tmp_path: Path) -> None:
    """A column of nothing but gaps is one of strings all the same, so that files can be read together."""
    path = tmp_path / "predictions.parquet"
    write_parquet([predictions_of("dev", [real("1", "A")], ["A"], np.array([[0.5]]))], path)

    assert pyarrow.parquet.read_table(path)["group"].to_pylist() == [None]
    types = {field.name: str(field.type) for field in pyarrow.parquet.read_schema(path)}
    assert types == {"split": "string", "id": "string", "group": "string", "truth/A": "int8", "probability/A": "double"}


@given(arrays(float, st.tuples(st.integers(1, 8), st.just(2)), elements=st.floats(0, 1)))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_probabilities_come_back_to_the_last_bit(tmp_path: Path, probabilities: np.ndarray) -> None:
    """A threshold chosen later from the file must decide as it would have at once."""
    rows = len(probabilities)
    ids = tuple(f"é {row}" for row in range(rows))
    found = Predictions("test", ("A", "B"), ids, (None,) * rows, np.ones((rows, 2), dtype=int), probabilities)
    write_parquet([found], tmp_path / "p.parquet")

    read = pyarrow.parquet.read_table(tmp_path / "p.parquet")
    kept = np.column_stack([read["probability/A"].to_numpy(), read["probability/B"].to_numpy()])
    assert read["id"].to_pylist() == list(ids)
    assert np.ascontiguousarray(kept).tobytes() == probabilities.tobytes()


@pytest.mark.parametrize("kind", [np.float16, np.float32])
def test_narrower_probabilities_are_written_as_float64(tmp_path: Path, kind: type[np.floating]) -> None:
    """So that a file has one type, whatever a model computed in."""
    probabilities = np.array([[0.1]], dtype=kind)
    write_parquet([predictions_of("dev", [real("1", "A")], ["A"], probabilities)], tmp_path / "p.parquet")

    assert pyarrow.parquet.read_table(tmp_path / "p.parquet")["probability/A"].to_pylist() == [float(probabilities[0, 0])]


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    """Splits, ids, groups, truth and probabilities, to the last bit."""

    path = tmp_path / "predictions.parquet"
    rng = np.random.default_rng(1)
    parts = [
        predictions_of(
            split,
            [real(f"{split}{i}", *("A" * (i % 2)), group="g" if i else None) for i in range(5)],
            ["A", "B"],
            rng.random((5, 2)),
        )
        for split in ("dev", "test")
    ]
    write_parquet(parts, path)

    found = read_parquet(path)

    assert list(found) == ["dev", "test"]
    for part in parts:
        again = found[part.split]
        assert (part.ids, part.groups, part.label_ids) == (again.ids, again.groups, again.label_ids)
        np.testing.assert_array_equal(part.truth, again.truth)
        np.testing.assert_array_equal(part.probabilities, again.probabilities)


def test_a_file_that_holds_something_else_is_refused(tmp_path: Path) -> None:
    """No table at all, and a table of other columns."""

    (tmp_path / "no.parquet").write_bytes(b"text")
    pyarrow.parquet.write_table(pyarrow.table({"split": ["test"]}), tmp_path / "other.parquet")

    for name in ("no.parquet", "other.parquet"):
        with pytest.raises(ValueError, match=f"{name} holds no predictions"):
            read_parquet(tmp_path / name)
