"""The first lines of the page."""

from dataclasses import replace

import numpy as np
import pytest

from support import inspections
from synthsweep.inspect.inspection import Curation, InspectedTexts, Inspection
from synthsweep.inspect.report.headline import headline


def sides(name: str, ours: float, theirs: float) -> Inspection:
    """One characteristic of texts alone."""
    both = (InspectedTexts(np.eye(3, dtype=np.int64), {name: np.full(3, value)}) for value in (ours, theirs))
    return replace(inspections.bare(), **dict(zip(("synthetic", "real"), both, strict=True)))


def diverse(ours: float, theirs: float) -> Inspection:
    both = (InspectedTexts(np.eye(3, dtype=np.int64), even={"vendi_q1": value}) for value in (ours, theirs))
    return replace(inspections.bare(), even=3, **dict(zip(("synthetic", "real"), both, strict=True)))


def said(found: Inspection, words: str) -> list[str]:
    return [sentence for sentence in headline(found) if words in sentence]


def test_the_pool_and_its_losses_come_first() -> None:
    """How many there are, how many each step dropped, how many repeat dev or test."""

    assert headline(inspections.full())[:3] == (
        "90 texts of recorded/plain beside 120 real training texts.",
        "Curation dropped 10 of 100 texts (duplicates 7, leaks 3).",
        "3 texts repeat dev or test texts: they never train.",
    )


def test_a_pool_without_losses_says_so() -> None:
    """Silence would leave it open whether anybody looked."""

    assert headline(inspections.bare())[:3] == (
        "1 text of recorded/plain beside 1 real training text.",
        "Curation dropped none of 1 text.",
        "The leak gate found no copy of a dev or test text.",
    )


def test_faults_that_were_planted_are_named() -> None:
    """Nobody may take them for the LLM's."""
    found = replace(inspections.bare(), curation=Curation(1, planted={"label_noise": 1}))

    assert headline(found)[0].endswith(" Planted: label noise in 1.")


@pytest.mark.parametrize(
    ("ours", "theirs", "way"),
    [(14, 20, "30 % shorter than"), (30, 20, "50 % longer than"), (20, 20, "about as long as"), (20.5, 20, "about as long as")],
)
def test_length_is_compared_with_real_texts(ours: float, theirs: float, way: str) -> None:
    """A little more or less is alike."""

    assert said(sides("length", ours, theirs), f"They are {way} real texts")


@pytest.mark.parametrize(
    ("ours", "theirs", "way"), [(10, 20, "less diverse than"), (30, 20, "more diverse than"), (20, 20.5, "about as diverse as")]
)
def test_diversity_is_compared_at_one_size(ours: float, theirs: float, way: str) -> None:
    """By the Vendi score."""

    assert said(diverse(ours, theirs), f"They are {way} real texts: 3 of them are worth {ours:.1f} wholly different texts")


@pytest.mark.parametrize(
    ("ours", "theirs", "way"),
    [
        (0.4, 0.6, "farther from the real texts than"),
        (0.8, 0.6, "nearer to the real texts than"),
        (0.6, 0.61, "as near to the real texts as"),
    ],
)
def test_nearness_is_compared_with_that_among_real_texts(ours: float, theirs: float, way: str) -> None:
    """A cosine by itself says nothing."""

    assert said(sides("nearest_real", ours, theirs), f"They are {way} those are to one another")


def test_texts_that_are_left_near_dev_or_test_are_named_with_a_way_out() -> None:
    """Only where there is some."""
    found = inspections.full()
    near = replace(found, synthetic=replace(found.synthetic, pool={"leak_share_semantic": 0.02, "leak_share_lexical": 0.0}))

    assert said(found, "are near") == []
    assert said(near, "are near") == [
        "Of the texts that are left, some are near a dev or test text: 2 % by meaning. curation=near drops such texts."
    ]


def test_criteria_that_no_synthetic_text_carries_are_named() -> None:
    """They dilute these criteria."""

    assert said(inspections.full(), "No synthetic") == ["No synthetic text carries B1."]
    assert said(inspections.unmeasured(), "No synthetic") == []


@pytest.mark.parametrize(("rows", "sentences"), [(4, 1), (3, 0)])
def test_texts_without_a_criterion_are_named_where_sides_differ(rows: int, sentences: int) -> None:
    """A classifier also learns from texts that show nothing."""
    found = replace(inspections.unmeasured(), real=InspectedTexts(np.eye(4, dtype=np.int64)[:rows, :3]))

    sentence = "Texts without any criterion: of the synthetic ones none, of the real ones 25 %."
    assert said(found, "without any criterion") == [sentence] * sentences


def test_near_copies_are_named_where_there_are_some() -> None:
    """Of both sides, at one size."""
    found = inspections.full()
    none = replace(found, synthetic=replace(found.synthetic, even={}), real=replace(found.real, even={}))

    shares = "2 % by words (of real ones 2 %), 11 % by meaning (of real ones 11 %)"
    sentence = f"Of 90 of them, these shares have a near copy among the others: {shares}."
    assert (said(none, "near copy"), said(found, "near copy")) == ([], [sentence])


def test_what_is_not_measured_is_not_mentioned() -> None:
    """Nothing of length, diversity or nearness."""

    assert len(headline(inspections.unmeasured())) == 4


def test_real_texts_with_undecided_labels_are_named() -> None:
    """Their numbers of criteria are then too low; without such texts there is no such line."""
    (line,) = said(replace(inspections.full(), undecided=3), "nobody decided")

    assert line.startswith("In 3 real texts nobody decided on some criteria")
    assert said(inspections.full(), "nobody decided") == []
