"""Prices, limits and forecasts; no server is asked, and no list of prices is fetched."""

from dataclasses import replace

import genai_prices
import pytest
from hypothesis import given
from hypothesis import strategies as st

from support.builders import run_config
from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.keys.llm_parts import PriceConfig
from synthsweep.errors import ConfigError
from synthsweep.generate.completer import CompletionRequest, Message, Usage
from synthsweep.generate.llm.prices import Price, dollars, forecast, price_of, prompt_bytes

MINI = run_config("llm=gpt-4o-mini").llm
OWN = replace(MINI, model="house-model", price_per_million=PriceConfig(input=2.0, output=8.0))
FREE = replace(MINI, model="house-model", free=True)
# Its long prompts cost more a token.
STEPPED = replace(
    MINI, model="gemini-2.5-pro", provider="google", base_url="https://generativelanguage.googleapis.com/v1beta/openai"
)
HOSTED = ("gpt-3.5-turbo", "gpt-4", "gpt-4.1", "gpt-4o-mini", "gpt-5-mini")


def request(*contents: str, n: int = 10) -> CompletionRequest:
    return CompletionRequest(tuple(Message("user", content) for content in contents), "A", n)


@given(prompt=st.integers(0, 10**6), completion=st.integers(0, 10**6), share=st.floats(0, 1))
def test_a_listed_price_is_that_of_genai_prices(prompt: int, completion: int, share: float) -> None:
    """Cached tokens for less."""

    cached = int(prompt * share)
    used = genai_prices.Usage(input_tokens=prompt, output_tokens=completion, cache_read_tokens=cached)

    expected = genai_prices.calc_price(used, model_ref="gpt-4o-mini", provider_id="openai").total_price

    assert price_of(MINI).usd(Usage(prompt, completion, cached)) == pytest.approx(float(expected))


def test_cached_tokens_are_cheaper() -> None:
    """As OpenAI bills them."""

    price = price_of(MINI)

    assert 0 < price.usd(Usage(1000, 0, 1000)) < price.usd(Usage(1000, 0))


def test_a_preset_s_own_price_counts() -> None:
    """Even for a model that is listed."""

    both = [price_of(OWN), price_of(replace(OWN, model="gpt-4o-mini"))]

    assert [price.usd(Usage(3_000_000, 5_000_000)) for price in both] == [2.0 * 3 + 8.0 * 5] * 2


@pytest.mark.parametrize("name", HOSTED)
def test_every_hosted_preset_has_a_price(name: str) -> None:
    """Or its first use would end with a question."""

    price = price_of(run_config(f"llm={name}").llm)

    assert not price.free
    assert price.usd(Usage(1000, 1000)) > 0


def test_a_model_is_priced_by_where_it_is_asked_too() -> None:
    """Without a provider's name, its address says which price list."""

    usage = Usage(10_000, 10_000)

    assert price_of(MINI).usd(usage) == price_of(replace(MINI, provider=None)).usd(usage)


def test_a_server_of_one_s_own_is_free() -> None:
    """Whatever it is used for."""

    price = price_of(FREE)

    assert price.free
    assert 0.0 == price.usd(Usage(10**9, 10**9)) == price.most(request("x"), FREE)
    assert not price_of(OWN).free


@pytest.mark.parametrize("provider", ["openai", None])
def test_an_unknown_price_is_asked_for(provider: str | None) -> None:
    """One line names the model, and both ways out."""

    llm = replace(MINI, model="house-model", provider=provider, base_url="https://llm.example.org/v1")

    with pytest.raises(ConfigError, match=r"llm\.model=house-model at llm\.example\.org has no price") as caught:
        price_of(llm)
    assert all(way in str(caught.value) for way in ("llm.price_per_million.input", "llm.free=true"))
    assert "\n" not in str(caught.value)


