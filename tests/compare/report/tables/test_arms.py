"""The table of what was compared."""

from dataclasses import replace

from support import answers
from support.headlines import BASE
from synthsweep.compare.report.tables.arms import arms


def test_copies_and_further_real_texts_have_a_column() -> None:
    """They are no synthetic texts; without any, there is no such column."""
    copied = replace(BASE, arm="mix=duplicate_real", facts={"train/real": 200.0, "train/synthetic": 0.0, "train/added": 200.0})
    with_copies, without = (arms(replace(answers.EMPTY, arms=found)) for found in ((BASE, copied), (BASE,)))

    assert with_copies.heads[-1] == "copied or further real texts"
    assert [row[-1] for row in with_copies.rows] == ["", "200"]
    assert "copied or further real texts" not in without.heads
