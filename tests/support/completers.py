"""A completer for tests that answers from a script and remembers what it was asked."""

from dataclasses import dataclass, field

from synthsweep.generate.completer import Completion, CompletionRequest


@dataclass(frozen=True)
class Scripted:
    """Gives the replies of a label in turn, then no more; if `endless`, the last one for ever."""

    replies: dict[str, list[str]]
    endless: bool = False
    name: str = "scripted"
    screened: bool = False
    asked: list[CompletionRequest] = field(default_factory=list)

    @property
    def finite(self) -> bool:
        return not self.endless

    def complete(self, request: CompletionRequest) -> Completion | None:
        replies = self.replies.get(request.criterion, [])
        if not replies or (request.sample >= len(replies) and not self.endless):
            return None
        self.asked.append(request)
        return Completion(replies[min(request.sample, len(replies) - 1)], self.name)
