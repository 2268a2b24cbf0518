"""How long texts are in tokens, what of them is cut off or read in windows, and the sentence that says so; pure.

The screen, the metrics of a run and the report of a comparison all take their numbers and words from here.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from synthsweep.config.keys.training import MAX_LENGTH
from synthsweep.pages.numbers import counted, percent_of

PARTS = ("train", "dev", "test")
# The metrics of a part behind its name, and how many texts it has.
CUT, TOKENS, LOST_SHARE, LONGEST, WINDOWS = "truncated", "tokens", "lost_token_share", "longest_text", "windows"
LIMIT = "train/length_limit"
TEXTS = {"dev": "dev/examples", "test": "test/examples"}


@dataclass(frozen=True)
class PartLengths:
    """Tokens of the texts of a part, special tokens included: `longer` texts exceed training.max_length.

    `lost` of the `tokens` are not read. A mean over runs may have fractions.
    """

    texts: float
    longer: float
    tokens: float
    lost: float
    longest: float
    windows: float


@dataclass(frozen=True)
class TextLengths:
    """The lengths of a run's texts by part; `limit` is the largest training.max_length with this encoder.

    `max_length` is None where several runs have several.
    """

    parts: Mapping[str, PartLengths]
    limit: int
    max_length: int | None = None
    windows: str = "none"

    def metrics(self) -> dict[str, float]:
        """As metrics of a run, by part."""
        found: dict[str, float] = {LIMIT: self.limit}
        for name, part in self.parts.items():
            found |= {
                f"{name}/{CUT}": part.longer if self.windows == "none" else 0,
                f"{name}/{TOKENS}": part.tokens,
                f"{name}/{LONGEST}": part.longest,
                f"{name}/{LOST_SHARE}": part.lost / part.tokens if part.tokens else 0.0,
                **({f"{name}/{WINDOWS}": part.windows} if self.windows != "none" else {}),
            }
        return found

    def sentence(self) -> str:
        """What is cut off, and what to set; or what windows read; empty where every text fits."""
        longer = {name: part for name, part in self.parts.items() if part.longer}
        if not longer:
            return ""
        limit = "training.max_length" if self.max_length is None else f"training.max_length={self.max_length}"
        counts = ", ".join(
            f"{math.ceil(part.longer):,} of {math.ceil(part.texts):,} in {name}" for name, part in longer.items()
        )
        if self.windows == "none":
            return f"texts are cut: {counts} have more tokens than {limit}; {self._loss()} {self._way_out()}"
        texts, windows = (round(sum(getattr(part, what) for part in longer.values())) for what in ("texts", "windows"))
        return (
            f"long texts: {counts} have more tokens than {limit} and are read in overlapping windows "
            f"(training.windows={self.windows}): {windows:,} windows for the {counted(texts, 'text')} there"
        )

    def _loss(self) -> str:
        parts = self.parts.values()
        lost = percent_of(sum(part.lost for part in parts), sum(part.tokens for part in parts))
        return f"{lost} of all tokens are not read."

    def _way_out(self) -> str:
        longest = round(max(part.longest for part in self.parts.values()))
        if longest <= self.limit:
            return f"training.max_length={longest} cuts none; so does training.windows=mean"
        return (
            f"The longest has {longest:,} and training.max_length is at most {self.limit:,} with this encoder: "
            "training.windows=mean reads them whole"
        )


def part_lengths(whole: Sequence[int], *, max_length: int, windows: Sequence[int] | None = None) -> PartLengths:
    """From the tokens of each text; `windows` are the numbers of windows that each is read in, None where texts are cut."""
    lost = sum(max(length - max_length, 0) for length in whole) if windows is None else 0
    return PartLengths(
        texts=len(whole),
        longer=sum(length > max_length for length in whole),
        tokens=sum(whole),
        lost=lost,
        longest=max(whole, default=0),
        windows=len(whole) if windows is None else sum(windows),
    )


def from_metrics(metrics: Mapping[str, float], train_texts: float) -> TextLengths | None:
    """The lengths of the texts that a run has cut, from its metrics; None if it has not, or if it did not keep how much.

    `metrics` may be means over runs.
    """
    if LIMIT not in metrics or not any(metrics.get(f"{name}/{CUT}") for name in PARTS):
        return None
    counts = {name: metrics.get(TEXTS[name], 0.0) if name in TEXTS else train_texts for name in PARTS}
    parts = {name: _part_of(metrics, name, texts) for name, texts in counts.items() if f"{name}/{TOKENS}" in metrics}
    return TextLengths(parts, round(metrics.get(LIMIT, MAX_LENGTH)))


def _part_of(metrics: Mapping[str, float], name: str, texts: float) -> PartLengths:
    tokens = metrics[f"{name}/{TOKENS}"]
    return PartLengths(
        texts=texts,
        longer=metrics.get(f"{name}/{CUT}", 0.0),
        tokens=tokens,
        lost=metrics.get(f"{name}/{LOST_SHARE}", 0.0) * tokens,
        longest=metrics.get(f"{name}/{LONGEST}", 0.0),
        windows=texts,
    )
