"""The place of a configuration's replies in the store, and the completer that answers from there."""

import json
from dataclasses import dataclass

from synthsweep.config.schema import LlmConfig
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.replies.store import ReplyKey, ReplyStore, StoredReply


@dataclass(frozen=True)
class Address:
    """Which LLM under which settings; where it is reached says nothing of what it answers, nor does how its reply may end."""

    llm: str
    settings: str
    # Prompts of a corpus that is not public are not written down where they show its texts.
    public: bool = False

    def key(self, request: CompletionRequest) -> ReplyKey:
        return ReplyKey(request.digest, request.sample, self.llm, self.settings)

    def stored(
        self, request: CompletionRequest, completion: Completion, latency_s: float | None, answered_at: str
    ) -> StoredReply:
        """What the store keeps of an answer."""
        shown = request.messages if self.public or not request.sources else ()
        messages = tuple((message.role, message.content) for message in shown)
        return StoredReply(self.key(request), request.variant, request.criterion, completion, messages, latency_s, answered_at)


def address_of(llm: LlmConfig, *, public: bool) -> Address:
    """The address of a configuration's replies."""
    return Address(str(llm.model), json.dumps(llm.sampling, sort_keys=True), public)


@dataclass(frozen=True)
class StoredReplies:
    """A Completer that answers from the store: a pool is read again and again and asked for once."""

    store: ReplyStore
    address: Address
    finite: bool = False
    screened: bool = True

    @property
    def name(self) -> str:
        return self.address.llm

    def complete(self, request: CompletionRequest) -> Completion | None:
        key = self.address.key(request)
        reply = self.store.find([key]).get(key)
        return reply.completion if reply else None
