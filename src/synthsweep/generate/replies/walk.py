"""Walks through the replies to a label in their order, since a request may show how the texts before it open."""

from collections.abc import Callable, Iterator
from itertools import count

from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.generate.replies.openings import openings_of

Complete = Callable[[CompletionRequest], Completion | None]


def replies_to(prompt_plan: PromptPlan, label: str, complete: Complete) -> Iterator[tuple[CompletionRequest, Completion]]:
    """The requests for a label with their replies, up to the first that has none."""
    earlier: list[str] = []
    for sample in count():
        request = prompt_plan.request(label, sample, earlier)
        completion = complete(request)
        if completion is None:
            return
        yield request, completion
        if prompt_plan.shows_openings:
            earlier += openings_of(completion)
