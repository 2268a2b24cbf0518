"""What a later reader gives from replies that an earlier one read."""

import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from support.builders import AB, run_config
from synthsweep.generate.completer import Completion
from synthsweep.generate.pool_job import GenerationJob, plan_job
from synthsweep.generate.prompts.plan import PromptPlan
from synthsweep.generate.replies.parse import READER
from synthsweep.generate.replies.readings import keep_job_readings, keep_readings, read_anew
from synthsweep.generate.replies.store_completer import stored_replies

REPLIES = ("1. One of these.\n2. Two of these.\n3. Three of these.", "1. One of those.\n2. Two of those.\n3. Three of those.")


def plan(folder: Path) -> GenerationJob:
    config = run_config("llm=ollama", "llm.model=small", "generate.n=3", "prompt.per_request=3", f"tracking.folder={folder}")
    return plan_job(config, PromptPlan(config.prompt, AB, form=config.llm.reply_form))


@pytest.fixture
def job(own_folder: Path) -> Iterator[GenerationJob]:
    """A pool whose two replies are there; nobody noted how many texts they gave."""
    with closing(plan(own_folder).store) as store:
        requests = plan(own_folder).requests
        config = run_config("llm=ollama", "llm.model=small", f"tracking.folder={own_folder}")
        address = stored_replies(config, config.llm).address
        for request, reply in zip(requests, REPLIES, strict=True):
            store.keep(address.stored(request, Completion(reply, "small"), 1.0, "2025-01-01"))
        yield plan(own_folder)


def said(folder: Path, caplog: pytest.LogCaptureFixture) -> list[str]:
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        plan(folder).store.close()
    return [record.getMessage() for record in caplog.records]


def test_a_pool_that_is_read_anew_says_how_many_texts_are_more_and_fewer(
    job: GenerationJob, own_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Reply by reply, so that gains hide no losses; once it was said, it is not said again."""

    first, second = job.missing.counts
    keep_readings(job.replies, {first: 1, second: 4}, reader=READER - 1)
    before = said(own_folder, caplog)
    keep_job_readings(job)

    assert before == ["llm=ollama: read anew: 2 texts more, 1 fewer than when they were kept"]
    assert said(own_folder, caplog) == []


def test_replies_of_a_version_that_noted_nothing_are_counted(
    job: GenerationJob, own_folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """How many texts they gave then is not known, and is not guessed."""

    expected = (
        "llm=ollama: read anew: 2 replies that an earlier version kept give 6 texts now, "
        "and how many they gave then was not kept"
    )
    assert said(own_folder, caplog) == [expected]
    keep_readings(job.replies, {})
    assert said(own_folder, caplog) == [expected]
    keep_job_readings(job)
    assert said(own_folder, caplog) == []


def test_the_same_reader_changes_nothing(job: GenerationJob) -> None:
    """A number that was noted by it is the number that it gives."""

    keep_job_readings(job)

    assert read_anew(job.replies, job.missing.counts).line("texts") == ""
    assert read_anew(job.replies, job.missing.counts, READER + 1).line("texts") == ""
