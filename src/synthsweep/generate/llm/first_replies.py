"""Whether replies give anything at all: a job whose first replies give nothing stops before it pays for more of them."""

import re
from collections import Counter
from dataclasses import dataclass, field

from synthsweep.config.keys.llm import LlmConfig
from synthsweep.generate.completer import PROMPT_TOO_LONG, TOO_LONG, Completion, CompletionRequest

FIRST = 20
SHOWN_LETTERS = 200
LETTER = re.compile(r"[^\W_]")
CUT, EMPTY, REFUSED = "cut", "empty", "refused"
WAYS_OUT = {
    CUT: "a larger {section}.max_output_tokens asks for these again, and only these",
    EMPTY: "an LLM that reasons may need a larger {section}.max_output_tokens; else see the server's log",
    REFUSED: "another prompt or another LLM may not be refused",
    PROMPT_TOO_LONG: (
        "a smaller {section}.max_output_tokens asks for these again, so does another server, and this one with "
        "generate.retry_too_long=true; else a shorter prompt"
    ),
}
OTHERWISE = "generate.preview=1 shows a whole prompt with its reply; {section}.reply_format=list asks for the simplest form"


@dataclass
class FirstReplies:
    """Counts the replies of a job until one of them gives something; `public` replies may be shown as they are."""

    llm: LlmConfig
    public: bool = False
    answered: int = 0
    gave: bool = False
    reasons: Counter[str] = field(default_factory=Counter)
    _shown: str = ""

    def room(self, in_flight: int) -> int | None:
        """How many more may be sent until it is known that replies give something; None for any number."""
        return None if self.gave else max(0, FIRST - self.answered - in_flight)

    def count(self, request: CompletionRequest, completion: Completion, rejected: Counter[str], *, usable: bool) -> None:
        """`rejected` are the kinds of pieces of this reply that were not read, `usable` says whether anything was."""
        self.answered += 1
        self.gave = self.gave or usable
        if not usable:
            self.reasons[_reason(completion, rejected)] += 1
            self._shown = self._shown or self._quote(request, completion)

    @property
    def hopeless(self) -> bool:
        return not self.gave and self.answered >= FIRST

    @property
    def why(self) -> str:
        """The reasons, one reply and the way out, in one line."""
        parts = ", ".join(f"{count} {self._named(reason)}" for reason, count in self.reasons.most_common())
        way_out = WAYS_OUT.get(self.reasons.most_common(1)[0][0], OTHERWISE).format(section=self.llm.section)
        what = "1 reply" if self.answered == 1 else f"{self.answered} replies"
        return (
            f"{self.llm.choice}: {what} gave nothing that can be used ({parts}); "
            f"the first {self._shown}; they are kept; {way_out}"
        )

    def _named(self, reason: str) -> str:
        return f"cut at {self.llm.section}.max_output_tokens={self.llm.max_output_tokens}" if reason == CUT else reason

    def _quote(self, request: CompletionRequest, completion: Completion) -> str:
        text = " ".join(completion.text.split())
        if not text or completion.finish == TOO_LONG:
            return f"is empty (finish_reason {completion.finish})"
        cut = text[:SHOWN_LETTERS] + ("..." if len(text) > SHOWN_LETTERS else "")
        if self.public or not request.sources:
            return f"is: {cut}"
        # Its prompt shows real texts, which it may repeat.
        return f"has this shape: {LETTER.sub('x', cut)}"


def _reason(completion: Completion, rejected: Counter[str]) -> str:
    if completion.finish in {"refusal", "content_filter"}:
        return REFUSED
    if completion.finish == TOO_LONG:
        return PROMPT_TOO_LONG
    if completion.finish == "length":
        return CUT
    if not completion.text.strip():
        return EMPTY
    kind = rejected.most_common(1)[0][0] if rejected else "no text"
    return REFUSED if kind.startswith("refus") else f"of another shape or rejected: {kind}"
