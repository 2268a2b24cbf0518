"""How far a job is, in words."""

import json
from collections.abc import Iterator

import pytest

from support.builders import AB, run_config
from synthsweep.generate.completer import Completion, Usage
from synthsweep.generate.llm.filler import FillStats, advance_of
from synthsweep.generate.pool_job import GenerationJob, plan_job
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.progress import Advance

REPLY = json.dumps({"examples": [{"text": "After lunch he turns one red wheel.", "also": []}, {"text": "Hm.", "also": ["Z"]}]})
CONFIG = run_config("llm=gpt-4o-mini", "prompt=plain", "prompt.per_request=2", "generate.n=2", "generate.max_usd=0.5")


@pytest.fixture
def job() -> Iterator[GenerationJob]:
    made = plan_job(CONFIG, PromptPlan(CONFIG.prompt, AB, form=CONFIG.llm.reply_form))
    yield made
    made.store.close()


def test_it_says_what_was_rejected_and_what_the_whole_will_cost(job: GenerationJob) -> None:
    """Three texts are missing, at two a request: one and a half times what the first request cost."""

    request, stats = job.requests[0], FillStats()
    done = Completion(REPLY, job.replies.name, job.replies.name, "stop", Usage(2000, 300), 0.25)
    job.missing.on_reply(request, done)
    stats.count(done)

    detail = "1 rejected, 2,300 tokens, $0.2500 of about $0.6250"
    assert advance_of(stats, job.missing, free=False) == Advance(1, 4, detail, "texts")


def test_it_says_what_failed_and_where_a_batch_is(job: GenerationJob) -> None:
    """A free LLM costs no dollars."""

    stats = FillStats(failed=2, batch="batch b1: in progress")

    detail = "0 rejected, 2 failed, 0 tokens, batch b1: in progress"
    assert advance_of(stats, job.missing, free=True) == Advance(0, 4, detail, "texts")
