"""Counts stand after the scores in MLflow, and nowhere else."""

from synthsweep.track.mlflow.metric_names import own_names, stored_names


def test_counts_come_last_and_are_read_under_their_own_names() -> None:
    """Scores, thresholds and sizes keep their names; a run of an earlier version has counts among its scores."""

    metrics = {
        "test/support/A1": 3.0,
        "dev/predicted_positives/micro": 4.0,
        "test/f1/undefined": 1.0,
        "replicates": 2.0,
        "test/f1/A1": 0.5,
        "test/f1/macro": 0.5,
        "test/threshold/A1": 0.4,
        "test/examples": 9.0,
        "train/steps": 8.0,
    }

    stored = stored_names(metrics)

    assert sorted(stored)[-4:] == [
        "z_counts/dev/predicted_positives/micro",
        "z_counts/replicates",
        "z_counts/test/f1/undefined",
        "z_counts/test/support/A1",
    ]
    assert list(stored)[:2] == ["test/f1/macro", "test/f1/A1"]
    assert list(stored)[-1].startswith("z_counts/")
    assert len([name for name in stored if name.startswith("z_counts/")]) == 4
    assert own_names(stored) == own_names(metrics) == metrics


def test_subgroups_and_further_test_sets_are_ordered_as_splits_are() -> None:
    """Their counts stand with the other counts, and whoever looks at scores finds them before."""
    names = (
        "subgroup/sex/f/support/A",
        "subgroup/sex/f/f1/macro",
        "subgroup/sex/f/examples",
        "test_b/support/A",
        "test_b/subgroup/sex/f/recall/undefined",
        "test_b/subgroup/sex/f/recall/A",
        "test/f1/macro",
    )
    stored = stored_names(dict.fromkeys(names, 1.0))

    counts = {f"z_counts/{name}" for name in (names[0], names[3], names[4])}
    assert {name for name in stored if name.startswith("z_counts/")} == counts
    assert next(iter(stored)) == "test/f1/macro"
    assert own_names(stored) == dict.fromkeys(names, 1.0)
