"""What training does: it learns, is repeatable, looks at dev when it should, and gives back the best point."""

import math
import random
from collections.abc import Iterator

import numpy as np
import pytest
import torch

from support.tiny_model import Diary, fit_tiny, load_tiny, separable, training
from synthsweep.evaluate.metrics import macro_average_precision
from synthsweep.train.encoder.tokens import encode, padded, shuffled_batches
from synthsweep.train.loss import multilabel_loss
from synthsweep.train.schedule import Schedule, plan_schedule
from synthsweep.train.texts import Texts


def log_loss(truth: np.ndarray, probabilities: np.ndarray) -> float:
    return float(-(truth * np.log(probabilities) + (1 - truth) * np.log(1 - probabilities)).mean())


def test_a_task_that_two_words_decide_is_learnt() -> None:
    """On texts that were not trained on too."""
    config = training(epochs=12, batch_size=8, learning_rate=3e-3, positive_weight="balanced")
    fitted = fit_tiny(config, train=separable(64), dev=separable(20))
    unseen = Texts([f"{text} while it rained" for text in separable(4).texts], separable(4).truth)

    assert (fitted.probabilities(unseen.texts) > 0.5).astype(int).tolist() == unseen.truth.tolist()
    assert fitted.curve[-1].dev_loss < 0.2 * fitted.curve[0].dev_loss


def test_the_same_seeds_give_the_same_probabilities() -> None:
    """To the last bit, dropout included, whatever was drawn between."""
    texts = separable(6).texts
    first = fit_tiny(training(), loaded=load_tiny(dropout=0.3))
    torch.rand(3)
    second = fit_tiny(training(), loaded=load_tiny(dropout=0.3))

    assert np.array_equal(first.probabilities(texts), second.probabilities(texts))
    assert first.curve == second.curve


def test_another_order_gives_other_probabilities() -> None:
    """The order of batches is a source of variance of its own."""
    texts = separable(6).texts

    first, second = (fit_tiny(training(), loaded=load_tiny(dropout=0.0), order_seed=seed) for seed in (1, 2))
    assert not np.array_equal(first.probabilities(texts), second.probabilities(texts))


def test_training_is_that_of_a_plain_loop() -> None:
    """AdamW on weighted loss, clipped, warmed up; biases and norms do not decay."""
    config = training(epochs=4, weight_decay=0.5, max_grad_norm=0.5, warmup_ratio=0.25, positive_weight="balanced")
    train, fitted = separable(10), fit_tiny(config, loaded=load_tiny(dropout=0.0), score=Script(1, 2, 3, 4))

    loaded, rng = load_tiny(dropout=0.0), random.Random(1)
    model, ids = loaded.classifier.train(), encode(train.texts, loaded.tokenizer, 32).ids
    matrices = [p for p in model.parameters() if p.ndim > 1]
    groups = [{"params": matrices}, {"params": [p for p in model.parameters() if p.ndim == 1], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, weight_decay=0.5)
    weights = torch.tensor((10 - train.truth.sum(axis=0)) / train.truth.sum(axis=0), dtype=torch.float32)
    batches = [batch for _ in range(4) for batch in shuffled_batches(list(map(len, ids)), 4, rng)]
    for step, batch in enumerate(batches):
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * (step / 3 if step < 3 else (12 - step) / 9)
        tokens, mask = (torch.tensor(value) for value in padded([ids[index] for index in batch], 0))
        multilabel_loss(model(tokens, mask), torch.tensor(train.truth[batch]).float(), weights).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5)
        optimizer.step()
        optimizer.zero_grad()
    found = dict(fitted.loaded.classifier.named_parameters())
    for name, parameter in model.named_parameters():
        torch.testing.assert_close(found[name], parameter, rtol=1e-4, atol=2e-6, msg=name)


class Script:
    """Scores on dev that are given beforehand."""

    def __init__(self, *scores: float | None) -> None:
        self.scores: Iterator[float | None] = iter(scores)

    def __call__(self, probabilities: np.ndarray) -> float | None:
        return next(self.scores)


def test_training_stops_when_patience_is_over() -> None:
    """Two epochs without a better one; an equal one is not better."""
    fitted = fit_tiny(training(epochs=9, patience=2), score=Script(0.3, 0.5, 0.5, 0.4))

    assert [point.score for point in fitted.curve] == [0.3, 0.5, 0.5, 0.4]
    assert (fitted.best, fitted.steps) == (fitted.curve[1], 12)


def test_a_better_epoch_renews_patience() -> None:
    """Only epochs in a row count."""
    fitted = fit_tiny(training(epochs=9, patience=2), score=Script(0.3, 0.2, 0.4, 0.3, 0.5, 0.1, 0.1))

    assert (len(fitted.curve), fitted.best.step) == (7, 15)


def test_without_patience_all_epochs_are_taken() -> None:
    """Patience 0 never stops."""
    fitted = fit_tiny(training(epochs=5, patience=0), score=Script(0.5, 0.4, 0.3, 0.2, 0.1))

    assert (len(fitted.curve), fitted.steps, fitted.best.step) == (5, 15, 3)


