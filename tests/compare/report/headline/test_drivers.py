"""Which criteria a macro change comes from."""

from support.headlines import effect, told
from synthsweep.compare.report.headline.drivers import driver_line

POSITIVES = {"A": 12, "B": 5, "C": 40, "D": 90, "E": 120, "F": 60, "G": 70}


def lines_of(changes: dict[str, float], micro: tuple[float, float, float], macro: float = 0.03) -> tuple[str, ...]:
    criteria = [effect(change, change - 0.1, change + 0.1, criterion=name) for name, change in changes.items()]
    averages = [effect(macro, macro - 0.01, macro + 0.01), effect(*micro, criterion="micro")]
    return driver_line(told(*averages, *criteria, labels=tuple(changes), positives=POSITIVES))


def test_two_rare_criteria_that_make_most_of_a_change_are_named_beside_micro() -> None:
    """With their positives, and that frequent criteria did not follow."""
    changes = {"A": 0.08, "B": 0.08, "C": 0.01, "D": 0.01, "E": 0.01, "F": 0.01, "G": 0.01}

    assert lines_of(changes, (-0.005, -0.02, 0.01))[0].startswith(
        "2 of 7 criteria, B (5 positives) and A (12 positives), make 76 % of the change of macro average precision with ratio"
    )
    assert lines_of(changes, (-0.005, -0.02, 0.01))[0].endswith(
        "; micro average precision changed by −0.5 points (95 % interval −2.0 to +1.0)."
    )


def test_a_change_that_all_criteria_share_has_no_drivers() -> None:
    """Unless the micro average tells another story."""
    changes = dict.fromkeys("ABCDEFG", 0.03)

    assert lines_of(changes, (0.03, 0.02, 0.04)) == ()
    assert lines_of(changes, (-0.01, -0.02, 0.0))[0].startswith("Frequent criteria do not follow the change of macro average")


def test_criteria_that_fell_make_the_others_more_than_all() -> None:
    """A share above 100 % is said in words."""
    changes = {"A": 0.2, "B": 0.05, "C": -0.01, "D": -0.01, "E": -0.01, "F": -0.01, "G": -0.01}

    assert lines_of(changes, (0.03, 0.02, 0.04))[0].startswith("1 of 7 criteria, A (12 positives), makes more than all of")


def test_a_change_that_is_not_significant_has_no_drivers() -> None:
    """There is nothing to explain."""
    assert lines_of({"A": 0.2, "B": 0.0, "C": 0.0}, (0.0, -0.01, 0.01), macro=0.005) == ()
