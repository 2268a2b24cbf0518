"""Requests that are claimed before there is room for them: they go out the moment there is, and cost nothing unsent."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from support.limited_servers import SAYINGS, Limited
from support.llm_faults import fill, job_of
from support.llm_server import Llm, Reply, serving
from synthsweep.errors import CompletionError

AT_ONCE = 8


def claimed(folder: Path) -> int:
    with sqlite3.connect(folder / "replies.db") as store:
        return int(store.execute("SELECT count(*) FROM claims").fetchone()[0])


def test_some_requests_are_claimed_beside_those_under_way(own_folder: Path) -> None:
    """Once the first reply gave texts; never more than a quarter of what may be under way."""

    seen: list[int] = []

    def watched(llm: Llm, number: int, asked: dict[str, Any]) -> None:
        seen.append(claimed(own_folder))

    with serving(watched, latency=0.05) as llm:
        fill(llm, own_folder, "generate.n=300", f"generate.concurrency={AT_ONCE}")

    assert (seen[0], len(seen), claimed(own_folder)) == (1, 60, 0)
    assert AT_ONCE < max(seen) <= AT_ONCE * 1.25
    assert llm.most_at_once == AT_ONCE


def test_what_was_claimed_and_not_sent_is_given_back(own_folder: Path) -> None:
    """An error ends the job: nothing stays held for requests that no server has seen, and nothing stays claimed."""

    def barred(llm: Llm, number: int, asked: dict[str, Any]) -> Reply | None:
        return Reply(401, {"error": {"message": "no more"}}) if number >= 20 else None

    with serving(barred, latency=0.05) as llm:
        with pytest.raises(CompletionError, match="401"):
            fill(llm, own_folder, "generate.n=300", f"generate.concurrency={AT_ONCE}")
        spending = job_of(llm, own_folder).spending

    assert (spending.held, spending.lost, claimed(own_folder)) == (0.0, 0.0, 0)
    assert len(llm.requests) <= 20 + AT_ONCE


@pytest.mark.slow
def test_nothing_is_claimed_while_a_server_asks_to_wait(own_folder: Path) -> None:
    """Another process may have these requests answered meanwhile."""

    left: list[int] = []
    limited = Limited(SAYINGS["Retry-After in seconds"], window_s=1.0, most=12)

    def watched(llm: Llm, number: int, asked: dict[str, Any]) -> Reply:
        reply = limited(llm, number, asked)
        if limited._in_window == 1:
            left.append(claimed(own_folder))
        return reply

    with serving(watched) as llm:
        job, _ = fill(llm, own_folder, "generate.n=200", f"generate.concurrency={AT_ONCE}")

    assert job.missing.complete
    assert len(left) > 2
    assert max(left[1:]) == 1
