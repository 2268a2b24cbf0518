"""Which arms the figures show: of many, those that the verdict names first; the tables and the heat map have all."""

from synthsweep.compare.report.headline.arms import macro_effects
from synthsweep.compare.report.names import contrasts
from synthsweep.compare.result.comparison import Comparison

# More arms fill tens of figures that nobody reads, and take longer to draw than the comparison takes.
MOST = 12


def ranked_arms(answer: Comparison) -> list[str]:
    """Every arm, those that the verdict names first at the beginning; an arm without an effect is last."""
    arms = list(contrasts(answer))
    places = {effect.contrast: place for place, effect in enumerate(macro_effects(answer))}
    return sorted(arms, key=lambda arm: places.get(arm, len(arms)))


def drawn_arms(answer: Comparison) -> tuple[str, ...]:
    """The arms that figures show, in the order of the study."""
    arms = contrasts(answer)
    if answer.every_arm_drawn or len(arms) <= MOST:
        return arms
    first = set(ranked_arms(answer)[:MOST])
    return tuple(arm for arm in arms if arm in first)


def left_out(answer: Comparison) -> str:
    """The end of a caption that says which arms are shown; empty if all are."""
    shown, every = len(drawn_arms(answer)), len(contrasts(answer))
    if shown == every:
        return ""
    return (
        f" Shown: {shown} of {every} arms, the significant ones first and then the largest changes; the tables and the heat "
        "map have all, and compare.figures=all draws them."
    )
