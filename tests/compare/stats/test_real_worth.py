"""How many real texts synthetic ones are worth, from the learning curve of real texts alone."""

from collections.abc import Sequence

import pytest

from synthsweep.compare.grid import Cell, Contrast
from synthsweep.compare.result.effects import Effect, Interval
from synthsweep.compare.result.supplements import RealWorth
from synthsweep.compare.stats.real_worth import learning_curves, real_worth

SCORES = {"r100": 0.30, "r200": 0.40, "r400": 0.50, "arm": 0.45}
PARTNERS = {"arm": "r100"}


def cell(name: str, size: int, synthetic: float = 0.0) -> Cell:
    facts = {"train/real": float(size), "train/synthetic": synthetic}
    return Cell(name, {"data.train_size": str(size), "mix.ratio": "2" if synthetic else "0"}, (), facts)


CELLS = (cell("r100", 100), cell("r200", 200), cell("r400", 400), cell("arm", 100, 200.0))


def worth(half: float, cells: Sequence[Cell] = CELLS, **scores: float) -> tuple[RealWorth, ...]:
    """With intervals of this half width; scores differ from those above where they are given."""
    known = SCORES | scores

    def estimate(contrasts: Sequence[Contrast]) -> list[Effect]:
        gaps = {one.name: sum(weight * known[name] for name, weight in one.weights.items()) for one in contrasts}
        return [_effect(name, gap, half) for name, gap in gaps.items()]

    return real_worth(learning_curves(cells, PARTNERS), estimate, "f1", known)


def _effect(name: str, gap: float, half: float) -> Effect:
    return Effect(name, "f1", "macro", None, None, gap, Interval(gap - half, gap + half), pairs=2)


def test_the_score_of_an_arm_is_found_on_the_curve_of_real_texts() -> None:
    """Halfway between 200 and 400 in their logarithm; the interval holds what does not differ."""
    (found,) = worth(0.05)

    assert found.equal == pytest.approx(283, abs=1)
    assert found.low is not None
    assert (found.low <= 200, found.low > 185, found.high) == (True, True, None)
    assert (found.real, found.synthetic, [size for size, _ in found.curve]) == (100, 200, [100, 200, 400])
    assert [height for _, height in found.curve] == pytest.approx([0.3, 0.4, 0.5])


def test_a_score_beyond_the_curve_has_no_number() -> None:
    """It is worth more than what was tried, or less."""
    (above,), (below,) = worth(0.01, arm=0.6), worth(0.01, arm=0.2)

    assert (above.equal, above.above, above.low, above.high) == (None, True, 400, None)
    assert (below.equal, below.above, below.low, below.high) == (None, False, None, 100)


def test_wide_intervals_say_nothing() -> None:
    """Every size fits, so both ends are open."""
    (found,) = worth(0.5)

    assert (found.low, found.high) == (None, None)


def test_a_single_size_is_no_curve() -> None:
    """Neither are sizes of another setting; an arm without synthetic texts has no worth."""
    other = Cell("r200", {"data.train_size": "200", "model": "other"}, (), {"train/real": 200.0})

    assert worth(0.05, (CELLS[0], CELLS[3])) == ()
    assert worth(0.05, (CELLS[0], other, CELLS[3])) == ()
    assert learning_curves(CELLS[:3], {"r200": "r100"}) == ()
