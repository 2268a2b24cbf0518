"""Rejects what an LLM writes instead of texts: refusals, echoes, repeats, another language; pure except a language model."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from synthsweep.examples import text_key
from synthsweep.generate.completer import CompletionRequest
from synthsweep.generate.replies.parse import Parsed, Rejected
from synthsweep.generate.replies.reading.refusals import is_refusal

Piece = Parsed | Rejected
# After a refusal: what follows are the texts all the same, not what the LLM offers instead.
ANNOUNCED = re.compile(
    r"\b(?:here (?:are|is)|below are|the following (?:are|is|texts?|examples?|sentences?)|instead, here)\b"
    r"(?!.{0,40}\b(?:i can|i could|ways?|options|alternatives|suggestions|topics|things)\b)",
    re.IGNORECASE,
)
# A shorter text may occur in a prompt by chance.
ECHO_WORDS = 4
# In 1,350 notes and 2,500 forum comments in English, py3langid is never this sure of another language.
SURE = 0.9


@dataclass(frozen=True)
class Screening:
    """The rules for texts: `language` is an ISO 639-1 code, empty for any; `max_words` is 0 for any length."""

    language: str = ""
    max_words: int = 0

    def warm(self) -> None:
        """Loads the language model in advance, since loading later would delay the replies."""
        if self.language:
            _identifier()

    def screen(self, pieces: Sequence[Piece], request: CompletionRequest) -> list[Piece]:
        """The pieces in order; what is not a text for training is rejected with its reason."""
        return list(self._screened(pieces, " ".join(text_key(message.content) for message in request.messages)))

    def _screened(self, pieces: Sequence[Piece], asked: str) -> Iterator[Piece]:
        seen: set[str] = set()
        refused = False
        for place, piece in enumerate(pieces):
            said = piece.text if isinstance(piece, Parsed) else piece.piece
            refused = (refused or (place == 0 and is_refusal(said))) and not ANNOUNCED.search(said)
            if refused or is_refusal(said, place):
                yield Rejected("refusal", said)
                continue
            if isinstance(piece, Rejected):
                yield piece
                continue
            key = text_key(piece.text)
            reason = self._reason(piece.text, key, asked) or ("duplicate in reply" if key in seen else "")
            seen.add(key)
            yield Rejected(reason, piece.text) if reason else piece

    def _reason(self, text: str, key: str, asked: str) -> str:
        words = len(key.split())
        if self.max_words and words > self.max_words:
            return "too long"
        if words >= ECHO_WORDS and f" {key} " in f" {asked} ":
            return "echo of the prompt"
        return "wrong language" if self.language and _foreign(text, self.language) else ""


# A study plans, trains and reports on the same texts; a thousand take seconds.
@lru_cache(maxsize=50_000)
def _foreign(text: str, language: str) -> bool:
    likeliest, probability = _identifier().classify(text)
    return bool(likeliest != language and probability > SURE)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
