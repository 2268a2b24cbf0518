"""The stored replies of one LLM, and a completer that answers from them."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.keys.run import PoolConfig
from synthsweep.generate.completer import TOO_LONG, Completion, CompletionRequest
from synthsweep.generate.replies.store import ReplyKey, ReplyStore, StoredReply, open_reply_store

# Of replies without a noted limit and without counted tokens: the limit of all presets.
USUAL_LIMIT = 2000
# The setting under which a reply stands that was asked for again, because an earlier one was cut.
LIMIT = "max_output_tokens"
# Refusals of an earlier command are asked again under generate.retry_too_long; those of this one are known.
BEGAN = datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True)
class Address:
    """An LLM with the settings that change its answers; neither its endpoint nor the format of its replies is among them.

    `most_tokens` limits the length of a reply. It is part of the question only where a reply with a smaller limit was cut.
    `endpoint` counts for prompts that were too long alone: another server may have a larger context, and so may this one since
    it refused something before `again_before`.
    """

    llm: str
    settings: str
    # Unless the corpus is public, prompts that show its texts are not stored.
    public: bool = False
    most_tokens: int | None = None
    endpoint: str = ""
    again_before: str = ""

    def key(self, request: CompletionRequest) -> ReplyKey:
        return ReplyKey(request.digest, request.sample, self.llm, self.settings)

    def longer_key(self, request: CompletionRequest) -> ReplyKey:
        """Where the reply with the present limit stands if one with a smaller limit was cut."""
        settings = {**json.loads(self.settings), LIMIT: self.most_tokens}
        return ReplyKey(request.digest, request.sample, self.llm, json.dumps(settings, sort_keys=True))

    def is_of(self, reply: StoredReply) -> bool:
        """Whether a reply is of this LLM and its settings, whatever the limit."""
        if reply.key.llm != self.llm:
            return False
        return reply.key.settings == self.settings or _without_limit(reply.key.settings) == self.settings

    def refuses(self, reply: StoredReply) -> bool:
        """Whether this endpoint is the one that found a prompt too long; who it was is unknown in old stores."""
        by = refuser_of(reply)
        return by in {"", self.endpoint} and not (self.again_before and reply.answered_at < self.again_before)

    def stored(
        self, request: CompletionRequest, completion: Completion, latency_s: float | None, answered_at: str
    ) -> StoredReply:
        """An answer as the store keeps it."""
        shown = request.messages if self.public or not request.sources else ()
        messages = tuple((message.role, message.content) for message in shown)
        place = (self.key(request), request.variant, request.criterion)
        return StoredReply(*place, completion, messages, latency_s, answered_at, self.most_tokens)


def _without_limit(settings: str) -> str:
    return json.dumps({name: value for name, value in json.loads(settings).items() if name != LIMIT}, sort_keys=True)


def limit_of(reply: StoredReply) -> float:
    """The limit that a cut reply was asked with; of old ones a little more than their tokens say: none is asked in vain."""
    if reply.most_tokens is not None:
        return reply.most_tokens
    used = reply.completion.usage
    return 1.1 * used.completion + 16 if used else USUAL_LIMIT


def refuser_of(reply: StoredReply) -> str:
    """The endpoint that found a prompt too long: it stands where the text of a reply would stand."""
    return reply.completion.text


def address_of(llm: LlmConfig, *, public: bool, again_before: str = "") -> Address:
    """The address of an LLM's replies."""
    settings = json.dumps(llm.sampling, sort_keys=True)
    return Address(str(llm.model), settings, public, llm.max_output_tokens, llm.base_url or "", again_before)


def address_in(config: PoolConfig, llm: LlmConfig) -> Address:
    """The same, for an LLM of a configuration."""
    return address_of(llm, public=config.data.public, again_before=BEGAN if config.generate.retry_too_long else "")


@dataclass(frozen=True)
class StoredReplies:
    """A Completer that answers from the store; `passed_over` are the refusals that count no more, by what is asked again."""

    store: ReplyStore
    address: Address
    finite: bool = False
    screened: bool = True
    passed_over: dict[tuple[str, int], StoredReply] = field(default_factory=dict, compare=False, repr=False)

    @property
    def name(self) -> str:
        return self.address.llm

    def complete(self, request: CompletionRequest) -> Completion | None:
        found = self.look(request)
        return found.completion if isinstance(found, StoredReply) else None

    def key(self, request: CompletionRequest) -> ReplyKey:
        """Where the reply to a request stands, or would stand."""
        found = self.look(request)
        return found.key if isinstance(found, StoredReply) else found

    def look(self, request: CompletionRequest) -> StoredReply | ReplyKey:
        """The first whole reply; else the longest cut one, if the present limit is no larger; else the key of the missing one.

        A prompt that was too long with room for a reply of one limit is asked again with a smaller limit, or elsewhere.
        """
        there = [reply for reply in self.store.samples([(request.digest, request.sample)]) if self.address.is_of(reply)]
        if not there:
            return self.address.key(request)
        there.sort(key=lambda reply: (reply.key.settings != self.address.settings, limit_of(reply)))
        whole = next((reply for reply in there if reply.completion.finish not in {"length", TOO_LONG}), None)
        limit, cut = self.address.most_tokens or 0, [reply for reply in there if reply.completion.finish == "length"]
        refused = [reply for reply in there if reply.completion.finish == TOO_LONG and limit_of(reply) <= limit]
        in_vain = [reply for reply in refused if self.address.refuses(reply)]
        in_vain += [reply for reply in cut if limit <= limit_of(reply)]
        if whole or in_vain:
            return whole or max(cut or in_vain, key=limit_of)
        if refused:
            self.passed_over[request.digest, request.sample] = refused[-1]
        # Where the first place is empty, as after an import, or holds a refusal, the reply goes there.
        first = any(reply.key.settings == self.address.settings for reply in cut)
        return self.address.longer_key(request) if first else self.address.key(request)


def stored_replies(config: PoolConfig, llm: LlmConfig) -> StoredReplies:
    """The replies of an LLM, below the tracking folder.

    Raises:
        ReplyStoreError: the store cannot be opened.
    """
    return StoredReplies(open_reply_store(Path(config.tracking.folder)), address_in(config, llm))