@given(
    llm=st.sampled_from([MINI, OWN, FREE, STEPPED, replace(MINI, reply_format="list")]),
    contents=st.lists(st.text(max_size=50), max_size=4),
    used=st.tuples(*[st.floats(0, 1)] * 3),
    batch=st.booleans(),
)
def test_no_answer_costs_more_than_the_most(
    llm: LlmConfig, contents: list[str], used: tuple[float, float, float], batch: bool
) -> None:
    """A token is a byte at the least, and the reply ends at its limit."""

    asked, price = request(*contents), price_of(llm, batch=batch)
    prompt = int(used[0] * prompt_bytes(asked, llm))
    usage = Usage(prompt, int(used[1] * llm.max_output_tokens), int(used[2] * prompt))

    assert price.usd(usage) <= price.most(asked, llm)


def test_the_bytes_of_a_prompt_are_those_that_are_sent() -> None:
    """In UTF-8, with the schema of the reply where the server gets one."""

    plain = replace(MINI, reply_format="list")

    assert len('""') + 4 + 1 == prompt_bytes(request("😀", "a"), plain)
    assert prompt_bytes(request("a"), MINI) > prompt_bytes(request("a"), plain) + 100


@pytest.mark.parametrize("llm", [MINI, OWN])
def test_a_batch_costs_the_provider_s_share(llm: LlmConfig) -> None:
    """Half, unless the preset says otherwise."""

    usage = Usage(1000, 1000)
    whole = price_of(llm).usd(usage)

    assert price_of(llm, batch=True).usd(usage) == pytest.approx(whole / 2)
    assert price_of(replace(llm, batch_discount=0.25), batch=True).usd(usage) == pytest.approx(whole / 4)


@given(
    llm=st.sampled_from([MINI, OWN, FREE, STEPPED]),
    lengths=st.lists(st.integers(0, 3000), min_size=1, max_size=20),
    concurrency=st.integers(1, 8),
)
def test_a_forecast_grows_with_requests_and_stays_below_the_most(llm: LlmConfig, lengths: list[int], concurrency: int) -> None:
    """In every one of its numbers."""

    asked, price = [request("x" * length) for length in lengths], price_of(llm)
    fewer, all_ = forecast(asked[:-1], llm, price, concurrency), forecast(asked, llm, price, concurrency)

    assert (len(asked) - 1, len(asked)) == (fewer.requests, all_.requests)
    assert fewer.prompt_tokens < all_.prompt_tokens
    assert fewer.completion_tokens < all_.completion_tokens
    assert fewer.usd <= all_.usd <= all_.most_usd
    assert fewer.most_usd <= all_.most_usd
    assert fewer.seconds <= all_.seconds


def test_many_short_prompts_do_not_cost_what_a_long_one_does() -> None:
    """A price that has a step for long prompts is taken request by request."""

    one, price = request("x" * 2000), price_of(STEPPED)

    many = forecast([one] * 1000, STEPPED, price, 8)

    assert many.usd == pytest.approx(1000 * forecast([one], STEPPED, price, 8).usd)
    assert many.usd < many.most_usd


def test_more_at_once_takes_less_time() -> None:
    """Rounded up to whole rounds."""

    asked, price = [request("x")] * 9, price_of(FREE)

    assert [forecast(asked, FREE, price, at_once).seconds for at_once in (1, 4, 9)] == [72.0, 24.0, 8.0]


def test_a_forecast_is_one_line() -> None:
    """Requests, tokens, dollars, the most, and the time."""

    lines = [str(forecast([request("x" * 4000)] * number, OWN, Price(2.0, 8.0), 1)) for number in (2, 12)]

    assert lines[0].startswith("2 requests, about 2,")
    assert lines[0].endswith(", 16 seconds")
    assert " (at most $0.0" in lines[0]
    assert lines[1].endswith(", 2 minutes")


@pytest.mark.parametrize(
    ("usd", "expected"),
    [
        (0.0, "$0.0000"),
        (0.0000165, "$0.0000165"),
        (0.0132, "$0.0132"),
        (0.99, "$0.9900"),
        (1.0, "$1.00"),
        (1234.5, "$1,234.50"),
    ],
)
def test_small_sums_have_four_decimals(usd: float, expected: str) -> None:
    """Large ones to the cent."""

    assert dollars(usd) == expected
