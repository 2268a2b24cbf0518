"""Which requests fill a pool: decided before anything is sent."""

from collections.abc import Callable

from synthsweep.completer import CompletionRequest
from synthsweep.config.schema import PromptConfig
from synthsweep.examples import LabelSet
from synthsweep.generate.prompts import render_messages


def plan_requests(prompt: PromptConfig, labels: LabelSet, samples: Callable[[str], int]) -> tuple[CompletionRequest, ...]:
    """`samples(label)` requests for each label, in the order of the labels; more samples only append to a label's own."""
    return tuple(
        CompletionRequest(
            messages=render_messages(prompt, labels, label, n=prompt.per_request, sample=sample),
            criterion=label,
            n=prompt.per_request,
            sample=sample,
        )
        for label in labels.ids
        for sample in range(samples(label))
    )
