"""The results of an inspection, as frozen values: everything that the page and the terminal show."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class InspectedTexts:
    """The measurements of the real or of the synthetic texts.

    `labels` is (texts, criteria), 1 where a text has a criterion. `texts` maps a characteristic to its (texts,) values, nan
    where undefined. `pool` holds the characteristics of the whole set; `even` holds those of equally many real and synthetic
    texts, since most of them depend on the number of texts.
    """

    labels: np.ndarray
    texts: Mapping[str, np.ndarray] = field(default_factory=dict)
    pool: Mapping[str, float] = field(default_factory=dict)
    even: Mapping[str, float] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Shown:
    """A text that the page shows, from the pool or the real training part; never from dev or test."""

    id: str
    text: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outlier:
    """A text with an extreme value of a characteristic, and the real training text nearest to it in meaning."""

    characteristic: str
    value: float
    shown: Shown
    nearest: Shown | None = None
    cosine: float | None = None


@dataclass(frozen=True)
class Loss:
    """A text that curation dropped, the step that dropped it, and the id of the text that it repeats, if any.

    `text` and `like_text` are empty for a text that repeats a dev or test text.
    """

    id: str
    step: str
    like: str = ""
    text: str = ""
    like_text: str = ""


@dataclass(frozen=True)
class Curation:
    """What curation did to the `written` texts of a pool; `counts` maps each step to the number of texts that it dropped.

    `leaked` counts texts that the leak gate dropped, `relabelled` texts with changed labels, `unjudged` texts without a
    verdict. `rejected` maps each reason to the number of pieces of replies that were not texts.
    """

    written: int
    counts: Mapping[str, int] = field(default_factory=dict)
    leaked: int = 0
    losses: tuple[Loss, ...] = ()
    rejected: Mapping[str, int] = field(default_factory=dict)
    planted: Mapping[str, int] = field(default_factory=dict)
    relabelled: int = 0
    unjudged: int = 0


@dataclass(frozen=True)
class Word:
    """A word with the z of its log-odds ratio, above 0 if the synthetic texts use it more, and its counts on both sides."""

    word: str
    z: float
    synthetic: int
    real: int


@dataclass(frozen=True)
class Map:
    """Embeddings in two dimensions: `places` (points, 2), `synthetic` (points,) and `labels` (points, criteria) booleans."""

    places: np.ndarray
    synthetic: np.ndarray
    labels: np.ndarray
    method: str


@dataclass(frozen=True)
class Inspection:
    """A pool in comparison with the real training texts; `even` is the number of texts behind `InspectedTexts.even`.

    `undecided` counts real texts with a label that nobody decided on; all shares of labels take it as not carried.
    """

    pool: str
    data: str
    criteria: tuple[str, ...]
    names: Mapping[str, str]
    real: InspectedTexts
    synthetic: InspectedTexts
    even: int
    curation: Curation
    outliers: tuple[Outlier, ...] = ()
    words: tuple[Word, ...] = ()
    map: Map | None = None
    settings: tuple[tuple[str, str], ...] = ()
    command: str = ""
    following: str = ""
    demo: bool = False
    undecided: int = 0
