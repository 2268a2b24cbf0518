"""Where replies stand in the store, and what of a prompt is kept with them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from support.builders import run_config
from synthsweep.generate.completer import Completion, CompletionRequest, Message, Usage
from synthsweep.generate.replies.store import ReplyKey, ReplyStore, open_reply_store
from synthsweep.generate.replies.store_completer import StoredReplies, address_of

LLM = run_config("llm=gpt-4o-mini").llm
REQUEST = CompletionRequest((Message("system", "Be brief."), Message("user", "Write.")), "A", 10, sample=2, variant="plain")
SHOWING = replace(REQUEST, sources=("note-1",))
DONE = Completion("1. A text.", "gpt-4o-mini")
ADDRESS = address_of(LLM, public=False)


@pytest.fixture
def store() -> Iterator[ReplyStore]:
    made = open_reply_store(Path("mlruns"))
    yield made
    made.close()


@pytest.mark.parametrize(
    "change",
    [
        {"base_url": "http://127.0.0.1:9/v1"},
        {"max_output_tokens": 7},
        {"reply_format": "json_object"},
        {"token_limit_key": "max_tokens"},
        {"api_key_env": "ANOTHER_KEY"},
        {"name": "another", "provider": None},
    ],
)
def test_how_an_llm_is_reached_asks_nothing_anew(change: dict[str, object]) -> None:
    """Nor do its limits: the replies are those of the same LLM."""

    assert ADDRESS.key(REQUEST) == address_of(replace(LLM, **change), public=True).key(REQUEST)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [{"model": "gpt-4.1"}, {"temperature": 0.5}, {"temperature": None}, {"top_p": 0.9}, {"reasoning_effort": "low"}],
)
def test_another_llm_or_sampling_is_another_question(change: dict[str, object]) -> None:
    """What changes the distribution of the texts changes the key."""

    assert ADDRESS.key(REQUEST) != address_of(replace(LLM, **change), public=False).key(REQUEST)  # type: ignore[arg-type]


def test_another_sample_or_prompt_is_another_question() -> None:
    """But the list of other criteria in a prompt is not, where `question` leaves it out."""

    longer = (*REQUEST.messages, Message("user", "The criteria: B, C."))
    keys = [ADDRESS.key(replace(REQUEST, **change)) for change in ({"sample": 3}, {"messages": longer})]

    assert len({ADDRESS.key(REQUEST), *keys}) == 3
    assert ADDRESS.key(REQUEST) == ADDRESS.key(replace(REQUEST, messages=longer, question=REQUEST.messages))


@pytest.mark.parametrize(
    ("request_", "public", "kept"),
    [(REQUEST, False, True), (REQUEST, True, True), (SHOWING, True, True), (SHOWING, False, False)],
)
def test_prompts_that_show_private_texts_are_not_kept(request_: CompletionRequest, public: bool, kept: bool) -> None:
    """Only those of a corpus that is public are; the reply is kept either way."""

    reply = address_of(LLM, public=public).stored(request_, DONE, 1.5, "2025-01-01")

    assert reply.messages == ((("system", "Be brief."), ("user", "Write.")) if kept else ())
    assert (
        reply.completion, reply.prompt, reply.label, reply.latency_s, reply.answered_at,
    ) == (DONE, "plain", "A", 1.5, "2025-01-01")  # fmt: skip


def test_private_texts_are_not_in_the_file(store: ReplyStore) -> None:
    """Not even in what SQLite writes ahead."""

    secret = replace(SHOWING, messages=(Message("user", "like this: Anna bites Tom"),))
    store.keep(ADDRESS.stored(secret, DONE, 1.5, "2025-01-01"))

    written = b"".join(path.read_bytes() for path in Path("mlruns").iterdir())

    assert b"A text." in written
    assert b"Anna" not in written


def test_a_stored_reply_is_given_again(store: ReplyStore) -> None:
    """Sample by sample; where there is none, nobody is asked."""

    store.keep(ADDRESS.stored(REQUEST, DONE, 1.5, "2025-01-01"))
    replies = StoredReplies(store, ADDRESS)

    assert replies.complete(REQUEST) == DONE
    assert replies.complete(replace(REQUEST, sample=3)) is None
    assert (replies.name, replies.finite, replies.screened) == ("gpt-4o-mini", False, True)


ASKED = ReplyKey(REQUEST.digest, REQUEST.sample, "gpt-4o-mini", ADDRESS.settings)
CUT = replace(DONE, finish="length")


def replies_of(store: ReplyStore, limit: int) -> StoredReplies:
    """The stored replies as a command with that llm.max_output_tokens sees them."""
    return StoredReplies(store, address_of(replace(LLM, max_output_tokens=limit), public=False))


def test_a_cut_reply_is_missing_where_the_limit_is_larger(store: ReplyStore) -> None:
    """It is asked for under a key of its own, and what answered it first is found with any limit from then on."""
    small, large, larger = (replies_of(store, limit) for limit in (500, 2000, 4000))
    store.keep(small.address.stored(REQUEST, CUT, 1.5, "2025"))
    with_small, missing = small.complete(REQUEST), large.look(REQUEST)
    store.keep(replace(large.address.stored(REQUEST, CUT, 1.5, "2025"), key=large.key(REQUEST)))
    still_cut, again = large.complete(REQUEST), larger.look(REQUEST)
    store.keep(replace(larger.address.stored(REQUEST, DONE, 1.5, "2025"), key=larger.key(REQUEST)))

    assert (with_small, still_cut) == (CUT, CUT)
    assert isinstance(missing, ReplyKey)
    assert isinstance(again, ReplyKey)
    assert len({ASKED, missing, again}) == 3
    assert [one.complete(REQUEST) for one in (small, large, larger, replies_of(store, 9000))] == [DONE] * 4


@pytest.mark.parametrize(
    ("usage", "limit", "asked_again"),
    [(Usage(9, 1990), 2000, False), (Usage(9, 1990), 4000, True), (None, 2000, False), (None, 4000, True)],
)
def test_the_limit_of_an_old_cut_reply_follows_from_its_tokens(
    store: ReplyStore, usage: Usage | None, limit: int, asked_again: bool
) -> None:
    """Nobody wrote it down: it is the usual one where no tokens were counted. None is asked again in vain."""
    old = replace(ADDRESS.stored(REQUEST, replace(CUT, usage=usage), 1.5, "2025"), most_tokens=None)
    store.keep(old)

    assert (replies_of(store, limit).complete(REQUEST) is None) == asked_again


def test_a_whole_reply_is_never_asked_for_again(store: ReplyStore) -> None:
    """Whatever the limit; nor is one of another LLM taken for it."""
    store.keep(ADDRESS.stored(REQUEST, DONE, 1.5, "2025"))
    other = address_of(replace(LLM, model="gpt-4.1"), public=False)

    assert replies_of(store, 100_000).complete(REQUEST) == DONE
    assert StoredReplies(store, other).complete(REQUEST) is None
