"""Rejects what an LLM writes instead of texts: refusals, echoes, repeats, another language; pure except a language model."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from synthsweep.examples import text_key
from synthsweep.generate.completer import CompletionRequest
from synthsweep.generate.replies.parse import Parsed, Rejected

Piece = Parsed | Rejected
REFUSAL = re.compile(
    r"^\W*(?:(?:i['’]?m|i am) (?:very )?sorry|sorry|i apologi[sz]e|unfortunately)\b.{0,40}?"
    r"\bi (?:can['’]?t|cannot|can not|won['’]t|am unable|['’]?m unable)"
    r"|^\W*(?:i can['’]?t|i cannot|i can not|i won['’]t|i am unable to|i['’]m unable to|i am not able to|i['’]m not able to) "
    r"(?:assist|help|comply|fulfil|provide|generate|create|write|produce|do that)\b"
    r"|^\W*as an ai\b",
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
        for piece in pieces:
            if isinstance(piece, Rejected):
                yield Rejected("refusal", piece.piece) if REFUSAL.search(piece.piece) else piece
                continue
            key = text_key(piece.text)
            reason = self._reason(piece.text, key, asked) or ("duplicate in reply" if key in seen else "")
            seen.add(key)
            yield Rejected(reason, piece.text) if reason else piece

    def _reason(self, text: str, key: str, asked: str) -> str:
        words = len(key.split())
        if REFUSAL.search(text):
            return "refusal"
        if self.max_words and words > self.max_words:
            return "too long"
        if words >= ECHO_WORDS and f" {key} " in f" {asked} ":
            return "echo of the prompt"
        return "wrong language" if self.language and _foreign(text, self.language) else ""


def _foreign(text: str, language: str) -> bool:
    likeliest, probability = _identifier().classify(text)
    return bool(likeliest != language and probability > SURE)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
