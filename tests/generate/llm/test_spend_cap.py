"""A cap holds whatever a server says of tokens and dollars: its own bill never passes it, nor what is counted."""

from pathlib import Path
from typing import Any

import pytest

from support.bills import INPUT, OUTPUT, PRICED, SHAPES, Meter, Shape
from support.llm_faults import fill, job_of
from support.llm_server import Reply, as_json, completion, serving, texts
from synthsweep.errors import CompletionError, ConfigError, PoolError
from synthsweep.generate.completer import Usage

FREE = ("llm.free=true", "llm.price_per_million.input=null", "llm.price_per_million.output=null", "generate.max_usd=null")


@pytest.mark.slow
@pytest.mark.parametrize("thought", [0, 3000], ids=["within the limit of a reply", "beyond it"])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.name)
def test_a_server_never_bills_more_than_the_cap(own_folder: Path, shape: Shape, thought: int) -> None:
    """Nor more than is counted, even if replies are longer than they may be; a second command begins where the first ended."""

    meter = Meter(shape, thought)
    with serving(meter, latency=0.01) as llm:
        for _ in range(2):
            with pytest.raises(PoolError, match=r"generate.max_usd=0.05 is used up"):
                fill(llm, own_folder, *PRICED, "generate.n=600", "generate.max_usd=0.05")
        counted = job_of(llm, own_folder, *PRICED).spending.total

    assert meter.requests > 1
    assert meter.usd <= counted + 1e-12
    assert counted <= 0.05


def answering(**more: Any) -> Any:
    """A script whose replies say more in their bodies or headers."""
    headers = more.pop("headers", {})
    return lambda llm, number, asked: Reply(
        body=completion(asked, as_json(texts(asked, number)), **more), headers=headers
    )  # fmt: skip


@pytest.mark.parametrize(
    ("stated", "paid"),
    [(0.5, 0.5), (0.0001, (200 * INPUT + 300 * OUTPUT) / 1e6), (0.0, (200 * INPUT + 300 * OUTPUT) / 1e6)],
    ids=["more than its tokens", "less", "nothing, as of an LLM that a gateway does not know"],
)
def test_the_larger_of_what_is_stated_and_what_tokens_cost_counts(own_folder: Path, stated: float, paid: float) -> None:
    """Both are kept with the reply, and go with it into a file."""

    usage = {"prompt_tokens": 200, "completion_tokens": 300, "total_tokens": 500, "cost": stated}
    with serving(answering(usage=usage)) as llm:
        job, stats = fill(llm, own_folder, *PRICED, "generate.max_usd=100")

    kept = {(reply.completion.usd, reply.completion.stated_usd) for reply in job.store.all()}
    assert kept == {(paid, stated)}
    assert job.spending.paid == pytest.approx(4 * paid)
    assert (stats.stated, stats.stated_usd, stats.uncounted) == (4, pytest.approx(4 * stated), 0)


def test_a_total_alone_is_kept_as_output(own_folder: Path) -> None:
    """The sum is right, and the price no lower than the bill."""

    with serving(answering(usage={"total_tokens": 500})) as llm:
        job, _ = fill(llm, own_folder, *PRICED)

    assert {reply.completion.usage for reply in job.store.all()} == {Usage(0, 500)}
    assert job.spending.paid == pytest.approx(4 * 500 * OUTPUT / 1e6)


def test_a_price_that_is_given_counts_though_the_preset_is_free(own_folder: Path) -> None:
    """A gateway on this machine, with its price: it needs a cap."""

    priced = ("llm.price_per_million.input=1", "llm.price_per_million.output=4", "llm.free=true", "generate.max_usd=null")
    with serving() as llm, pytest.raises(ConfigError, match=r"generate.max_usd must say"):
        fill(llm, own_folder, *priced)

    assert llm.requests == []


@pytest.mark.parametrize("model", ["gpt-4o-mini", "openai/gpt-4o-mini", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-pro"])
def test_an_llm_that_its_provider_alone_serves_is_not_free_on_this_machine(own_folder: Path, model: str) -> None:
    """What answers is a gateway; the price list knows the price."""

    with serving() as llm, pytest.raises(ConfigError, match=r"generate.max_usd must say .* forecast: 4 requests"):
        fill(llm, own_folder, *FREE, f"llm.model={model}")

    assert llm.requests == []


@pytest.mark.parametrize("model", ["gpt-oss-20b", "google/gemma-3-4b", "meta-llama/Llama-3.1-8B-Instruct", "Qwen/Qwen3-8B"])
def test_an_llm_with_open_weights_is_free_on_this_machine(own_folder: Path, model: str) -> None:
    """Though providers sell it, too."""

    with serving() as llm:
        job, _ = fill(llm, own_folder, *FREE, f"llm.model={model}")

    assert (len(llm.requests), job.spending.total) == (4, 0.0)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"headers": {"x-litellm-response-cost": "0.002"}}, r"states \$0\.0020 for an answer"),
        ({"usage": {"prompt_tokens": 1, "completion_tokens": 1, "cost": 0.5}}, r"states \$0\.5000 for an answer"),
        ({"headers": {"x-litellm-call-id": "1"}}, r"is a gateway \(LiteLLM\) that does not say what an answer costs"),
    ],
    ids=["a header", "the usage", "a gateway that says nothing"],
)
def test_an_llm_that_counts_as_free_and_costs_is_asked_once(own_folder: Path, more: dict[str, Any], reason: str) -> None:
    """The first request is sent alone; its reply and its cost are kept."""

    with serving(answering(**more), latency=0.05) as llm, pytest.raises(CompletionError, match=reason) as caught:
        fill(llm, own_folder, *FREE, "generate.n=200")

    assert "llm.price_per_million.input" in str(caught.value)
    assert (len(llm.requests), len(list(job_of(llm, own_folder).store.all()))) == (1, 1)


def test_a_gateway_that_states_a_cost_of_nothing_is_free(own_folder: Path) -> None:
    """LiteLLM in front of a server of one's own; so is one whose price is written down as 0."""

    zero = ("llm.price_per_million.input=0", "llm.price_per_million.output=0", "generate.max_usd=null")
    with serving(answering(headers={"x-litellm-response-cost": "0.0"})) as llm:
        fill(llm, own_folder, *FREE)
    with serving(answering(headers={"x-litellm-call-id": "1"})) as silent:
        fill(silent, own_folder / "other", *zero)

    assert (len(llm.requests), len(silent.requests)) == (4, 4)


def test_no_bill_is_run_up_before_the_first_answer(own_folder: Path) -> None:
    """A wrong key, model or price costs one request, not as many as may be under way."""

    with serving(lambda *given: Reply(401, {"error": {"message": "no"}}), latency=0.05) as llm:
        with pytest.raises(CompletionError, match="401"):
            fill(llm, own_folder, "generate.n=600")
        spending = job_of(llm, own_folder).spending

    assert (len(llm.requests), spending.total) == (1, 0.0)
