"""Which LLM, which prompt comes first."""

from support.headlines import AP, effect, told
from synthsweep.compare.report.headline.pools import pool_lines
from synthsweep.compare.report.headline.study import headline
from synthsweep.compare.report.verdict import verdict
from synthsweep.compare.result.effects import Effect, PoolPair
from synthsweep.compare.stats.over_arms import over_pairs


def pair(one: str, other: str, found: Effect, factor: str = "llm") -> PoolPair:
    return PoolPair(factor, one, other, (found,))


def lines_of(*pairs: PoolPair, primary: str = AP) -> tuple[str, ...]:
    return pool_lines(told(pools=over_pairs(pairs), primary=primary))


def test_the_better_llm_is_named_with_the_contrast_of_the_pools() -> None:
    """From the side of the better one, whichever is named first in the pair."""
    lower = pair("a", "b", effect(-0.03, -0.05, -0.01, contrast="a - b"))

    assert lines_of(lower) == (
        "Which LLM: b, significantly better than a: +3.0 points of macro average precision against a (95 % interval +1.0 to "
        "+5.0; 6 seeds).",
    )


def test_a_difference_that_the_interval_does_not_show_settles_nothing() -> None:
    """The one that is ahead is said to be no more than that."""
    (line,) = lines_of(pair("a", "b", effect(0.01, -0.02, 0.04, contrast="a - b"), "prompt.variant"))

    assert line.startswith("Which prompt: no significant difference. a is ahead: +1.0 points of macro")


def test_of_several_the_first_is_told_against_each_other_after_correction() -> None:
    """The nearest first; who is not significantly behind is not among those that it beats."""
    found = lines_of(
        pair("a", "b", effect(0.01, -0.02, 0.04, contrast="a - b")),
        pair("a", "c", effect(0.06, 0.04, 0.08, contrast="a - c")),
        pair("b", "c", effect(0.05, 0.03, 0.07, contrast="b - c")),
    )

    assert found[0].startswith(
        "Which LLM: a, significantly better than c alone after correcting for 3 pairs: +1.0 points of macro"
    )
    assert ", +6.0 points against c (95 % interval +4.0 to +8.0; 6 seeds)." in found[0]


def test_a_lower_brier_score_is_better() -> None:
    """Its difference keeps its sign."""
    (line,) = lines_of(pair("a", "b", effect(0.03, 0.01, 0.05, contrast="a - b", metric="brier")), primary="brier")

    assert line.startswith("Which LLM: b, significantly better than a: −3.0 points of macro Brier score against a")


def test_the_question_which_comes_before_everything_else() -> None:
    """In the headline as in the verdict; what is undefined has its sentence, too."""
    arm, contrast = effect(0.02, 0.01, 0.03), effect(-0.03, -0.05, -0.01, contrast="a - b")
    answer = told(arm, pools=over_pairs([pair("a", "b", contrast), pair("x", "y", effect(None), "prompt")]))

    assert [line.partition(":")[0] for line in headline(answer)[:2]] == ["Which LLM", "Which prompt"]
    assert verdict(answer).startswith("Which LLM: b, ")
    assert "Which prompt: not known; macro average precision is undefined" in headline(answer)[1]
