from support.builders import AB
from synthsweep.config.keys.generation import PromptConfig
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.generate.replies.walk import replies_to

REPLIES = ["1. He waits.\n2. She spins.", "- A boy hums.\n- Her aunt", "1. A girl hums."]
DIVERSE = PromptConfig("diverse", template="{{ criterion }}: {{ openings | join(', ') }}", openings=3)


def reply(request: CompletionRequest) -> Completion | None:
    return Completion(REPLIES[request.sample], "m") if request.sample < len(REPLIES) else None


def prompts(prompt: PromptConfig) -> list[str]:
    return [request.messages[-1].content for request, _ in replies_to(PromptPlan(prompt, AB), "A", reply)]


def test_each_request_shows_the_texts_before_it() -> None:
    """Up to the first request that has no reply."""

    assert prompts(DIVERSE) == [
        "Alpha: alphas:",
        "Alpha: alphas: He waits., She spins.",
        "Alpha: alphas: She spins., A boy hums., Her aunt",
    ]


def test_other_prompts_show_none() -> None:
    """Their requests are known without any reply."""

    assert prompts(PromptConfig(template="{{ criterion }}")) == ["Alpha: alphas"] * 3
