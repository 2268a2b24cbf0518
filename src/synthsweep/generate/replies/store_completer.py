"""The stored replies of one LLM, and a completer that answers from them."""

import json
from dataclasses import dataclass
from pathlib import Path

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.config.keys.run import PoolConfig
from synthsweep.generate.completer import Completion, CompletionRequest
from synthsweep.generate.replies.store import ReplyKey, ReplyStore, StoredReply, open_reply_store


@dataclass(frozen=True)
class Address:
    """An LLM with the settings that change its answers; neither its endpoint nor the format of its replies is among them."""

    llm: str
    settings: str
    # Unless the corpus is public, prompts that show its texts are not stored.
    public: bool = False

    def key(self, request: CompletionRequest) -> ReplyKey:
        return ReplyKey(request.digest, request.sample, self.llm, self.settings)

    def stored(
        self, request: CompletionRequest, completion: Completion, latency_s: float | None, answered_at: str
    ) -> StoredReply:
        """An answer as the store keeps it."""
        shown = request.messages if self.public or not request.sources else ()
        messages = tuple((message.role, message.content) for message in shown)
        return StoredReply(self.key(request), request.variant, request.criterion, completion, messages, latency_s, answered_at)


def address_of(llm: LlmConfig, *, public: bool) -> Address:
    """The address of an LLM's replies."""
    return Address(str(llm.model), json.dumps(llm.sampling, sort_keys=True), public)


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
        key = self.address.key(request)
        reply = self.store.find([key]).get(key)
        return reply.completion if reply else None


def stored_replies(config: PoolConfig, llm: LlmConfig) -> StoredReplies:
    """The replies of an LLM, below the tracking folder.

    Raises:
        ReplyStoreError: the store cannot be opened.
    """
    return StoredReplies(open_reply_store(Path(config.tracking.folder)), address_of(llm, public=config.data.public))
