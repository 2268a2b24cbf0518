"""A prompt that shows how earlier texts open, over HTTP: requests of a label in rounds, and nothing asked twice."""

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from support.llm_faults import fill, job_of
from support.llm_server import Llm, Reply, as_json, completion, serving
from synthsweep.errors import ConfigError
from synthsweep.generate.llm.job import run_job
from synthsweep.progress import silent

TESTS = str(Path(__file__).parents[2])
# The test job asks for twenty texts of each of two labels, ten a request.
DIVERSE = ("prompt=diverse", "generate.n=30")


def by_prompt(llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
    """The same prompt gets the same texts, in whatever order the prompts arrive."""
    mark = sha256(prompt_of(asked).encode()).hexdigest()
    texts = [f"{mark[line : line + 6]} at snack time the boy lines up {line} raisins." for line in range(10)]
    return Reply(body=completion(asked, as_json(texts)))


def prompt_of(asked: dict[str, Any]) -> str:
    return str(asked["messages"][-1]["content"])


def openings(asked: dict[str, Any]) -> list[str]:
    return [line for line in prompt_of(asked).splitlines() if line.startswith("- ")]


def test_labels_are_asked_side_by_side_and_each_in_rounds(own_folder: Path) -> None:
    """A label with one request under way leaves the server's other places to other labels."""

    with serving(by_prompt, latency=0.05) as llm:
        job, stats = fill(llm, own_folder, *DIVERSE)

    assert (job.missing.done, stats.answered, llm.most_at_once) == (60, 6, 2)
    assert sorted(len(openings(asked)) for asked in llm.requests) == [0, 0, 10, 10, 20, 20]
    assert openings(llm.requests[-1])[0].endswith(" at snack time the boy lines up ...")


def test_a_fill_that_was_stopped_goes_on_with_the_same_prompts(own_folder: Path, tmp_path: Path) -> None:
    """What a request shows follows from the store alone."""

    with serving(by_prompt) as llm:
        run_job(job_of(llm, own_folder, *DIVERSE), silent, most_requests=3)
        fill(llm, own_folder, *DIVERSE)
        stopped = sorted(map(prompt_of, llm.requests))
        assert job_of(llm, own_folder, *DIVERSE).requests == ()
        fill(llm, tmp_path / "other", *DIVERSE)

    assert stopped == sorted(map(prompt_of, llm.requests[6:]))
    assert len(stopped) == 6


def test_a_batch_of_rounds_is_refused_before_anything_is_sent(own_folder: Path) -> None:
    """Each round would take up to a day; a pool that is complete needs none."""

    with serving(by_prompt) as llm:
        with pytest.raises(ConfigError, match=r"generate\.batch must be false for prompt=diverse"):
            job_of(llm, own_folder, *DIVERSE, "generate.batch=true")
        assert llm.requests == []
        fill(llm, own_folder, *DIVERSE)
        assert job_of(llm, own_folder, *DIVERSE, "generate.batch=true").requests == ()


def test_the_forecast_counts_what_prompts_will_show(own_folder: Path) -> None:
    """Before the first reply nobody knows it."""

    with serving(by_prompt) as llm:
        forecast = job_of(llm, own_folder, *DIVERSE).forecast
        without = job_of(llm, own_folder, *DIVERSE, "prompt.openings=0").forecast
        fill(llm, own_folder, *DIVERSE)

    assert (forecast.requests, without.requests) == (6, 6)
    assert forecast.prompt_tokens > without.prompt_tokens
    assert forecast.seconds == 3 * without.seconds


FILL = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from support.llm_faults import job_of
from support.llm_server import Llm
from synthsweep.progress import silent
from synthsweep.generate.llm.job import run_job
run_job(job_of(Llm(None, address={address!r}), Path({folder!r}), *{diverse!r}), silent)
"""


@pytest.mark.slow
def test_a_kill_between_rounds_costs_what_was_under_way(own_folder: Path) -> None:
    """The replies before it are on the disk, and decide what is asked next."""

    with serving(by_prompt, latency=0.3) as llm:
        code = FILL.format(tests=TESTS, address=llm.address, folder=str(own_folder), diverse=DIVERSE)
        process = subprocess.Popen([sys.executable, "-c", code])
        while len(llm.answered) < 3:
            assert process.poll() is None
        process.kill()
        process.wait()
        job, _ = fill(llm, own_folder, *DIVERSE)

    again = [json.dumps(asked) for asked in llm.requests]
    assert job.missing.done == 60
    assert len(set(again)) == 6
    assert len(again) <= 6 + 2
