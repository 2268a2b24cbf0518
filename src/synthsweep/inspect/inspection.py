"""What an inspection found, as frozen values: all that the page and the terminal show."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class InspectedTexts:
    """The real or the synthetic texts: `texts` is a characteristic to its (texts,) values, nan where undefined.

    `labels` is (texts, criteria), 1 where a text carries a criterion. `pool` holds characteristics of all texts together,
    `even` the same of as many texts as the other side has, since most of them follow the number of texts.
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
    """A text that the page shows; it is of the pool or of the real training part, never of dev or test."""

    id: str
    text: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outlier:
    """A text at an end of a characteristic, and the real training text that is nearest to it by meaning."""

    characteristic: str
    value: float
    shown: Shown
    nearest: Shown | None = None
    cosine: float | None = None


@dataclass(frozen=True)
class Loss:
    """A text that curation dropped: by which step, and the id of what it repeats, empty where it repeats nothing.

    `text` and `like_text` are empty for what repeats a dev or test text.
    """

    id: str
    step: str
    like: str = ""
    text: str = ""
    like_text: str = ""


@dataclass(frozen=True)
class Curation:
    """What became of the `written` texts of a pool: `counts` is a step to how many it dropped, `leaked` went by the leak gate.

    `rejected` are the pieces of replies that never were texts, `relabelled` texts got other labels, `unjudged` ones no verdict.
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
    """A word with the z of its log-odds ratio, above 0 where the synthetic texts use it more, and its uses on both sides."""

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
    """A pool beside the real training texts; `even` is how many texts the characteristics in `InspectedTexts.even` are of."""

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
