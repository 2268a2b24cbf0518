"""Curricula: how steps are divided between synthetic and real texts, and that training follows the plan."""

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from support.tiny_model import load_tiny, separable, training
from synthsweep.config.keys.training import TrainingConfig
from synthsweep.train.curriculum import Phase, plan_phases
from synthsweep.train.encoder.model import Loaded
from synthsweep.train.encoder.tokens import encode
from synthsweep.train.fit import Fitted, TextOrder, Texts, fit

CURRICULA = ("mixed", "synthetic_first", "real_last")
kinds = st.lists(st.booleans(), min_size=1, max_size=40)
curricula = st.sampled_from(CURRICULA)
step_counts = st.integers(1, 500)


@given(kinds, curricula, step_counts)
def test_phases_take_all_steps_among_them(synthetic: list[bool], curriculum: str, steps: int) -> None:
    """So that no curriculum trains for longer than another; and no phase is empty."""

    phases = plan_phases(synthetic, curriculum, steps)

    assert sum(phase.steps for phase in phases) == steps
    assert all(phase.steps > 0 and phase.indices for phase in phases)


@given(kinds, curricula, step_counts)
def test_every_text_is_in_a_phase(synthetic: list[bool], curriculum: str, steps: int) -> None:
    """No curriculum leaves texts out, and within a phase each comes once, in the order of the texts."""

    phases = plan_phases(synthetic, curriculum, steps)

    assert {index for phase in phases for index in phase.indices} == set(range(len(synthetic)))
    assert all(list(phase.indices) == sorted(set(phase.indices)) for phase in phases)


@given(st.integers(1, 40), st.booleans(), curricula, step_counts)
def test_texts_of_one_kind_are_mixed(count: int, kind: bool, curriculum: str, steps: int) -> None:
    assert plan_phases([kind] * count, curriculum, steps) == (Phase(tuple(range(count)), steps),)


@given(kinds, curricula)
def test_a_single_step_is_mixed(synthetic: list[bool], curriculum: str) -> None:
    assert plan_phases(synthetic, curriculum, 1) == (Phase(tuple(range(len(synthetic))), 1),)


@given(kinds, step_counts)
def test_mixed_is_one_phase(synthetic: list[bool], steps: int) -> None:
    assert plan_phases(synthetic, "mixed", steps) == (Phase(tuple(range(len(synthetic))), steps),)


both_kinds = kinds.map(lambda synthetic: [True, False, *synthetic])


@given(both_kinds, st.sampled_from(CURRICULA[1:]), st.integers(2, 500))
def test_the_last_phase_is_of_real_texts_alone_and_takes_their_share(
    synthetic: list[bool], curriculum: str, steps: int
) -> None:
    """Rounded to the nearest step, and at least one step for either phase."""

    first, last = plan_phases(synthetic, curriculum, steps)

    share = Fraction(synthetic.count(False), len(synthetic)) * steps
    assert last.indices == tuple(index for index, kind in enumerate(synthetic) if not kind)
    assert abs(last.steps - share) <= Fraction(1, 2) or 1 in {first.steps, last.steps}


@given(both_kinds, st.integers(2, 500))
def test_curricula_differ_in_what_comes_before_the_real_texts(synthetic: list[bool], steps: int) -> None:
    (alone, last), (together, also_last) = (plan_phases(synthetic, name, steps) for name in CURRICULA[1:])

    assert alone.indices == tuple(index for index, kind in enumerate(synthetic) if kind)
    assert together.indices == tuple(range(len(synthetic)))
    assert last == also_last


@pytest.mark.parametrize(
    ("curriculum", "expected"),
    [
        ("mixed", (Phase((0, 1, 2, 3), 10),)),
        ("synthetic_first", (Phase((0,), 2), Phase((1, 2, 3), 8))),
        ("real_last", (Phase((0, 1, 2, 3), 2), Phase((1, 2, 3), 8))),
    ],
)
def test_a_plan_by_hand(curriculum: str, expected: tuple[Phase, ...]) -> None:
    """Three real texts of four take 7.5 of ten steps, and half a step goes to them."""

    assert plan_phases([True, False, False, False], curriculum, 10) == expected


def two_kinds(real: int = 12, synthetic: int = 8) -> Texts:
    """Real texts, then synthetic ones."""
    texts = separable(real + synthetic)
    return Texts(texts.texts, texts.truth, None, np.arange(real + synthetic) >= real)


