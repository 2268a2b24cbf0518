"""Mixes and label checks of corpora in which some labels are undecided, or each text has exactly one."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import real, synthetic
from synthsweep.config.keys.synthetic import CurationConfig
from synthsweep.curate.drop import curate
from synthsweep.curate.label_checks.classifier import ClassifierChecker
from synthsweep.curate.label_checks.confident import ConfidentChecker
from synthsweep.curate.prevalence import known_rows, label_rows, prevalence_matched
from synthsweep.examples import Example
from synthsweep.label_checker import LabelChecker, Verdict

IDS = ("A", "B")


def hidden(example: Example, *labels: str) -> Example:
    return replace(example, unknown=frozenset(labels))


@st.composite
def corpora(draw: st.DrawFn) -> tuple[list[Example], list[Example]]:
    """Real texts with undecided labels, and synthetic ones."""
    cells = st.lists(st.tuples(*[st.sampled_from([0, 1, None])] * 2), min_size=1, max_size=25)
    texts = [
        Example(str(n), f"text {n}", frozenset(i for i, v in zip(IDS, row, strict=True) if v), None,
                unknown=frozenset(i for i, v in zip(IDS, row, strict=True) if v is None))
        for n, row in enumerate(draw(cells))
    ]  # fmt: skip
    made = draw(st.lists(st.sets(st.sampled_from(IDS)), max_size=25))
    return texts, [synthetic(f"s{n}", *sorted(labels)) for n, labels in enumerate(made)]


@given(corpora(), st.sampled_from([0.0, 0.02, 0.1, 0.3]))
@settings(max_examples=60, deadline=None)
def test_a_matched_mix_keeps_the_shares_among_the_texts_that_are_decided(
    case: tuple[list[Example], list[Example]], tolerance: float
) -> None:
    """Each label's share among the texts on which somebody decided moves by at most the tolerance, in exact arithmetic."""

    texts, pool = case
    chosen = prevalence_matched(texts, pool, IDS, tolerance)
    counts, known, added = (rows.sum(axis=0).tolist() for rows in (
        label_rows(texts, IDS), known_rows(texts, IDS), label_rows(chosen, IDS)))  # fmt: skip
    for positives, decided, more in zip(counts, known, added, strict=True):
        if decided:
            moved = Fraction(positives + more, decided + len(chosen)) - Fraction(positives, decided)
            assert abs(moved) <= Fraction(str(tolerance))


def test_an_undecided_text_is_neither_with_nor_without_labels() -> None:
    """It counts in no column in which it is not known."""
    texts = [real("1", "A"), hidden(real("2"), "B"), real("3")]

    assert label_rows(texts, IDS).tolist() == [[1, 0, 0], [0, 0, 0], [0, 0, 1]]
    assert known_rows(texts, IDS).tolist() == [[1, 1, 1], [1, 0, 0], [1, 1, 1]]


@pytest.mark.parametrize("check", [ClassifierChecker, ConfidentChecker])
def test_label_checks_learn_nothing_from_undecided_texts(check: type) -> None:
    """Texts of lamps that are undecided on B do not teach that lamps are not B."""

    train = [real(f"a{n}", "A", text=f"a train number {n} here") for n in range(8)]
    train += [real(f"b{n}", "B", text=f"a lamp number {n} here") for n in range(8)]
    more = [hidden(real(f"u{n}", text=f"one lamp more {n} again"), "A", "B") for n in range(12)]
    asked = [synthetic("s1", "B", text="a lamp here"), synthetic("s2", "A", text="a train here")]
    words = {"features": lambda texts: np.array([["lamp" in text, "train" in text] for text in texts], dtype=float)}
    undecided, alone = (check([*train, *extra], IDS, **words).check(asked) for extra in (more, []))

    assert [verdict.labels for verdict in undecided] == [verdict.labels for verdict in alone]
    assert [verdict.agreement for verdict in undecided] == pytest.approx([verdict.agreement for verdict in alone], abs=0.03)


class Fixed:
    """A label check that sees these labels."""

    def __init__(self, *seen: str) -> None:
        self.seen = seen

    def check(self, examples: object) -> list[Verdict]:
        return [Verdict(frozenset(labels), 0.5) for labels in self.seen]


def test_new_labels_leave_each_text_with_exactly_one_class() -> None:
    """A text in which the check sees none or several is dropped as doubted; one with another class gets that one."""

    pool = [synthetic(f"s{n}", "A", text=f"text number {n} of its own") for n in range(4)]
    checker: LabelChecker = Fixed("B", "AB", "", "A")
    config = CurationConfig(label_check="classifier", label_action="replace")
    curated = curate(pool, train=[], evaluated=[], config=config, label_ids=IDS, kind="single", checker=checker)

    assert [(e.id, sorted(e.labels)) for e in curated.kept] == [("s0", ["B"]), ("s3", ["A"])]
    assert curated.counts["doubted"] == 2
    assert np.isclose(curated.verdicts["s1"].agreement, 0.5)
