"""A completer for tests that answers from a script and remembers what it was asked."""

from dataclasses import dataclass, field

from synthsweep.completer import Completion, CompletionRequest


@dataclass(frozen=True)
class Scripted:
    """Gives the replies of a label in turn, the last one for ever; `endless` says that it could go on."""

    replies: dict[str, list[str]]
    endless: bool = False
    name: str = "scripted"
    asked: list[CompletionRequest] = field(default_factory=list)

    def samples(self, criterion: str) -> int | None:
        return None if self.endless else len(self.replies.get(criterion, []))

    def complete(self, request: CompletionRequest) -> Completion:
        self.asked.append(request)
        replies = self.replies[request.criterion]
        return Completion(replies[min(request.sample, len(replies) - 1)], self.name)