@pytest.mark.parametrize("frozen_layers", [0, 1])
def test_the_best_point_is_given_back(frozen_layers: int) -> None:
    """Its loss on dev, computed anew, is the one that the curve has."""
    dev, loaded = separable(8), load_tiny(frozen_layers=frozen_layers)
    fitted = fit_tiny(training(epochs=4), loaded=loaded, dev=dev, score=Script(0.1, 0.9, 0.2, 0.3))

    assert fitted.best == fitted.curve[1]
    assert log_loss(dev.truth, fitted.probabilities(dev.texts)) == pytest.approx(fitted.best.dev_loss, rel=1e-9)
    assert fitted.best.dev_loss != pytest.approx(fitted.curve[-1].dev_loss, rel=1e-6)
    assert not loaded.classifier.training


@pytest.mark.parametrize("frozen_layers", [0, 2])
def test_the_epoch_that_dev_has_chosen_comes_again_without_dev(frozen_layers: int) -> None:
    """To the last digit, with dropout: the learning rate takes the same course, and nothing of dev is needed."""
    config, texts, nothing = training(epochs=4), separable(8).texts, Texts([], np.zeros((0, 2), dtype=np.int64))
    chosen = fit_tiny(config, loaded=load_tiny(dropout=0.2, frozen_layers=frozen_layers), score=Script(0.1, 0.9, 0.2, 0.3))
    diary, fresh = Diary(), load_tiny(dropout=0.2, frozen_layers=frozen_layers)
    again = fit_tiny(config, loaded=fresh, dev=nothing, epochs=2, progress=diary)

    assert {step.total for step in diary.steps} == {chosen.best.step}
    assert np.array_equal(again.probabilities(texts), chosen.probabilities(texts))
    assert (again.curve, again.steps, again.dev_probabilities.shape, again.dev_s) == ((), chosen.best.step, (0, 2), 0.0)
    assert again.counts["train/best_step"] == chosen.best.step


@pytest.mark.parametrize(("keys", "scores"), [({"select_by": "loss"}, (0.9, 0.5, 0.1)), ({}, (None, None, None))])
def test_the_best_point_is_that_of_the_lowest_loss_where_scores_are_not_to_be_used(keys: dict, scores: tuple) -> None:
    """Asked for, or because no criterion is defined on dev."""
    fitted = fit_tiny(training(epochs=3, **keys), score=Script(*scores))

    assert fitted.best == min(fitted.curve, key=lambda point: point.dev_loss)
    assert [point.score for point in fitted.curve] == list(scores)


def test_scores_rate_the_probabilities_of_dev_in_its_order() -> None:
    """Batches of dev are sorted by length inside."""
    dev, seen = separable(11), []
    fitted = fit_tiny(training(epochs=1, eval_batch_size=3), dev=dev, score=lambda found: seen.append(found) or 0.5)

    one_by_one = np.concatenate([fitted.probabilities([text]) for text in dev.texts])
    assert np.allclose(seen[0], one_by_one, atol=1e-6)
    assert macro_average_precision(dev.truth, seen[0]) == macro_average_precision(dev.truth, one_by_one)


def test_each_epoch_has_a_point_on_the_curve() -> None:
    """Ten texts in batches of four are three steps."""
    diary = Diary()
    fitted = fit_tiny(training(epochs=3), progress=diary)

    assert [(point.step, point.epoch) for point in fitted.curve] == [(3, 1), (6, 2), (9, 3)]
    assert fitted.steps == 9
    assert diary.points == list(fitted.curve)


def test_the_first_step_is_shown_and_then_every_tenth() -> None:
    """Reading a loss makes the device wait."""
    diary = Diary()
    fit_tiny(training(epochs=8), progress=diary)

    assert [(event.done, event.total, event.unit) for event in diary.steps] == [(done, 24, "steps") for done in (1, 10, 20)]
    assert all(0 < float(event.detail.removeprefix("loss ")) < 3 for event in diary.steps)


def test_a_training_loss_is_the_mean_since_the_last_point() -> None:
    """With one step per epoch it is the loss of that step."""
    diary = Diary()
    fitted = fit_tiny(training(epochs=1, batch_size=10), progress=diary)

    assert fitted.curve[0].train_loss == pytest.approx(float(diary.steps[0].detail.removeprefix("loss ")), abs=5e-4)


@pytest.mark.parametrize(("count", "baseline"), [(20, 8), (4, 10)])
def test_matched_steps_are_those_of_the_baseline_and_never_stop_early(count: int, baseline: int) -> None:
    """With more texts or fewer, dev is evaluated as often as for the baseline."""
    config = training(epochs=3, match_steps=True, patience=1)
    fitted = fit_tiny(config, train=separable(count), baseline=baseline, score=Script(0.5, 0.1, 0.1))

    an_epoch = math.ceil(baseline / 4)
    assert [point.step for point in fitted.curve] == [an_epoch, 2 * an_epoch, 3 * an_epoch]
    assert fitted.steps == 3 * an_epoch
    assert fitted.curve[0].epoch == an_epoch / (count / 4)


