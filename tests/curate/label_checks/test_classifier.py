import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import real, synthetic
from synthsweep.curate.label_checks.classifier import ClassifierChecker, agreement, folds_of, out_of_fold, tfidf
from synthsweep.examples import Example, text_key
from synthsweep.label_checker import Verdict

A_WORDS = "lines up rows of cars and trains by colour every day".split()
B_WORDS = "covers both ears when the vacuum or the alarm starts".split()
NEITHER = "went home after lunch with her older brother on monday".split()
IDS = ["A", "B"]


def said(words: list[str], rng: random.Random) -> str:
    return " ".join(rng.sample(words, 6))


def reals(count: int = 20) -> list[Example]:
    rng = random.Random(1)
    kinds = [(A_WORDS, "A"), (B_WORDS, "B"), (NEITHER, None)]
    return [
        real(f"{label}{number}", *([label] if label else []), text=said(words, rng))
        for number in range(count)
        for words, label in kinds
    ]


def asked(text: str, *labels: str, **given: Any) -> Verdict:
    (verdict,) = ClassifierChecker(reals(), IDS, **given).check([synthetic("s", *labels, text=text)])
    return verdict


def test_the_labels_that_the_real_texts_teach_are_seen() -> None:
    """A wrong label is not seen, the right one is, whatever the text was labelled."""

    text = "rows of cars and trains"

    assert [asked(text, *own).labels for own in ([], ["A"], ["B"])] == [{"A"}, {"A"}, {"A"}]


def test_agreement_tells_right_labels_from_wrong_ones() -> None:
    """It is how sure the text's own labels are, and with none, that none is right."""

    text, nothing = "rows of cars and trains", "home after lunch with her brother"

    assert asked(text, "A").agreement > 0.8 > 0.2 > asked(text, "B").agreement
    assert asked(nothing).agreement > 0.8 > 0.2 > asked(text).agreement


def test_a_text_that_says_nothing_keeps_its_labels_at_a_high_confidence() -> None:
    """Only a sure contradiction counts."""

    assert asked("zebra", "A", confidence=0.9).labels == {"A"}
    assert asked("rows of cars", "B", confidence=0.5).labels == {"A"}


def test_a_higher_confidence_changes_no_label_more() -> None:
    """What a bolder check leaves alone, a more careful one does too."""

    owns = [set(), {"A"}, {"B"}, {"A", "B"}]
    texts = [synthetic(str(number), *own, text="covers rows of cars") for number, own in enumerate(owns)]

    verdicts = [ClassifierChecker(reals(), IDS, confidence).check(texts) for confidence in (0.5, 0.6, 0.75, 0.9, 0.99)]
    changed = [[own ^ verdict.labels for own, verdict in zip(owns, found, strict=True)] for found in verdicts]

    assert changed[0] != changed[-1]
    assert all(careful <= bold for found, others in pairwise(changed) for bold, careful in zip(found, others, strict=True))


@pytest.mark.parametrize("shown", [0, 1, 20, 19])
def test_a_criterion_without_both_classes_stays_as_it_is(shown: int) -> None:
    """Nobody can say from no text, or from one, what a criterion looks like; the other criterion is judged all the same."""

    taught = [
        Example(e.id, e.text, (e.labels & {"A"}) | ({"B"} if number < shown else set()))
        for number, e in enumerate(reals(7)[:20])
    ]
    texts = [synthetic("1", "B", text="rows of cars and trains"), synthetic("2", text="covers both ears")]

    first, second = ClassifierChecker(taught, IDS).check(texts)

    assert (first.labels, second.labels) == ({"A", "B"}, set())


def test_labels_that_do_not_follow_from_the_texts_are_not_judged() -> None:
    """A classifier that ranks no better than chance doubts no label."""

    taught = [real(str(n), *(["A"] if n % 2 else []), text=f"{n // 2} same words") for n in range(20)]

    (verdict,) = ClassifierChecker(taught, ["A"]).check([synthetic("1", "A", text="3 same words")])

    assert verdict == Verdict(frozenset({"A"}), 1.0)


def test_without_real_texts_nothing_is_judged() -> None:
    """An empty training part is no reason to drop a pool."""

    (verdict,) = ClassifierChecker([], IDS).check([synthetic("1", "A")])

    assert verdict == Verdict(frozenset({"A"}), 1.0)
    assert ClassifierChecker(reals(), IDS).check([]) == []


