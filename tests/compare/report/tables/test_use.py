"""What classifying takes, where arms are different classifiers."""

from dataclasses import replace

from support import answers
from support.headlines import BASE
from synthsweep.compare.report.tables.use import use, use_lines
from synthsweep.compare.result.comparison import Comparison


def of(factor: str, *facts: dict[str, float]) -> Comparison:
    arms = tuple(replace(BASE, arm=f"arm {number}", facts=one) for number, one in enumerate(facts))
    return replace(answers.EMPTY, arms=arms, factors={factor: ("a", "b")})


def test_each_classifier_has_its_dollars_and_seconds() -> None:
    """No dollars are known of one that nobody is paid for; runs of an earlier version have no row."""
    answer = of("model", {"time/s_per_1000": 53.2, "cost/usd_per_1000": 0.5}, {"time/s_per_1000": 0.917}, {})
    table = use(answer)

    assert table is not None
    assert [tuple(row) for row in table.rows] == [("arm 0", "0.50", "53.20"), ("arm 1", "", "0.92")]
    assert use_lines(answer) == ("To classify 1,000 texts takes $0.50 and 53 s with arm 0, 0.92 s with arm 1.",)


def test_arms_of_one_classifier_say_nothing_of_it() -> None:
    """Unless it is paid for."""
    assert use(of("mix.ratio", {"time/s_per_1000": 1.0}, {"time/s_per_1000": 1.1})) is None
    assert use_lines(of("mix.ratio", {"time/s_per_1000": 1.0})) == ()
    assert len(use_lines(of("evaluation.threshold", {"time/s_per_1000": 1.0, "cost/usd_per_1000": 0.0}))) == 1
