"""What an LLM's endpoint can do: one line per finding, after one tiny request."""

from collections.abc import Iterator

from synthsweep.cli.finding import Finding
from synthsweep.config.keys.llm import LlmConfig
from synthsweep.errors import CompletionError, ConfigError
from synthsweep.generate.llm.dialects.outcomes import Answered, Busy
from synthsweep.generate.llm.endpoint.credentials import key_step, lacks_api_key
from synthsweep.generate.llm.endpoint.probe import Probe, probe
from synthsweep.generate.llm.endpoint.trust import why_elsewhere
from synthsweep.generate.llm.prices import dollars, price_of
from synthsweep.generate.llm.reply_format import response_format
from synthsweep.messages import first_line

TIMEOUT_S = 120.0


def examine_llm(llm: LlmConfig) -> Iterator[Finding]:
    """Whether the endpoint can be asked, and what it answers."""
    yield _privacy(llm)
    yield _price(llm)
    if lacks_api_key(llm):
        yield Finding("llm", "lacks", f"{llm.choice} has no key", key_step(llm))
        return
    try:
        found = probe(llm, TIMEOUT_S)
    except (CompletionError, ConfigError) as error:
        yield Finding("llm", "lacks", first_line(error))
        return
    if isinstance(found.outcome, Answered):
        yield from _of_answer(llm, found, found.outcome)
    else:
        waits = isinstance(found.outcome, Busy)
        yield Finding("llm", "note" if waits else "lacks", f"{llm.choice}: {found.outcome.reason}")


def _privacy(llm: LlmConfig) -> Finding:
    where = why_elsewhere(llm)
    if where:
        return Finding("privacy", "note", f"prompts go to {where}: those that show real texts are refused")
    return Finding("privacy", "ok", "prompts stay on this machine")


def _price(llm: LlmConfig) -> Finding:
    try:
        price = price_of(llm)
    except ConfigError as error:
        return Finding("price", "lacks", first_line(error))
    return Finding("price", "ok", "free" if price.free else "known; generate.max_usd caps what is spent")


def _of_answer(llm: LlmConfig, found: Probe, answer: Answered) -> Iterator[Finding]:
    done, tokens = answer.completion, answer.tokens.usage
    yield Finding("llm", "ok", f"{llm.choice} at {llm.base_url} answered in {answer.latency_s:.1f} s")
    yield _name(llm, done.answered_as, known=done.answered_by(llm.answerers))
    yield _format(found)
    kept = found.spoken.token_limit_key == found.asked.token_limit_key
    limit = f"{found.spoken.token_limit_key} is taken"
    yield Finding("limit", "ok" if kept else "note", limit if kept else f"{limit}, {found.asked.token_limit_key} is not")
    seed = "a seed is taken: llm.seed=N sends one" if found.takes_seed else "a seed is refused"
    yield Finding("seed", "ok" if found.takes_seed else "note", seed)
    counted = (
        f"{tokens.prompt} + {tokens.completion} tokens counted" if tokens else "no tokens counted: they are paid at their most"
    )
    stated = f", {dollars(done.stated_usd)} stated" if done.stated_usd is not None else ""
    yield Finding("usage", "ok" if tokens else "note", counted + stated)
    shape = "JSON alone" if found.is_json else "not JSON alone; most other forms are read, too"
    yield Finding("reply", "ok" if found.is_json else "note", f"finish_reason={done.finish}, {shape}")


def _name(llm: LlmConfig, answered_as: str, *, known: bool) -> Finding:
    if known:
        return Finding("model", "ok", f"answers as {answered_as}" if answered_as else "does not say which LLM answered")
    remedy = f"{llm.section}.answers_as=[{answered_as}], if that is the same LLM"
    return Finding("model", "lacks", f"{llm.model} was asked for and {answered_as} answered", remedy)


def _format(found: Probe) -> Finding:
    asked, spoken = found.asked.reply_format, found.spoken.reply_format
    over = " over the Responses API (llm.api=responses)" if found.spoken.api == "responses" else ""
    if response_format(asked) is None:
        return Finding("format", "ok", f"the prompt alone asks for {asked}{over}")
    if asked == spoken:
        return Finding("format", "ok", f"{asked} is taken{over}")
    works = f"{spoken} works" if response_format(spoken) else "the prompt alone works"
    return Finding("format", "note", f"{asked} is refused, {works}: llm.reply_format={spoken}{over}")