def test_own_features_take_the_place_of_words() -> None:
    """As those of a sentence encoder."""

    def has_a_digit(texts: Sequence[str]) -> np.ndarray:
        return np.array([[float(any(letter.isdigit() for letter in text))] for text in texts])

    taught = [real(str(n), *(["A"] if n % 2 else []), text=f"note {n if n % 2 else 'x' * n}") for n in range(20)]

    verdicts = ClassifierChecker(taught, ["A"], features=has_a_digit).check(
        [synthetic("1", text="77"), synthetic("2", text="y")]
    )

    assert [verdict.labels for verdict in verdicts] == [{"A"}, set()]


def test_probabilities_are_those_of_a_calibrated_classifier() -> None:
    """Cross-validated, then Platt's sigmoid at even odds, then the odds beforehand: step by step with scikit-learn."""

    from sklearn.linear_model import LogisticRegression

    train = reals(12)
    texts = ["rows of ears", "covers lunch"]
    rows = tfidf([e.text for e in train])([e.text for e in train])
    truth, folds = np.array([int("A" in e.labels) for e in train]), folds_of(train)
    balanced = {"class_weight": "balanced", "max_iter": 1000}
    held_out = np.zeros(len(train))
    for fold in range(5):
        inside = folds == fold
        model = LogisticRegression(**balanced).fit(rows[~inside], truth[~inside])
        held_out[inside] = model.decision_function(rows[inside])
    platt = LogisticRegression(**balanced).fit(held_out[:, None], truth)
    scores = LogisticRegression(**balanced).fit(rows, truth).decision_function(tfidf([e.text for e in train])(texts))
    even = platt.predict_proba(scores[:, None])[:, 1]

    carried, lacking = (
        ClassifierChecker(train, ["A"]).probabilities(texts, np.full((2, 1), own))[:, 0] for own in (True, False)
    )

    assert carried == pytest.approx(even)
    odds = even / (1 - even) * truth.mean() / (1 - truth.mean())
    assert lacking == pytest.approx(odds / (1 + odds))


@pytest.mark.parametrize(
    ("probabilities", "own", "expected"),
    [
        ([0.8, 0.4, 0.1], [1, 1, 0], 0.6),
        ([0.8, np.nan, 0.1], [1, 1, 0], 0.8),
        ([0.5, 0.2, np.nan], [0, 0, 0], 0.4),
        ([np.nan, 0.3], [1, 0], 1.0),
        ([np.nan, np.nan], [0, 0], 1.0),
    ],
)
def test_agreement_by_hand(probabilities: list[float], own: list[int], expected: float) -> None:
    """The mean over a text's own labels, the product of the contraries for none; what is unknown is left out."""

    assert agreement(np.array(probabilities), np.array(own, dtype=bool)) == pytest.approx(expected)


@settings(max_examples=40)
@given(texts=st.lists(st.tuples(st.sampled_from("abcdefghij"), st.sampled_from(["", "A", "B"])), max_size=30))
def test_equal_texts_share_a_fold_and_folds_have_equal_sizes(texts: list[tuple[str, str]]) -> None:
    """A copy in another fold would be known by heart."""

    examples = [real(str(n), *label, text=text) for n, (text, label) in enumerate(texts)]
    folds = folds_of(examples)
    fold = {text_key(example.text): number for example, number in zip(examples, folds, strict=True)}

    assert [fold[text_key(example.text)] for example in examples] == list(folds)
    sizes = [list(fold.values()).count(number) for number in range(5)]
    assert max(sizes) - min(sizes) <= 1


def test_a_fold_whose_rest_lacks_a_class_gives_no_probabilities() -> None:
    rows = np.arange(6.0)[:, None]

    assert out_of_fold(rows, np.array([1, 1, 0, 0, 0, 0]), np.array([0, 0, 1, 1, 2, 2])) is None
    assert out_of_fold(rows, np.array([1, 0, 1, 0, 0, 0]), np.array([0, 0, 1, 1, 2, 2])).shape == (6,)


def test_a_text_without_letters_can_be_judged() -> None:
    assert tfidf(["a", "b c"])(["?"]).shape[0] == 1
