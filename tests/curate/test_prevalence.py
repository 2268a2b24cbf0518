"""The largest part of a pool that moves no label's share."""

import itertools
import random
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from support.builders import real, synthetic
from synthsweep.curate.prevalence import MOST_WHOLE, label_rows, prevalence_matched, residual_of
from synthsweep.examples import Example

LABELS = ("A", "B", "C")
tolerances = st.sampled_from([0, 0.001, 0.01, 0.02, 0.05, 0.1, 1])


def labelled(count: int, rng: random.Random, make: Callable[..., Example] = real) -> list[Example]:
    """Texts with odds of their own for each label."""
    odds = [rng.uniform(0.05, 0.8) for _ in LABELS]
    return [
        make(f"{make.__name__}{n}", *[label for label, chance in zip(LABELS, odds, strict=True) if rng.random() < chance])
        for n in range(count)
    ]


def shares(examples: list[Example], labels: tuple[str, ...]) -> list[Fraction]:
    """Of each label, and of no label."""
    held = [sum(label in example.labels for example in examples) for label in labels]
    return [Fraction(count, len(examples)) for count in (*held, sum(not example.labels for example in examples))]


def keeps(real_texts: list[Example], part: list[Example], tolerance: float, labels: tuple[str, ...] = LABELS) -> bool:
    moved = zip(shares(real_texts, labels), shares([*real_texts, *part], labels), strict=True)
    return all(abs(one - other) <= Fraction(str(tolerance)) for one, other in moved)


def largest(real_texts: list[Example], candidates: list[Example], tolerance: float) -> int:
    """By trying every number of every label set."""
    kinds, sizes = np.unique(label_rows(candidates, LABELS), axis=0, return_counts=True)
    counts, tolerated = label_rows(real_texts, LABELS).sum(axis=0), Fraction(str(tolerance)) * len(real_texts)
    tried = (np.array(taken) for taken in itertools.product(*[range(size + 1) for size in sizes]))
    return max(
        int(taken.sum())
        for taken in tried
        if np.abs(len(real_texts) * (taken @ kinds) - taken.sum() * counts).max()
        <= tolerated * (len(real_texts) + int(taken.sum()))
    )


@pytest.mark.slow
@settings(deadline=None, max_examples=80)
@given(size=st.integers(1, 40), count=st.integers(0, 40), tolerance=tolerances, rng=st.randoms(use_true_random=False))
def test_shares_stay_within_the_tolerance_and_no_text_more_fits(
    size: int, count: int, tolerance: float, rng: random.Random
) -> None:
    """In exact arithmetic, for each label and for texts with none; the part is in the candidates' order."""

    real_texts, candidates = labelled(size, rng), labelled(count, rng, synthetic)

    part = list(prevalence_matched(real_texts, candidates, LABELS, tolerance))

    assert keeps(real_texts, part, tolerance)
    assert not any(keeps(real_texts, [*part, one], tolerance) for one in candidates if one not in part)
    assert part == [example for example in candidates if example in part]


def test_the_part_is_the_largest_where_label_sets_are_few() -> None:
    """Against every part of 80 random pools of up to 14 texts."""

    gaps = []
    for case in range(80):
        rng = random.Random(case)
        real_texts, candidates = labelled(rng.randint(5, 40), rng), labelled(rng.randint(1, 14), rng, synthetic)
        tolerance = rng.choice([0, 0.01, 0.02, 0.05, 0.1])
        part = prevalence_matched(real_texts, candidates, LABELS, tolerance)
        gaps.append(largest(real_texts, candidates, tolerance) - len(part))

    assert gaps == [0] * 80


def bound_of(real_texts: list[Example], candidates: list[Example], labels: tuple[str, ...], tolerance: float) -> float:
    """The most that the linear relaxation allows: no part is larger."""
    kinds, sizes = np.unique(label_rows(candidates, labels), axis=0, return_counts=True)
    moves = (kinds - label_rows(real_texts, labels).mean(axis=0)).T
    rows = np.vstack([moves, -moves]) - tolerance
    limits = np.full(len(rows), tolerance * len(real_texts))
    return -float(linprog(-np.ones(len(kinds)), A_ub=rows, b_ub=limits, bounds=[(0, size) for size in sizes]).fun)


@pytest.mark.parametrize("seed", [0, 4, 5, 6, 7])
def test_with_many_label_sets_the_part_is_near_the_bound(seed: int) -> None:
    """Of 400 random texts with up to nine labels: within five texts, within the tolerance, and no text more fits."""

    rng, labels = random.Random(seed), tuple("ABCDEFGHI")
    real_texts, candidates = (
        [make(f"{make.__name__}{n}", *[label for label in labels if rng.random() < chance]) for n in range(400)]
        for make, chance in ((real, 0.1), (synthetic, 0.3))
    )

    part = list(prevalence_matched(real_texts, candidates, labels, 0.02))

    assert len({example.labels for example in candidates}) > MOST_WHOLE
    assert 0 <= bound_of(real_texts, candidates, labels, 0.02) - len(part) < 5
    assert keeps(real_texts, part, 0.02, labels)
    kept = set(part)
    others = {example.labels: example for example in candidates if example not in kept}.values()
    assert not any(keeps(real_texts, [*part, one], 0.02, labels) for one in others)


def test_a_pool_with_the_real_shares_is_taken_whole() -> None:
    """Even without any tolerance."""

    real_texts = [real(f"r{n}", *("A", "B", "")[n % 3].strip()) for n in range(30)]
    candidates = [synthetic(f"s{n}", *("A", "B", "")[n % 3].strip()) for n in range(60)]

    assert prevalence_matched(real_texts, candidates, LABELS, 0) == tuple(candidates)


def test_a_label_that_real_texts_lack_is_added_within_the_tolerance() -> None:
    """Two of 100 texts are a share of 0.02, three of 101 are more."""

    real_texts = [real(f"r{n}", "A") for n in range(98)]
    candidates = [synthetic(f"s{n}", "C") for n in range(50)]

    assert prevalence_matched(real_texts, candidates, LABELS, 0.02) == tuple(candidates[:2])


def test_the_residual_counts_labels_and_texts_without_one() -> None:
    """One A too many, one B too few, one text without a label too many."""

    found = [real("r0", "A"), real("r1", "A"), real("r2")]

    assert residual_of(found, np.array([1, 1, 0, 0]), LABELS) == 3
