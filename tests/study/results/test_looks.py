"""What looks say, and the file that keeps them."""

from pathlib import Path

import pytest

from synthsweep.study.design.seed_rule import ArmLook, Look, SeedRule
from synthsweep.study.results.looks import FILE, look_line, read_looks, statement, why_stopped, write_looks

WIDTH, DETECT = SeedRule("half_width", 2.0, 3, 20), SeedRule("detect", 3.0, 3, 20)
FIRST = Look(3, 5, "", "f1", (ArmLook("llm=a", 1.0, 4.1, 4.1, 1.8, 1.1), ArmLook("llm=b", 0.2, 3.0, 3.0, 1.6, 1.0)))
TEXTS = Look(7, 7, "texts", "f1", (ArmLook("llm=a", 1.0, 2.6, 2.6, 2.4, 2.31),))
FOUND = Look(5, 5, "decided", "f1", (ArmLook("llm=a", 6.0, 4.0, 5.5, 3.2, 2.0, 0.0004, 0.001, "changed"),))


def test_a_look_says_what_is_known_what_is_wanted_and_what_follows() -> None:
    """Of the arm that is known least."""

    assert look_line(WIDTH, FIRST, 3) == (
        "after 3 seeds: half width 4.1 points (llm=a), wanted 2: 2 more seeds for each of 3 configurations"
    )


@pytest.mark.parametrize(
    ("rule", "look", "why"),
    [
        (WIDTH, TEXTS, "the texts' share alone gives 2.3 points, wanted 2: more test texts would be needed"),
        (DETECT, FOUND, "llm=a: a change is found (+6.0 points, p 0.0004, at this look held against 0.001)"),
        (
            WIDTH, Look(18, 18, "futile", "f1", TEXTS.arms),
            "hydra.sweeper.max_seeds=20 would still give 2.4 points, wanted 2: more seeds hardly help",
        ),
        (
            WIDTH, Look(20, 20, "most", "f1", TEXTS.arms),
            "hydra.sweeper.max_seeds=20 is reached with half width 2.6 points, wanted 2",
        ),
        (
            WIDTH, Look(5, 5, "unknown", "f1", (ArmLook("llm=a", None, None, None, None, None),)),
            "no arm has an interval of macro f1, which is undefined or does not vary: more seeds would not help",
        ),
    ],
)  # fmt: skip
def test_a_study_says_why_it_stopped(rule: SeedRule, look: Look, why: str) -> None:
    """And what would help."""

    assert why_stopped(rule, look) == why
    assert look_line(rule, look, 2) == f"stopped after {look.seeds} seeds: {why}"


def test_what_is_kept_is_what_is_read(tmp_path: Path) -> None:
    """With it a report states the rule, the looks, why it stopped and the error."""
    write_looks(tmp_path, WIDTH, [FIRST, TEXTS])

    rule, looks = read_looks(tmp_path / FILE)

    assert (rule, looks) == (WIDTH, [FIRST, TEXTS])
    told, error = statement(rule, looks)
    assert told.startswith("seeds were added until half_width<=2 (intervals of at most 2 points to either side), 3 at first")
    assert "looks after 3, 7 seeds; stopped after 7 seeds: the texts' share alone gives 2.3 points" in told
    assert "never at a change" in error


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text('{"looks": []}')

    with pytest.raises(ValueError, match="not a file of looks"):
        read_looks(tmp_path / FILE)
