"""How long texts are in tokens, what of them is cut off or read in windows, and the sentence that says so; pure.

The screen, the metrics of a run and the report of a comparison all take their numbers and words from here.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from synthsweep.pages.numbers import counted, percent_of

PARTS = ("train", "dev", "test")
# The metrics of a part behind its name, and how many texts it has.
CUT, TOKENS, LOST_SHARE, LONGEST, WINDOWS = "truncated", "tokens", "lost_token_share", "longest_text", "windows"
LIMIT = "train/length_limit"
# The metrics that add up to the number of its texts.
TEXTS = {"train": ("train/real", "train/added"), "dev": ("dev/examples",), "test": ("test/examples",)}


@cache
def is_length(metric: str) -> bool:
    """Whether a metric is about the lengths of texts, or says how many there are."""
    part, _, name = metric.partition("/")
    return (
        metric == LIMIT
        or any(metric in counts for counts in TEXTS.values())
        or (part in PARTS and name in (CUT, TOKENS, LOST_SHARE, LONGEST, WINDOWS))
    )


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
        have = f"{counts} have more tokens than {limit}"
        if self.windows == "none":
            return f"texts are cut: {have}; {percent_of(self.lost_share)} of all tokens are not read. {self._way_out()}"
        texts, windows = (round(sum(getattr(part, what) for part in longer.values())) for what in ("texts", "windows"))
        return (
            f"long texts: {have} and are read in overlapping windows (training.windows={self.windows}): "
            f"{windows:,} windows for the {counted(texts, 'text')} there"
        )

    @property
    def windows_per_text(self) -> float:
        """Windows per training text: a step takes so many times as long as without windows."""
        train = self.parts["train"]
        return train.windows / train.texts if train.texts else 1.0

    @property
    def lost_share(self) -> float:
        """Of all tokens, those that are not read."""
        tokens = sum(part.tokens for part in self.parts.values())
        return sum(part.lost for part in self.parts.values()) / tokens if tokens else 0.0

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


def from_metrics(metrics: Mapping[str, float | None]) -> TextLengths | None:
    """The lengths of the texts that a run has cut, from its metrics; None if it has not, or if it did not keep how much.

    `metrics` may be means over runs.
    """
    limit = metrics.get(LIMIT)
    if not limit or not any(metrics.get(f"{name}/{CUT}") for name in PARTS):
        return None
    parts = {name: _part_of(metrics, name) for name in PARTS if f"{name}/{TOKENS}" in metrics}
    return TextLengths(parts, round(limit))


def _part_of(metrics: Mapping[str, float | None], name: str) -> PartLengths:
    texts = sum(metrics.get(count) or 0.0 for count in TEXTS[name])
    longer, tokens, share, longest = (metrics.get(f"{name}/{what}") or 0.0 for what in (CUT, TOKENS, LOST_SHARE, LONGEST))
    return PartLengths(
        texts=texts,
        longer=longer,
        tokens=tokens,
        lost=share * tokens,
        longest=longest,
        windows=texts,
    )
