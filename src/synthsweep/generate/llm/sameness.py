"""Equal replies to different samples: a gateway that caches, or an LLM without chance."""

from collections import Counter
from dataclasses import dataclass, field

from synthsweep.examples import digest_of


@dataclass
class Sameness:
    """Counts the replies of a job that are letter for letter the same, and says so once at the first, and again at the end."""

    section: str
    replies: int = 0
    _times: Counter[str] = field(default_factory=Counter)
    _said: int = 0

    def count(self, text: str) -> None:
        self.replies += 1
        self._times[digest_of([text])] += 1

    @property
    def repeated(self) -> int:
        """Replies that are equal to another one, that one included."""
        return sum(times for times in self._times.values() if times > 1)

    def warning(self, *, at_end: bool = False) -> str:
        """What is to be said now; empty for nothing new."""
        if self.repeated <= self._said or (self._said and not at_end):
            return ""
        self._said = self.repeated
        one = max(self._times.values()) == self.repeated
        what = "are the same" if one else "are equal to another one"
        return (
            f"{self.repeated} of {self.replies} replies {what}: is a cache on, or {self.section}.temperature at 0? "
            f"{self.section}.seed=1 asks each sample with a seed of its own, where the server takes one"
        )
