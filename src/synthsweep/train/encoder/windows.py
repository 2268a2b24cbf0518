"""Texts beyond the encoder's limit, read in overlapping windows whose logits become those of the text.

**Windows.** Each has at most `training.max_length` tokens, the tokenizer's special tokens at its ends included, and begins half
a window after the one before it: evidence of up to half a window stands whole in one of them. The last one is moved back to
end with the text, so that no window is a scrap of a few tokens, which would count as much as the others. A text that fits is
one window, with the same token ids as without windows.

**Pooling**, per criterion. `mean` of the logits: every window has a say, and each learns from every text. Evidence in a single
window of a long text is diluted by the others. `max` of the logits: a text shows a criterion as much as its clearest window
does, as a reader finds a criterion in one passage; for each criterion only that window learns from the text, and more windows
are more chances of a false alarm, which the threshold from dev takes into account. Logits are pooled, not probabilities: the
mean stays the logit of a classifier, and the maximum is that of the probabilities.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from synthsweep.errors import ModelError

if TYPE_CHECKING:
    import torch

# Any text with a token: it shows what a tokenizer puts around the tokens of a text.
PROBE = "a"


@dataclass(frozen=True)
class Windows:
    """Splits token ids into windows of at most `max_length`, each between the special tokens before and after a text."""

    max_length: int
    before: int
    after: int

    @property
    def room(self) -> int:
        """Tokens of the text in a window."""
        return self.max_length - self.before - self.after

    def split(self, ids: Any) -> list[Sequence[int]]:
        """The windows of a text, in order; `ids` is a list or an array, with the special tokens of the text."""
        if len(ids) <= self.max_length:
            return [ids]
        end = len(ids) - self.after
        opening, closing = ids[: self.before], ids[end:]
        last = end - self.room
        starts = [*range(self.before, last, self._step), last]
        return [opening + ids[start : start + self.room] + closing for start in starts]

    def count(self, length: int) -> int:
        """How many windows a text of so many tokens has."""
        excess = length - self.max_length
        return 1 if excess <= 0 else 1 - -excess // self._step

    @property
    def _step(self) -> int:
        return self.room - self.room // 2


def windows_of(tokenizer: Any, max_length: int) -> Windows:
    """Windows for a tokenizer, whatever special tokens it adds.

    Raises:
        ModelError: they leave no room for a text.
    """
    whole = tokenizer(PROBE, verbose=False)["input_ids"]
    bare = tokenizer(PROBE, add_special_tokens=False, verbose=False)["input_ids"]
    added = len(whole) - len(bare)
    places = (place for place in range(added + 1) if whole[place : place + len(bare)] == bare)
    before = next(places, 0)
    if max_length <= added:
        raise ModelError(
            f"training.max_length must be at least {added + 1}, since the tokenizer adds {added} tokens to a window; "
            f"got {max_length}"
        )
    return Windows(max_length, before, added - before)


def pooled(logits: "torch.Tensor", counts: Sequence[int], how: str) -> "torch.Tensor":
    """(windows, criteria) to (texts, criteria), by `how`: mean or max; `counts` says how many windows each text has."""
    if len(logits) == len(counts):
        return logits
    # Whoever counts windows does without.
    import torch

    parts = torch.split(logits, list(counts))
    return torch.stack([part.mean(dim=0) if how == "mean" else part.amax(dim=0) for part in parts])


def pooled_array(logits: np.ndarray, counts: Sequence[int], how: str) -> np.ndarray:
    """The same for an array."""
    import torch

    return pooled(torch.from_numpy(logits), counts, how).numpy()
