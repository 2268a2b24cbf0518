"""Pools from a script or a notebook, whose kernel runs an event loop of its own."""

import asyncio
import os
import signal
import time
from contextlib import closing
from typing import Any

import pytest

import synthsweep
from support.llm_server import Llm, Reply, obliging, serving
from synthsweep.errors import Interrupted, PoolError

LABELS = ["A1", "A2", "A3", "B1", "B2", "B3", "B4"]


@pytest.mark.slow
def test_a_recorded_pool_has_a_row_per_text() -> None:
    """With the criterion that was asked for, which each text carries."""

    texts = synthsweep.pool("recorded", "plain")

    assert texts["id"].is_unique
    assert texts["text"].str.len().min() > 0
    assert sorted(texts["criterion"].unique()) == LABELS
    assert all(texts.loc[texts["criterion"] == label, f"label/{label}"].eq(1).all() for label in LABELS)
    assert [name for name in texts if name.startswith("label/")] == [f"label/{label}" for label in LABELS]


@pytest.mark.slow
def test_texts_are_requested_from_within_an_event_loop_and_paid_for_once() -> None:
    """A notebook's cell runs in one; what is there is read without a request."""

    with serving() as llm:
        server = ["llm.model=m", f"llm.base_url={llm.address}", "tracking=none"]

        async def cell() -> tuple[synthsweep.api.GeneratedPool, synthsweep.api.GeneratedPool]:
            return tuple(synthsweep.generate("vllm", n=10, overrides=server) for _ in range(2))  # type: ignore[return-value]

        first, again = asyncio.run(cell())
        asked = len(llm.requests)
        texts = synthsweep.pool("vllm", overrides=server)

    assert (first.answered, again.answered, asked, len(llm.requests)) == (7, 0, 7, 7)
    assert (len(first.texts), len(again.texts), len(texts)) == (70, 70, 70)
    assert (first.forecast.startswith("7 requests"), again.forecast) == (True, "")


def test_an_interrupted_cell_keeps_what_it_sent() -> None:
    """The kernel's interrupt reaches the main thread, the requests run in another one; what was sent is awaited and kept."""

    def interrupting(llm: Llm, number: int, body: dict[str, Any]) -> Reply | None:
        if len(llm.requests) == 2:
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.1)
        return obliging(llm, number, body)

    async def cell(server: list[str]) -> None:
        synthsweep.generate("vllm", n=10, overrides=[*server, "generate.concurrency=1"])

    with serving(interrupting) as llm:
        server = ["llm.model=m", f"llm.base_url={llm.address}", "tracking=none"]
        with closing(asyncio.new_event_loop()) as loop, pytest.raises(Interrupted, match="the same command goes on"):
            loop.run_until_complete(cell(server))

        assert 2 <= len(llm.requests) < 7
        assert len(synthsweep.pool("vllm", overrides=server)) == 10 * len(llm.requests)


def test_a_pool_without_a_text_says_how_to_fill_it() -> None:
    """And sends nothing."""

    with serving() as llm, pytest.raises(PoolError, match=r"no text is there; synthsweep.generate\('vllm', 'plain'\)"):
        synthsweep.pool("vllm", overrides=["llm.model=m", f"llm.base_url={llm.address}"])

    assert llm.requests == []
