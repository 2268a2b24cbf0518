"""Accuracy as a metric of effects, where each text carries exactly one label and one class is predicted; pure.

The texts whose class is predicted, over all texts, are the pooled recall: a text adds [y = predicted] - accuracy over the
number of texts. The accuracy on the texts of one class is the recall of that class. So both have the intervals of recall.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from synthsweep.compare.result.effects import MACRO, Effect, PartEffects
from synthsweep.config.metrics import ACCURACY

COMPUTED_AS = "recall"


def computed_metric(metric: str) -> str:
    """The metric in whose place of `result.METRICS` a metric is found."""
    return COMPUTED_AS if metric == ACCURACY else metric


def with_accuracy(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    """With the effects in accuracy: of all texts, and of the texts of each class, which are the family that is corrected."""
    return (*map(_outside, effects), *_accuracies(effects))


def parts_with_accuracy(parts: Sequence[PartEffects]) -> tuple[PartEffects, ...]:
    """The same for parts of the test texts."""
    return tuple(
        replace(part, effects=with_accuracy(part.effects), differences=with_accuracy(part.differences)) for part in parts
    )


def _accuracies(effects: Sequence[Effect]) -> Iterator[Effect]:
    """Accuracy has no macro average: the mean over classes is that of recall."""
    yield from (replace(one, metric=ACCURACY) for one in effects if one.metric == COMPUTED_AS and one.criterion != MACRO)


def _outside(effect: Effect) -> Effect:
    return replace(effect, p_family=None, p_sign_flip=None) if effect.metric == COMPUTED_AS else effect
