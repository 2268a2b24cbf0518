import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.builders import real, synthetic
from synthsweep.curate.label_checks.confident import ConfidentChecker, confident_classes, self_confidence
from synthsweep.examples import Example
from synthsweep.label_checker import Verdict

WORDS = {
    "A": "lines up rows of cars and trains by colour".split(),
    "B": "covers both ears when the vacuum or alarm starts".split(),
    "": "went home after lunch with her brother on monday".split(),
}
IDS = ["A", "B"]


def text_for(label: str, rng: random.Random) -> str:
    return " ".join(rng.sample(WORDS[label], 6))


def pool_with_noise(count: int, wrong: int, seed: int = 1) -> tuple[list[Example], list[Example]]:
    """Real texts with right labels; synthetic ones for A and B in turns, the first `wrong` with the other's label."""
    rng = random.Random(seed)
    train = [real(f"r{n}", *label, text=text_for(label, rng)) for n, label in enumerate(["A", "B", ""] * 20)]
    labels = [("AB"[n % 2], "AB"[(n + (n < wrong)) % 2]) for n in range(count)]
    return train, [synthetic(f"s{n}", given, text=text_for(true, rng)) for n, (true, given) in enumerate(labels)]


def test_the_thresholds_are_the_mean_self_confidence_of_each_class() -> None:
    """By hand: 0 has 0.1, 0.2, 0.6 of class 1, so 0.9, 0.8, 0.4 of its own; 1 has 0.9 and 0.5."""

    zero, one = self_confidence(np.array([0.1, 0.2, 0.6, 0.9, 0.5]), np.array([0, 0, 0, 1, 1]))

    assert [zero, one] == pytest.approx([0.7, 0.7])


@pytest.mark.parametrize(
    ("probabilities", "given_labels", "expected"),
    [
        # Thresholds 0.7 and 0.7: the fourth says 0 and is given 1; the fifth reaches neither.
        ([0.1, 0.1, 0.7, 0.3, 0.6, 0.9, 1.0], [0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 0, -1, 1, 1]),
        # Thresholds 0.4 and 0.5: both reach theirs at 0.55, and 1 is the likelier.
        ([0.65, 0.55, 0.45, 0.55], [0, 0, 1, 1], [1, 1, 0, 1]),
        # Both reach theirs, and neither is likelier.
        ([0.5, 0.5], [0, 1], [-1, -1]),
    ],
)
def test_confident_classes_by_hand(probabilities: list[float], given_labels: list[int], expected: list[int]) -> None:
    """The likelier of those that reach their threshold; none where none does."""

    assert confident_classes(np.array(probabilities), np.array(given_labels)).tolist() == expected


@settings(max_examples=60)
@given(
    rows=st.lists(st.tuples(st.integers(1, 99), st.integers(0, 1)), min_size=2, max_size=30).filter(
        lambda rows: len({label for _, label in rows}) == 2
    )
)
def test_confident_classes_follow_the_published_rule(rows: list[tuple[int, int]]) -> None:
    """Text by text: argmax over the classes j whose probability is at least the mean of that class's own texts."""

    probabilities, labels = np.array([n / 100 for n, _ in rows]), np.array([label for _, label in rows])
    by_class = np.column_stack([1 - probabilities, probabilities])
    thresholds = [by_class[labels == j, j].mean() for j in (0, 1)]
    found = confident_classes(probabilities, labels)

    for row, one in zip(by_class, found, strict=True):
        reached = [j for j in (0, 1) if row[j] >= thresholds[j] - 1e-12]
        near = any(abs(row[j] - thresholds[j]) < 1e-9 for j in (0, 1))
        best = [j for j in reached if row[j] == max(row[k] for k in reached)]
        assert near or (best[0] if len(best) == 1 else -1) == one


def test_planted_noise_is_found_and_named() -> None:
    """Eight of 60 labels are exchanged: the check sees what the texts say."""

    train, pool = pool_with_noise(60, wrong=8)

    verdicts = ConfidentChecker(train, IDS).check(pool)

    doubted = [
        n for n, (example, verdict) in enumerate(zip(pool, verdicts, strict=True)) if not example.labels <= verdict.labels
    ]
    assert doubted == list(range(8))
    assert [set(verdict.labels) for verdict in verdicts[:2]] == [{"A"}, {"B"}]
    agreements = [verdict.agreement for verdict in verdicts]
    assert max(agreements[:8]) < min(agreements[8:])


def test_a_clean_pool_is_left_alone() -> None:
    train, pool = pool_with_noise(60, wrong=0)

    assert [verdict.labels for verdict in ConfidentChecker(train, IDS).check(pool)] == [example.labels for example in pool]


def test_real_texts_are_learned_from() -> None:
    """A pool that is half wrong cannot correct itself: the real texts show which half."""

    train, pool = pool_with_noise(40, wrong=20)

    kept_wrong = [
        sum(example.labels <= verdict.labels for example, verdict in zip(pool[:20], checker.check(pool), strict=False))
        for checker in (ConfidentChecker(train, IDS), ConfidentChecker([], IDS))
    ]

    assert [kept < 3 for kept in kept_wrong] == [True, False]


def test_a_criterion_that_all_or_none_carry_stays_as_it_is() -> None:
    """There is nothing to contradict it with."""

    rng = random.Random(1)
    pool = [synthetic(f"s{n}", "A", text=text_for("A", rng)) for n in range(10)]

    assert ConfidentChecker([], IDS).check(pool) == [Verdict(frozenset({"A"}), 1.0)] * 10
    assert ConfidentChecker(pool, IDS).check([]) == []


def test_a_text_that_occurs_twice_is_judged_by_models_that_know_neither() -> None:
    """A wrong label that was copied with its text would else confirm itself."""

    train, pool = pool_with_noise(60, wrong=1)
    copies = [synthetic(f"copy{n}", *pool[0].labels, text=pool[0].text.upper()) for n in range(4)]

    verdicts = ConfidentChecker(train, IDS).check([*pool, *copies])

    assert [set(verdict.labels) for verdict in (verdicts[0], *verdicts[60:])] == [{"A"}] * 5


def test_own_features_take_the_place_of_words() -> None:
    def length(texts: Sequence[str]) -> np.ndarray:
        return np.array([[len(text)] for text in texts])

    pool = [synthetic(f"s{n}", *("A" if n < 10 else ""), text="x" * (n + 1)) for n in range(20)]
    pool[2] = synthetic("s2", text="xxx")

    verdict = ConfidentChecker([], ["A"], features=length).check(pool)[2]

    assert verdict.labels == {"A"}