def fit_by(
    curriculum: str,
    config: TrainingConfig,
    train: Texts,
    *,
    loaded: Loaded | None = None,
    score: Callable[[np.ndarray], float | None] = lambda _: None,
) -> Fitted:
    """Ten texts are the baseline; the best point is that of the lowest loss on dev unless `score` says otherwise."""
    return fit(loaded or load_tiny(), train, separable(8), config, TextOrder(10, 1, curriculum), score=score)


def watched(curriculum: str, train: Texts) -> list[list[tuple[int, bool]]]:
    """Of each step, the index of each of its texts, and whether it is synthetic."""
    loaded, steps = load_tiny(), []
    place = {tuple(ids): index for index, ids in enumerate(encode(train.texts, loaded.tokenizer, 32).ids)}

    def see(module: torch.nn.Module, given: tuple[torch.Tensor, ...]) -> None:
        if module.training:
            indices = [place[tuple(token for token in row if token)] for row in given[0].tolist()]
            steps.append([(index, train.kinds[index]) for index in indices])

    loaded.classifier.register_forward_pre_hook(see)
    fit_by(curriculum, training(epochs=4), train, loaded=loaded)
    return steps


@pytest.mark.slow
@pytest.mark.parametrize(("curriculum", "first"), [("synthetic_first", {True}), ("real_last", {True, False})])
def test_training_keeps_to_the_phases(curriculum: str, first: set[bool]) -> None:
    """Twelve of twenty steps are of real texts alone."""

    steps = watched(curriculum, two_kinds())

    assert (len(steps), {kind for step in steps[8:] for _, kind in step}) == (20, {False})
    assert {kind for step in steps[:8] for _, kind in step} == first


def test_a_phase_goes_through_its_own_texts_again_and_again() -> None:
    """Eight synthetic texts in two batches, four times; then twelve real ones in three, four times."""

    steps = watched("synthetic_first", two_kinds())

    passes = [steps[start : start + 2] for start in range(0, 8, 2)] + [steps[start : start + 3] for start in range(8, 20, 3)]
    found = [sorted(index for step in one for index, _ in step) for one in passes]
    assert found == [[*range(12, 20)]] * 4 + [[*range(12)]] * 4


@pytest.mark.parametrize("curriculum", CURRICULA)
def test_texts_of_no_kind_train_as_they_always_did(curriculum: str) -> None:
    """Real texts alone are one phase, to the last bit."""

    found, expected = (fit_by(name, training(), separable(10)).probabilities(["a lamp"]) for name in (curriculum, "mixed"))

    assert np.array_equal(expected, found)


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0, 4.0])
@pytest.mark.parametrize("curriculum", CURRICULA)
@pytest.mark.parametrize("synthetic", [3, 40])
def test_matched_steps_are_those_of_the_baseline_whatever_curriculum_and_weight(
    curriculum: str, weight: float, synthetic: int
) -> None:
    """Dev is evaluated after the same steps too, and nothing stops early."""

    kinds, config = two_kinds(10, synthetic), training(epochs=3, match_steps=True, patience=1)
    weighted = Texts(kinds.texts, kinds.truth, np.where(kinds.kinds, weight, 1.0), kinds.synthetic)
    baseline = fit_by("mixed", config, separable(10), score=falling())
    arm = fit_by(curriculum, config, weighted, score=falling())

    assert baseline.steps == arm.steps == 9
    assert [3, 6, 9] == [point.step for point in baseline.curve] == [point.step for point in arm.curve]


def falling() -> Callable[[np.ndarray], float]:
    """Scores on dev that only get worse."""
    scores = iter(range(99, 0, -1))
    return lambda _: next(scores) / 100


@pytest.mark.parametrize(("curriculum", "looks"), [("mixed", 2), ("synthetic_first", 5), ("real_last", 5)])
def test_patience_counts_in_the_last_phase_alone(curriculum: str, looks: int) -> None:
    """Four evaluations of ten are in the first phase, the fourth at its very end; the fifth is the first that counts."""

    fitted = fit_by(curriculum, training(epochs=10, patience=1), two_kinds(), score=falling())

    assert (len(fitted.curve), fitted.steps) == (looks, 5 * looks)


def test_the_best_point_may_be_one_of_the_first_phase() -> None:
    """Dev decides, whatever the real texts have made of the classifier since."""

    fitted = fit_by("synthetic_first", training(epochs=5), two_kinds(), score=falling())

    assert (fitted.best.step, 5 * len(fitted.curve)) == (5, 25)
    assert np.allclose(fitted.dev_probabilities, fitted.probabilities(separable(8).texts), atol=1e-6)