@pytest.mark.parametrize(
    ("match_steps", "expected"), [(False, Schedule(20, 5, 3)), (True, Schedule(12, 3, 0))], ids=["epochs", "steps"]
)
def test_a_schedule_follows_its_own_texts_or_the_baseline(match_steps: bool, expected: Schedule) -> None:
    """Eighteen texts, ten of them real, four a batch."""
    config = training(epochs=4, match_steps=match_steps, patience=3)

    assert plan_schedule(config, count=18, baseline=10) == expected


def lr_linear(step: int) -> float:
    return step / 4 if step < 4 else (16 - step) / 12


def lr_cosine(step: int) -> float:
    return step / 4 if step < 4 else 0.5 * (1 + math.cos(math.pi * (step - 4) / 12))


def lr_constant(step: int) -> float:
    return min(step / 4, 1.0)


@pytest.mark.parametrize(("scheduler", "share"), [("linear", lr_linear), ("cosine", lr_cosine), ("constant", lr_constant)])
def test_learning_rates_rise_to_the_peak_and_then_follow_the_schedule(scheduler: str, share: object) -> None:
    """Sixteen steps of an epoch each, four of them to warm up."""
    config = training(epochs=16, batch_size=10, warmup_ratio=0.25, scheduler=scheduler, patience=0)
    fitted = fit_tiny(config)

    assert [point.learning_rate for point in fitted.curve] == pytest.approx([1e-3 * share(step) for step in range(1, 17)])


def test_tokens_and_cut_texts_are_counted() -> None:
    """Real tokens per step, and those with padding."""
    train = Texts(["one two three four five six", "one", "one two"], np.array([[1, 0], [0, 1], [1, 1]]))
    fitted = fit_tiny(training(epochs=2, batch_size=3, max_length=6), train=train)

    assert (fitted.real_tokens, fitted.padded_tokens) == (2 * (6 + 3 + 4), 2 * 18)


def test_label_smoothing_and_weights_change_what_is_learnt() -> None:
    """Smoothed truth keeps probabilities away from 0 and 1."""
    texts = separable(8).texts
    plain, smoothed = (
        fit_tiny(training(epochs=12, learning_rate=5e-3, label_smoothing=smoothing)).probabilities(texts)
        for smoothing in (0.0, 0.6)
    )

    assert np.abs(plain - 0.5).mean() > 0.35 > np.abs(smoothed - 0.5).mean()


def doubted(weight: float, *, wrong: bool, count: int = 48) -> Texts:
    """Every other text is a synthetic one of a given weight; `wrong` exchanges their labels for what they do not show."""
    texts, synthetic = separable(count), np.arange(count) % 8 >= 4
    truth = np.where(synthetic[:, None] & wrong, 1 - texts.truth, texts.truth)
    return Texts(texts.texts, truth, np.where(synthetic, weight, 1.0), synthetic)


@pytest.mark.parametrize("positive_weight", ["none", "balanced"])
def test_what_texts_of_weight_0_are_labelled_teaches_nothing(positive_weight: str) -> None:
    """To the last bit: neither through the loss, nor through the weights of the classes."""
    config, texts = training(positive_weight=positive_weight), separable(6).texts

    # Of 45 texts the wrong labels change how many positives there are.
    right, wrong = (fit_tiny(config, train=doubted(0.0, wrong=wrong, count=45)) for wrong in (False, True))
    assert np.array_equal(right.probabilities(texts), wrong.probabilities(texts))
    assert right.curve == wrong.curve


@pytest.mark.slow
def test_the_less_wrong_texts_weigh_the_less_harm_they_do() -> None:
    """As heavy as the right ones they leave nothing to be learnt."""
    config, dev = training(epochs=12, batch_size=8, learning_rate=3e-3), separable(20)

    losses = [fit_tiny(config, train=doubted(weight, wrong=True), dev=dev).best.dev_loss for weight in (0.0, 0.2, 1.0)]
    assert losses == sorted(losses)
    assert losses[0] < 0.1 < 0.6 < losses[2]


def test_weights_of_1_train_as_no_weights_do() -> None:
    weighted, texts = doubted(1.0, wrong=False), separable(6).texts

    plain = fit_tiny(training(), train=Texts(weighted.texts, weighted.truth))
    assert np.array_equal(plain.probabilities(texts), fit_tiny(training(), train=weighted).probabilities(texts))


def test_a_run_on_texts_of_weight_0_alone_ends_all_the_same() -> None:
    """A loss of 0 at every step, and no number that is none."""
    nothing = Texts(separable(4).texts, separable(4).truth, np.zeros(4))

    assert [point.train_loss for point in fit_tiny(training(epochs=2), train=nothing).curve] == [0.0, 0.0]
