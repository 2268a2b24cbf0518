"""The stored replies of one LLM, and a completer that answers from them."""

import json
from dataclasses import dataclass
from pathlib import Path

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.keys.run import PoolConfig
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.replies.store import ReplyKey, ReplyStore, StoredReply, open_reply_store

# Of replies without a noted limit and without counted tokens: the limit of all presets.
USUAL_LIMIT = 2000
# The setting under which a reply stands that was asked for again, because an earlier one was cut.
LIMIT = "max_output_tokens"


@dataclass(frozen=True)
class Address:
    """An LLM with the settings that change its answers; neither its endpoint nor the format of its replies is among them.

    `most_tokens` limits the length of a reply. It is part of the question only where a reply with a smaller limit was cut.
    """

    llm: str
    settings: str
    # Unless the corpus is public, prompts that show its texts are not stored.
    public: bool = False
    most_tokens: int | None = None

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


def address_of(llm: LlmConfig, *, public: bool) -> Address:
    """The address of an LLM's replies."""
    return Address(str(llm.model), json.dumps(llm.sampling, sort_keys=True), public, llm.max_output_tokens)


@dataclass(frozen=True)
class StoredReplies:
    """A Completer that answers from the store."""

    store: ReplyStore
    address: Address
    finite: bool = False
    screened: bool = True

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
        """The first whole reply; the longest cut one if the present limit is no larger; else the key of the missing one."""
        there = [reply for reply in self.store.samples([(request.digest, request.sample)]) if self.address.is_of(reply)]
        if not there:
            return self.address.key(request)
        there.sort(key=lambda reply: (reply.key.settings != self.address.settings, limit_of(reply)))
        whole = next((reply for reply in there if reply.completion.finish != "length"), None)
        longest = max(there, key=limit_of)
        if whole or (self.address.most_tokens or 0) <= limit_of(longest):
            return whole or longest
        # Where the first place is still empty, as after an import, the reply goes there.
        first = any(reply.key.settings == self.address.settings for reply in there)
        return self.address.longer_key(request) if first else self.address.key(request)


def stored_replies(config: PoolConfig, llm: LlmConfig) -> StoredReplies:
    """The replies of an LLM, below the tracking folder.

    Raises:
        ReplyStoreError: the store cannot be opened.
    """
    return StoredReplies(open_reply_store(Path(config.tracking.folder)), address_of(llm, public=config.data.public))
